"use strict";
// All answers to one question, side by side.
(function () {
  const { el, byId, all, colourOf } = llmxray.dom;
  const { hashOf, sampleIn, addressOf, titled, pageOf, replaceHash } = llmxray.url;
  const { column } = llmxray.reply;
  const { LETTERS, isRight, rightAnswer } = llmxray.letters;
  const { steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
  const { together } = llmxray.scroll;
  const { formatState } = llmxray.filters;
  const root = byId("question");
  // Addresses of pages that not every experiment has: "" where there is none.
  const pages = root.dataset;
  const rightMark = () => el("b", { class: "mark-correct" });

  /** How many answers stand side by side; five or six in rows of three, so that none is left alone below. */
  function across(count) {
    return { 1: 1, 2: 2, 3: 3, 5: 3, 6: 3, 9: 3 }[count] || 4;
  }

  /** Of a prompt, the pairs of answers word by word. */
  function compared(address) {
    const anchor = encodeURIComponent(address.slice(address.indexOf("/") + 1));
    const href = addressOf(pages.compare, "", `#prompt-${anchor}`);
    return el("a", { href }, "What changes between two variants");
  }

  function head(index, record, question) {
    const suite = index.suites.find(([name]) => name === record.suite);
    const [category, subcategory, skill] = question.about;
    const level = question.level ? `level ${question.level} of 3` : "";
    const about = [suite[1], category, subcategory === category ? "" : subcategory, skill, level].filter(Boolean);
    const options = question.choices.map((text, place) => {
      const right = isRight(question, place);
      return el("li", { class: right ? "right" : "" },
        el("span", { class: "letter" }, LETTERS[place]), el("span", {}, text),
        right ? el("span", { class: "flag" }, rightMark(), "right") : null);
    });
    const expected = options.length ? null : rightAnswer(question, null);
    const why = question.why ? el("p", { class: "why" }, el("span", { class: "label" }, "Why "), question.why) : null;
    const isCompared = pages.compare && record.suite === "prompts" && index.conditions.length > 1;
    return el("header", { class: "asked-question" }, heading(question, about.join(" · ")),
      options.length ? el("ol", { class: "choices" }, options) : null, expected, why,
      isCompared ? el("p", { class: "note" }, compared(record.address)) : null);
  }

  function grid({ index, question, strings, record, state }, sample) {
    const columns = question.answers.map((samples, place) => {
      const answer = samples[sample];
      const made = column(question, answer, index.conditions[place], colourOf(place), strings, index.rules);
      const hash = hashOf({ c: index.conditions[place].id, s: sample ? sample + 1 : "" }, formatState(state));
      if (pages.xray && answer && (answer.tokens || []).some((each) => each.t.length)) {
        const link = el("a", { href: pageOf(pages.xray, record.address, hash) }, "X-ray of this answer");
        made.append(el("p", { class: "note to-xray" }, link));
      }
      return made;
    });
    const about = { class: `answers of-${across(columns.length)}`, "aria-label": "Answers side by side" };
    return el("section", about, columns);
  }

  function start(found) {
    const { index, record, question, state, samples } = found;
    let sample = sampleIn(location.hash, samples);
    titled(record.address);
    const show = (next) => {
      if (next < 0 || next >= samples) return;
      sample = next;
      root.replaceChildren(
        steps(found, "answer.html", {}), head(index, record, question),
        samplePicker(samples, sample, show) || "", grid(found, sample),
      );
      for (const group of [".answer > .tokens", ".answer .thinking .tokens"]) together(all(group, root));
    };
    show(sample);
    readingKeys(root, (step) => {
      show(sample + step);
      replaceHash(hashOf({ s: sample ? sample + 1 : "" }, formatState(state)));
    }, {
      x: () => all(".to-xray a", root).slice(0, 1).forEach((link) => link.click()),
    });
    byId("legend").hidden = false;
  }

  openQuestion(root).then(start).catch((error) => fail(root, error));
})();
