"use strict";
// Rows of the table of questions: those of the page itself, or made from its data files as the template makes them.
(function () {
  const { el, percent, colourOf } = llmxray.dom;
  const { OUTCOMES, outcomeLabel, score } = llmxray.outcomes;
  const { pageOf, withState } = llmxray.url;
  const { load, records: recordsOf } = llmxray.shards;

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
    const made = el("td", { class: `k ${colourOf(place)} cell` });
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
    if (count && said) made.append(el("small", {}, `most often ${said}`));
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
      el("td", { class: "right" }, el("span", {}, texts.right[place])),
      record.cells.map((_, condition) => cell(record, condition)));
  }

  /** Every question, and how to get the row of one: of a large experiment the page holds only the first rows. */
  async function questionsOf({ dataset, tBodies: [body] }) {
    const folder = dataset.index.replace(/[^/]*$/, "");
    const places = await load(dataset.index);
    const codes = await load(folder + places.more.codes);
    const texts = await load(folder + places.more.texts);
    const records = recordsOf(places, codes, texts);
    const rows = [...body.rows];
    if (rows.length === records.length) return { records, rowOf: ({ place }) => rows[place] };
    return { records, rowOf: (record) => (record.row ||= tableRow(places, texts, record)) };
  }

  /** A question's row, with a link that takes the view along: the page of a question finds its neighbours in it. */
  function linked(row, hash) {
    const link = row.querySelector("a");
    link.dataset.plain ||= link.getAttribute("href");
    link.setAttribute("href", withState(link.dataset.plain, hash));
    return row;
  }

  const api = { frequent, tally, tableRow, questionsOf, linked };
  llmxray.rows = api;
  if (typeof module === "object") module.exports = api;
})();
