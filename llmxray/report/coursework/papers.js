"use strict";

/** What was written on a paper, by field: blanks that were left empty are not kept. */
function written(fields) {
  return Object.fromEntries(fields.map(({ name, text }) => [name, text]).filter(([, text]) => text.trim()));
}

if (typeof module !== "undefined") {
  module.exports = { written };
} else {
  // The sheet's empty cells are blanks as well; without scripts they are filled with a pencil.
  document.querySelectorAll("[data-blank] td:empty").forEach((cell, place) => {
    // Plain: pasted text brings its markup along else.
    cell.contentEditable = "plaintext-only";
    cell.dataset.write = `cell-${place}`;
    cell.setAttribute("role", "textbox");
    const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
    cell.setAttribute("aria-label", `${cell.parentNode.cells[0].innerText}: ${head.innerText}`.replace(/\s+/g, " "));
  });
  const fields = [...document.querySelectorAll("[data-write], #brief input")];
  const name = (field) => field.dataset.write || field.name;
  const text = (field) => (field.dataset.write ? field.innerText : field.value);
  const KEY = `llmxray-paper:${location.pathname}`;
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "{}");
    for (const field of fields) {
      const draft = kept[name(field)];
      if (typeof draft === "string") field[field.dataset.write ? "innerText" : "value"] = draft;
    }
  } catch {
    // file:// may refuse storage, and a draft may be broken: then the paper starts empty.
  }
  document.getElementById("main").addEventListener("input", () => {
    try {
      const draft = written(fields.map((field) => ({ name: name(field), text: text(field) })));
      localStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // As above: what is written then lasts until the page is closed.
    }
  });
}
