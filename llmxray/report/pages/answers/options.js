"use strict";
// Who is right about a question, and its options as rows with conditions as columns.
(function () {
  const { el, percent, duration, shareOf } = llmxray.dom;
  const { OUTCOMES, outcomeLabel, counts } = llmxray.outcomes;
  const { fromPermille } = llmxray.shards;
  const { LETTERS, isRight, shownOptions } = llmxray.letters;

  const mark = (css, text) => el("b", { class: `${css}-mark` }, text);
  const listed = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

  /** What the wrong answers have in common, as options of the suite: letters of two orders are not the same. */
  function alike(answers) {
    const own = answers.map(({ answer, order }) => (order && answer ? `${order[LETTERS.indexOf(answer)]}` : answer));
    const kinds = own.every(Boolean) && own.length > 1 ? new Set(own).size : 0;
    return kinds === 1 ? ", with the same answer" : kinds === own.length ? ", and each says something else" : "";
  }

  /** Who is right, in words; of each condition its `name` and its `answer` or null. */
  function sentence(given, hasOptions) {
    const scored = given.filter(({ answer }) => answer && counts(answer.o));
    const n = scored.length;
    const [right, wrong] = [true, false].map((is) => scored.filter(({ answer }) => (answer.o === "c") === is));
    const names = (list) => listed(list.map(({ name }) => name));
    const all = { 1: `${names(scored)} is`, 2: "Both are", 3: "All three are" }[n] || `All ${n} are`;
    if (!n) return given.some(({ answer }) => answer && answer.o === "o") ? "No single answer is right." : "";
    if (!wrong.length) return `${all} right.`;
    if (!right.length) {
      const how = hasOptions ? alike(wrong.map(({ answer }) => answer)) : "";
      return `${isMissed(given) ? `${all} wrong` : n > 1 ? "None is right" : `${all} not right`}${how}.`;
    }
    if (right.length === 1) return `Only ${names(right)} is right.`;
    return n > 3 ? `${right.length} of ${n} are right.` : `${names(right)} are right, ${names(wrong)} is not.`;
  }

  /** Whether all that were scored are wrong. */
  function isMissed(given) {
    const scored = given.filter(({ answer }) => answer && counts(answer.o));
    return scored.length > 0 && scored.every(({ answer }) => answer.o === "w");
  }

  /** The wrong answer that a model was surest of, from this confidence on; undefined without one. */
  function surest(given, least) {
    const sure = ({ answer }) => (answer && answer.o === "w" ? fromPermille(answer.confidence[0]) || 0 : 0);
    const found = given.map((each) => ({ ...each, sure: sure(each) })).sort((a, b) => b.sure - a.sure)[0];
    return found && found.sure >= least ? found : undefined;
  }

  /** The head of a condition's column: name, outcome where it is neither right nor wrong, time, way to the x-ray. */
  function head({ label, css, answer, tally, xray }, slowest) {
    const outcome = answer && !"cw".includes(answer.o)
      ? el("span", {}, el("b", { class: `mark-${OUTCOMES[answer.o]}` }), outcomeLabel(answer.o)) : null;
    const time = answer && answer.time[1] !== null ? duration(answer.time[1], slowest) : "";
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
      share === null ? null : [shareOf(share, kind), el("span", { class: "v" }, percent(share))],
      isChosen ? mark(kind, "chose it") : null,
      hasLetters ? null : el("small", {}, `as ${LETTERS[place]}`));
  }

  /** Options as rows, conditions as columns; `given`: label, css, answer or null, tally, xray of each condition. */
  function optionTable(question, given) {
    // Where orders differ a letter is that of one condition.
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
        given.map((each) => head(each, slowest)))),
      el("tbody", {}, rows));
  }

  const api = { sentence, isMissed, surest, optionTable };
  llmxray.options = api;
  if (typeof module === "object") module.exports = api;
})();
