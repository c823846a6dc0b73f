"use strict";
// The choice of two conditions, whose page is then opened.
(function () {
  const { byId, all } = llmxray.dom;

  /** Address of the page of two conditions in either order; "" when they have none. */
  function addressOf(links, a, b) {
    const found = links.find((link) => (link.a === a && link.b === b) || (link.a === b && link.b === a));
    return found ? found.href : "";
  }

  /** The two conditions an address asks for with ?a=…&b=…; null when it does not. */
  function asked(search) {
    const given = new URLSearchParams(search);
    const [a, b] = [given.get("a"), given.get("b")];
    return a && b ? { a, b } : null;
  }

  if (typeof module === "object") {
    module.exports = { addressOf, asked };
    return;
  }
  const form = byId("pair-chooser");
  if (!form) return;
  const links = all("#pair-links a").map((link) => ({ ...link.dataset, href: link.getAttribute("href") }));
  const here = decodeURIComponent(location.pathname.split("/").pop());
  const go = (a, b, replace) => {
    const href = addressOf(links, a, b);
    const none = href ? "" : "This pair has no page of its own.";
    byId("pair-none").textContent = a === b ? "Choose two different conditions." : none;
    if (!href || decodeURIComponent(href) === here) return;
    // Replaced, or the way back would lead here and forward again.
    if (replace) location.replace(href);
    else location.assign(href);
  };
  form.hidden = false;
  form.addEventListener("change", () => go(form.elements.a.value, form.elements.b.value, false));
  const wanted = asked(location.search);
  if (wanted) go(wanted.a, wanted.b, true);
})();
