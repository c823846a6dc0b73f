"use strict";
(function (scope) {
  /** The most frequent code of a cell, the first of them in a draw; "" for an empty cell. */
  function frequent(codes) {
    const times = (code) => codes.split(code).length;
    return [...codes].reduce((best, code) => (best === "" || times(code) > times(best) ? code : best), "");
  }

  /** "5 of 8" for repeats, "" for one sample; errors, unread and unscored samples do not count. */
  function tally(codes) {
    const counted = [...codes].filter((code) => code !== "e" && code !== "n" && code !== "o");
    return codes.length > 1 && counted.length ? `${counted.filter((code) => code === "c").length} of ${counted.length}` : "";
  }

  const api = { frequent, tally };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const { OUTCOMES, outcomeLabel, el, percent } = scope.llmxray;

  function cell(record, place) {
    const { codes, confidence, said } = record.cells[place];
    const made = el("td", { class: `k c${place % 8} cell` });
    const code = frequent(codes);
    const outcome = OUTCOMES[code];
    if (!outcome) return made;
    const count = tally(codes);
    made.append(el("b", { class: `mark-${outcome}`, title: outcomeLabel(code) }), el("span", { class: "sr" }, outcomeLabel(code)));
    made.append(count || el("span", { class: "said" }, said));
    if (confidence !== null) {
      made.append(el("span", { class: `sure q${Math.min(9, Math.floor(10 * confidence))}` }, percent(confidence)));
    }
    if (count && said) made.append(el("small", { title: "most frequent answer" }, said));
    return made;
  }

  /** The table row of a question, as the static page would have it. */
  function tableRow(places, texts, record) {
    const { place } = record;
    const [, title] = places.suites.find(([suite]) => suite === record.suite);
    const name = record.suite.split("/").pop();
    const href = `answer.html?q=${encodeURIComponent(record.address).replace(/%2F/g, "/")}`;
    return el("tr", {},
      el("th", { scope: "row" }, el("a", { href, "data-plain": href }, texts.text[place])),
      el("td", { class: "about", title }, record.category || name, el("small", {}, record.category ? name : "")),
      el("td", { class: "hard" }, record.difficulty === null ? "" : String(record.difficulty)),
      el("td", { class: "right" }, el("span", {}, texts.right[place])),
      record.cells.map((_, condition) => cell(record, condition)));
  }

  Object.assign(scope.llmxray, api, { tableRow });
})(typeof window === "undefined" ? globalThis : window);
