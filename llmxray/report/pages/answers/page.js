"use strict";
// The list of questions: filters, presets and orders, all of them in the address.
(function () {
  const { el, byId, all, onKey, inView, onPress, isHidden, showOrder } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { parseState, formatState, presetCounts, judgements, view, range } = llmxray.filters;
  const { questionsOf, linked } = llmxray.rows;
  const form = byId("filters");
  const table = byId("questions");
  const body = table.tBodies[0];
  const fields = form.elements;
  // Rows of many conditions cost the browser a millisecond each to lay out, at every key of a search.
  const PAGE = 25;
  const heads = [...table.tHead.rows[0].cells].filter((head) => head.dataset.sort);
  const conditions = heads.filter((head) => head.classList.contains("condition"));
  const ids = conditions.map((head) => head.dataset.sort);
  const labels = conditions.map((head) => head.querySelector("span").textContent);
  const colours = conditions.map((head) => [...head.classList].find((name) => /^c\d+$/.test(name)));
  let records, rowOf;
  let state = parseState(location.hash);
  let limit = PAGE;

  const shown = () => colours.flatMap((colour, place) => (isHidden(colour) ? [] : [place]));

  function apply() {
    const found = view(records, state, ids, shown());
    const hash = formatState(state);
    body.replaceChildren(...found.slice(0, limit).map((record) => linked(rowOf(record), hash)));
    count(found.length);
    byId("judged").replaceChildren(...unshown().map(removable));
    byId("none").hidden = found.length > 0;
    table.hidden = found.length === 0;
    byId("more").hidden = found.length <= limit;
    byId("clear").hidden = hash === "";
    showPresets(found);
    showOrder(heads, state.sort);
  }

  function count(n) {
    const listed = n > limit ? `, the first ${limit} listed` : "";
    const of = n < records.length ? `${n} of ${records.length}` : n;
    byId("count").textContent = `${of} questions${listed}`;
  }

  /** A filter that no field shows, as a button that takes it off. */
  function removable({ text, without }) {
    const made = el("button", { type: "button", class: "button small", title: "Remove this filter" },
      text, el("span", { "aria-hidden": "true" }, " ✕"), el("span", { class: "sr" }, ", remove this filter"));
    made.addEventListener("click", () => change(without));
    return made;
  }

  /** How many questions each preset would leave, with all other filters as they are. */
  function showPresets(found) {
    // Without a preset those found are the candidates: the texts are searched once.
    const counts = presetCounts(state.preset ? records : found, state, ids, shown());
    for (const button of all("[data-preset]", form)) {
      const { preset } = button.dataset;
      button.setAttribute("aria-pressed", String(state.preset === preset));
      button.querySelector(".n").textContent = String(counts[preset]);
    }
  }

  /** The options that are the category of the state; several where suites share its name and none is chosen. */
  function categoryOptions() {
    const { suite, category } = state;
    return [...(fields.category ? fields.category.options : [])].filter((option) =>
      option.value === category && (!suite || !option.dataset.suite || option.dataset.suite === suite));
  }

  /** Filters that no field shows. */
  function unshown() {
    const everywhere = categoryOptions().length > 1
      ? [{ text: `${state.category}: every suite`, without: { category: "" } }] : [];
    return [...everywhere, ...judgements(state, ids, labels)];
  }

  /** Fields as the state says; suites may share the name of a category. */
  function showFields() {
    for (const name of ["q", "suite", "condition", "outcome"]) {
      if (fields[name]) fields[name].value = state[name];
    }
    if (fields.category) {
      const chosen = categoryOptions();
      fields.category.value = "";
      if (chosen.length === 1) chosen[0].selected = true;
    }
    if (!fields.low) return;
    const ends = range(state.conf) || [null, null];
    ["low", "high"].forEach((name, at) => (fields[name].value = ends[at] === null ? "" : Math.round(100 * ends[at])));
  }

  function change(part) {
    state = { ...state, ...part };
    limit = PAGE;
    replaceHash(formatState(state));
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

  form.addEventListener("input", (event) => {
    const { name, value } = event.target;
    if (name === "low" || name === "high") change({ conf: confidence() });
    else if (name === "suite") {
      change({ suite: value, category: "" });
      showFields();
    } else if (name === "category" && value) {
      change({ suite: event.target.selectedOptions[0].dataset.suite || state.suite, category: value });
      showFields();
    } else if (name) change({ [name]: value });
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change(parseState(""));
    showFields();
  });
  for (const button of all("[data-preset]", form)) {
    button.addEventListener("click", () => change({ preset: button.dataset.preset }));
  }
  for (const head of heads) onPress(head, () => sortBy(head.dataset.sort));
  for (const button of all("[data-clear]")) button.addEventListener("click", () => form.reset());
  for (const button of all("[data-more]")) button.addEventListener("click", () => showMore(limit + PAGE));
  for (const button of all("[data-all]")) button.addEventListener("click", () => showMore(records.length));

  questionsOf(table).then((found) => {
    ({ records, rowOf } = found);
    // Paper has no button for more.
    window.addEventListener("beforeprint", () => showMore(records.length));
    onHash(() => {
      state = parseState(location.hash);
      showFields();
      apply();
    });
    document.addEventListener("llmxray:conditions", apply);
    onKey(keys);
    form.hidden = false;
    showFields();
    apply();
    // For tests in a browser, which wait for the rows.
    table.dataset.ready = "";
  });
})();
