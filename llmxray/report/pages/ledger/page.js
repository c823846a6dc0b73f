"use strict";
// The ledger's form: which runs, on which questions. Its data file calls `llmxray.showLedger`.
(function () {
  const { byId, all, percent } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { board, meanPercentile, rankText, band, usual, parseLedger, formatLedger } = llmxray.board;
  const table = byId("ledger-table");
  const [form] = all(".ledger-tools");
  const ALL = "all";
  const boxes = () => all(".choose", table);
  const keyOf = (box) => box.closest("tr").dataset.run;

  function fill(cell, entry, labels) {
    const found = entry && entry.found;
    cell.dataset.value = found ? found.value.toPrecision(6) : "";
    cell.className = !found || found.n < 10 ? "few" : band(found.value);
    const link = cell.querySelector("a");
    if (!link) return;
    const ends = found && found.interval ? `, ${found.interval.map(percent).join(" to ")}` : "";
    link.querySelector("b").textContent = percent(found && found.value);
    link.querySelector(".n").textContent = found ? `n ${found.n}${ends}` : "";
    const as = entry && entry.as ? `counted once, as ${labels[entry.as]}` : "";
    link.querySelector(".rank").textContent = entry && entry.rank ? rankText(entry.rank) : as;
  }

  /** Show one suite, the most accurate run first, or all of them; `ALL` has no empty column to hide. */
  function showSuite(ledger) {
    const one = form.elements.suite.value;
    const at = ledger.suites.findIndex(({ name }) => name === one) + 1;
    const rows = [...table.tBodies[0].rows];
    const last = ledger.suites.length + 1;
    for (const row of [table.tHead.rows[0], ...rows]) {
      [...row.cells].forEach((cell, column) => {
        cell.hidden = column > 0 && one !== ALL && column !== at && column <= last;
      });
    }
    for (const row of rows) row.hidden = one !== ALL && !row.cells[at].querySelector("a");
    table.classList.toggle("one-suite", one !== ALL);
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
    const place = ({ key }) => rows.find((row) => row.dataset.run === key);
    const value = (row) => Number(row.cells[at].dataset.value || -1);
    const inOrder = ledger.runs.map(place).filter(Boolean);
    table.tBodies[0].append(...(one === ALL ? inOrder : inOrder.sort((a, b) => value(b) - value(a))));
  }

  function draw(ledger) {
    const rows = [...table.tBodies[0].rows];
    const isIn = (row) => row.querySelector(".choose").checked;
    const chosen = rows.filter(isIn).map((row) => row.dataset.run);
    const columns = board(ledger, chosen, form.elements.items.value === "common");
    const labels = Object.fromEntries(ledger.runs.map(({ key, label }) => [key, label]));
    for (const row of rows) {
      row.classList.toggle("out", !isIn(row));
      columns.forEach((column, at) => fill(row.cells[at + 1], column.cells[row.dataset.run], labels));
      const mean = meanPercentile(columns, row.dataset.run);
      const last = row.cells[columns.length + 1];
      last.dataset.value = mean === null ? "" : mean.toPrecision(6);
      last.textContent = mean === null ? "—" : String(Math.round(mean));
    }
    all(".shared-n", table).forEach((head, at) => (head.textContent = String(columns[at].shared)));
    form.querySelector(".ledger-told").textContent = `${chosen.length} of ${rows.length} runs chosen`;
    showSuite(ledger);
    llmxray.profile.show(ledger, columns, chosen);
  }

  function fromAddress(ledger) {
    const asked = parseLedger(location.hash, boxes().map(keyOf));
    for (const box of boxes()) box.checked = asked.runs === null || asked.runs.includes(keyOf(box));
    form.elements.items.value = asked.items;
    const { suite } = form.elements;
    suite.value = [...suite.options].some(({ value }) => value === asked.suite) ? asked.suite : usual(ledger);
  }

  function toAddress(ledger) {
    const suite = form.elements.suite.value;
    const chosen = boxes().filter((box) => box.checked);
    // Sorted, so that the same choice has one address.
    const keys = chosen.map(keyOf).sort();
    const { value } = form.elements.items;
    replaceHash(formatLedger(keys, value, boxes().map(keyOf), suite === usual(ledger) ? "" : suite));
  }

  llmxray.showLedger = function (ledger) {
    if (!table || !form) return;
    form.hidden = false;
    for (const box of boxes()) box.hidden = false;
    // The table above does what the second one is for.
    for (const second of all(".ledger-common")) second.hidden = true;
    const again = () => {
      toAddress(ledger);
      draw(ledger);
    };
    const reread = () => {
      fromAddress(ledger);
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
