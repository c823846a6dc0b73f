"use strict";
// Accuracy above and below two edges of confidence that the reader moves; every number comes with the data file.
(function () {
  const { el, byId } = llmxray.dom;
  const { parameters, hashOf, replaceHash } = llmxray.url;
  const NAMES = ["above", "below"];

  /** Edges that an address asks for (#above=80&below=50), as places in the lists; the module's where it does not. */
  function parseBands(hash, above, below) {
    const given = parameters(hash);
    const place = (list, name, or) => {
      const found = list.indexOf(Number(given.get(name)));
      return found >= 0 ? found : list.indexOf(or);
    };
    return { above: place(above, "above", 80), below: place(below, "below", 50) };
  }

  /** Part of the questions' address for a band: above its edge, or below it. */
  function bandRange(name, edge) {
    return name === "above" ? `${edge / 100}-1` : `0-${edge / 100}`;
  }

  if (typeof module === "object") {
    module.exports = { parseBands, bandRange };
    return;
  }
  const form = byId("band-form");
  if (!form) return;
  const table = byId("band-table");

  /** New text and second line of a cell. */
  function fill(cell, text, small, href) {
    cell.classList.toggle("missing", text === "—");
    cell.replaceChildren(href ? el("a", { href }, text) : text, small && el("small", {}, small));
  }

  llmxray.shards.load(form.dataset.file).then((data) => {
    let state = parseBands(location.hash, data.above, data.below);
    const edge = (name) => data[name][state[name]];
    const heads = table.tHead.rows[0].cells;
    const rows = [...table.tBodies[0].rows].map((row) => ({
      row, id: row.querySelector(".who > span").firstChild.textContent.trim(),
    }));

    function showFields() {
      for (const name of NAMES) {
        form.elements[name].value = state[name];
        form.querySelector(`[data-for="${name}"]`).textContent = `${edge(name)}%`;
      }
    }

    function show() {
      showFields();
      NAMES.forEach((name, place) => (heads[1 + 2 * place].firstChild.textContent = `${name} ${edge(name)}%`));
      for (const { row, id } of rows) {
        const of = data.conditions[id];
        NAMES.forEach((name, place) => {
          const [share, ends, n] = of[name][state[name]];
          const query = hashOf({ condition: id, conf: bandRange(name, edge(name)) });
          fill(row.cells[1 + 2 * place], share, ends, n === "0" ? "" : `answers.html${query}`);
          row.cells[2 + 2 * place].textContent = n;
        });
        const [gap, ends, verdict] = of.gap[state.above][state.below];
        fill(row.cells[5], gap, ends, "");
        row.cells[6].textContent = verdict;
      }
    }

    form.addEventListener("input", () => {
      state = { above: Number(form.elements.above.value), below: Number(form.elements.below.value) };
      replaceHash(hashOf({ above: edge("above"), below: edge("below") }));
      show();
    });
    form.hidden = false;
    // The table as it was built shows the edges of the module.
    if (/above=|below=/.test(location.hash)) show();
    else showFields();
  });
})();
