"use strict";
// Accuracies of runs: as built, or counted on the questions that all chosen runs were asked.
(function () {
  const { mean, shareInterval } = llmxray.stats;
  const FIRST = 48; // code of the first value, as score_files.py writes them

  /** Accuracy as built: value, n and interval; null where nothing counts. */
  function asBuilt(run, suite) {
    if (!run.found[suite] || run.found[suite][0] === null) return null;
    const [value, n, low, high] = run.found[suite];
    return { value, n, interval: low === null ? null : [low, high] };
  }

  /** Numbers of the different sheets that runs were asked. */
  function sheetsOf(runs, suite) {
    return [...new Set(runs.filter((run) => run.found[suite]).map((run) => run.sheet[suite]))];
  }

  /** Suites whose scores by question are needed to count these runs on common questions. */
  function needed(ledger, runs) {
    return ledger.suites.filter(({ name }) => sheetsOf(runs, name).length > 1);
  }

  const held = new WeakMap();

  /** What the files of a suite hold: question numbers by sheet, and by run its text and the values of its file. */
  function opened(parts) {
    if (held.has(parts)) return held.get(parts);
    const sheets = {};
    const runs = new Map();
    for (const part of parts) {
      for (const [number, ranges] of Object.entries(part.sheets)) {
        sheets[number] ||= ranges.flatMap(([start, n]) => Array.from({ length: n }, (_, at) => start + at));
      }
      for (const [key, text] of Object.entries(part.runs)) runs.set(key, { text, values: part.values });
    }
    held.set(parts, { sheets, runs });
    return held.get(parts);
  }

  /** Question numbers that are on all of these sheets. */
  function shared(sheets, numbers) {
    const [first, ...others] = numbers.map((number) => sheets[number]);
    const sets = others.map((places) => new Set(places));
    return new Set(first.filter((place) => sets.every((set) => set.has(place))));
  }

  /** Where on each sheet the shared questions stand. */
  function columnsOf(sheets, numbers, common) {
    const places = (number) => sheets[number].flatMap((place, at) => (common.has(place) ? [at] : []));
    return Object.fromEntries(numbers.map((number) => [number, places(number)]));
  }

  function counted(run, { text, values }, at) {
    const scores = at.map((place) => values[text.charCodeAt(place) - FIRST]).filter((score) => score !== null);
    if (!scores.length) return null;
    // Kept with six decimals, which may carry thirds past 1.
    const value = Math.min(1, mean(scores));
    return { value, n: scores.length, interval: shareInterval(scores) };
  }

  /**
   * Accuracy of each run on a suite, and how many questions all that have it were asked.
   * @param {any} suite of the ledger
   * @param {any[]} runs
   * @param {any[] | null} parts contents of the suite's files; null to count on all questions
   */
  function accuracies({ name, sizes }, runs, parts) {
    const numbers = sheetsOf(runs, name);
    if (numbers.length < 2) {
      return { found: runs.map((run) => asBuilt(run, name)), shared: numbers.length ? sizes[numbers[0]] : 0 };
    }
    if (!parts) return { found: runs.map((run) => asBuilt(run, name)), shared: null };
    const file = opened(parts);
    const common = shared(file.sheets, numbers);
    const at = columnsOf(file.sheets, numbers, common);
    const found = runs.map((run) => {
      return run.found[name] ? counted(run, file.runs.get(run.key), at[run.sheet[name]]) : null;
    });
    return { found, shared: common.size };
  }

  const api = { needed, accuracies };
  llmxray.scores = api;
  if (typeof module === "object") module.exports = api;
})();
