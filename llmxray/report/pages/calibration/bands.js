"use strict";

/** Edges that an address asks for (#above=80&below=50), as places in the lists; the module's where it does not. */
function parseBands(hash, above, below) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
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

if (typeof module !== "undefined") module.exports = { parseBands, bandRange };

if (typeof document !== "undefined" && document.getElementById("band-form")) {
  const form = document.getElementById("band-form");
  const table = document.getElementById("band-table");
  window.llmxray.load("", form.dataset.file).then((data) => {
    let state = parseBands(location.hash, data.above, data.below);
    const heads = table.tHead.rows[0].cells;
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, id: row.querySelector(".who > span").firstChild.textContent.trim() }));

    /** New text and second line of a cell; the link, when there is one, keeps its place. */
    function fill(cell, text, small, href) {
      const link = document.createElement("a");
      const note = document.createElement("small");
      note.textContent = small;
      link.textContent = text;
      if (href) link.setAttribute("href", href);
      cell.classList.toggle("missing", text === "—");
      cell.replaceChildren(href ? link : text, ...(small ? [note] : []));
    }

    function show() {
      for (const name of ["above", "below"]) {
        form.elements[name].value = state[name];
        form.querySelector(`[data-for="${name}"]`).textContent = `${data[name][state[name]]}%`;
      }
      heads[1].firstChild.textContent = `above ${data.above[state.above]}%`;
      heads[3].firstChild.textContent = `below ${data.below[state.below]}%`;
      for (const { row, id } of rows) {
        const of = data.conditions[id];
        ["above", "below"].forEach((name, place) => {
          const [share, ends, n] = of[name][state[name]];
          const range = bandRange(name, data[name][state[name]]);
          const href = n === "0" ? "" : `answers.html#condition=${encodeURIComponent(id)}&conf=${range}`;
          fill(row.cells[1 + 2 * place], share, ends, href);
          row.cells[2 + 2 * place].textContent = n;
        });
        const [gap, ends, told] = of.gap[state.above][state.below];
        fill(row.cells[5], gap, ends, "");
        row.cells[6].textContent = told;
      }
    }

    form.addEventListener("input", () => {
      state = { above: Number(form.elements.above.value), below: Number(form.elements.below.value) };
      const hash = `#above=${data.above[state.above]}&below=${data.below[state.below]}`;
      history.replaceState(null, "", location.pathname + location.search + hash);
      show();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    // The table as it was built shows the edges of the module.
    if (/above=|below=/.test(location.hash)) show();
    else {
      for (const name of ["above", "below"]) {
        form.elements[name].value = state[name];
        form.querySelector(`[data-for="${name}"]`).textContent = `${data[name][state[name]]}%`;
      }
    }
  });
}
