// Pages that stand in one file, one below the other. It follows url.js, before the scripts that write addresses.
/** What `url.addressOf` is on a site: the address of a section, as OneFile of links.py writes it. */
function addressOf(page, search = "", hash = "") {
  const section = page.replace(/^(.*)\.html$/, "#page-$1");
  // A place has an id of its own; a state goes behind its page.
  if (hash && !search && !hash.includes("=")) return hash;
  return llmxray.url.withState(search + section, hash);
}

/** The section that an address leads to, and the state behind it; null where it leads to none, or to a place. */
function sectionOf(hash, search = "") {
  const found = /^#(page-[\w-]+)(?:&(.*))?$/.exec(hash);
  if (found) return { id: found[1], state: found[2] ? `#${found[2]}` : "" };
  // A question has a section, whichever state the reader left it in.
  const isAsked = new URLSearchParams(search).has("q") && (!hash || hash.includes("="));
  return isAsked ? { id: "page-answer", state: "" } : null;
}

module.exports = { addressOf, sectionOf };
if (typeof document === "object") {
  llmxray.url.addressOf = addressOf;
  llmxray.url.titled = () => {};
  const show = (found) => {
    const section = found && document.getElementById(found.id);
    if (!section) return;
    section.scrollIntoView();
    // The state alone: the same link can be followed again, and what the reader changes about it needs no section.
    if (found.state) llmxray.url.replaceHash(found.state);
  };
  window.addEventListener("hashchange", () => show(sectionOf(location.hash)));
  window.addEventListener("load", () => show(sectionOf(location.hash, location.search)));
}
