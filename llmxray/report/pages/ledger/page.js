"use strict";
// The ledger's form: which set of questions, which runs, in which order. Its data file calls `llmxray.showLedger`.
(function () {
  const { el, byId, all, onPress, compared, showOrder } = llmxray.dom;
  const { shareBar } = llmxray.svg;
  const { parameters, hashOf, replaceHash, onHash } = llmxray.url;
  const table = byId("ledger-table");
  const [form] = all(".ledger-tools");
  // Rows that stand in the page at once.
  const WINDOW = 100;

  /** What a search looks through. */
  const wordsOf = (run) =>
    (run.words ??= [run.label, run.title, run.model, run.key, ...Object.values(run.cells).map(({ asked }) => asked)]
      .join(" ")
      .toLowerCase());

  /** A run with its accuracy on a set of questions, its interval, and the way to its questions. */
  function rowOf(run, { bar, n, asked }) {
    const title = run.href ? el("a", { href: run.href }, run.title) : run.title;
    return el("tr", { "data-run": run.key },
      el("th", { scope: "row" }, run.label, el("small", {}, title, el("span", { class: "told" }, ` · ${asked}`))),
      el("td", {},
        shareBar(bar.share, bar.css, bar.low, bar.high)),
      el("td", { class: "num" }, bar.href ? el("a", { href: bar.href }, bar.text) : bar.text,
        el("small", { class: "stat" }, bar.small), el("small", {}, n)));
  }

  llmxray.showLedger = function ({ runs, usual }) {
    // A suite may be called "constructor", which every object has.
    for (const run of runs) run.cells = Object.assign(Object.create(null), run.cells);
    if (!table || !form) return;
    const heads = all("th[data-sort]", table.tHead);
    const { suite, q } = form.elements;
    let limit = WINDOW;
    // The most accurate first.
    let sort = "-value";

    /** The runs that fit, in the order asked for. */
    function found() {
      const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
      const listed = runs.filter((run) => run.cells[suite.value] && words.every((word) => wordsOf(run).includes(word)));
      const value = sort.endsWith("run") ? (run) => run.label.toLowerCase() : (run) => run.cells[suite.value].value;
      const sign = sort.startsWith("-") ? -1 : 1;
      return listed.sort((one, other) => compared(value(one), value(other), sign));
    }

    /** Put the rows in view into the table. */
    function list() {
      const listed = found();
      table.tBodies[0].replaceChildren(...listed.slice(0, limit).map((run) => rowOf(run, run.cells[suite.value])));
      showOrder(heads, sort);
      byId("ledger-more").hidden = listed.length <= limit;
      byId("ledger-none").hidden = listed.length > 0;
      const of = listed.length < runs.length ? ` of ${runs.length}` : "";
      form.querySelector(".ledger-told").textContent = `${listed.length}${of} runs`;
      // For tests in a browser, which wait for the rows.
      table.dataset.ready = "";
    }

    function reread() {
      const given = parameters(location.hash);
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
    form.addEventListener("input", () => {
      replaceHash(hashOf({ suite: suite.value === usual ? "" : suite.value, q: q.value }));
      show(WINDOW);
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
