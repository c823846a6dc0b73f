"use strict";
(function (scope) {
  /** An element with a class, attributes and children; texts become text nodes and are never read as HTML. */
  function el(tag, attributes, ...children) {
    // Made without its namespace an SVG element is an unknown one of HTML, and not drawn.
    const svg = tag === "svg" || tag === "rect" || tag === "title";
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      made.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined && child !== "") made.append(child);
    }
    return made;
  }

  /** A probability as the site writes it: never 100% below certainty, never 0% above impossibility. */
  function percent(value) {
    if (value === null || value === undefined) return "—";
    const shown = Math.round(100 * value);
    if (value < 1 && shown >= 100) return ">99%";
    if (value > 0 && shown <= 0) return "<1%";
    return `${shown}%`;
  }

  /** A time given in milliseconds. */
  function duration(ms) {
    if (ms === null || ms === undefined) return "—";
    if (ms < 1000) return `${ms} ms`;
    return Math.round(ms / 100) < 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
  }

  /** Shade of a probability: p0 (unlikely) to p9 (nearly certain); "" where it is not known. */
  function shade(probability) {
    return probability === null ? "" : `p${Math.min(9, Math.floor(10 * probability))}`;
  }

  /** Width class of a bar for a share of 0 to 1; something is always seen of what is not nothing. */
  function width(share) {
    return `w-${share > 0 ? Math.max(1, Math.round(100 * share)) : 0}`;
  }

  /** White space made visible, for a token shown on its own. */
  function visible(token) {
    return token.replace(/ /g, "␣").replace(/\n/g, "↵").replace(/\t/g, "⇥") || "(empty)";
  }

  /** Whether a key is typed into a field. */
  function typing(target) {
    return Boolean(target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")));
  }

  /** Whether a page's keys are meant for it: always on its own, and in a file of many pages when it fills the middle. */
  function inView(root) {
    const page = root.closest('[id^="page-"]');
    if (!page) return true;
    const { top, bottom } = page.getBoundingClientRect();
    return top <= window.innerHeight / 2 && bottom >= window.innerHeight / 2;
  }

  const api = { el, percent, duration, shade, width, visible, typing, inView };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
