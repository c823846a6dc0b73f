"use strict";
// The list of questions: who is right, filters and orders, all of them in the address.
(function () {
  const { el, byId, all, onKey, inView, onPress, showOrder, width } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { DEFAULTS, CHOICE, parseState, formatState, choiceCounts, judgements, view, range } = llmxray.filters;
  const { tableRow } = llmxray.rows;
  const { load, records: recordsOf } = llmxray.shards;
  const form = byId("filters");
  const table = byId("questions");
  const body = table.tBodies[0];
  const fields = form.elements;
  // Rows of many conditions cost the browser a millisecond each to lay out, at every key of a search.
  const PAGE = 25;
  // Of fewer sure mistakes the page does not open with a list.
  const LEAST = 5;
  const heads = all("[data-sort]", table);
  // Parts of the bar, and kinds of answers: one of them at a time.
  const choices = all("[data-view]").map((link) => {
    const own = parseState(link.hash);
    return { link, choice: Object.fromEntries(CHOICE.map((name) => [name, own[name]])) };
  });
  const isChosen = (choice) => CHOICE.every((name) => choice[name] === state[name]);
  let places, texts, records, ids, labels;
  let state = DEFAULTS;
  let limit = PAGE;

  function apply() {
    const found = view(records, state, ids);
    const shown = heads.slice(1).map((head) => ids.indexOf(head.dataset.sort));
    const hash = formatState(state);
    body.replaceChildren(...found.slice(0, limit).map((record) => tableRow(places, texts, record, hash, shown)));
    const listed = found.length > limit ? `, the first ${limit} listed` : "";
    const first = { "confident-wrong": ", the surest first", "unsure-right": ", the least sure first" }[state.preset];
    const of = found.length < records.length ? `${found.length} of ${records.length}` : found.length;
    byId("count").textContent = `${of} questions${(!state.sort && first) || ""}${listed}`;
    showChoices();
    byId("judged").replaceChildren(...unshown().map(removable));
    byId("none").hidden = found.length > 0;
    table.hidden = found.length === 0;
    byId("more").hidden = found.length <= limit;
    byId("clear").hidden = formatState({ ...state, preset: "" }) === "";
    showOrder(heads, state.sort);
  }

  /** How many questions each part and kind would leave, with all other filters as they are. */
  function showChoices() {
    const counts = choiceCounts(records, state, ids, choices.map(({ choice }) => choice));
    const isPart = ({ link }) => link.matches(".together *");
    const total = choices.reduce((sum, each, at) => sum + (isPart(each) ? counts[at] : 0), 0);
    choices.forEach((each, at) => {
      const { link, choice } = each;
      link.querySelector(".n, small").textContent = String(counts[at]);
      link.setAttribute("aria-current", String(isChosen(choice)));
      if (isPart(each)) link.className = link.className.replace(/w-\d+/, width(total && counts[at] / total));
    });
  }

  /** A filter that no field shows, as a button that takes it off. */
  function removable({ text, without }) {
    const made = el("button", { type: "button", class: "pill", title: "Remove this filter" },
      text, el("span", { "aria-hidden": "true" }, " ✕"), el("span", { class: "sr" }, ", remove this filter"));
    made.addEventListener("click", () => change(without));
    return made;
  }

  /** The options that are the category of the state; several where suites share its name and none is chosen. */
  function whereOptions() {
    const { suite, category } = state;
    return [...(fields.where ? fields.where.options : [])].filter(({ dataset }) =>
      (suite || category) && (dataset.category || "") === category && (!suite || dataset.suite === suite));
  }

  /** Filters that no field shows, and no part of the bar. */
  function unshown() {
    const everywhere = whereOptions().length > 1
      ? [{ text: `${state.category}: every set`, without: { category: "" } }] : [];
    const isShown = choices.some(({ choice }) => isChosen(choice));
    return [...everywhere, ...(isShown ? [] : judgements(state, ids, labels))];
  }

  /** Fields as the state says; suites may share the name of a category. */
  function showFields() {
    for (const name of ["q", "condition", "outcome"]) {
      if (fields[name]) fields[name].value = state[name];
    }
    if (fields.where) {
      const chosen = whereOptions();
      fields.where.value = "";
      if (chosen.length === 1) chosen[0].selected = true;
    }
    byId("fields").open ||= Boolean(state.condition || state.outcome || state.conf);
    if (!fields.low) return;
    const ends = range(state.conf) || [null, null];
    ["low", "high"].forEach((name, at) => (fields[name].value = ends[at] === null ? "" : Math.round(100 * ends[at])));
  }

  function change(part) {
    state = { ...state, ...part };
    limit = PAGE;
    // An address without a state would open with what the page opens with.
    replaceHash(formatState(state) || "#preset=all");
    apply();
  }

  function confidence() {
    const { low, high } = fields;
    if (!low.value && !high.value) return "";
    return `${Number(low.value || 0) / 100}-${Number(high.value || 100) / 100}`;
  }

  /** The order after a click on a head; the third click takes it off. */
  function sortBy(key) {
    // Confidence is asked for highest first, words in their order.
    const cycle = ids.includes(key) ? [`-${key}`, key, ""] : [key, `-${key}`, ""];
    change({ sort: cycle[(cycle.indexOf(state.sort) + 1) % 3] });
  }

  function showMore(to) {
    limit = to;
    apply();
  }

  function keys(event) {
    if (!inView(table)) return;
    if (event.key === "/") {
      event.preventDefault();
      fields.q.focus();
    } else if (event.key === "j" || event.key === "k") {
      const links = [...body.rows].map((row) => row.querySelector("a"));
      const at = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
      if (links[Math.max(0, at)]) links[Math.max(0, at)].focus();
    }
  }

  /** The state of the address; without one, what was surely wrong. */
  function read() {
    const sure = { ...DEFAULTS, preset: "confident-wrong" };
    if (location.hash.includes("=")) return parseState(location.hash);
    return view(records, sure, ids).length >= LEAST ? sure : DEFAULTS;
  }

  function show() {
    state = read();
    showFields();
    apply();
  }

  form.addEventListener("input", ({ target }) => {
    const { name, value } = target;
    if (name === "low" || name === "high") change({ conf: confidence() });
    else if (name === "where") {
      const { suite = "", category = "" } = target.selectedOptions[0].dataset;
      change({ suite, category });
    } else if (name) {
      // A search looks through all, unless the reader chose a kind.
      change({ ...(name === "q" && !location.hash.includes("=") ? { preset: "" } : {}), [name]: value });
    }
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change(DEFAULTS);
    showFields();
  });
  for (const { link, choice } of choices) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      // A second click lets go of it.
      change(isChosen(choice) ? Object.fromEntries(CHOICE.map((name) => [name, ""])) : choice);
    });
  }
  for (const head of heads) onPress(head, () => sortBy(head.dataset.sort));
  for (const button of all("[data-clear]")) button.addEventListener("click", () => form.reset());
  for (const button of all("[data-more]")) button.addEventListener("click", () => showMore(limit + PAGE));
  for (const button of all("[data-all]")) button.addEventListener("click", () => showMore(records.length));

  async function start() {
    const folder = table.dataset.index.replace(/[^/]*$/, "");
    places = await load(table.dataset.index);
    const codes = await load(folder + places.more.codes);
    texts = await load(folder + places.more.texts);
    records = recordsOf(places, codes, texts);
    [ids, labels] = ["id", "label"].map((name) => places.conditions.map((each) => each[name]));
    // Paper has no button for more.
    window.addEventListener("beforeprint", () => showMore(records.length));
    onHash(show);
    onKey(keys);
    form.hidden = false;
    show();
    // For tests in a browser, which wait for the rows.
    table.dataset.ready = "";
  }
  start();
})();
