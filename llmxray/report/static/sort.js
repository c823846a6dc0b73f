// Tables that a click on a head sorts.
const { all, onPress, compared } = llmxray.dom;

/** What a cell sorts by, from its own key or its first text: a number, a word, or null for what is missing. */
function keyOf(value, text) {
  const shown = value !== undefined ? value : text.replace(/\u202f/g, "").trim();
  if (shown === "" || shown === "—") return null;
  return Number.isNaN(Number(shown)) ? shown.toLowerCase() : Number(shown);
}

module.exports = { keyOf };
if (typeof document === "object") {
  const keyOfCell = (cell) => keyOf(cell.dataset.value, cell.firstChild ? cell.firstChild.textContent : "");

  function sort(head) {
    const table = head.closest("table");
    const heads = [...head.parentElement.children];
    const column = heads.indexOf(head);
    const now = head.getAttribute("aria-sort");
    const descending = now ? now === "ascending" : head.classList.contains("num");
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    for (const body of table.tBodies) {
      const fixed = [...body.rows].filter((row) => row.classList.contains("group") || row.classList.contains("total"));
      const rows = [...body.rows].filter((row) => !fixed.includes(row));
      rows.sort((a, b) => compared(keyOfCell(a.cells[column]), keyOfCell(b.cells[column]), descending ? -1 : 1));
      // Each body is a group: its head and its sum stay on top of it.
      body.append(...fixed, ...rows);
    }
  }

  for (const head of all("table.sortable th[data-sort]")) onPress(head, () => sort(head));
}
