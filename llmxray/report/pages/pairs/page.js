"use strict";

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

if (typeof module !== "undefined") module.exports = { addressOf, asked };

if (typeof document !== "undefined" && document.getElementById("pair-chooser")) {
  const form = document.getElementById("pair-chooser");
  const said = document.getElementById("pair-none");
  const links = [...document.querySelectorAll("#pair-links a")].map((link) => ({
    a: link.dataset.a,
    b: link.dataset.b,
    href: link.getAttribute("href"),
  }));
  const here = decodeURIComponent(location.pathname.split("/").pop());
  const go = (a, b, replace) => {
    const href = addressOf(links, a, b);
    said.textContent = a === b ? "Choose two different conditions." : href ? "" : "This pair has no page of its own.";
    if (!href || decodeURIComponent(href) === here) return;
    // Replaced, or the way back would lead here and forward again.
    if (replace) location.replace(href);
    else location.assign(href);
  };
  form.hidden = false;
  form.addEventListener("change", () => go(form.elements.a.value, form.elements.b.value, false));
  form.addEventListener("submit", (event) => event.preventDefault());
  const wanted = asked(location.search);
  if (wanted) go(wanted.a, wanted.b, true);
}
