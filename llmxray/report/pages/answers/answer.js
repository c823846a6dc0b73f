"use strict";
// All answers to one question, side by side, with the words that changed against a baseline that the reader chooses.
(function () {
  const { el, byId, all } = llmxray.dom;
  const { hashOf, wholeIn, pageOf, replaceHash, parameters } = llmxray.url;
  const { wordDiff, changedWords, changeSentence, mostlyRewritten } = llmxray.diff;
  const { LETTERS, column, spoken } = llmxray.reply;

  /** Answers that can be compared word by word: written ones, without thinking; `textOf` reads one. */
  function comparable(question, conditions, sample, textOf) {
    return question.answers.flatMap((samples, place) => {
      const answer = samples[sample];
      const weighed = conditions[place].answer === "likelihood" && question.choices.length > 0;
      if (!answer || answer.error !== undefined || weighed) return [];
      return [{ place, id: conditions[place].id, label: conditions[place].label, text: textOf(answer).trim() }];
    });
  }

  /** How many answers stand side by side; five or six in rows of three, so that none is left alone below. */
  function across(count) {
    return { 1: 1, 2: 2, 3: 3, 5: 3, 6: 3, 9: 3 }[count] || 4;
  }

  if (typeof module === "object") {
    module.exports = { comparable, across };
    return;
  }
  const { steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
  const { together } = llmxray.scroll;
  const { formatState } = llmxray.filters;
  const { tokens: tokensOf } = llmxray.shards;
  const root = byId("question");
  const rightMark = () => el("b", { class: "mark-correct" });

  function head(index, record, question) {
    const suite = index.suites.find(([name]) => name === record.suite);
    const [category, subcategory, skill] = question.about;
    const level = question.level ? `level ${question.level} of 3` : "";
    const about = [suite[1], category, subcategory === category ? "" : subcategory, skill, level].filter(Boolean);
    const options = question.choices.map((text, place) => {
      const right = LETTERS[place] === question.answer;
      return el("li", { class: right ? "right" : "" },
        el("span", { class: "letter" }, LETTERS[place]), el("span", {}, text),
        right ? el("span", { class: "flag" }, rightMark(), "right") : null);
    });
    const accept = question.accept.length ? ` (also: ${question.accept.join(", ")})` : "";
    const expected = !options.length && question.answer
      ? el("p", { class: "expected" }, rightMark(), "Right answer: ", el("strong", {}, question.answer), accept)
      : null;
    const why = question.why ? el("p", { class: "why" }, el("span", { class: "label" }, "Why "), question.why) : null;
    return el("header", { class: "asked-question" }, heading(question, about.join(" · ")),
      options.length ? el("ol", { class: "choices" }, options) : null, expected, why);
  }

  function grid({ index, question, strings, record, state }, sample) {
    const columns = question.answers.map((samples, place) => {
      const answer = samples[sample];
      const made = column(question, answer, index.conditions[place], `c${place % 8}`, strings, index.rules);
      const hash = hashOf({ c: index.conditions[place].id, s: sample ? sample + 1 : "" }, formatState(state));
      if (answer && (answer.tokens || []).some((each) => each.t.length)) {
        const link = el("a", { href: pageOf("xray.html", record.address, hash) }, "X-ray of this answer");
        made.append(el("p", { class: "note" }, link));
      }
      return made;
    });
    const about = { class: `answers across-${across(columns.length)}`, "aria-label": "Answers side by side" };
    return el("section", about, columns);
  }

  function figure(place, caption, ...parts) {
    const label = el("figcaption", {}, el("i", { class: "swatch" }), caption);
    return el("figure", { class: `diff k c${place % 8}` }, label, ...parts);
  }

  /** One answer against the baseline: the diff, or the text alone where the diff would be confetti. */
  function difference(from, to, words) {
    const runs = wordDiff(from.text, to.text, words.stopwords);
    const counts = changedWords(runs);
    const tags = { delete: "del", insert: "ins", equal: "span" };
    const marked = () => el("div", { class: "quoted" }, runs.map(([kind, text]) => el(tags[kind], {}, text)));
    const caption = `${to.label}: ${changeSentence(counts, words.rewritten)}`;
    if (!mostlyRewritten(counts, words.rewritten)) return figure(to.place, caption, marked());
    const plain = el("div", { class: "quoted" }, to.text);
    const button = el("button", { type: "button", class: "plain" }, "Show the words that changed");
    button.addEventListener("click", () => {
      plain.replaceWith(marked());
      button.remove();
    });
    return figure(to.place, caption, plain, button);
  }

  function wordDiffs({ index, question, strings }, sample, view) {
    const textOf = (answer) => spoken(answer, (columns) => tokensOf(columns, strings));
    const texts = comparable(question, index.conditions, sample, textOf);
    if (texts.length < 2) return null;
    const chosen = Math.max(0, texts.findIndex((each) => each.id === view.base));
    const options = texts.map((each, n) => el("option", { value: n, selected: n === chosen }, each.label));
    const base = el("select", { "aria-label": "Baseline" }, options);
    const out = el("div", { class: `diffs across-${across(texts.length)}` });
    const draw = () => {
      const from = texts[Number(base.value)];
      const text = el("div", { class: "quoted" }, from.text || "(nothing)");
      const others = texts.filter((each) => each !== from);
      out.replaceChildren(
        figure(from.place, `${from.label}: the baseline`, text),
        ...others.map((each) => difference(from, each, index.words)),
      );
      if (out.isConnected) together(all(".quoted", out));
    };
    base.addEventListener("change", () => {
      view.base = texts[Number(base.value)].id;
      view.remember();
      draw();
    });
    const long = texts.some((each) => each.text.split(/\s+/).length > 8);
    draw();
    return el("details", { class: "compare-words", open: long },
      el("summary", {}, "Word by word"), el("p", {}, "Compared with ", base), out);
  }

  function start(found) {
    const { index, record, question, state, samples } = found;
    let sample = wholeIn(location.hash, "s", 1, samples, 1) - 1;
    const view = {
      base: parameters(location.hash).get("base") || "",
      remember: () => replaceHash(hashOf({ s: sample ? sample + 1 : "", base: view.base }, formatState(state))),
    };
    document.title = `${record.address} · ${document.title}`;
    const show = (next) => {
      if (next < 0 || next >= samples) return;
      sample = next;
      root.replaceChildren(
        steps(found, "answer.html", { base: view.base }), head(index, record, question),
        samplePicker(samples, sample, show) || "", grid(found, sample), wordDiffs(found, sample, view) || "",
      );
      const groups = [".answer > .tokens", ".answer .thinking .tokens", ".diff .quoted"];
      for (const group of groups) together(all(group, root));
    };
    const press = (element) => element && element.click();
    show(sample);
    readingKeys(root, (step) => {
      show(sample + step);
      view.remember();
    }, {
      u: () => press(root.querySelector("article > [data-least]") || root.querySelector("[data-least]")),
      x: () => press(root.querySelector('a[href^="xray.html"]')),
    });
    llmxray.tokens.watch(root, byId("inspector"));
    byId("legend").hidden = false;
  }

  openQuestion(root).then(start).catch((error) => fail(root, error));
})();
