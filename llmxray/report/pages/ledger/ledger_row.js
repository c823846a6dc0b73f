"use strict";
// A row of the ledger, made as the template makes it, with a box to choose the run by.
(function () {
  const { el, percent, width, duration } = llmxray.dom;
  const { hashOf } = llmxray.url;
  const { rankText, band } = llmxray.board;
  const FEW = 10; // questions under which an accuracy has no colour, as FEW of heatmap.py

  /** Accuracy and interval as a bar, in the colour of the run's model. */
  function track({ value, interval }, colour) {
    const [low, high] = interval || [0, 0];
    const whisker = interval
      ? el("b", { class: `whisker l-${Math.round(100 * low)} ${width(high - low)}` })
      : null;
    return el("span", { class: "track", "aria-hidden": "true" },
      el("i", { class: `bar ${colour} ${width(value)}` }), whisker);
  }

  /** Accuracy, interval and rank of a run on a suite, with the way to its questions. */
  function cell(run, suite, entry, labels) {
    const found = entry && entry.found;
    if (!found) return el("td", { class: "few" }, el("span", {}, "—"));
    const ends = found.interval ? found.interval.map(percent).join(" to ") : "";
    const as = entry.as ? `its model is ranked by “${labels[entry.as]}”` : "";
    const href = run.base ? `${run.base}/answers.html${hashOf({ condition: run.id, suite })}` : null;
    const words = [
      el("b", {}, percent(found.value)),
      track(found, run.colour),
      el("small", { class: "n" }, `${found.n} question${found.n === 1 ? "" : "s"}`),
      el("small", { class: "ends stat" }, ends),
      el("small", { class: "rank stat" }, entry.rank ? rankText(entry.rank) : as),
    ];
    const css = found.n < FEW ? "few" : band(found.value);
    return el("td", { class: css }, el(href ? "a" : "span", { href }, words));
  }

  function head(run, isChosen) {
    const box = el("input", { type: "checkbox", class: "choose", "data-key": run.key });
    box.checked = isChosen;
    const title = run.base ? el("a", { href: `${run.base}/index.html` }, run.title) : run.title;
    const told = el("span", { class: "told" }, ` · ${run.asked}`);
    return el("th", { scope: "row" }, el("label", {}, box, ` ${run.label}`), el("small", {}, title, told));
  }

  /**
   * The row.
   * @param {any} run
   * @param {any[]} columns of the board that are shown
   * @param {{isChosen: boolean, labels: Record<string, string>, mean: number | null, averaged: boolean,
   *   priced: boolean, timed: boolean, slowest: number}} about seconds of the slowest run, for one unit in the column
   */
  function rowOf(run, columns, { isChosen, labels, mean, averaged, priced, timed, slowest }) {
    const last = (text, css = "") => el("td", { class: `num mean ${css}` }, text);
    const seconds = columns.length === 1 ? run.seconds[columns[0].name] : undefined;
    return el("tr", { "data-run": run.key, class: isChosen ? null : "out" },
      head(run, isChosen),
      columns.map((column) => cell(run, column.name, column.cells[run.key], labels)),
      timed ? last(seconds === undefined ? "—" : duration(1000 * seconds, 1000 * slowest)) : null,
      columns.length === 1 || !averaged ? null : last(mean === null ? "—" : String(Math.round(mean)), "stat"),
      priced ? last(run.cost ? run.cost[0] : "—") : null);
  }

  const api = { rowOf };
  llmxray.ledgerRow = api;
  if (typeof module === "object") module.exports = api;
})();
