"use strict";
// The table of questions on the screen: rows of the page itself or of its data files, as many as are wanted.
(function () {
  const { all } = llmxray.dom;
  const { load, cellOf, records: recordsOf } = llmxray.shards;

  /** A row of the page itself, as filters read it. */
  function recordOf(row, place, limits) {
    const { suite, category, level } = row.dataset;
    return {
      place,
      row,
      suite,
      category,
      difficulty: level ? Number(level) : null,
      text: `${row.cells[0].textContent} ${row.cells[3].textContent}`.toLowerCase(),
      cells: all(".cell", row).map(({ dataset: { codes, sure } }) => cellOf(codes, sure ? Number(sure) : null, limits)),
    };
  }

  /** The questions of a large experiment, and how to make the row of one. */
  async function fromFiles(path) {
    const folder = path.replace(/[^/]*$/, "");
    const places = await load(path);
    const codes = await load(folder + places.more.codes);
    const texts = await load(folder + places.more.texts);
    const rowOf = (record) => (record.row ||= llmxray.rows.tableRow(places, texts, record));
    return { records: recordsOf(places, codes, texts), rowOf };
  }

  /** Every question of a table. */
  async function questionsOf(table) {
    if (table.dataset.index) return fromFiles(table.dataset.index);
    const limits = { sureFrom: Number(table.dataset.sureFrom), unsureBelow: Number(table.dataset.unsureBelow) };
    const records = [...table.tBodies[0].rows].map((row, place) => recordOf(row, place, limits));
    return { records, rowOf: (record) => record.row };
  }

  /** A question's row, with a link that takes the view along: the page of a question finds its neighbours in it. */
  function linked(row, hash) {
    const link = row.querySelector("a");
    link.dataset.plain ||= link.getAttribute("href");
    link.setAttribute("href", link.dataset.plain + hash);
    return row;
  }

  const api = { questionsOf, linked };
  llmxray.listing = api;
  if (typeof module === "object") module.exports = api;
})();
