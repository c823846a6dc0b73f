"use strict";
// The ledger's table of the runs that the reader chose, counted as llmxray.report.pages.ledger counts all of them.
(function () {
  const { mean, wilson, effective } = llmxray.stats;
  const { parameters, hashOf } = llmxray.url;

  /** Question numbers of a suite that all of the runs which have it were asked. */
  function common(runs, suite) {
    const having = runs.filter((run) => run.scores[suite]).map((run) => new Set(run.scores[suite][0]));
    if (!having.length) return new Set();
    return new Set([...having[0]].filter((place) => having.every((asked) => asked.has(place))));
  }

  /** Accuracy on a suite: value, n and interval; `only` keeps some questions, null keeps all. */
  function estimate(run, suite, only) {
    if (!run.scores[suite]) return null;
    const [places, scores] = run.scores[suite];
    const kept = scores.filter((score, at) => score !== null && (!only || only.has(places[at])));
    if (!kept.length) return null;
    // Kept with six decimals, which may carry thirds past 1.
    const value = Math.min(1, mean(kept));
    const worth = effective(kept, run.samples || 1);
    return { value, n: kept.length, interval: wilson(value * worth, worth) };
  }

  /**
   * Competition rank, ties and percentile rank among values; null stays null and ranks nobody.
   * @param {(number | null)[]} values
   * @param {number} least values for a percentile rank; of fewer it would say next to nothing
   */
  function ranks(values, least) {
    const known = values.filter((value) => value !== null);
    return values.map((value) => {
      if (value === null) return null;
      const above = known.filter((other) => other > value).length;
      const equal = known.filter((other) => other === value).length;
      const below = known.length - above - equal;
      return {
        rank: above + 1,
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
   */
  function board(ledger, chosen, onlyCommon) {
    const runs = ledger.runs.filter((run) => chosen.includes(run.key));
    return ledger.suites.map(({ name }) => {
      const shared = common(runs, name);
      const found = runs.map((run) => estimate(run, name, onlyCommon ? shared : null));
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
      return { name, shared: shared.size, cells };
    });
  }

  /** Percentile rank in a cell; null where there is none. */
  function percentileOf(cell) {
    return cell && cell.rank ? cell.rank.percentile : null;
  }

  /** Mean percentile rank of a run over the suites that it has; null under two: one is no mean. */
  function meanPercentile(columns, key) {
    const known = columns.map((column) => percentileOf(column.cells[key])).filter((share) => share !== null);
    return known.length > 1 ? mean(known) : null;
  }

  /** A rank in words. */
  function rankText({ rank, tied, population, percentile }) {
    const share = percentile === null ? "" : `, P${Math.round(percentile)}`;
    return `${rank}${tied ? "=" : ""} of ${population}${share}`;
  }

  /** Class of the colour band of an accuracy. */
  function band(value) {
    return `h${Math.min(Math.floor(value * 5 + 1e-9), 4)}`;
  }

  const NONE = "none";

  /** The suite that the table opens with: the one that most runs have, the first of equals. */
  function usual(ledger) {
    const having = ({ name }) => ledger.runs.filter((run) => run.scores[name]).length;
    return ledger.suites.reduce((most, suite) => (having(suite) > having(most) ? suite : most), ledger.suites[0]).name;
  }

  /** What the address asks for: the runs, null for all, the suite, "" for the usual, and which questions count. */
  function parseLedger(hash, keys) {
    const given = parameters(hash);
    const wanted = (given.get("runs") || "").split(",").filter((key) => keys.includes(key));
    const items = given.get("items") === "common" ? "common" : "all";
    return { runs: given.has("runs") ? wanted : null, items, suite: given.get("suite") || "" };
  }

  /** The address of a choice; "" where every run is chosen on all of its questions of the usual suite. */
  function formatLedger(chosen, items, keys, suite = "") {
    const runs = chosen.length < keys.length ? chosen.join(",") || NONE : "";
    return hashOf({ suite, runs, items: items === "common" ? items : "" });
  }

  const api = { board, percentileOf, meanPercentile, rankText, band, usual, parseLedger, formatLedger };
  llmxray.board = api;
  if (typeof module === "object") module.exports = api;
})();
