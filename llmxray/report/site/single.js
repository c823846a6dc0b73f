"use strict";
(function (scope) {
  /** Where a link to a page of the site leads in a file that holds them all; null when it is no such link. */
  function within(href) {
    const parts = /^(?:\.\.\/)*([\w-]+)\.html(\?[^#]*)?(#.*)?$/.exec(href);
    if (!parts) return null;
    const [, page, query = "", anchor = ""] = parts;
    if (query) return { page, address: query + anchor };
    return { page, address: anchor.includes("=") ? anchor : anchor || `#page-${page}` };
  }

  const api = { within };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const show = (page) => {
    const section = document.getElementById(`page-${page}`);
    if (section) section.scrollIntoView();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest ? event.target.closest("a[href]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const found = link.dataset.page
      ? { page: link.dataset.page, address: link.getAttribute("href") }
      : within(link.getAttribute("href"));
    if (!found) return;
    event.preventDefault();
    try {
      sessionStorage.setItem("llmxray-page", found.page);
    } catch {
      // file:// may refuse storage: then a question is looked for by its address alone
    }
    // A new question is a new address of the same file; a state of the table is only its hash.
    if (found.address.startsWith("?")) location.assign(location.pathname + found.address);
    else {
      location.hash = found.address;
      show(found.page);
    }
  });
  let page = "";
  try {
    page = sessionStorage.getItem("llmxray-page") || "";
    sessionStorage.removeItem("llmxray-page");
  } catch {
    page = "";
  }
  // The question is put together meanwhile; before that its section is too short to scroll to.
  if (new URLSearchParams(location.search).has("q")) setTimeout(() => show(page || "answer"), 100);
})(typeof window === "undefined" ? globalThis : window);
