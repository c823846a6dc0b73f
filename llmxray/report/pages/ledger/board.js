"use strict";
// The ledger's table of the runs that the reader chose, counted as llmxray.report.pages.ledger counts all of them.
(function () {
  const { mean } = llmxray.stats;
  const { accuracies } = llmxray.scores;
  const { parameters, hashOf } = llmxray.url;

  /**
   * Competition rank, ties and percentile rank among values; null stays null and ranks nobody.
   * @param {(number | null)[]} values
   * @param {number} least values for a percentile rank; of fewer it would say next to nothing
   */
  function ranks(values, least) {
    const known = values.filter((value) => value !== null).sort((one, other) => one - other);
    // Of a thousand runs each would else be compared with each.
    const first = new Map();
    const times = new Map();
    known.forEach((value, at) => {
      if (!first.has(value)) first.set(value, at);
      times.set(value, (times.get(value) || 0) + 1);
    });
    return values.map((value) => {
      if (value === null) return null;
      const below = first.get(value);
      const equal = times.get(value);
      return {
        rank: known.length - below - equal + 1,
        tied: equal - 1,
        percentile: known.length < least ? null : (100 * (below + equal / 2)) / known.length,
        population: known.length,
      };
    });
  }

  /**
   * By run, the place of the one that stands for its model among those of a suite that were answered alike: the one
   * with most questions, of equals the first; null for a run without an accuracy.
   */
  function standing(runs, found, suite) {
    const stands = {};
    const groups = runs.map((run) => JSON.stringify([run.kinds[suite], run.model]));
    runs.forEach((_, at) => {
      const first = stands[groups[at]];
      if (found[at] && (first === undefined || found[at].n > found[first].n)) stands[groups[at]] = at;
    });
    return runs.map((_, at) => (found[at] ? stands[groups[at]] : null));
  }

  /**
   * Everything the table shows of the runs with these keys: a column a suite, each with a cell a run. `as` is the run
   * that stands for the model of a cell, "" where it is that run itself.
   * @param {any} ledger
   * @param {Iterable<string>} chosen
   * @param {Record<string, any[]> | null} parts files of suites, to count on common questions; null: on all
   */
  function board(ledger, chosen, parts) {
    const wanted = new Set(chosen);
    const runs = ledger.runs.filter((run) => wanted.has(run.key));
    return ledger.suites.map((suite) => {
      const { name } = suite;
      const { found, shared } = accuracies(suite, runs, parts && parts[name]);
      const stands = standing(runs, found, name);
      const cells = {};
      for (const kind of new Set(runs.map((run) => run.kinds[name]))) {
        const isRanked = (at) => runs[at].kinds[name] === kind && stands[at] === at;
        const placed = ranks(found.map((each, at) => (isRanked(at) ? each.value : null)), ledger.least);
        runs.forEach((run, at) => {
          if (run.kinds[name] !== kind) return;
          const as = stands[at] === null || stands[at] === at ? "" : runs[stands[at]].key;
          cells[run.key] = { found: found[at], rank: placed[at], as };
        });
      }
      return { name, shared, cells };
    });
  }

  /** Mean percentile rank of a run over the suites that it has; null under two: one is no mean. */
  function meanPercentile(columns, key) {
    const shares = columns.map(({ cells }) => cells[key] && cells[key].rank && cells[key].rank.percentile);
    const known = shares.filter((share) => typeof share === "number");
    return known.length > 1 ? mean(known) : null;
  }

  /** A rank with the population that it is in, as the pages say it. */
  function rankText({ rank, tied, population }) {
    if (population === 1) return "no other model was asked this way";
    return `rank ${rank}${tied ? "=" : ""} of ${population} models asked this way`;
  }

  /** Class of the colour band of an accuracy. */
  function band(value) {
    return `h${Math.min(Math.floor(value * 5 + 1e-9), 4)}`;
  }

  const NONE = "none";
  const MANY = 50;

  /** The suite that the table opens with: the one that most runs have, the first of equals. */
  function usual(ledger) {
    const having = ({ name }) => ledger.runs.filter((run) => run.found[name]).length;
    return ledger.suites.reduce((most, suite) => (having(suite) > having(most) ? suite : most), ledger.suites[0]).name;
  }

  /** What the address asks for: the runs, null for all, the suite, "" for the usual, which questions, which words. */
  function parseLedger(hash, keys) {
    const given = parameters(hash);
    const listed = (name) => new Set((given.get(name) || "").split(","));
    const [wanted, left] = [listed("runs"), listed("without")];
    const runs = given.has("runs") || given.has("without")
      ? keys.filter((key) => (given.has("runs") ? wanted.has(key) : !left.has(key)))
      : null;
    const items = given.get("items") === "common" ? "common" : "all";
    return { runs, items, suite: given.get("suite") || "", q: given.get("q") || "" };
  }

  /** The address of a choice; "" where every run is chosen on all of its questions of the usual suite. */
  function formatLedger(chosen, items, keys, suite = "", q = "") {
    const taken = new Set(chosen);
    const left = keys.filter((key) => !taken.has(key));
    // Of many runs the shorter list; of few those that are meant, whatever joins them later.
    const byRest = chosen.length > MANY && left.length < chosen.length;
    const runs = left.length && !byRest ? chosen.join(",") || NONE : "";
    return hashOf({ suite, runs, without: byRest ? left.join(",") : "", items: items === "common" ? items : "", q });
  }

  const api = { board, meanPercentile, rankText, band, usual, parseLedger, formatLedger };
  llmxray.board = api;
  if (typeof module === "object") module.exports = api;
})();
