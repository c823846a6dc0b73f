"use strict";
// The scripts of the pages, loaded in an order that serves them all; each under the name that the site gives it.
const path = require("node:path");

const REPORT = path.join(__dirname, "..", "..", "llmxray", "report");

// What another script reads comes before it.
const FILES = [
  ...["storage", "guesses", "dom", "url", "svg", "shards", "outcomes", "filters",
    "reading"].map((name) => `static/lib/${name}.js`),
  ...["letters", "reply", "answer", "page"].map((name) => `pages/answers/${name}.js`),
  "static/lib/strip.js",
  "pages/xray/forks.js",
  "pages/calibration/answerers.js",
  ...["categories", "choose", "compare", "playback", "xray"].map((name) => `pages/${name}/page.js`),
  "pages/compare/votes.js",
  "coursework/papers.js",
  "site/single.js",
  "static/steps.js",
  "static/sort.js",
  "static/take.js",
];

/** As `widgets/render.py` names a script. */
function nameOf(file) {
  const { dir, name } = path.parse(file);
  return name === "page" ? path.basename(dir) : name;
}

// As `widgets/render.py` wraps a script.
globalThis.llmxray = /** @type {any} */ ({});
for (const file of FILES) llmxray[nameOf(file)] = require(path.join(REPORT, file));
module.exports = llmxray;
