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

  /** The page of an address, decoded: what follows it may hold a "%" that stands for itself. */
  const pathOf = (href) => decodeURI(href.replace(/[?#].*/, ""));

  if (typeof module === "object") {
    module.exports = { parseStep, isNamed, withStep, experimentOf, pathOf };
    return;
  }
  // In a file of its own a page has no lesson beside it.
  const own = document.currentScript && /** @type {any} */ (document.currentScript).src;
  const named = parseStep(new URLSearchParams(location.search).get("step"));
  const step = named || parseStep(recall(KEY, null));
  if (!own || !step) return;
  const root = new URL("..", own);
  const here = pathOf(location.href.slice(root.href.length));

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
    framed.classList.add("step-place");
    place.scrollIntoView();
  }

  /** The experiments that a sheet is about. */
  const experimentsOf = (steps) => steps.flatMap(({ places }) => places.map(({ href }) => experimentOf(href)));

  /** The experiment whose guess this page waits for; "" where results may show. */
  function waitsFor(steps, guesses) {
    const { covered, guessOf } = llmxray.guesses;
    const name = experimentOf(here);
    const ofSheet = experimentsOf(steps);
    // The ledger tells of all experiments, and waits for those of the steps so far. A page that the address leads a
    // step to is of that step.
    const soFar = experimentsOf(steps.slice(0, step.at + 1));
    const asked = here === "ledger.html" ? soFar : named || ofSheet.includes(name) ? [name] : [];
    const isOpen = (each) => !covered(location.search, guessOf(pageOf(each).pathname));
    return asked.find((each) => guesses.includes(each) && !isOpen(each)) || "";
  }

  /** Where the guess about an experiment is made. */
  const pageOf = (name) => new URL(`${name}/index.html`, root);

  /** What stands on a page whose results wait: what the exercise is about, and the way to the guess. */
  function invitation(found, sheet, waits) {
    return el("section", { class: "guess-first no-print" },
      el("h2", {}, "Your guess comes first"),
      el("p", {}, found.intro),
      el("p", {}, "Say what you expect. Then this page shows what the recordings show."),
      el("p", {}, el("a", { class: "button", href: waits }, "Guess first"), " ",
        el("a", { href: `${root.href}lesson/${sheet}.html` }, "Read the exercise")));
  }

  /** The link that leads on: to this step's place, to the next step, or back to the sheet. */
  function onward(sheet, found, at, isHere) {
    const to = (place, text) => el("a",
      { class: "button", href: root.href + withStep(found.steps[place].places[0].href, `${sheet}.${place + 1}`) },
      text);
    const { heading } = found.steps[at].places[0] || {};
    if (!isHere) return to(at, heading ? `Now look at “${heading}”` : "Now look at the page of this step");
    // A step that this site has no place for is passed over.
    const next = found.steps.findIndex(({ places }, place) => place > at && places.length);
    return next < 0 ? el("a", { class: "button", href: `${root.href}lesson/${sheet}.html` }, "Back to the sheet")
      : to(next, "Next step");
  }

  function bar(sheet, found, at, first) {
    const title = `${found.title}, step ${at + 1} of ${found.steps.length}`;
    const before = found.steps[at - 1] && found.steps[at - 1].places[0];
    const links = found.steps[at].places.map(({ href, heading }) =>
      el("a", { href: root.href + withStep(href, `${sheet}.${at + 1}`) }, heading || "the place"));
    const close = el("button", { type: "button", class: "plain" }, "Close");
    const box = el("aside", { class: "steps no-print", "aria-label": title },
      el("div", { class: "wrap" },
        el("p", {}, el("a", { href: `${root.href}lesson/${sheet}.html` }, title), `: ${found.steps[at].text}. `,
          el("b", {}, found.steps[at].look), " ",
          el("span", { class: "where" }, links.flatMap((link, place) => (place ? [" · ", link] : [link])))),
        el("p", {},
          before ? el("a", { href: root.href + withStep(before.href, `${sheet}.${at}`) }, "Previous") : "", " ",
          first, " ", close)));
    close.addEventListener("click", () => {
      keep(KEY, null);
      box.remove();
      delete document.documentElement.dataset.waits;
      for (const each of all(".guess-first")) each.remove();
    });
    return box;
  }

  llmxray.showSteps = function ({ sheets, guesses }) {
    const found = sheets[step.sheet];
    if (!found || !found.steps[step.at]) return;
    if (named) keep(KEY, `${step.sheet}.${step.at + 1}`);
    const { places } = found.steps[step.at];
    const place = places.find(({ href }) => href.replace(/[?#].*/, "") === here);
    // Who reads something else meanwhile is not followed there.
    if (!named && !place && here !== "ledger.html" && !experimentsOf(found.steps).includes(experimentOf(here))) return;
    const isHere = Boolean(place) || !places.length;
    // Results do not show before the student has committed to a guess; the first page covers its own.
    const name = waitsFor(found.steps, guesses);
    const isFirst = name && here === `${name}/index.html`;
    const head = document.querySelector("header.top");
    const show = (first) => head.append(bar(step.sheet, found, step.at, first));
    if (!name || isFirst) show(isFirst ? "Guess below" : onward(step.sheet, found, step.at, isHere));
    else {
      show("");
      document.documentElement.dataset.waits = "";
      const waits = withStep(pageOf(name).href, `${step.sheet}.${step.at + 1}`);
      document.querySelector("main").append(invitation(found, step.sheet, waits));
    }
    if (isFirst) {
      document.addEventListener("llmxray:guessed", () => {
        for (const each of all("header .steps")) each.remove();
        show(onward(step.sheet, found, step.at, isHere));
        // What the guess uncovers stands above the place.
        const uncovered = place && placeOf(place);
        if (uncovered) setTimeout(() => open(uncovered));
      });
    }
    const target = place && !(name && !isFirst) && placeOf(place);
    if (!target) return;
    // The browser goes to the anchor of the address once all is loaded.
    if (document.readyState === "complete") open(target);
    else addEventListener("load", () => open(target));
  };
  const data = document.createElement("script");
  data.src = new URL("data/steps.js", root).href;
  document.body.append(data);
})();
