"use strict";
(function (scope) {
  const Z = 1.959963984540054;

  /** Wilson's 95% interval of a share; null without questions. */
  function wilson(right, n) {
    if (!n) return null;
    const p = right / n;
    const scale = 1 + (Z * Z) / n;
    const centre = p + (Z * Z) / (2 * n);
    const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
    // At the ends exactly 0 and 1: a rounding error would be shown as "<1%".
    return [right === 0 ? 0 : (centre - half) / scale, right === n ? 1 : (centre + half) / scale];
  }

  /** Student's 97.5% quantile, by the expansion of Cornish and Fisher around the normal one. */
  function student(freedom) {
    const z2 = Z * Z;
    const terms = [
      (z2 + 1) / 4,
      ((5 * z2 + 16) * z2 + 3) / 96,
      (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
      ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160,
    ];
    return Z * terms.reduceRight((sum, term) => (sum + term) / freedom, 0) + Z;
  }

  /** How many answers averaged repeats are worth, as `metrics.accuracy.averaged_share` counts them. */
  function effective(shares, samples) {
    const n = shares.length;
    const p = shares.reduce((sum, share) => sum + share, 0) / n;
    if (samples === 1 || n < 2 || p <= 0 || p >= 1) return n;
    const variance = shares.reduce((sum, share) => sum + (share - p) ** 2, 0) / (n - 1) / n;
    const answers = n * samples;
    return (answers / Math.max(1, (answers * variance) / (p * (1 - p)))) * (Z / student(n - 1)) ** 2;
  }

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
    const value = Math.min(1, kept.reduce((sum, score) => sum + score, 0) / kept.length);
    const worth = effective(kept, run.samples || 1);
    return { value, n: kept.length, interval: wilson(value * worth, worth) };
  }

  /** Competition rank, ties and percentile rank among values; null stays null and ranks nobody. */
  function ranks(values) {
    const known = values.filter((value) => value !== null);
    return values.map((value) => {
      if (value === null) return null;
      const above = known.filter((other) => other > value).length;
      const equal = known.filter((other) => other === value).length;
      const below = known.length - above - equal;
      return {
        rank: above + 1,
        tied: equal - 1,
        // Of fewer than four, as `metrics.ranking.LEAST` has it, a percentile would say next to nothing.
        percentile: known.length < 4 ? null : (100 * (below + equal / 2)) / known.length,
        population: known.length,
      };
    });
  }

  /** Which run stands for each run's model among those of a suite that were answered alike: most questions, then first. */
  function standing(runs, found, suite) {
    const stands = {};
    const groups = runs.map((run) => JSON.stringify([(run.kinds || {})[suite], run.model]));
    runs.forEach((_, at) => {
      if (!found[at]) return;
      const first = stands[groups[at]];
      if (first === undefined || found[at].n > found[first].n) stands[groups[at]] = at;
    });
    return runs.map((_, at) => (found[at] ? stands[groups[at]] : null));
  }

  /** A share in per cent, never rounded up to 100 or down to 0. */
  function percent(value) {
    const shown = Math.round(value * 100);
    if (value < 1 && shown === 100) return ">99%";
    if (value > 0 && shown === 0) return "<1%";
    return `${shown}%`;
  }

  const rankText = (rank) =>
    `${rank.rank}${rank.tied ? "=" : ""} of ${rank.population}` +
    (rank.percentile === null ? "" : `, P${Math.round(rank.percentile)}`);
  const band = (value) => `h${Math.min(Math.floor(value * 5 + 1e-9), 4)}`;

  /** Everything the table shows of the chosen runs: a column a suite, each with a cell a run. */
  function board(ledger, chosen, onlyCommon) {
    const runs = ledger.runs.filter((run) => chosen.has(run.key));
    return ledger.suites.map(({ name }) => {
      const shared = common(runs, name);
      const found = runs.map((run) => estimate(run, name, onlyCommon ? shared : null));
      const stands = standing(runs, found, name);
      const kind = (at) => (runs[at].kinds || {})[name];
      const cells = {};
      for (const wanted of new Set(runs.map((_, at) => kind(at)))) {
        const isIn = (at) => kind(at) === wanted && stands[at] === at;
        const placed = ranks(found.map((each, at) => (each && isIn(at) ? each.value : null)));
        runs.forEach((run, at) => {
          if (kind(at) !== wanted) return;
          const as = stands[at] === null || stands[at] === at ? "" : runs[stands[at]].key;
          cells[run.key] = { found: found[at], rank: placed[at], as };
        });
      }
      return { name, shared: shared.size, cells };
    });
  }

  /** Percentile rank in a cell; null where there is none. */
  const percentileOf = (cell) => (cell && cell.rank ? cell.rank.percentile : null);

  /** Mean percentile rank of a run over the suites that it has; null without any. */
  function meanPercentile(columns, key) {
    const known = columns.map((column) => percentileOf(column.cells[key])).filter((share) => share !== null);
    return known.length ? known.reduce((sum, share) => sum + share, 0) / known.length : null;
  }

  /** What the address asks for: the runs, null for all of them, and whether only common questions count. */
  function parseLedger(hash, keys) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const wanted = (given.get("runs") || "").split(",").filter((key) => keys.includes(key));
    return { runs: given.has("runs") ? wanted : null, items: given.get("items") === "common" ? "common" : "all" };
  }

  /** The address of a choice; "" where every run is chosen on all of its questions. */
  function formatLedger(chosen, items, keys) {
    const given = new URLSearchParams();
    if (chosen.length < keys.length) given.set("runs", chosen.join(","));
    if (items === "common") given.set("items", items);
    return given.size ? `#${given}` : "";
  }

  const api = { parseLedger, formatLedger, wilson, student, common, estimate, ranks, percent, rankText, band, board, meanPercentile };
  if (typeof module !== "undefined") module.exports = api;
  if (typeof document === "undefined") return;

  const table = document.getElementById("ledger-table");
  const form = document.querySelector(".ledger-tools");

  function fill(cell, entry) {
    const found = entry && entry.found;
    cell.dataset.value = found ? found.value.toPrecision(6) : "";
    cell.className = !found || found.n < 10 ? "few" : band(found.value);
    const link = cell.querySelector("a");
    if (!link) return;
    link.querySelector("b").textContent = found ? percent(found.value) : "—";
    const ends = found && found.interval ? `, ${found.interval.map(percent).join(" to ")}` : "";
    link.querySelector(".n").textContent = found ? `n ${found.n}${ends}` : "";
    const as = entry && entry.as ? `counted as ${entry.as}` : "";
    link.querySelector(".rank").textContent = entry && entry.rank ? rankText(entry.rank) : as;
  }

  function draw(ledger) {
    const rows = [...table.tBodies[0].rows];
    const isIn = (row) => row.querySelector(".choose").checked;
    const chosen = new Set(rows.filter(isIn).map((row) => row.dataset.run));
    const columns = board(ledger, chosen, form.elements.items.value === "common");
    for (const row of rows) {
      row.classList.toggle("out", !isIn(row));
      columns.forEach((column, at) => fill(row.cells[at + 1], column.cells[row.dataset.run]));
      const mean = meanPercentile(columns, row.dataset.run);
      const last = row.cells[columns.length + 1];
      last.dataset.value = mean === null ? "" : mean.toPrecision(6);
      last.textContent = mean === null ? "—" : String(Math.round(mean));
    }
    const heads = [...table.tHead.rows[0].cells].slice(1);
    columns.forEach((column, at) => (heads[at].querySelector(".shared-n").textContent = String(column.shared)));
    form.querySelector(".ledger-told").textContent = `${chosen.size} of ${rows.length} runs chosen`;
    scope.llmxrayProfile(ledger, columns, chosen);
  }

  const boxes = () => [...table.querySelectorAll(".choose")];
  const keyOf = (box) => box.closest("tr").dataset.run;

  function fromAddress() {
    const asked = parseLedger(location.hash, boxes().map(keyOf));
    for (const box of boxes()) box.checked = asked.runs === null || asked.runs.includes(keyOf(box));
    form.elements.items.value = asked.items;
  }

  function toAddress() {
    const chosen = boxes().filter((box) => box.checked);
    // Sorted, so that the same choice has one address.
    const keys = boxes().map(keyOf).sort();
    const hash = formatLedger(chosen.map(keyOf).sort(), form.elements.items.value, keys);
    history.replaceState(null, "", location.pathname + location.search + hash);
  }

  scope.llmxrayLedger = function (ledger) {
    if (!table || !form) return;
    form.hidden = false;
    for (const box of boxes()) box.hidden = false;
    // The table above does what the second one is for.
    document.querySelector(".ledger-common").hidden = true;
    const again = () => {
      toAddress();
      draw(ledger);
    };
    form.addEventListener("change", again);
    table.addEventListener("change", again);
    for (const button of form.querySelectorAll("[data-choose]")) {
      button.addEventListener("click", () => {
        for (const box of boxes()) box.checked = button.dataset.choose === "all";
        again();
      });
    }
    window.addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) return;
      fromAddress();
      draw(ledger);
    });
    fromAddress();
    draw(ledger);
  };
})(typeof window === "undefined" ? globalThis : window);
