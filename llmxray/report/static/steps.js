"use strict";
// The steps of an exercise: a bar that names the step, marks its place, and leads on to the next.
(function () {
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

  /** An address that knows its step. */
  function withStep(href, step) {
    const [path, hash] = href.split("#");
    return `${path}${path.includes("?") ? "&" : "?"}step=${step}${hash === undefined ? "" : `#${hash}`}`;
  }

  /** The experiment of a page, by its address from the site's folder; "" for pages over all experiments. */
  const experimentOf = (href) => (/^([^/?#]+)\/[^/]+\.html/.exec(href) || ["", ""])[1];

  if (typeof module === "object") {
    module.exports = { parseStep, isNamed, withStep, experimentOf };
    return;
  }
  // In a file of its own a page has no lesson beside it.
  const own = document.currentScript && /** @type {any} */ (document.currentScript).src;
  const named = parseStep(new URLSearchParams(location.search).get("step"));
  const step = named || parseStep(recall(KEY, null));
  if (!own || !step) return;
  const root = new URL("..", own);
  const here = decodeURI(location.href.slice(root.href.length)).replace(/[?#].*/, "");

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
    place.classList.add("step-place");
    place.scrollIntoView();
  }

  function bar(sheet, found, at, { waits, isHere }) {
    // A step that this site has no place for is passed over.
    const next = found.steps.findIndex(({ places }, place) => place > at && places.length);
    const title = `${found.title}, step ${at + 1} of ${found.steps.length}`;
    const to = (place, text, more = {}) => {
      const target = place >= 0 && found.steps[place] && found.steps[place].places[0];
      return target ? el("a", { href: root.href + withStep(target.href, `${sheet}.${place + 1}`), ...more }, text) : "";
    };
    const links = found.steps[at].places.map(({ href, heading }) =>
      el("a", { href: root.href + withStep(href, `${sheet}.${at + 1}`) }, heading || "the place"));
    const close = el("button", { type: "button", class: "plain" }, "Close");
    const first = waits && el("a", { class: "button", href: waits }, "Guess first");
    // On any other page of the site the first thing to do is to go there.
    const there = !isHere && to(at, "Go to the place", { class: "button" });
    const last = el("a", { class: "button", href: `${root.href}lesson/${sheet}.html` }, "Back to the sheet");
    const box = el("aside", { class: "steps no-print", "aria-label": title },
      el("div", { class: "wrap" },
        el("p", {}, el("a", { href: `${root.href}lesson/${sheet}.html` }, title), `: ${found.steps[at].text} `,
          links.flatMap((link) => [link, " "])),
        el("p", {}, to(at - 1, "Previous"), " ", first || there || to(next, "Next step", { class: "button" }) || last,
          " ", close)));
    close.addEventListener("click", () => {
      keep(KEY, null);
      box.remove();
      delete document.documentElement.dataset.waits;
    });
    return box;
  }

  llmxray.showSteps = function ({ sheets, guesses }) {
    const found = sheets[step.sheet];
    if (!found || !found.steps[step.at]) return;
    if (named) keep(KEY, `${step.sheet}.${step.at + 1}`);
    const place = found.steps[step.at].places.find(({ href }) => href.replace(/[?#].*/, "") === here);
    const name = experimentOf(here);
    const first = new URL(`${name}/index.html`, root);
    const { guessOf, isReading } = llmxray.guesses;
    // Results do not show before the student has committed to a guess.
    const hasGuessed = !guesses.includes(name) || guessOf(first.pathname) || isReading();
    const isFirst = here === `${name}/index.html`;
    const waits = named && name && !hasGuessed && !isFirst
      ? withStep(first.href, `${step.sheet}.${step.at + 1}`) : "";
    const isHere = Boolean(place) || !found.steps[step.at].places.length;
    const box = bar(step.sheet, found, step.at, { waits, isHere });
    document.querySelector("header.top").append(box);
    if (waits) document.documentElement.dataset.waits = "";
    const target = place && !waits && placeOf(place);
    if (target) open(target);
  };
  const data = document.createElement("script");
  data.src = new URL("data/steps.js", root).href;
  document.body.append(data);
})();
