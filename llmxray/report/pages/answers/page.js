"use strict";
(function () {
  const { parseState, formatState, presetCounts, view, range, typing } = window.llmxray;
  const form = document.getElementById("filters");
  const table = document.getElementById("questions");
  // Rows of many conditions cost the browser a millisecond each to lay out.
  const PAGE = table.dataset.index ? 40 : 100;
  const LEAST_HEIGHT = 32; // of a row, in pixels
  const body = table.tBodies[0];
  const heads = [...table.querySelectorAll("th.condition")];
  const ids = heads.map((head) => head.dataset.sort);
  const colours = heads.map((head) => [...head.classList].find((name) => /^c\d$/.test(name)));
  // The rows of the page itself, or, for a large experiment, those of its data files, made when they are shown.
  let records = [...body.rows].map((row, place) => ({
    place,
    row,
    suite: row.dataset.suite,
    category: row.dataset.category,
    difficulty: row.dataset.level ? Number(row.dataset.level) : null,
    text: `${row.cells[0].textContent} ${row.cells[3].textContent}`.toLowerCase(),
    cells: [...row.querySelectorAll(".cell")].map((cell) => ({
      codes: cell.dataset.codes,
      confidence: cell.dataset.sure ? Number(cell.dataset.sure) / 1000 : null,
    })),
  }));
  let [places, texts] = [null, null];
  const rowOf = (record) => (record.row ||= window.llmxray.tableRow(places, texts, record));
  let state = parseState(location.hash);
  let limit = PAGE;
  let hidden = new Set((document.documentElement.dataset.hidden || "").split(" ").filter(Boolean));

  const shown = () => colours.flatMap((colour, place) => (hidden.has(colour) ? [] : [place]));

  /** A question's row, with a link that takes this view along: the page of a question finds the neighbours in it. */
  function linked(record, hash) {
    const row = rowOf(record);
    const link = row.querySelector("a");
    link.dataset.plain ||= link.getAttribute("href");
    link.setAttribute("href", link.dataset.plain + hash);
    return row;
  }

  let onScreen = 0;
  // Asked when the window moves, and not when rows change: the browser would lay out those that are about to go.
  const look = () => (onScreen = Math.ceil((window.innerHeight - body.getBoundingClientRect().top) / LEAST_HEIGHT));
  for (const name of ["scroll", "resize"]) window.addEventListener(name, look, { passive: true });

  let waiting = 0;
  /** Rows down to the end of the window at once, and the rest behind them; all at once where all are wanted. */
  function list(found, hash) {
    clearTimeout(waiting);
    const first = limit < records.length ? onScreen : limit;
    const add = (part) => body.append(...part.map((record) => linked(record, hash)));
    body.replaceChildren();
    add(found.slice(0, first));
    if (found.length > first) waiting = setTimeout(() => add(found.slice(first)));
  }

  function apply() {
    const found = view(records, state, ids, shown());
    const hash = formatState(state);
    list(found.slice(0, limit), hash);
    count(found.length);
    document.getElementById("none").hidden = found.length > 0;
    table.hidden = found.length === 0;
    document.getElementById("more").hidden = found.length <= limit;
    document.getElementById("clear").hidden = hash === "";
    showPresets(found);
    showSort();
  }

  function count(n) {
    const filtered = n < records.length;
    const window = n > limit ? `, the first ${limit} listed` : "";
    const text = filtered ? `${n} of ${records.length} questions` : `${n} questions`;
    document.getElementById("count").textContent = text + window;
  }

  /** How many questions each preset would leave, with all other filters as they are. */
  function showPresets(found) {
    // Without a preset those found are the candidates: the texts are searched once.
    const counts = presetCounts(state.preset ? records : found, state, ids, shown());
    for (const button of form.querySelectorAll("[data-preset]")) {
      const preset = button.dataset.preset;
      button.setAttribute("aria-pressed", String(state.preset === preset));
      button.querySelector(".n").textContent = String(counts[preset]);
    }
  }

  function showSort() {
    for (const head of table.tHead.rows[0].cells) {
      const key = state.sort.replace(/^-/, "");
      if (!head.dataset.sort || head.dataset.sort !== key) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", state.sort.startsWith("-") ? "descending" : "ascending");
    }
  }

  /** Fields as the state says; categories of other suites are taken off the list. */
  function showFields() {
    for (const name of ["q", "suite", "category", "condition", "outcome", "agree"]) {
      if (form.elements[name]) form.elements[name].value = state[name];
    }
    for (const option of form.elements.category ? form.elements.category.options : []) {
      option.hidden = Boolean(state.suite && option.value && option.dataset.suite !== state.suite);
    }
    const ends = range(state.conf);
    if (!form.elements.low) return;
    form.elements.low.value = ends ? Math.round(100 * ends[0]) : "";
    form.elements.high.value = ends ? Math.round(100 * ends[1]) : "";
  }

  function change(part) {
    state = { ...state, ...part };
    limit = PAGE;
    // Replaced and not pushed: leaving the page should take one step back, not one per keystroke.
    history.replaceState(null, "", location.pathname + location.search + formatState(state));
    apply();
  }

  function confidence() {
    const { low, high } = form.elements;
    if (!low.value && !high.value) return "";
    return `${Number(low.value || 0) / 100}-${Number(high.value || 100) / 100}`;
  }

  form.addEventListener("input", (event) => {
    const { name, value } = event.target;
    if (name === "low" || name === "high") change({ conf: confidence() });
    else if (name === "suite") {
      change({ suite: value, category: "" });
      showFields();
    } else if (name) change({ [name]: value });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change(parseState(""));
    showFields();
  });
  for (const button of form.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", () => change({ preset: button.dataset.preset }));
  }
  for (const head of table.tHead.rows[0].cells) {
    if (!head.dataset.sort) continue;
    const sort = () => {
      const key = head.dataset.sort;
      // Confidence is asked for highest first, words and levels lowest first; a third time takes the sort off.
      const cycle = ids.includes(key) ? [`-${key}`, key, ""] : [key, `-${key}`, ""];
      change({ sort: cycle[(cycle.indexOf(state.sort) + 1) % 3] });
    };
    head.tabIndex = 0;
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort();
    });
  }
  document.querySelector("[data-clear]").addEventListener("click", () => form.reset());
  document.querySelector("[data-more]").addEventListener("click", () => {
    limit += PAGE;
    apply();
  });
  const all = () => {
    limit = records.length;
    apply();
  };
  document.querySelector("[data-all]").addEventListener("click", all);
  // Paper has no button for more.
  window.addEventListener("beforeprint", all);
  window.addEventListener("hashchange", () => {
    state = parseState(location.hash);
    showFields();
    apply();
  });
  document.addEventListener("llmxray:conditions", (event) => {
    hidden = new Set(event.detail.hidden);
    apply();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      form.elements.q.focus();
    } else if (event.key === "j" || event.key === "k") {
      const open = [...body.rows].map((row) => row.querySelector("a"));
      const at = open.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
      if (open[Math.max(0, at)]) open[Math.max(0, at)].focus();
    }
  });
  function start() {
    form.hidden = false;
    showFields();
    look();
    apply();
    // For tests in a browser, which wait for the rows.
    table.dataset.ready = "";
  }
  async function fromFiles(path) {
    const { load, records: made } = window.llmxray;
    const folder = path.replace(/[^/]*$/, "");
    places = await load(folder, path.split("/").pop());
    const codes = await load(folder, places.more.codes);
    texts = await load(folder, places.more.texts);
    records = made(places, codes, texts);
    start();
  }
  if (table.dataset.index) fromFiles(table.dataset.index);
  else start();
})();
