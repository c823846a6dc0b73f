// All answers to one question, side by side: who is right, its options as rows, and what each condition wrote.
const { el, byId, all, percent, makeReachable } = llmxray.dom;
const { shareBar } = llmxray.svg;
const { hashOf, sampleIn, addressOf, titled, pageOf, replaceHash } = llmxray.url;
const { article, isLong, taken } = llmxray.reply;
const { LETTERS, isRight, shownOptions, rightAnswer } = llmxray.letters;
const { OUTCOMES, outcomeLabel, counts, score } = llmxray.outcomes;
const { fromPermille } = llmxray.shards;
const { way, steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
const { formatState } = llmxray.filters;

const mark = (css, text) => el("b", { class: `${css}-mark` }, text);
const isScored = ({ answer }) => answer && counts(answer.o);
const isMissed = (given) => given.some(isScored) && given.filter(isScored).every(({ answer }) => answer.o === "w");
const listed = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

/** Who is right, in words; of each condition its `name` and its `answer` or null. */
function sentence(given) {
  const scored = given.filter(isScored);
  const n = scored.length;
  const [right, wrong] = [true, false].map((is) => scored.filter(({ answer }) => (answer.o === "c") === is));
  const names = (list) => listed(list.map(({ name }) => name));
  const all = { 1: `${names(scored)} is`, 2: "Both are", 3: "All three are" }[n] || `All ${n} are`;
  if (!n) return given.some(({ answer }) => answer && answer.o === "o") ? "No single answer is right." : "";
  if (!wrong.length) return `${all} right.`;
  if (!right.length) return `${isMissed(given) ? `${all} wrong` : n > 1 ? "None is right" : `${all} not right`}.`;
  if (right.length === 1) return `Only ${names(right)} is right.`;
  return n > 3 ? `${right.length} of ${n} are right.` : `${names(right)} are right, ${names(wrong)} is not.`;
}

/** The wrong answer that a model was surest of, from this confidence on; undefined without one. */
function surest(given, least) {
  const sure = ({ answer }) => (answer && answer.o === "w" ? fromPermille(answer.confidence[0]) || 0 : 0);
  const found = given.map((each) => ({ ...each, sure: sure(each) })).sort((a, b) => b.sure - a.sure)[0];
  return found && found.sure >= least ? found : undefined;
}

/** The head of a condition's column: name, outcome where it is neither right nor wrong, time, way to the x-ray. */
function optionHead({ label, css, answer, tally, xray }, slowest) {
  const outcome = answer && !"cw".includes(answer.o)
    ? el("span", {}, el("b", { class: `mark-${OUTCOMES[answer.o]}` }), outcomeLabel(answer.o)) : null;
  const time = answer && answer.time[1] !== null ? taken(answer.time[1], slowest) : "";
  const about = answer ? [outcome, tally, time, xray] : ["not asked"];
  const parts = about.filter(Boolean).flatMap((part, at) => (at ? [" · ", part] : [part]));
  return el("th", { scope: "col", class: css }, el("span", { class: "model" }, label), el("small", {}, parts));
}

/** What a condition made of an option: how probable it was, and whether it was chosen. */
function cell({ css, answer }, question, own, hasLetters) {
  const place = answer ? shownOptions(question, answer).findIndex((each) => each.own === own) : -1;
  if (place < 0) return el("td", { class: css });
  const share = fromPermille(answer.probs[place]);
  const right = isRight(question, own);
  const isChosen = answer.answer === LETTERS[place];
  const kind = right ? "right" : isChosen ? "wrong" : "";
  return el("td", { class: `${css}${isChosen ? " chosen" : ""}` },
    share === null ? null : [shareBar(share, kind), el("span", { class: "v" }, percent(share))],
    isChosen ? mark(kind, "chose it") : null,
    hasLetters ? null : el("small", {}, `as ${LETTERS[place]}`));
}

/** Options as rows, conditions as columns; `given`: label, css, answer or null, tally, xray of each condition. */
function optionTable(question, given) {
  const hasLetters = !given.some(({ answer }) => answer && answer.order);
  const rows = question.choices.map((text, own) => {
    const right = isRight(question, own);
    return el("tr", { class: right ? "key" : "" },
      el("th", { scope: "row" }, hasLetters ? el("span", { class: "letter" }, LETTERS[own]) : null,
        el("span", { class: "quote", dir: "auto" }, text), right ? mark("right", "right") : null),
      given.map((each) => cell(each, question, own, hasLetters)));
  });
  const slowest = Math.max(...given.map(({ answer }) => (answer && answer.time[1]) || 0));
  return el("table", { class: "options", "data-n": Math.min(8, given.length) },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, `${question.choices.length} options`),
      given.map((each) => optionHead(each, slowest)))),
    el("tbody", {}, rows));
}

module.exports = { sentence, surest };
if (typeof document === "object") {
  const root = byId("question");
  // Addresses of pages that not every experiment has: "" where there is none.
  const pages = root.dataset;

  /** What each condition answered in a sample, with what stands beside its name. */
  function givenIn({ index, question, record, state }, sample) {
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
    const part = subcategory === category ? "" : subcategory;
    const level = question.level && `level ${question.level} of 3`;
    const about = [title.split(" (")[0], category, part, skill, level].filter(Boolean).join(" · ");
    const text = sentence(given);
    const sure = surest(given, Number(pages.sure));
    const outcome = isMissed(given) ? "wrong" : given.some(({ answer }) => answer && answer.o === "c") && "correct";
    const others = sure && addressOf("answers.html", "", hashOf({ condition: sure.id, preset: "confident-wrong" }));
    return [
      ...heading(question, [el("span", {}, about), ...way(found)]),
      text && el("p", { class: "lead" }, outcome ? el("b", { class: `mark-${outcome}` }) : "", text,
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
        el("p", { class: "note shades doubtful" }, "Shaded: tokens that were ",
          el("span", { class: "d2" }, "less"), " or ", el("span", { class: "d4" }, "much less"), " likely."), grid);
    }
    return el("details", { class: "folded", "data-print": true },
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
        ...head(found, given), samplePicker(samples, sample, show),
        question.choices.length ? optionTable(question, given) : null,
        bars && el("p", { class: "note" }, 
          `The bar is the probability that the model gave that option, out of ${question.choices.length}.`),
        ...below(found), replies(found, given), steps(found, "answer.html", {}),
      ].filter(Boolean));
      for (const box of all(".written", root)) makeReachable(box);
    };
    show(sample);
    readingKeys(root, (step) => {
      show(sample + step);
      replaceHash(hashOf({ s: sample ? sample + 1 : "" }, formatState(state)));
    });
  }

  openQuestion(root).then(start).catch((error) => fail(root, error));
}
