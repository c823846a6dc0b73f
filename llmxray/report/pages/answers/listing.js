"use strict";
// The table of questions on the screen: rows of the page itself or of its data files, as many as are wanted.
(function () {
  const { load, records: recordsOf } = llmxray.shards;

  /** Every question, and how to get the row of one: of a large experiment the page holds only the first rows. */
  async function questionsOf({ dataset, tBodies: [body] }) {
    const folder = dataset.index.replace(/[^/]*$/, "");
    const places = await load(dataset.index);
    const codes = await load(folder + places.more.codes);
    const texts = await load(folder + places.more.texts);
    const records = recordsOf(places, codes, texts);
    const rows = [...body.rows];
    if (rows.length === records.length) return { records, rowOf: ({ place }) => rows[place] };
    return { records, rowOf: (record) => (record.row ||= llmxray.rows.tableRow(places, texts, record)) };
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
