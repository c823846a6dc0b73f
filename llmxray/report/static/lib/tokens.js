"use strict";
// Tokens as they are shown: coloured runs, bars of entropy, and the table of alternatives.
(function () {
  const { el, percent, shade, visible } = llmxray.dom;
  const { svg } = llmxray.svg;
  const MAX_BITS = 4;
  // Logprobs of alternatives come in hundredths of a nat: a probability may be off by half a per cent of itself.
  const ROUNDING = 0.005;

  /** The alternatives of a token with the token itself among them, likeliest first. */
  function known(token) {
    const list = token.top.map((each) => ({ ...each, chosen: each.text === token.text }));
    // A piece of several tokens has the probability of its last one, which is among the alternatives as a part.
    const last = (each) => token.joined && Math.abs(Math.log(each.probability / token.probability)) <= ROUNDING;
    const own = list.find((each) => each.chosen) || list.find(last);
    if (own) Object.assign(own, { text: token.text, chosen: true });
    // The token's own logprob is the finer one.
    if (own && token.probability !== null) own.probability = token.probability;
    if (!own) list.push({ text: token.text, probability: token.probability, chosen: true });
    return list.sort((a, b) => b.probability - a.probability);
  }

  /** What is left for all other tokens; 0 where a listed probability is not known. */
  function restOf(list) {
    const rest = 1 - list.reduce((sum, each) => sum + each.probability, 0);
    return list.some((each) => each.probability === null) ? 0 : Math.max(0, rest);
  }

  /** Where an arrow key leads from a place in a row of `count`; null for any other key. */
  function step(key, place, count) {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: count - 1 }[key];
    return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
  }

  /** Bars of entropy, one per token, from 0 to 4 bits. */
  function strip(tokens) {
    if (tokens.length < 2 || tokens.every((token) => token.entropy === null)) return null;
    const label = `Entropy of ${tokens.length} tokens, 0 to ${MAX_BITS} bits`;
    const gap = tokens.length > 60 ? 0 : 0.15;
    const bars = tokens.map((token, place) => {
      const height = Math.min(MAX_BITS, token.entropy || 0) / MAX_BITS;
      return svg("rect", { x: place + gap / 2, y: 1 - height, width: 1 - gap, height });
    });
    // A reply of two or three tokens would be a strip of slabs.
    const view = `0 0 ${Math.max(24, tokens.length)} 1`;
    const about = { class: "strip", viewBox: view, preserveAspectRatio: "none", role: "img", "aria-label": label };
    return svg("svg", about, bars);
  }

  function piece(token, place) {
    const joined = token.joined ? ", several tokens sent as one" : "";
    const label = `${visible(token.text)}, ${percent(token.probability)}${joined}`;
    // A span may have a label only with a role. The Tab key stops once a run; arrows walk within it.
    const css = `t ${shade(token.probability)}${token.joined ? " joined" : ""}`;
    // A line break that is a token of its own has to be seen to be pointed at.
    const breaks = /^\n+$/.test(token.text) ? "↵".repeat(token.text.length) : "";
    const about = { class: css, tabindex: place ? -1 : 0, "aria-label": label, title: label, role: "img" };
    return el("span", about, breaks + token.text);
  }

  /** A run of coloured tokens that arrow keys walk through. */
  function tokenRun(tokens, css = "") {
    const spans = tokens.map(piece);
    const run = el("div", { class: `tokens ${css}`, role: "group", "aria-label": "Tokens" }, spans);
    run.addEventListener("keydown", (event) => {
      const place = spans.indexOf(event.target);
      const to = place < 0 ? null : step(event.key, place, spans.length);
      if (to === null) return;
      event.preventDefault();
      // Outside a text arrows lead to other questions.
      event.stopPropagation();
      focusToken(spans[to]);
    });
    return run;
  }

  /** Put the focus on a token; the run is left and entered there from now on. */
  function focusToken(span) {
    for (const other of span.parentNode.querySelectorAll(".t")) other.tabIndex = -1;
    span.tabIndex = 0;
    span.focus();
  }

  /** Rank of the token among its alternatives, in words. */
  function rankOf(token, list) {
    if (!token.top.length) return "no alternatives sent";
    const rank = list.findIndex((each) => each.chosen) + 1;
    return rank <= token.top.length ? `choice ${rank}` : "not among the first choices";
  }

  const api = { known, restOf, step, strip, tokenRun, focusToken, rankOf };
  llmxray.tokens = api;
  if (typeof module === "object") module.exports = api;
})();
