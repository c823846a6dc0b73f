// What stays on the reader's machine. A page opened from disk may be refused storage. The first script of every page.
globalThis.llmxray = globalThis.llmxray || /** @type {any} */ ({});

/** Keep a value in the browser; false where it is refused. */
function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The value that was kept; `otherwise` where there is none, or a broken one. @returns {any} */
function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key) || "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Offer a value as a JSON file, named after its parts. */
function download(names, value) {
  const text = JSON.stringify(value, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${names.map((name) => name.replace(/[^\p{L}\p{N}_.]+/gu, "-")).join("-")}.json`;
  link.click();
  // Not at once: the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

module.exports = { keep, recall, download };
