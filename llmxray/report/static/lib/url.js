// The state of a page in its address.
/** The names and values of a hash such as "#a=1&b=2". */
function parameters(hash) {
  return new URLSearchParams(hash.replace(/^#/, ""));
}

/** The hash of names and values behind the hash `before`; those of "", null and undefined are left out. */
function hashOf(values, before = "") {
  const chosen = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== "" && value !== null && value !== undefined) chosen.set(name, String(value));
  }
  const added = chosen.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  const parts = [before.replace(/^#/, ""), added].filter(Boolean);
  return parts.length ? `#${parts.join("&")}` : "";
}

/** The sample that a hash names, as "#s=2", counted from 0; the first one where it names none of `count`. */
function sampleIn(hash, count) {
  const at = Number(parameters(hash).get("s")) - 1;
  return Number.isInteger(at) && at >= 0 && at < count ? at : 0;
}

/** The search part of an address that names a question as "suite/id". */
function searchOf(question) {
  return `?q=${encodeURIComponent(question).replace(/%2F/g, "/")}`;
}

/** Address of a page with what is asked of it, and a state or a place on it; single.js has another. */
function addressOf(page, search = "", hash = "") {
  return page + search + hash;
}

/** An address with a state behind what it names already. */
function withState(address, hash) {
  return address + (address.includes("#") ? hash.replace("#", "&") : hash);
}

/** Begin the title of the browser's tab with what the page shows; single.js leaves that of all pages as it is. */
function titled(name) {
  document.title = `${name} · ${document.title}`;
}

function pageOf(page, question, hash = "") {
  return module.exports.addressOf(page, searchOf(question), hash);
}

/** Put a state into the address instead of the one before: leaving the page takes one step back. */
function replaceHash(hash) {
  history.replaceState(null, "", location.pathname + location.search + hash);
}

/** Call `act` when the reader goes to another state; an anchor of the page is no state. */
function onHash(act) {
  window.addEventListener("hashchange", () => {
    if (!location.hash || location.hash.includes("=")) act();
  });
}

module.exports = {
  parameters, hashOf, sampleIn, searchOf, addressOf, withState, titled, pageOf, replaceHash, onHash,
};
