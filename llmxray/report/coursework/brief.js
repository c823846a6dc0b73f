"use strict";
// The numbers that a student reads off a report, saved as the file to hand in.
(function () {
  /** What the file holds. */
  function handIn(about, entries) {
    const answers = Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
    return { format: "llmxray-brief", version: 1, ...about, answers };
  }

  if (typeof module === "object") {
    module.exports = { handIn };
    return;
  }
  const form = llmxray.dom.byId("brief");
  form.addEventListener("submit", () => {
    const { experiment, recording, student } = form.dataset;
    const value = handIn({ experiment, recording, student }, [...new FormData(form)]);
    llmxray.storage.download([experiment, student], value);
  });
})();
