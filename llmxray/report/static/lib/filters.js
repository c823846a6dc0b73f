// Which questions a view of the table shows, and in which order.
const { CODES, counts, score } = llmxray.outcomes;
const { parameters, hashOf } = llmxray.url;
const { compared, percent } = llmxray.dom;
const DEFAULTS = {
  condition: "", suite: "", category: "", outcome: "", preset: "", conf: "", right: "", wrong: "", knew: "", q: "",
  sort: "",
};

/** Whether most of a cell's samples are right; null when none is scored. */
function verdict(cell) {
  // One sample is the usual case, and this is asked of every cell at every key.
  if (cell.codes.length === 1) return counts(cell.codes) ? cell.codes === "c" : null;
  const { right, n } = score(cell.codes);
  return n ? 2 * right > n : null;
}

// Bits, joined over conditions: they are asked for at every key, of thousands of questions.
const RIGHT = 1, WRONG = 2, SURE_WRONG = 4, UNSURE_RIGHT = 8, CUT = 16;
const PRESETS = { "confident-wrong": SURE_WRONG, "unsure-right": UNSURE_RIGHT, cut: CUT };
/** Filters of which one is chosen at a time: kinds of answers, and who is right. */
const CHOICE = ["preset", "right", "wrong", "knew"];

/** What is known of a cell; kept on it. */
function flagsOf(cell) {
  if (cell.flags !== undefined) return cell.flags;
  const right = verdict(cell);
  let flags = right === null ? 0 : right ? RIGHT : WRONG;
  if (right === false && cell.isSure) flags |= SURE_WRONG;
  if (right && cell.isUnsure) flags |= UNSURE_RIGHT;
  if (cell.codes.includes("u") || cell.codes.includes("t")) flags |= CUT;
  return (cell.flags = flags);
}

/** How many conditions got a question right; -1 where not all answered it. */
function knewOf(record) {
  const flags = record.cells.map(flagsOf);
  return flags.every((each) => each & (RIGHT | WRONG)) ? flags.filter((each) => each & RIGHT).length : -1;
}

/** The state a URL hash stands for; unknown keys and presets are dropped. */
function parseState(hash) {
  const given = parameters(hash);
  const state = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) state[name] = given.get(name) || "";
  if (!Object.hasOwn(PRESETS, state.preset)) state.preset = "";
  // Links from other pages say the outcome in words.
  if (Object.hasOwn(CODES, state.outcome)) state.outcome = CODES[state.outcome];
  for (const name of ["conf", "knew"]) if (!range(state[name])) state[name] = "";
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

/** A test for questions of the view; outcome and confidence must hold of one and the same answer. */
function matcher(state, ids) {
  const chosen = ids.indexOf(state.condition);
  const cellsOf = (record) => (chosen >= 0 ? [record.cells[chosen]] : record.cells);
  const ends = range(state.conf);
  const fits = (cell) =>
    (!state.outcome || cell.codes.includes(state.outcome)) &&
    (!ends || (cell.confidence !== null && cell.confidence >= ends[0] && cell.confidence <= ends[1]));
  const tests = [];
  if (state.suite) tests.push((record) => record.suite === state.suite);
  if (state.category) tests.push((record) => record.category === state.category);
  if (state.preset) tests.push((record) => cellsOf(record).some((cell) => flagsOf(cell) & PRESETS[state.preset]));
  for (const [names, flag] of [[state.right, RIGHT], [state.wrong, WRONG]]) {
    for (const place of names.split(",").map((name) => ids.indexOf(name)).filter((each) => each >= 0)) {
      tests.push((record) => flagsOf(record.cells[place]) & flag);
    }
  }
  if (state.knew) {
    const [least, most] = range(state.knew);
    tests.push((record) => {
      const knew = (record.knew ??= knewOf(record));
      return knew >= least && knew <= most;
    });
  }
  for (const word of state.q.toLowerCase().split(/\s+/).filter(Boolean)) {
    tests.push((record) => record.text.includes(word));
  }
  if (state.outcome || ends) tests.push((record) => cellsOf(record).some(fits));
  return (record) => tests.every((test) => test(record));
}

/** How many questions each of these choices would leave, with all other filters as they are. */
function choiceCounts(list, state, ids, choices) {
  const none = Object.fromEntries(CHOICE.map((name) => [name, ""]));
  const rest = list.filter(matcher({ ...state, ...none }, ids));
  const { condition } = state;
  return choices.map((choice) => rest.filter(matcher({ ...DEFAULTS, condition, ...choice }, ids)).length);
}

/** The records in the order asked for ("-" before a key: falling); what has no value comes last. */
function ordered(list, { sort, preset }, ids) {
  const key = sort.replace(/^-/, "");
  const place = ids.indexOf(key);
  const flag = PRESETS[preset] & (SURE_WRONG | UNSURE_RIGHT);
  // Without an order the surest mistakes come first, and the least sure right answers.
  const sign = sort.startsWith("-") || (!sort && flag === SURE_WRONG) ? -1 : 1;
  const first = (cells) => Math.min(...cells.map(({ confidence }) => sign * confidence));
  const value = key === "question" ? (record) => record.text
    : place >= 0 ? (record) => record.cells[place].confidence
      : !sort && flag ? ({ cells }) => sign * first(cells.filter((cell) => flagsOf(cell) & flag)) : null;
  if (!value) return [...list];
  const values = new Map(list.map((record) => [record, value(record)]));
  return [...list].sort((a, b) => compared(values.get(a), values.get(b), sign) || a.place - b.place);
}

function view(list, state, ids) {
  return ordered(list.filter(matcher(state, ids)), state, ids);
}

/** In words, what no field shows: whom a view asks to be right or not, and how sure; unknown names are left out. */
function judgements(state, ids, labels) {
  const names = (list) =>
    list.split(",").filter((name) => ids.includes(name)).map((name) => labels[ids.indexOf(name)]);
  return [
    ...names(state.right).map((name) => `${name}: right`), ...names(state.wrong).map((name) => `${name}: not right`),
    ...(range(state.conf) ? [`${range(state.conf).map(percent).join(" to ")} sure`] : []),
  ].join(", ");
}

module.exports = {
  DEFAULTS, CHOICE, verdict, parseState, formatState, choiceCounts, judgements, view,
};
