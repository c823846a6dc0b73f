"use strict";

/** The file a student hands in. */
function handIn(about, entries) {
  const answers = Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
  return { format: "llmxray-brief", version: 1, ...about, answers };
}

if (typeof module !== "undefined") {
  module.exports = { handIn };
} else {
  const form = document.getElementById("brief");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { experiment, recording, student } = form.dataset;
    const text = JSON.stringify(handIn({ experiment, recording, student }, [...new FormData(form)]), null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `${experiment}-${student.replace(/[^\p{L}\p{N}]+/gu, "-")}.json`;
    link.click();
    // Not at once: the browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
