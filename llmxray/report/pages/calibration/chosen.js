"use strict";
// The reader chooses whose pictures the page shows, one condition's or all, and in how many bins.
(function () {
  const { byId, all } = llmxray.dom;

  /** The condition to show once some are hidden by the legend: the chosen one, else the first that is not hidden. */
  function shown(chosen, conditions, hidden) {
    const visible = conditions.filter(({ css }) => !hidden.includes(css)).map(({ id }) => id);
    return chosen === "" || visible.includes(chosen) || !visible.length ? chosen : visible[0];
  }

  /** The number of bins to show: that of the address, else the one kept, where the page offers it. */
  function binsFor(search, kept, offered, otherwise) {
    const asked = [new URLSearchParams(search).get("bins"), kept].map(String);
    return asked.find((each) => offered.includes(each)) || otherwise;
  }

  if (typeof module === "object") {
    module.exports = { shown, binsFor };
    return;
  }
  chooseBins();
  const whose = byId("whose");
  if (!whose) return;
  const panels = all("[data-of]");
  const conditions = [...whose.options].filter(({ value }) => value);

  function chooseBins() {
    const fields = all('.whose [name="bins"]');
    if (!fields.length) return;
    const { keep, recall } = llmxray.storage;
    const { replaceHash, withPart } = llmxray.url;
    const show = (n) => {
      for (const field of fields) field.checked = field.value === n;
      for (const box of all("[data-bins]")) box.hidden = box.dataset.bins !== n;
    };
    const offered = fields.map(({ value }) => value);
    const [own] = fields.filter(({ checked }) => checked).map(({ value }) => value);
    for (const field of fields) {
      field.addEventListener("change", () => {
        keep("llmxray-bins", field.value);
        replaceHash(location.hash, withPart(location.search, "bins", `bins=${field.value}`));
        show(field.value);
      });
    }
    show(binsFor(location.search, recall("llmxray-bins", ""), offered, own));
    fields[0].form.hidden = false;
  }

  function show(id) {
    whose.value = id;
    for (const panel of panels) panel.hidden = id !== "" && panel.dataset.of !== id;
    for (const box of new Set(panels.map((panel) => panel.parentElement))) box.classList.toggle("one", id !== "");
  }

  whose.addEventListener("input", () => {
    llmxray.url.replaceHash(llmxray.url.hashOf({ condition: whose.value }));
    show(whose.value);
  });
  document.addEventListener("llmxray:conditions", (event) => {
    const all = conditions.map(({ value, dataset }) => ({ id: value, css: dataset.css }));
    const { hidden } = /** @type {any} */ (event).detail;
    show(shown(whose.value, all, hidden));
  });
  whose.closest("form").hidden = false;
  const asked = llmxray.url.parameters(location.hash).get("condition");
  show([...whose.options].some(({ value }) => value && value === asked) ? asked : whose.value);
})();
