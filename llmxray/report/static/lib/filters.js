"use strict";
// Which questions a view of the table shows, and in which order.
(function () {
  const { CODES, counts, score } = llmxray.outcomes;
  const { parameters, hashOf } = llmxray.url;
  const { compared } = llmxray.dom;
  const DEFAULTS = {
    condition: "", suite: "", category: "", outcome: "", preset: "", conf: "", right: "", wrong: "", q: "",
    sort: "",
  };

  /** Whether most of a cell's samples are right; null when none is scored. */
  function verdict(cell) {
    // One sample is the usual case, and this is asked of every cell at every key.
    if (cell.codes.length === 1) return counts(cell.codes) ? cell.codes === "c" : null;
    const { right, n } = score(cell.codes);
    return n ? 2 * right > n : null;
  }

  // Bits, joined over conditions: presets are counted over thousands of questions at every key.
  const RIGHT = 1, WRONG = 2, SURE_WRONG = 4, UNSURE_RIGHT = 8, CUT = 16;
  const both = (flags, wanted) => (flags & (RIGHT | WRONG)) === wanted;
  const PRESETS = {
    "all-wrong": (flags) => both(flags, WRONG),
    "all-right": (flags) => both(flags, RIGHT),
    disagree: (flags) => both(flags, RIGHT | WRONG),
    "confident-wrong": (flags) => Boolean(flags & SURE_WRONG),
    "unsure-right": (flags) => Boolean(flags & UNSURE_RIGHT),
    cut: (flags) => Boolean(flags & CUT),
  };

  function flagsOf(cell) {
    const right = verdict(cell);
    let flags = right === null ? 0 : right ? RIGHT : WRONG;
    if (right === false && cell.isSure) flags |= SURE_WRONG;
    if (right && cell.isUnsure) flags |= UNSURE_RIGHT;
    if (cell.codes.includes("u") || cell.codes.includes("t")) flags |= CUT;
    return flags;
  }

  /** What the presets ask about a question, over the conditions at these places. */
  function flagged(record, places) {
    let flags = 0;
    for (const place of places) {
      const cell = record.cells[place];
      // Kept on the cell: every filter and every count of a preset asks again.
      cell.flags ??= flagsOf(cell);
      flags |= cell.flags;
    }
    return flags;
  }

  /** The state a URL hash stands for; unknown keys and presets are dropped. */
  function parseState(hash) {
    const given = parameters(hash);
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
    return hashOf(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, state[name]])));
  }

  /** Both ends of a confidence range such as "0.8-1" as numbers; null when it is not one. */
  function range(text) {
    const ends = /^([\d.]+)-([\d.]+)$/.exec(text);
    if (!ends) return null;
    const [low, high] = [Number(ends[1]), Number(ends[2])];
    return low <= high ? [low, high] : null;
  }

  /**
   * A test for questions of the view. `shown` are the places of the conditions in view; outcome and
   * confidence must hold of one and the same answer.
   */
  function matcher(state, ids, shown) {
    const words = state.q ? state.q.toLowerCase().split(/\s+/) : [];
    const chosen = ids.indexOf(state.condition);
    const places = chosen >= 0 ? [chosen] : shown;
    const preset = state.preset ? PRESETS[state.preset] : null;
    const ends = range(state.conf);
    const fits = (cell) =>
      (!state.outcome || cell.codes.includes(state.outcome)) &&
      (!ends || (cell.confidence !== null && cell.confidence >= ends[0] && cell.confidence <= ends[1]));
    return (record) =>
      (!state.suite || record.suite === state.suite) &&
      (!state.category || record.category === state.category) &&
      (!preset || preset(flagged(record, places))) &&
      words.every((word) => record.text.includes(word)) &&
      judged(record, state.right, ids, true) &&
      judged(record, state.wrong, ids, false) &&
      ((!state.outcome && !ends) || places.some((place) => fits(record.cells[place])));
  }

  /** How many of these questions each preset would leave, by its key. */
  function presetCounts(list, state, ids, shown) {
    const chosen = ids.indexOf(state.condition);
    const places = chosen >= 0 ? [chosen] : shown;
    const rest = list.filter(matcher({ ...state, preset: "" }, ids, shown)).map((record) => flagged(record, places));
    const counts = { "": rest.length };
    for (const [key, holds] of Object.entries(PRESETS)) counts[key] = rest.filter(holds).length;
    return counts;
  }

  /** Whether each of the named conditions ("a,b") is right, or is not; unknown names are left out of account. */
  function judged(record, names, ids, right) {
    const places = names ? names.split(",").map((name) => ids.indexOf(name)) : [];
    return places.every((place) => place < 0 || verdict(record.cells[place]) === right);
  }

  /** The records in the order asked for ("-" before a key: falling); what has no value comes last. */
  function ordered(list, sort, ids) {
    const key = sort.replace(/^-/, "");
    const sign = sort.startsWith("-") ? -1 : 1;
    const place = ids.indexOf(key);
    const values = {
      question: (record) => record.text,
      suite: (record) => `${record.suite} ${record.category}`,
    };
    const other = (record) => (place >= 0 ? record.cells[place].confidence : record.place);
    const value = Object.hasOwn(values, key) ? values[key] : other;
    if (!sort) return [...list];
    return [...list].sort((a, b) => compared(value(a), value(b), sign) || a.place - b.place);
  }

  /** Questions of the view, in its order. */
  function view(list, state, ids, shown) {
    return ordered(list.filter(matcher(state, ids, shown)), state.sort, ids);
  }

  /** In words, whom a view asks to be right or not, each with the state without it; unknown names are left out. */
  function judgements(state, ids, labels) {
    return [["right", "right"], ["wrong", "not right"]].flatMap(([part, said]) => {
      const names = state[part] ? state[part].split(",") : [];
      return names.filter((name) => ids.includes(name)).map((name) => ({
        text: `${labels[ids.indexOf(name)]}: ${said}`,
        without: { [part]: names.filter((other) => other !== name).join(",") },
      }));
    });
  }

  const api = {
    DEFAULTS, PRESETS, verdict, parseState, formatState, range, matcher, presetCounts, judgements, ordered, view,
  };
  llmxray.filters = api;
  if (typeof module === "object") module.exports = api;
})();
