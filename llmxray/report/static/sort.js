"use strict";

/** Order of two cells: numbers by size, texts by alphabet; what is missing goes last either way. */
function compared(a, b, descending) {
  const missing = [a, b].map((value) => value === "" || value === "—");
  if (missing[0] || missing[1]) return Number(missing[0]) - Number(missing[1]);
  const numbers = [Number(a), Number(b)];
  const order = numbers.some(Number.isNaN) ? a.localeCompare(b) : numbers[0] - numbers[1];
  return descending ? -order : order;
}

/** What a cell sorts by: its own key, or its first text without thin spaces between thousands. */
function keyOf(value, text) {
  return value !== undefined ? value : text.replace(/\u202f/g, "").trim();
}

if (typeof module !== "undefined") module.exports = { compared, keyOf };

if (typeof document !== "undefined") {
  const keyOfCell = (cell) => keyOf(cell.dataset.value, cell.firstChild ? cell.firstChild.textContent : "");
  const sort = (head) => {
    const table = head.closest("table");
    const column = [...head.parentElement.children].indexOf(head);
    const numeric = head.classList.contains("num");
    const now = head.getAttribute("aria-sort");
    // Of numbers the largest are asked for first, of words the first.
    const descending = now ? now === "ascending" : numeric;
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    for (const body of table.tBodies) {
      const fixed = [...body.rows].filter((row) => row.classList.contains("group") || row.classList.contains("total"));
      const rows = [...body.rows].filter((row) => !fixed.includes(row));
      rows.sort((a, b) => compared(keyOfCell(a.cells[column]), keyOfCell(b.cells[column]), descending));
      // Each body is a group: its head and its sum stay on top of it.
      body.append(...fixed, ...rows);
    }
  };
  for (const head of document.querySelectorAll("table.sortable th[data-sort]")) {
    head.tabIndex = 0;
    head.addEventListener("click", (event) => {
      // The link of a head leads to its definition.
      if (!event.target.closest("a")) sort(head);
    });
    head.addEventListener("keydown", (event) => {
      if ((event.key !== "Enter" && event.key !== " ") || event.target !== head) return;
      event.preventDefault();
      sort(head);
    });
  }
}
