// The steps of an exercise: a bar that names the step, marks its place, and leads on to the next.
const { el, all } = llmxray.dom;
const { keep, recall } = llmxray.storage;
const KEY = "llmxray-step";

/** "exercise-2.3" as its sheet and its place from 0; null for anything else. */
function parseStep(text) {
  const found = /^([a-z0-9-]+)\.([1-9]\d?)$/.exec(text || "");
  return found ? { sheet: found[1], at: Number(found[2]) - 1 } : null;
}

/** Whether a heading is the one that a sheet names; "…" there stands for any words. */
function isNamed(text, heading) {
  const parts = heading.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return Boolean(heading) && new RegExp(`^${parts.join(".+")}$`).test(text.replace(/\s+/g, " ").trim());
}

/** A heading in plain words, where no page has put a name. */
const shown = (heading) => heading.replace("…", "the other");

function withStep(href, step) {
  const [path, hash] = href.split("#");
  return `${path}${path.includes("?") ? "&" : "?"}step=${step}${hash === undefined ? "" : `#${hash}`}`;
}

/** The experiment of a page, by its address from the site's folder; "" for pages over all experiments. */
const experimentOf = (href) => (/^([^/?#]+)\/[^/]+\.html/.exec(href) || ["", ""])[1];

/** The page of an address, decoded: what follows it may hold a "%" that stands for itself. */
const pathOf = (href) => decodeURI(href.replace(/[?#].*/, ""));

function start() {
  // In a file of its own a page has no lesson beside it.
  const own = document.currentScript && /** @type {any} */ (document.currentScript).src;
  const named = parseStep(new URLSearchParams(location.search).get("step"));
  const step = named || parseStep(recall(KEY, null));
  if (!own || !step) return;
  const root = new URL("..", own);
  const here = pathOf(location.href.slice(root.href.length));
  // Who is back at the sheet is at no step.
  if (!named && here.startsWith("lesson/")) {
    keep(KEY, null);
    return;
  }

  /** The element that a step is about: the heading named after its anchor, else the anchor itself. */
  function placeOf({ href, heading }) {
    const id = href.split("#")[1];
    const anchor = id ? document.getElementById(id) : null;
    const after = (each) => !anchor || each === anchor ||
      Boolean(anchor.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
    return all("main :is(h1, h2, h3, h4, .label)").find((each) =>
      after(each) && isNamed(each.textContent, heading)) || anchor;
  }

  function open(place) {
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    // What a heading announces may be folded below it.
    if (place.nextElementSibling && place.nextElementSibling.matches("details")) place.nextElementSibling.open = true;
    // A word within a line would be framed without what it announces.
    const framed = getComputedStyle(place).display === "inline" ? place.parentElement : place;
    for (const each of all(".step-place")) each.classList.remove("step-place");
    framed.classList.add("step-place");
    place.scrollIntoView();
  }

  /** The link that leads on: to this step's place, to the next step, or back to the sheet. */
  function onward(sheet, found, at, isHere) {
    const to = (place, text) => el("a",
      { class: "button", href: root.href + withStep(found.steps[place].places[0].href, `${sheet}.${place + 1}`) },
      text);
    const { heading } = found.steps[at].places[0] || {};
    if (!isHere) return to(at, heading ? `Now look at “${shown(heading)}”` : "Now look at the page of this step");
    const next = found.steps.findIndex(({ places }, place) => place > at && places.length);
    return next < 0 ? el("a", { class: "button", href: `${root.href}lesson/${sheet}.html` }, "Back to the sheet")
      : to(next, "Next step");
  }

  function bar(sheet, found, at, first) {
    const title = `${found.title}, step ${at + 1} of ${found.steps.length}`;
    const before = found.steps[at - 1] && found.steps[at - 1].places[0];
    const links = found.steps[at].places.map((place) => {
      const link = el("a", { href: root.href + withStep(place.href, `${sheet}.${at + 1}`) }, shown(place.heading) || "the page");
      link.addEventListener("click", (event) => {
        const target = pathOf(place.href) === here && placeOf(place);
        if (!target) return;
        event.preventDefault();
        open(target);
      });
      return link;
    });
    const close = el("button", { type: "button", class: "pill" }, "Close");
    const box = el("aside", { class: "steps no-print", "aria-label": title },
      el("div", { class: "wrap" },
        el("p", {}, el("a", { href: `${root.href}lesson/${sheet}.html` }, title), `: ${found.steps[at].text.replace(/[?.]?$/, (end) => end || ".")} `,
          el("b", {}, found.steps[at].look), " ",
          el("span", { class: "where" }, links.flatMap((link, place) => (place ? [" · ", link] : [link])))),
        el("p", {},
          before ? el("a", { href: root.href + withStep(before.href, `${sheet}.${at}`) }, "Previous") : "", " ",
          first, " ", close)));
    close.addEventListener("click", () => {
      keep(KEY, null);
      box.remove();
    });
    return box;
  }

  llmxray.showSteps = function (sheets) {
  const found = sheets[step.sheet];
  if (!found || !found.steps[step.at]) return;
  if (named) keep(KEY, `${step.sheet}.${step.at + 1}`);
  const { places } = found.steps[step.at];
  const place = places.find(({ href }) => pathOf(href) === here);
  const name = experimentOf(here);
  // Who reads something else meanwhile is not followed there.
  const isOfSheet = found.steps.some((each) => each.places.some(({ href }) => experimentOf(href) === name));
  if (!named && !place && !isOfSheet) return;
  const link = onward(step.sheet, found, step.at, Boolean(place) || !places.length);
  document.querySelector("header.top").append(bar(step.sheet, found, step.at, link));
  const target = place && placeOf(place);
  if (!target) return;
  // The browser goes to the anchor of the address once all is loaded.
  if (document.readyState === "complete") open(target);
  else addEventListener("load", () => open(target));
};
const data = document.createElement("script");
  data.src = new URL("data/steps.js", root).href;
  document.body.append(data);
}

module.exports = { parseStep, isNamed, withStep, experimentOf, pathOf };
if (typeof document === "object") start();
