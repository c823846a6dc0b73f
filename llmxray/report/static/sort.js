"use strict";
// Tables that a click on a head sorts.
(function () {
  const { all, onPress } = llmxray.dom;

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

  if (typeof module === "object") {
    module.exports = { compared, keyOf };
    return;
  }

  const keyOfCell = (cell) => keyOf(cell.dataset.value, cell.firstChild ? cell.firstChild.textContent : "");

  function sort(head) {
    const table = head.closest("table");
    const heads = [...head.parentElement.children];
    const column = heads.indexOf(head);
    const now = head.getAttribute("aria-sort");
    // Of numbers the largest are asked for first, of words the first.
    const descending = now ? now === "ascending" : head.classList.contains("num");
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    for (const body of table.tBodies) {
      const fixed = [...body.rows].filter((row) => row.classList.contains("group") || row.classList.contains("total"));
      const rows = [...body.rows].filter((row) => !fixed.includes(row));
      rows.sort((a, b) => compared(keyOfCell(a.cells[column]), keyOfCell(b.cells[column]), descending));
      // Each body is a group: its head and its sum stay on top of it.
      body.append(...fixed, ...rows);
    }
  }

  for (const head of all("table.sortable th[data-sort]")) onPress(head, () => sort(head));
})();
