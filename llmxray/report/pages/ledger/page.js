"use strict";
// The ledger's form: which runs, which suite, in which order. Its data file calls `llmxray.showLedger`.
(function () {
  const { el, byId, all, onPress, compared, showOrder } = llmxray.dom;
  const { parameters, hashOf, replaceHash, onHash } = llmxray.url;
  const table = byId("ledger-table");
  const [form] = all(".ledger-tools");
  const ALL = "all";
  // Rows that stand in the page at once.
  const WINDOW = 100;

  /** What a search looks through. */
  const wordsOf = (run) =>
    (run.words ??= [run.label, run.title, run.asked, run.model, run.key].join(" ").toLowerCase());

  /** Accuracy, interval and rank of a run on a suite, with the way to its questions. */
  function cell(found) {
    if (!found) return el("td", { class: "few" }, el("span", {}, "—"));
    const { bar } = found;
    const words = [
      el("b", {}, bar.text),
      el("span", { class: "track", "aria-hidden": "true" }, el("i", { class: `bar ${bar.css} ${bar.width}` }),
        bar.low && el("b", { class: `whisker ${bar.low} ${bar.span}` })),
      el("small", { class: "n" }, found.n),
      el("small", { class: "ends stat" }, bar.small),
      el("small", { class: "rank stat" }, found.rank),
    ];
    return el("td", { class: found.css }, bar.href ? el("a", { href: bar.href }, words) : el("span", {}, words));
  }

  function head(run, isTicked) {
    const box = el("input", { type: "checkbox", class: "choose", "data-key": run.key });
    box.checked = isTicked;
    const title = run.href ? el("a", { href: run.href }, run.title) : run.title;
    const told = el("span", { class: "told" }, ` · ${run.asked}`);
    return el("th", { scope: "row" }, el("label", {}, box, ` ${run.label}`), el("small", {}, title, told));
  }

  /**
   * The row.
   * @param {any} run
   * @param {boolean} isTicked
   * @param {{suites: string[], averaged: boolean, timed: boolean, priced: boolean}} about suites and columns shown
   */
  function rowOf(run, isTicked, { suites, averaged, timed, priced }) {
    const last = (text, css = "") => el("td", { class: `num mean ${css}` }, text);
    return el("tr", { "data-run": run.key }, head(run, isTicked),
      suites.map((suite) => cell(run.cells[suite])),
      timed ? last(run.cells[suites[0]].time) : null,
      averaged ? last(run.mean_text, "stat") : null,
      priced ? last(run.cost_text) : null);
  }

  llmxray.showLedger = function ({ runs, suites, usual }) {
    // A suite may be called "constructor", which every object has.
    for (const run of runs) run.cells = Object.assign(Object.create(null), run.cells);
    if (!table || !form) return;
    const heads = all("th[data-sort]", table.tHead);
    const has = (name) => heads.some((head) => head.dataset.sort === name);
    const { suite, only, q } = form.elements;
    const ticked = new Set();
    let limit = WINDOW;
    // "" is the order of the suite shown, the most accurate first, or that of the ledger.
    let sort = "";

    const isOne = () => suite.value !== ALL;
    const shown = () => (isOne() ? [suite.value] : suites);

    /** What a column sorts by. */
    function valueOf(key) {
      if (key === "run") return (run) => run.label.toLowerCase();
      if (key === "time") return (run) => run.cells[suite.value].seconds;
      if (key === "cost" || key === "mean") return (run) => run[key];
      return (run) => (run.cells[suites[key]] ? run.cells[suites[key]].value : null);
    }

    /** The runs that fit, in the order asked for. */
    function found() {
      const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
      const isWanted = (run) => !only.checked || !ticked.size || ticked.has(run.key);
      const fits = (run) => (!isOne() || run.cells[suite.value]) && words.every((word) => wordsOf(run).includes(word));
      const listed = runs.filter((run) => isWanted(run) && fits(run));
      const by = sort || (isOne() ? `-${suites.indexOf(suite.value)}` : "");
      if (!by) return listed;
      const value = valueOf(by.replace(/^-/, ""));
      const sign = by.startsWith("-") ? -1 : 1;
      return listed.sort((one, other) => compared(value(one), value(other), sign));
    }

    /** Put the rows in view into the table. */
    function list() {
      const listed = found();
      const about = {
        suites: shown(), averaged: has("mean") && !isOne(), timed: has("time") && isOne(), priced: has("cost"),
      };
      table.tBodies[0].replaceChildren(...listed.slice(0, limit).map((run) => rowOf(run, ticked.has(run.key), about)));
      for (const head of heads) {
        const key = head.dataset.sort;
        head.hidden = !({ run: true, cost: true, mean: !isOne(), time: isOne() }[key] ?? shown().includes(suites[key]));
      }
      showOrder(heads, sort);
      table.classList.toggle("one-suite", isOne());
      for (const each of all(".ledger-ramp")) each.hidden = isOne();
      byId("ledger-more").hidden = listed.length <= limit;
      byId("ledger-none").hidden = listed.length > 0;
      const of = listed.length < runs.length ? ` of ${runs.length}` : "";
      form.querySelector(".ledger-told").textContent = `${listed.length}${of} runs`;
      // For tests in a browser, which wait for the rows.
      table.dataset.ready = "";
    }

    function toAddress() {
      // Sorted, so that the same choice has one address.
      const chosen = only.checked ? [...ticked].sort().join(",") : "";
      replaceHash(hashOf({ suite: suite.value === usual ? "" : suite.value, runs: chosen, q: q.value }));
    }

    function reread() {
      const given = parameters(location.hash);
      const wanted = (given.get("runs") || "").split(",");
      ticked.clear();
      for (const { key } of runs) if (wanted.includes(key)) ticked.add(key);
      only.checked = ticked.size > 0;
      suite.value = given.get("suite") || usual;
      // An address may name what is not here.
      if (!suite.value) suite.value = usual;
      q.value = given.get("q") || "";
      // Whoever follows an address to a choice wants to see it.
      if (location.hash.length > 1) form.closest("details").open = true;
      list();
    }

    function show(to) {
      limit = to;
      list();
    }

    function sortBy(key) {
      // Of numbers the largest are asked for first, of names the first.
      const [first, second] = key === "run" ? [key, `-${key}`] : [`-${key}`, key];
      sort = sort === first ? second : first;
      list();
    }

    form.hidden = false;
    form.addEventListener("input", ({ target }) => {
      if (target === suite) sort = "";
      toAddress();
      show(WINDOW);
    });
    table.addEventListener("change", ({ target }) => {
      if (target.checked) ticked.add(target.dataset.key);
      else ticked.delete(target.dataset.key);
      toAddress();
      if (only.checked) list();
    });
    for (const head of heads) onPress(head, () => sortBy(head.dataset.sort));
    for (const button of all("[data-more]")) button.addEventListener("click", () => show(limit + WINDOW));
    for (const button of all("[data-all]")) button.addEventListener("click", () => show(runs.length));
    // Paper has no button for more.
    window.addEventListener("beforeprint", () => show(runs.length));
    onHash(reread);
    reread();
  };
})();
