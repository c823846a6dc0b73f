"use strict";
// The ledger's form: which runs, on which questions. Its data file calls `llmxray.showLedger`.
(function () {
  const { byId, all, percent } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { board, meanPercentile, rankText, band, parseLedger, formatLedger } = llmxray.board;
  const table = byId("ledger-table");
  const [form] = all(".ledger-tools");
  const boxes = () => all(".choose", table);
  const keyOf = (box) => box.closest("tr").dataset.run;

  function fill(cell, entry) {
    const found = entry && entry.found;
    cell.dataset.value = found ? found.value.toPrecision(6) : "";
    cell.className = !found || found.n < 10 ? "few" : band(found.value);
    const link = cell.querySelector("a");
    if (!link) return;
    const ends = found && found.interval ? `, ${found.interval.map(percent).join(" to ")}` : "";
    link.querySelector("b").textContent = percent(found && found.value);
    link.querySelector(".n").textContent = found ? `n ${found.n}${ends}` : "";
    const as = entry && entry.as ? `counted as ${entry.as}` : "";
    link.querySelector(".rank").textContent = entry && entry.rank ? rankText(entry.rank) : as;
  }

  function draw(ledger) {
    const rows = [...table.tBodies[0].rows];
    const isIn = (row) => row.querySelector(".choose").checked;
    const chosen = rows.filter(isIn).map((row) => row.dataset.run);
    const columns = board(ledger, chosen, form.elements.items.value === "common");
    for (const row of rows) {
      row.classList.toggle("out", !isIn(row));
      columns.forEach((column, at) => fill(row.cells[at + 1], column.cells[row.dataset.run]));
      const mean = meanPercentile(columns, row.dataset.run);
      const last = row.cells[columns.length + 1];
      last.dataset.value = mean === null ? "" : mean.toPrecision(6);
      last.textContent = mean === null ? "—" : String(Math.round(mean));
    }
    all(".shared-n", table).forEach((head, at) => (head.textContent = String(columns[at].shared)));
    form.querySelector(".ledger-told").textContent = `${chosen.length} of ${rows.length} runs chosen`;
    llmxray.profile.show(ledger, columns, chosen);
  }

  function fromAddress() {
    const asked = parseLedger(location.hash, boxes().map(keyOf));
    for (const box of boxes()) box.checked = asked.runs === null || asked.runs.includes(keyOf(box));
    form.elements.items.value = asked.items;
  }

  function toAddress() {
    const chosen = boxes().filter((box) => box.checked);
    // Sorted, so that the same choice has one address.
    replaceHash(formatLedger(chosen.map(keyOf).sort(), form.elements.items.value, boxes().map(keyOf)));
  }

  llmxray.showLedger = function (ledger) {
    if (!table || !form) return;
    form.hidden = false;
    for (const box of boxes()) box.hidden = false;
    // The table above does what the second one is for.
    for (const second of all(".ledger-common")) second.hidden = true;
    const again = () => {
      toAddress();
      draw(ledger);
    };
    const reread = () => {
      fromAddress();
      draw(ledger);
    };
    form.addEventListener("change", again);
    table.addEventListener("change", again);
    for (const button of all("[data-choose]", form)) {
      button.addEventListener("click", () => {
        for (const box of boxes()) box.checked = button.dataset.choose === "all";
        again();
      });
    }
    onHash(reread);
    reread();
  };
})();
