"use strict";
// The x-ray of one answer: every token coloured by its probability.
(function () {
  const { el, byId, all } = llmxray.dom;
  const { hashOf, titled, pageOf, replaceHash, parameters } = llmxray.url;
  const { steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
  const { strip, tokenRun, focusToken } = llmxray.tokens;
  const { parseView, longest, runsOf, byDoubt, describe, sentence } = llmxray.xray;
  const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
  const { shownOptions, letterToken, rightAnswer, unseen } = llmxray.letters;
  const root = byId("xray");
  const panel = byId("xray-inspector");

  /** A run of tokens below the bars of its entropy. */
  function runView(run, more) {
    const count = ` ${run.tokens.length} ${run.tokens.length === 1 ? "token" : "tokens"}${more}`;
    const right = run.right ? el("small", {}, " ", el("b", { class: "mark-correct" }), "right") : "";
    const made = el("section", { class: "run" },
      el("h2", {}, run.name, right, el("small", {}, count)),
      run.forced ? null : strip(run.tokens),
      tokenRun(run.tokens, run.name === "Thinking" ? "thought" : ""));
    made.addEventListener("click", (event) => {
      const bars = event.target.closest(".strip");
      if (!bars) return;
      const box = bars.getBoundingClientRect();
      const place = Math.floor((bars.viewBox.baseVal.width * (event.clientX - box.left)) / box.width);
      const span = all(".t", made)[place];
      if (span) span.focus();
    });
    return made;
  }

  function start(found) {
    const { index, question, strings, ids, state } = found;
    let view = parseView(location.hash, ids, found.samples);
    if (!parameters(location.hash).has("c")) view.place = longest(question.answers, view.sample);
    let runs = [];
    let tokens = [];
    let doubts = [];
    let letters = null;

    const formatted = llmxray.filters.formatState(state);
    const spans = () => all(".run .t", root);
    const extra = () => ({ c: ids[view.place], s: view.sample ? view.sample + 1 : "" });

    function inspect(place) {
      for (const span of all(".t.here", root)) span.classList.remove("here");
      const span = spans()[place];
      if (!span) return;
      span.classList.add("here");
      panel.replaceChildren(...describe(tokens, place, letters));
      panel.hidden = false;
    }

    /** Whose answer: a choice of conditions, the outcome, and the way to the least certain token. */
    function which(answer) {
      const picker = el("select", { "aria-label": "Condition" }, index.conditions.map((each, place) => {
        const about = { value: place, selected: place === view.place, disabled: !question.answers[place].length };
        return el("option", about, each.label);
      }));
      picker.addEventListener("change", () => change({ place: Number(picker.value) }));
      const next = el("button", { type: "button", class: "button" },
        "Least certain token ", el("kbd", {}, "u"));
      next.addEventListener("click", doubt);
      const outcome = answer ? OUTCOMES[answer.o] : "";
      const mark = outcome
        ? el("span", { class: "outcome" }, el("b", { class: `mark-${outcome}` }), outcomeLabel(answer.o))
        : null;
      return el("p", { class: "which" }, el("label", {}, "Answer of ", picker), mark, next);
    }

    /** What stands there instead of tokens. */
    function withoutTokens(answer) {
      if (runs.length) return [];
      const why = answer
        ? "No log-probabilities came with this answer: the text is below, without colours."
        : "This condition was not asked this question.";
      const text = answer && answer.text ? el("div", { class: "tokens" }, answer.thinking || "", answer.text) : "";
      return [el("p", { class: "empty" }, why), text];
    }

    function draw() {
      const answer = question.answers[view.place][view.sample];
      const columns = (answer && answer.tokens) || [];
      const blocks = columns.map((each) => llmxray.shards.tokens(each, strings)).filter((each) => each.length);
      runs = runsOf(blocks, answer ? shownOptions(question, answer) : []);
      tokens = runs.flatMap((run) => run.tokens);
      letters = answer && blocks.length === 1 ? letterToken(question, answer, tokens) : null;
      // What has no text ended the answer, the last run.
      const more = blocks.length === 1 ? unseen(answer, tokens, strings[answer.finish]) : "";
      doubts = byDoubt(tokens.map((token) => token.probability));
      panel.hidden = true;
      const back = pageOf("answer.html", found.record.address, hashOf({ s: extra().s }, formatted));
      root.replaceChildren(
        steps(found, "xray.html", extra()),
        el("header", { class: "asked-question" },
          heading(question, el("a", { href: back }, "All answers to this question")),
          rightAnswer(question, answer)),
        el("p", { class: "lede" }, sentence(index.conditions[view.place].label, tokens)),
        which(answer),
        samplePicker(found.samples, view.sample, (sample) => change({ sample })) || "",
        ...runs.map((run, at) => runView(run, at === runs.length - 1 ? more : "")), ...withoutTokens(answer),
      );
      if (doubts.length) inspect(doubts[0]);
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
      const now = spans().indexOf(document.activeElement);
      focusToken(spans()[doubts[(doubts.indexOf(now) + 1) % doubts.length]]);
    }

    for (const name of ["focusin", "pointerover"]) {
      root.addEventListener(name, (event) => {
        const span = event.target.closest ? event.target.closest(".t") : null;
        if (span) inspect(spans().indexOf(span));
      });
    }
    readingKeys(root, (step) => change({ sample: view.sample + step }), { u: doubt });
    titled(found.record.address);
    draw();
  }

  openQuestion(root).then(start).catch((error) => fail(root, error));
})();
