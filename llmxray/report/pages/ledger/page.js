"use strict";
// The ledger's form: which runs, on which questions, in which order. Its data file calls `llmxray.showLedger`.
(function () {
  const { byId, all, onPress } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { load } = llmxray.shards;
  const { needed } = llmxray.scores;
  const { board, meanPercentile, usual, parseLedger, formatLedger } = llmxray.board;
  const { rowOf } = llmxray.ledgerRow;
  const table = byId("ledger-table");
  const [form] = all(".ledger-tools");
  const ALL = "all";
  // Rows that stand in the page at once.
  const WINDOW = 100;

  /** What a search looks through. */
  const wordsOf = (run) =>
    (run.words ??= [run.label, run.title, run.asked, run.model, run.key].join(" ").toLowerCase());

  /** The order of two values, what is missing last either way. */
  function compared(one, other, sign) {
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one < other ? -1 : one > other ? 1 : 0);
  }

  llmxray.showLedger = function (ledger) {
    if (!table || !form) return;
    const keys = ledger.runs.map(({ key }) => key);
    const labels = Object.fromEntries(ledger.runs.map(({ key, label }) => [key, label]));
    const priced = ledger.runs.some(({ cost }) => cost);
    const heads = all("th[data-sort]", table.tHead);
    const has = (name) => heads.some((head) => head.dataset.sort === name);
    const [averaged, timed] = [has("mean"), has("time")];
    const common = all(".shared-n", table).map((head) => head.textContent);
    const { suite, items, q } = form.elements;
    let chosen = new Set(keys);
    let columns = [];
    let listed = [];
    let limit = WINDOW;
    // "" is the order of the suite shown, the most accurate first, or that of the ledger.
    let sort = "";
    // Counted up, so that scores which come late do not draw over a later choice.
    let asked = 0;

    const onCommon = () => items.value === "common";
    const isOne = () => suite.value !== ALL;
    const shown = () => columns.filter(({ name }) => !isOne() || name === suite.value);
    const means = () => new Map(keys.map((key) => [key, chosen.has(key) ? meanPercentile(columns, key) : null]));

    function valueOf(key, mean) {
      if (key === "run") return (run) => run.label.toLowerCase();
      if (key === "cost") return (run) => (run.cost ? run.cost[1] : null);
      if (key === "time") return (run) => run.seconds[suite.value] ?? null;
      if (key === "mean") return (run) => mean.get(run.key);
      const column = columns[Number(key)];
      return (run) => (column.cells[run.key] && column.cells[run.key].found ? column.cells[run.key].found.value : null);
    }

    /** The runs that fit the search, in the order asked for. */
    function found(mean) {
      const words = q ? q.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      const fits = (run) => (!isOne() || run.found[suite.value]) && words.every((word) => wordsOf(run).includes(word));
      const runs = ledger.runs.filter(fits);
      const at = ledger.suites.findIndex(({ name }) => name === suite.value);
      const by = sort || (isOne() ? `-${at}` : "");
      if (!by) return runs;
      const value = valueOf(by.replace(/^-/, ""), mean);
      const sign = by.startsWith("-") ? -1 : 1;
      return runs.map((run) => ({ run, value: value(run) }))
        .sort((one, other) => compared(one.value, other.value, sign)).map(({ run }) => run);
    }

    /** Put the rows in view into the table. */
    function list() {
      const mean = means();
      listed = found(mean);
      const seconds = (run) => run.seconds[suite.value] || 0;
      const slowest = Math.max(0, ...listed.map(seconds));
      const same = { labels, averaged, priced, timed: timed && isOne(), slowest };
      const about = (run) => ({ ...same, isChosen: chosen.has(run.key), mean: mean.get(run.key) });
      const rows = listed.slice(0, limit).map((run) => rowOf(run, shown(), about(run)));
      table.tBodies[0].replaceChildren(...rows);
      for (const head of heads) {
        const key = head.dataset.sort;
        const isFor = { mean: !isOne(), time: isOne() }[key] ?? true;
        head.hidden = !isFor || (Boolean(columns[key]) && !shown().includes(columns[key]));
        if (sort.replace(/^-/, "") !== key) head.removeAttribute("aria-sort");
        else head.setAttribute("aria-sort", sort.startsWith("-") ? "descending" : "ascending");
      }
      table.classList.toggle("one-suite", isOne());
      for (const each of all(".ledger-ramp")) each.hidden = isOne();
      byId("ledger-more").hidden = listed.length <= limit;
      byId("ledger-none").hidden = listed.length > 0;
      const [ticked, whole, count] = [chosen.size, keys.length, listed.length];
      const of = count < whole ? ` ${count} of them ${count === 1 ? "is" : "are"} listed.` : "";
      const which = ticked < whole ? `${ticked} of ${whole} runs are` : `All ${whole} runs are`;
      form.querySelector(".ledger-told").textContent = `${which} ticked.${of}`;
    }

    /** Count the chosen runs anew; the files of suites that differ are loaded first. */
    async function count() {
      const turn = (asked += 1);
      const runs = ledger.runs.filter(({ key }) => chosen.has(key));
      const parts = onCommon() ? {} : null;
      for (const each of parts ? needed(ledger, runs) : []) {
        parts[each.name] = each.loaded ??= await Promise.all(each.parts.map(load));
      }
      if (turn !== asked) return;
      columns = board(ledger, chosen, parts);
      all(".shared-n", table).forEach((head, at) => {
        // Not known before the scores are loaded, but for all runs, as built.
        const built = chosen.size === keys.length ? common[at] : "—";
        head.textContent = String(columns[at].shared ?? built);
      });
      list();
      // For tests in a browser, which wait for the rows.
      table.dataset.ready = String(turn);
    }

    function toAddress() {
      // Sorted, so that the same choice has one address.
      const only = suite.value === usual(ledger) ? "" : suite.value;
      replaceHash(formatLedger([...chosen].sort(), items.value, keys, only, q ? q.value : ""));
    }

    function reread() {
      const wanted = parseLedger(location.hash, keys);
      chosen = new Set(wanted.runs || keys);
      items.value = wanted.items;
      suite.value = [...suite.options].some(({ value }) => value === wanted.suite) ? wanted.suite : usual(ledger);
      if (q) q.value = wanted.q;
      count();
    }

    function choose(some, isIn) {
      for (const key of some) chosen[isIn ? "add" : "delete"](key);
      toAddress();
      count();
    }

    function show(to) {
      limit = to;
      list();
    }

    function sortBy(key) {
      const first = key === "run" ? key : `-${key}`;
      sort = sort === first ? (key === "run" ? "-run" : key) : first;
      list();
    }

    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => {
      if (target === suite) sort = "";
      toAddress();
      if (target.name === "items") count();
      else list();
    });
    if (q) q.addEventListener("input", () => (toAddress(), show(WINDOW)));
    table.addEventListener("change", ({ target }) => {
      const { key } = target.dataset;
      choose([key], target.checked);
    });
    for (const button of all("[data-choose]", form)) {
      button.addEventListener("click", () => choose(listed.map(({ key }) => key), button.dataset.choose === "all"));
    }
    for (const head of heads) onPress(head, () => sortBy(head.dataset.sort));
    for (const button of all("[data-more]")) button.addEventListener("click", () => show(limit + WINDOW));
    for (const button of all("[data-all]")) button.addEventListener("click", () => show(keys.length));
    // Paper has no button for more.
    window.addEventListener("beforeprint", () => show(keys.length));
    onHash(reread);
    reread();
  };
})();
