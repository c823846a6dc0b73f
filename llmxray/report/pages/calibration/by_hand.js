"use strict";

/** Whether a number written by hand is right: "yes", "no", or "" when nothing is written. */
function checked(written, want, tolerance) {
  const text = written.trim().replace(",", ".").replace("−", "-").replace(/%$/, "");
  if (text === "") return "";
  // An empty bin has no mean: a dash, or nothing, is right there.
  if (want === "") return text === "-" || text === "—" ? "yes" : "no";
  const value = Number(text);
  if (Number.isNaN(value)) return "no";
  // Counts are whole and must be exact; the rest was rounded on the way.
  const exact = /^\d+$/.test(want);
  return Math.abs(value - Number(want)) <= (exact ? 0 : tolerance) ? "yes" : "no";
}

if (typeof module !== "undefined") module.exports = { checked };

if (typeof document !== "undefined" && document.getElementById("by-hand-form")) {
  const form = document.getElementById("by-hand-form");
  const tolerance = Number(form.dataset.tolerance);
  for (const field of form.querySelectorAll("input[data-want]")) {
    field.addEventListener("change", () => {
      const said = checked(field.value, field.dataset.want, tolerance);
      const verdict = field.nextElementSibling;
      verdict.className = `verdict ${said}`;
      verdict.textContent = { yes: "✓", no: "✕" }[said] || "";
      verdict.setAttribute("aria-label", { yes: "right", no: "not yet" }[said] || "");
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
}
