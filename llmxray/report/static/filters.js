"use strict";
(function (scope) {
  const DEFAULTS = { condition: "", suite: "", category: "", outcome: "", preset: "", conf: "", q: "", sort: "" };

  /** Whether most of a cell's samples are right; null when none counts (errors, no expected answer). */
  function verdict(cell) {
    if (cell.verdict !== undefined) return cell.verdict;
    const counted = [...cell.codes].filter((code) => code !== "e" && code !== "o");
    // Kept on the cell: with 100,000 cells, every filter asks again.
    cell.verdict = counted.length ? 2 * counted.filter((code) => code === "c").length > counted.length : null;
    return cell.verdict;
  }

  const some = (cells, right) => cells.some((cell) => verdict(cell) === right);
  const sure = (cell, low) => cell.confidence !== null && cell.confidence >= low;
  const PRESETS = {
    "all-wrong": (cells) => some(cells, false) && !some(cells, true),
    "all-right": (cells) => some(cells, true) && !some(cells, false),
    disagree: (cells) => some(cells, true) && some(cells, false),
    "confident-wrong": (cells) => cells.some((cell) => verdict(cell) === false && sure(cell, 0.8)),
    "unsure-right": (cells) => cells.some((cell) => verdict(cell) && cell.confidence !== null && !sure(cell, 0.5)),
    cut: (cells) => cells.some((cell) => cell.codes.includes("u") || cell.codes.includes("t")),
  };

  const CODES = { correct: "c", wrong: "w", unparsed: "u", truncated: "t", refused: "r", error: "e", unscored: "o" };

  /** The state a URL hash stands for; unknown keys and presets are dropped. */
  function parseState(hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const state = { ...DEFAULTS };
    for (const name of Object.keys(DEFAULTS)) state[name] = given.get(name) || "";
    if (!Object.hasOwn(PRESETS, state.preset)) state.preset = "";
    // Links from other pages say the outcome in words.
    if (Object.hasOwn(CODES, state.outcome)) state.outcome = CODES[state.outcome];
    if (!range(state.conf)) state.conf = "";
    return state;
  }

  /** The hash of a state, "" when nothing is chosen; always in the same order. */
  function formatState(state) {
    const chosen = new URLSearchParams();
    for (const name of Object.keys(DEFAULTS)) if (state[name]) chosen.set(name, state[name]);
    const text = chosen.toString();
    return text && `#${text}`;
  }

  /** Both ends of a confidence range such as "0.8-1" as numbers; null when it is not one. */
  function range(text) {
    const ends = /^([\d.]+)-([\d.]+)$/.exec(text);
    if (!ends) return null;
    const [low, high] = [Number(ends[1]), Number(ends[2])];
    return low <= high ? [low, high] : null;
  }

  /**
   * Whether a question belongs to the view. `shown` are the places of the conditions in view; outcome and
   * confidence must hold of one and the same answer.
   */
  function matches(record, state, ids, shown) {
    if (state.suite && record.suite !== state.suite) return false;
    if (state.category && record.category !== state.category) return false;
    if (state.q && !state.q.toLowerCase().split(/\s+/).every((word) => record.text.includes(word))) return false;
    const chosen = ids.indexOf(state.condition);
    const cells = (chosen >= 0 ? [chosen] : shown).map((place) => record.cells[place]);
    if (state.preset && !PRESETS[state.preset](cells)) return false;
    const ends = range(state.conf);
    if (!state.outcome && !ends) return true;
    return cells.some(
      (cell) =>
        (!state.outcome || cell.codes.includes(state.outcome)) &&
        (!ends || (cell.confidence !== null && cell.confidence >= ends[0] && cell.confidence <= ends[1])),
    );
  }

  /** The records in the order asked for ("-" before a key: falling); what has no value comes last. */
  function ordered(list, sort, ids) {
    const key = sort.replace(/^-/, "");
    const sign = sort.startsWith("-") ? -1 : 1;
    const place = ids.indexOf(key);
    const value = {
      question: (record) => record.text,
      suite: (record) => `${record.suite} ${record.category}`,
      difficulty: (record) => record.difficulty,
      right: (record) => record.cells.filter(verdict).length,
    }[key] || ((record) => (place >= 0 ? record.cells[place].confidence : record.place));
    return [...list].sort((a, b) => compare(value(a), value(b), sign) || a.place - b.place);
  }

  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (a < b ? -1 : a > b ? 1 : 0);
  }

  /** Questions of the view, in its order. */
  function view(list, state, ids, shown) {
    return ordered(list.filter((record) => matches(record, state, ids, shown)), state.sort, ids);
  }

  const api = { DEFAULTS, PRESETS, verdict, parseState, formatState, range, matches, ordered, view };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
