"use strict";
// Links between pages that stand in one file.
(function () {
  /** Where a link to a page of the site leads in a file that holds them all; null when it is no such link. */
  function within(href) {
    const parts = /^(?:\.\.\/)*([\w-]+)\.html(\?[^#]*)?(#.*)?$/.exec(href);
    if (!parts) return null;
    const [, page, query = "", anchor = ""] = parts;
    return { page, address: query + anchor || `#page-${page}` };
  }

  if (typeof module === "object") {
    module.exports = { within };
    return;
  }
  const KEY = "llmxray-page";
  /** Scroll to a page, or to the place on it that an address names: a state of its table names none. */
  const show = (page, address = "") => {
    const section = document.getElementById(`page-${page}`);
    const place = document.getElementById(address.slice(1));
    if (section) (section.contains(place) && place || section).scrollIntoView();
  };
  document.addEventListener("click", (/** @type {any} */ event) => {
    const link = event.target.closest ? event.target.closest("a[href]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = link.getAttribute("href");
    const found = link.dataset.page ? { page: link.dataset.page, address: href } : within(href);
    if (!found) return;
    event.preventDefault();
    llmxray.storage.keep(KEY, found.page);
    // A new question is a new address of the same file; a state of the table is only its hash.
    if (found.address.startsWith("?")) location.assign(location.pathname + found.address);
    else {
      location.hash = found.address;
      show(found.page, found.address);
    }
  });
  if (new URLSearchParams(location.search).has("q")) {
    const page = llmxray.storage.recall(KEY, "answer");
    llmxray.storage.keep(KEY, null);
    // The question is put together meanwhile; before that its section is too short to scroll to.
    setTimeout(() => show(page), 100);
  }
})();
