"use strict";
// Rows of the table of questions, made from the data files as the template makes them.
(function () {
  const { el, percent } = llmxray.dom;
  const { OUTCOMES, outcomeLabel, score } = llmxray.outcomes;
  const { pageOf } = llmxray.url;

  /** The most frequent code of a cell, the first of them in a draw; "" for an empty cell. */
  function frequent(codes) {
    const times = (code) => codes.split(code).length;
    return [...codes].reduce((best, code) => (best === "" || times(code) > times(best) ? code : best), "");
  }

  /** "5 of 8" for repeats, "" for one sample. */
  function tally(codes) {
    const { right, n } = score(codes);
    return codes.length > 1 && n ? `${right} of ${n}` : "";
  }

  function cell(record, place) {
    const { codes, confidence, said } = record.cells[place];
    const made = el("td", { class: `k c${place % 8} cell` });
    const code = frequent(codes);
    const outcome = OUTCOMES[code];
    if (!outcome) return made;
    const count = tally(codes);
    const label = outcomeLabel(code);
    made.append(el("b", { class: `mark-${outcome}`, title: label }), el("span", { class: "sr" }, label));
    made.append(count || el("span", { class: "said" }, said));
    if (confidence !== null) {
      made.append(el("span", { class: `sure q${Math.min(9, Math.floor(10 * confidence))}` }, percent(confidence)));
    }
    if (count && said) made.append(el("small", { title: "most frequent answer" }, said));
    return made;
  }

  /** The table row of a question. */
  function tableRow(places, texts, record) {
    const { place } = record;
    const [, title] = places.suites.find(([suite]) => suite === record.suite);
    const [name] = title.split(" (");
    const href = pageOf("answer.html", record.address);
    return el("tr", {},
      el("th", { scope: "row" }, el("a", { href, "data-plain": href }, texts.text[place])),
      el("td", { class: "about" }, record.category || name, record.category ? el("small", {}, name) : null),
      el("td", { class: "hard" }, record.difficulty === null ? "" : String(record.difficulty)),
      el("td", { class: "right" }, el("span", {}, texts.right[place])),
      record.cells.map((_, condition) => cell(record, condition)));
  }

  const api = { frequent, tally, tableRow };
  llmxray.rows = api;
  if (typeof module === "object") module.exports = api;
})();
