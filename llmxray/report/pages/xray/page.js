"use strict";
// The x-ray of any answer: every token shaded by its probability, under the bar of its entropy.
(function () {
  const { el, byId } = llmxray.dom;
  const { hashOf, titled, pageOf, replaceHash, parameters } = llmxray.url;
  const { steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
  const { tokenRow, panel, follow } = llmxray.strip;
  const { parseView, longest, runsOf, byDoubt, describe, sentence } = llmxray.xray;
  const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
  const { shownOptions, letterToken, rightAnswer, unseen } = llmxray.letters;
  const root = byId("xray");

  /** A run of tokens. */
  function runView({ name, right, tokens }, more) {
    const count = ` ${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}${more}`;
    const row = tokenRow(tokens);
    if (name === "Thinking") row.classList.add("thought");
    const mark = right ? [" ", el("b", { class: "right-mark" }, "right")] : "";
    return [el("h2", {}, name, mark, el("small", {}, count)), row];
  }

  function start(found) {
    const { index, question, strings, ids, state } = found;
    let view = parseView(location.hash, ids, found.samples);
    if (!parameters(location.hash).has("c")) view.place = longest(question.answers, view.sample);
    let doubts = [];
    let doubted = 0;
    /** @type {(place: number, isTap?: boolean) => void} */
    let show = () => {};

    const formatted = llmxray.filters.formatState(state);
    const extra = () => ({ c: ids[view.place], s: view.sample ? view.sample + 1 : "" });

    /** Whose answer: a choice of conditions, the outcome, and the way to the least certain token. */
    function which(answer) {
      const picker = el("select", { "aria-label": "Condition" }, index.conditions.map((each, place) => {
        const about = { value: place, selected: place === view.place, disabled: !question.answers[place].length };
        return el("option", about, each.label);
      }));
      picker.addEventListener("change", () => change({ place: Number(picker.value) }));
      const next = el("button", { type: "button", class: "pill" }, "Least certain token ", el("kbd", {}, "u"));
      next.addEventListener("click", doubt);
      const outcome = answer ? OUTCOMES[answer.o] : "";
      const css = { correct: "right-mark", wrong: "wrong-mark" }[outcome] || "";
      return el("p", { class: "which" }, el("label", {}, "Answer of ", picker),
        outcome ? el("b", { class: css }, outcomeLabel(answer.o)) : null, next);
    }

    /** What stands there instead of tokens. */
    function withoutTokens(answer) {
      const why = answer
        ? "No log-probabilities came with this answer: the text is below, without shades."
        : "This condition was not asked this question.";
      const text = answer && answer.text ? el("p", { class: "quote" }, answer.thinking || "", answer.text) : "";
      return [el("p", { class: "empty" }, why), text];
    }

    function draw() {
      const answer = question.answers[view.place][view.sample];
      const columns = (answer && answer.tokens) || [];
      const blocks = columns.map((each) => llmxray.shards.tokens(each, strings)).filter((each) => each.length);
      const runs = runsOf(blocks, answer ? shownOptions(question, answer) : []);
      const tokens = runs.flatMap((run) => run.tokens);
      const letters = answer && blocks.length === 1 ? letterToken(question, answer, tokens) : null;
      // What has no text ended the answer, the last run.
      const more = blocks.length === 1 ? unseen(answer, tokens, strings[answer.finish]) : "";
      doubts = byDoubt(tokens.map((token) => token.probability));
      doubted = 0;
      const back = pageOf("answer.html", found.record.address, hashOf({ s: extra().s }, formatted));
      const box = panel();
      const page = el("div", { class: "xpage" },
        el("div", { class: "box" }, runs.flatMap((run, at) => runView(run, at === runs.length - 1 ? more : ""))),
        el("div", { class: "box side" }, box));
      root.replaceChildren(
        steps(found, "xray.html", extra()),
        ...heading(question, el("a", { href: back }, "All answers to this question")),
        el("p", { class: "lead" }, sentence(index.conditions[view.place].label, tokens)),
        rightAnswer(question, answer) || "",
        which(answer),
        samplePicker(found.samples, view.sample, (sample) => change({ sample })) || "",
        ...(runs.length ? [page] : withoutTokens(answer)),
      );
      if (runs.length) show = follow(page, box, (place) => describe(tokens, place, letters), doubts[0] || 0);
    }

    function change(part) {
      if (part.sample !== undefined && (part.sample < 0 || part.sample >= found.samples)) return;
      view = { ...view, ...part };
      replaceHash(hashOf(extra(), formatted));
      draw();
    }

    /** The next token in the order of doubt, from the least certain one. */
    function doubt() {
      if (!doubts.length) return;
      doubted = (doubted + 1) % doubts.length;
      show(doubts[doubted], true);
      root.querySelectorAll(".token")[doubts[doubted]].focus();
    }

    readingKeys(root, (step) => change({ sample: view.sample + step }), { u: doubt });
    titled(found.record.address);
    draw();
  }

  // The telling answer stands in the page until another one is asked for.
  const isAsked = new URLSearchParams(location.search).has("q");
  if (isAsked || !("waits" in root.dataset)) {
    root.hidden = false;
    if (byId("telling")) byId("telling").hidden = true;
    openQuestion(root).then(start).catch((error) => fail(root, error));
  }
})();
