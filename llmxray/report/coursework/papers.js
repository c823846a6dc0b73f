// Papers that are written on in the browser, and keep what was written.
/** What was written on a paper, by field: blanks that were left empty are not kept. */
function written(fields) {
  return Object.fromEntries(fields.map(({ name, text }) => [name, text]).filter(([, text]) => text.trim()));
}

/** What the file holds that a student hands in: the numbers read off a report. */
function handIn(about, entries) {
  const answers = Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
  return { format: "llmxray-brief", version: 1, ...about, answers };
}

module.exports = { written, handIn };
if (typeof document === "object") {
  const { byId, all } = llmxray.dom;
  const { keep, recall, download } = llmxray.storage;
  // The sheet's empty cells are blanks as well; without scripts they are filled with a pencil.
  all("[data-blank] td:empty").forEach((cell, place) => {
    // Plain: pasted text brings its markup along else.
    cell.contentEditable = "plaintext-only";
    cell.dataset.write = `cell-${place}`;
    cell.setAttribute("role", "textbox");
    const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
    cell.setAttribute("aria-label", `${cell.parentNode.cells[0].innerText}: ${head.innerText}`.replace(/\s+/g, " "));
  });
  const KEY = `llmxray-paper:${location.pathname}`;
  const fields = all("[data-write], #brief input").map((field) => ({
    field,
    name: field.dataset.write || field.name,
    value: field.dataset.write ? "innerText" : "value",
  }));
  const draft = recall(KEY, {});
  for (const { field, name, value } of fields) if (typeof draft[name] === "string") field[value] = draft[name];
  byId("main").addEventListener("input", () => {
    keep(KEY, written(fields.map(({ field, name, value }) => ({ name, text: field[value] }))));
  });
  const form = byId("brief");
  form?.addEventListener("submit", () => {
    // On the brief of a whole class the questions are drawn for nobody, and the student signs.
    const { experiment, recording, student: drawn_for } = form.dataset;
    const given = [...new FormData(form)];
    const student = drawn_for || form.elements.student.value.trim();
    const answers = given.filter(([name]) => name !== "student");
    download([experiment, student], handIn({ experiment, recording, student, drawn_for }, answers));
  });
}
