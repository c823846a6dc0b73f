"use strict";
// Numbers that a reader works out by hand, checked as they are written.
(function () {
  const { all } = llmxray.dom;
  const TOLERANCE = 0.6; // points: whole per cent in, rounded arithmetic allowed for

  /** Whether a number written by hand is right: "yes", "no", or "" when nothing is written. */
  function checked(written, want) {
    const text = written.trim().replace(",", ".").replace("−", "-").replace(/%$/, "");
    if (text === "") return "";
    // An empty bin has no mean: a dash, or nothing, is right there.
    if (want === "") return text === "-" || text === "—" ? "yes" : "no";
    const value = Number(text);
    if (Number.isNaN(value)) return "no";
    // Counts are whole and must be exact; the rest was rounded on the way.
    const exact = /^\d+$/.test(want);
    return Math.abs(value - Number(want)) <= (exact ? 0 : TOLERANCE) ? "yes" : "no";
  }

  if (typeof module === "object") {
    module.exports = { checked };
    return;
  }
  for (const field of all(".by-hand input[data-want]")) {
    field.addEventListener("change", () => {
      const found = checked(field.value, field.dataset.want);
      const verdict = field.nextElementSibling;
      verdict.className = `verdict ${found}`;
      verdict.textContent = { yes: "✓", no: "✕" }[found] || "";
      verdict.setAttribute("aria-label", { yes: "right", no: "not yet" }[found] || "");
    });
  }
})();
