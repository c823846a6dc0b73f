"use strict";
// All answers to one question, side by side.
(function () {
  const { el, byId, all, percent } = llmxray.dom;
  const { hashOf, sampleIn, addressOf, titled, pageOf, replaceHash } = llmxray.url;
  const { sentence, isMissed, surest, optionTable } = llmxray.options;
  const { article, isLong } = llmxray.reply;
  const { rightAnswer } = llmxray.letters;
  const { score } = llmxray.outcomes;
  const { steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
  const { together } = llmxray.scroll;
  const { formatState } = llmxray.filters;
  const root = byId("question");
  // Addresses of pages that not every experiment has: "" where there is none.
  const pages = root.dataset;

  /** What each condition answered in a sample, with what stands beside its name. */
  function givenIn({ index, question, record, state }, sample) {
    // Settings of one model, in a sentence.
    const isOne = new Set(index.conditions.map(({ settings }) => settings.model)).size < index.conditions.length;
    return JSON.parse(pages.order).map((place) => {
      const condition = index.conditions[place];
      const { id, label, css } = condition;
      const samples = question.answers[place];
      const answer = samples[sample] || null;
      const { right, n } = score(samples.map((each) => each.o).join(""));
      const hash = hashOf({ c: id, s: sample ? sample + 1 : "" }, formatState(state));
      const hasTokens = pages.xray && answer && (answer.tokens || []).some((each) => each.t.length);
      const href = pageOf(pages.xray, record.address, hash);
      return {
        condition, id, label, css, answer, name: isOne ? `“${label}”` : label,
        tally: samples.length > 1 && n ? `${right} of ${n} samples right` : "",
        xray: hasTokens ? el("a", { class: "to-xray", href, "aria-label": "X-ray of this answer" }, "X-ray") : null,
      };
    });
  }

  function head(found, given) {
    const { index, record, question } = found;
    const [, title] = index.suites.find(([name]) => name === record.suite);
    const [category, subcategory, skill] = question.about;
    const level = question.level ? `level ${question.level} of 3` : "";
    const part = subcategory === category ? "" : subcategory;
    const about = [title.split(" (")[0], category, part, skill, level].filter(Boolean);
    const text = sentence(given, question.choices.length > 0);
    const sure = surest(given, Number(pages.sure));
    const others = sure && addressOf("answers.html", "", hashOf({ condition: sure.id, preset: "confident-wrong" }));
    return [
      ...heading(question, about.join(" · ")),
      text && el("p", { class: "lead" }, isMissed(given) ? el("b", { class: "mark-wrong" }) : "", text,
        sure ? [` ${sure.name} is `,
          el("a", { href: others, title: "Everything that it was sure of, and wrong" }, `${percent(sure.sure)} sure`),
          " of its mistake."] : ""),
      question.choices.length ? null : rightAnswer(question, null),
    ];
  }

  /** The explanation of the right answer, and of a prompt the way to its word diff. */
  function below({ index, record, question }) {
    const anchor = encodeURIComponent(record.address.slice(record.address.indexOf("/") + 1));
    const isCompared = pages.compare && record.suite === "prompts" && index.conditions.length > 1;
    return [
      isCompared ? el("p", { class: "to-compare" },
        el("a", { href: addressOf(pages.compare, "", `#prompt-${anchor}`) }, "What changes between two variants")) : "",
      question.why
        ? el("section", { class: "section" }, el("h2", {}, "Why"), el("p", { dir: "auto" }, question.why)) : "",
    ];
  }

  /** What each wrote: in view where it is more than a letter or there are no options, else folded. */
  function replies({ index, question, strings }, given) {
    const articles = given.map((each) => article(question, each, strings, index.rules));
    const grid = el("div", { class: "answers", "data-n": articles.length }, articles);
    if (!question.choices.length || given.some(({ answer }) => isLong(answer, strings))) {
      return el("section", { class: "section" }, el("h2", {}, "What each wrote"),
        el("p", { class: "note shades" }, "Shaded: tokens that were ", el("span", { class: "d2" }, "less"), " or ",
          el("span", { class: "d4" }, "much less"), " likely."), grid);
    }
    return el("details", { class: "section", "data-print": true },
      el("summary", {}, "What was sent, and what came back"), grid);
  }

  function start(found) {
    const { record, question, state, samples } = found;
    let sample = sampleIn(location.hash, samples);
    titled(record.address);
    const show = (next) => {
      if (next < 0 || next >= samples) return;
      sample = next;
      const given = givenIn(found, sample);
      const bars = given.some(({ answer }) => answer && answer.probs.some((each) => each !== null));
      root.replaceChildren(...[
        steps(found, "answer.html", {}), ...head(found, given), samplePicker(samples, sample, show),
        question.choices.length ? optionTable(question, given) : null,
        bars && el("p", { class: "note" }, "The bar is the probability that the model gave the option, among all."),
        ...below(found), replies(found, given), steps(found, "answer.html", {}, true),
      ].filter(Boolean));
      together(all(".answer > .written", root));
      together(all(".answer .thought", root));
    };
    show(sample);
    readingKeys(root, (step) => {
      show(sample + step);
      replaceHash(hashOf({ s: sample ? sample + 1 : "" }, formatState(state)));
    }, {
      x: () => all(".to-xray", root).slice(0, 1).forEach((link) => link.click()),
    });
  }

  openQuestion(root).then(start).catch((error) => fail(root, error));
})();
