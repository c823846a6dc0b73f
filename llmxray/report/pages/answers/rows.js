"use strict";
// Rows of the table of questions, made from its data files as the template makes them.
(function () {
  const { el, percent, shareOf } = llmxray.dom;
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

  function cell({ codes, confidence, said }, css) {
    const code = frequent(codes);
    if (!code) return el("td", { class: css });
    const [label, count] = [outcomeLabel(code), tally(codes)];
    return el("td", { class: css },
      el("b", { class: `mark-${OUTCOMES[code]}`, role: "img", title: label }),
      el("span", { class: "said", dir: "auto" }, count || said,
        count && said ? el("small", {}, `mostly ${said}`) : null),
      ...(confidence === null ? []
        : [el("span", { class: "v" }, percent(confidence)), shareOf(confidence, { c: "right", w: "wrong" }[code])]));
  }

  /** The row of a question: places of the conditions that are `shown`; its link takes the view along, as a `hash`. */
  function tableRow(places, texts, record, hash, shown) {
    const { place, category, suite } = record;
    const [, title] = places.suites.find(([name]) => name === suite);
    const right = texts.right[place] && el("span", { dir: "auto" }, ` · right: ${texts.right[place]}`);
    return el("tr", {},
      el("th", { scope: "row" },
        el("a", { class: "quote", dir: "auto", href: pageOf("answer.html", record.address, hash) }, texts.text[place]),
        el("small", {}, [title.split(" (")[0], category].filter(Boolean).join(" · "), right)),
      shown.map((condition) => cell(record.cells[condition], places.conditions[condition].css)));
  }

  const api = { frequent, tally, tableRow };
  llmxray.rows = api;
  if (typeof module === "object") module.exports = api;
})();
