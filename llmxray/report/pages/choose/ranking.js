"use strict";
// Which option comes first under the reader's weights and limits: what llmxray.report.pages.choose does for its own.
(function () {
  const { parameters, hashOf } = llmxray.url;
  const LIMITS = ["seconds", "cost", "least", "error"];
  // Rounded to the side that fails the limit, or 79.97% would fail 80% as "80%".
  const down = (percent) => Math.floor(10 * percent) / 10;
  const up = (percent) => Math.ceil(10 * percent) / 10;
  const isGiven = (value) => value !== null && value !== undefined;

  /**
   * Which limits an option fails, in words. What was not recorded fails no limit on time or cost;
   * accuracy (`least`, the lower end in per cent) and calibration (`error`, the upper end of ECE-15) have to be shown.
   */
  function reasons(option, limits) {
    const over = (name) => isGiven(limits[name]) && isGiven(option[name]) && option[name] > limits[name];
    const under = (name) => isGiven(limits[name]) && isGiven(option[name]) && option[name] < limits[name];
    const unshown = (name) => isGiven(limits[name]) && !isGiven(option[name]);
    // Whoever was asked nothing of what is compared here has no number that a weight could change.
    if (option.asked === false) return ["was not asked these questions"];
    return [
      !limits.guessers && !option.beats && "not shown to be above guessing",
      unshown("least") && `not shown to be right in ${limits.least}%`,
      under("least") && `may be right in only ${down(option.least)}%, ${limits.least}% required`,
      unshown("error") && "no calibration error is known",
      over("error") && `calibration error may be ${up(option.error)} points, over ${limits.error}`,
      over("seconds") && `90% of answers take up to ${option.seconds.toPrecision(2)} s`,
      over("cost") && `1\u202f000 questions cost ${option.cost.toPrecision(2)}`,
    ].filter(Boolean);
  }

  /** Weighted sum of some values; null when a weighted one is missing. */
  function weighted(values, weights) {
    let sum = 0;
    for (let place = 0; place < weights.length; place += 1) {
      if (weights[place] === 0) continue;
      if (values[place] === null) return null;
      sum += weights[place] * values[place];
    }
    return sum;
  }

  /** Share of the redrawn question sets in which each option comes first; ties share the draw. */
  function winShares(options, weights) {
    const able = options.map((option) => weights.every((weight, place) => weight === 0 || option.draws[place]));
    const wins = options.map((option, place) => (able[place] ? 0 : null));
    if (!able.includes(true)) return wins;
    const n = options[able.indexOf(true)].draws.find(Boolean).length;
    for (let draw = 0; draw < n; draw += 1) {
      const totals = options.map((option, place) =>
        able[place] ? weighted(option.draws.map((row) => row && row[draw]), weights) : -Infinity,
      );
      const best = Math.max(...totals);
      const first = totals.flatMap((total, place) => (total === best ? [place] : []));
      for (const place of first) wins[place] += 1 / first.length;
    }
    return wins.map((won) => (won === null ? null : won / n));
  }

  /** Options within the limits from best to worst, then those without a score, then those that are out. */
  function ranked(options, weights, limits) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const out = options.map((option) => reasons(option, limits));
    const kept = options.filter((option, place) => !out[place].length);
    const wins = total ? winShares(kept, weights) : kept.map(() => null);
    const score = (option) => {
      const sum = total ? weighted(option.scores, weights) : null;
      return sum === null ? null : sum / total / 1000;
    };
    const list = kept.map((option, place) => ({ option, score: score(option), wins: wins[place], out: [] }));
    list.sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
    const struck = options.flatMap((option, place) =>
      out[place].length ? [{ option, score: null, wins: null, out: out[place] }] : [],
    );
    return [...list, ...struck];
  }

  /**
   * What follows from a ranking: the kind of a phrase of choose.toml, and what it says.
   * @param {any[]} list
   * @param {number} firm share of redrawn question sets from which a first place is no mere lead
   * @param {string} way of asking, whose names are used
   */
  function verdict(list, firm, way) {
    const able = list.filter(({ out }) => !out.length);
    const scored = able.filter(({ score }) => score !== null);
    if (!scored.length) return { kind: able.length ? "unscored" : "none", wins: null };
    const equal = scored.filter(({ score }) => Math.abs(score - scored[0].score) < 1e-9);
    const wins = equal.reduce((sum, each) => sum + each.wins, 0);
    const names = equal.map(({ option }) => option.names[way][1]);
    const points = scored.map(({ score }) => String(Math.round(100 * score)));
    const alone = able.length > 1 ? "incomplete" : "alone";
    const kind = scored.length < 2 ? alone : equal.length > 1 ? "equal" : wins >= firm ? "leads" : "close";
    return { kind, first: names[0], names: names.join(" and "), points: points[0], other: points[1], wins };
  }

  /** Weights, limits and way of asking of an address; null when it asks for none. */
  function parseChoice(hash, n, usual) {
    const given = parameters(hash);
    const weights = (given.get("weights") ?? "none").split("-").map(Number);
    if (weights.length !== n || weights.some((each) => !(each >= 0 && each <= 100))) return null;
    const limit = (name) => (given.get(name) && Number(given.get(name)) >= 0 ? Number(given.get(name)) : null);
    const limits = Object.fromEntries(LIMITS.map((name) => [name, limit(name)]));
    const way = given.get("asked") ?? usual;
    const guessers = given.get("guessers") === "1";
    return { weights, limits: { ...limits, guessers }, way: way === "either" ? "" : way };
  }

  /** The address of some weights, limits and way of asking. */
  function formatChoice({ weights, limits, way }, usual) {
    const given = Object.fromEntries(LIMITS.map((name) => [name, limits[name]]));
    const asked = way === usual ? "" : way || "either";
    return hashOf({ weights: weights.join("-"), ...given, guessers: limits.guessers ? 1 : "", asked });
  }

  const api = { LIMITS, reasons, winShares, ranked, verdict, parseChoice, formatChoice };
  llmxray.ranking = api;
  if (typeof module === "object") module.exports = api;
})();
