"use strict";
// One condition at a time: the reader chooses whose pictures the page shows, or all of them.
(function () {
  const { byId, all } = llmxray.dom;

  /** The condition to show once some are hidden by the legend: the chosen one, else the first that is not hidden. */
  function shown(chosen, conditions, hidden) {
    const visible = conditions.filter(({ css }) => !hidden.includes(css)).map(({ id }) => id);
    return chosen === "" || visible.includes(chosen) || !visible.length ? chosen : visible[0];
  }

  if (typeof module === "object") {
    module.exports = { shown };
    return;
  }
  const whose = byId("whose");
  if (!whose) return;
  const panels = all("[data-of]");
  const conditions = [...whose.options].filter(({ value }) => value);
  const threshold = byId("threshold-form");
  const [other] = threshold ? [threshold.elements.condition] : [];

  function show(id) {
    whose.value = id;
    for (const panel of panels) panel.hidden = id !== "" && panel.dataset.of !== id;
    for (const box of new Set(panels.map((panel) => panel.parentElement))) box.classList.toggle("one", id !== "");
    if (!other || other.value === id || ![...other.options].some(({ value }) => value === id)) return;
    other.value = id;
    other.dispatchEvent(new Event("input", { bubbles: true }));
  }

  whose.addEventListener("input", () => show(whose.value));
  if (other) other.addEventListener("input", () => show(other.value));
  document.addEventListener("llmxray:conditions", (event) => {
    const all = conditions.map(({ value, dataset }) => ({ id: value, css: dataset.css }));
    const { hidden } = /** @type {any} */ (event).detail;
    show(shown(whose.value, all, hidden));
  });
  whose.closest("form").hidden = false;
  // The address may name the condition of the threshold.
  const asked = llmxray.url.parameters(location.hash).get("condition");
  show([...whose.options].some(({ value }) => value && value === asked) ? asked : whose.value);
})();
