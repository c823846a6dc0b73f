"use strict";
// Slides that keys turn.
(function () {
  /** The slide that a key leads to, by place from 0; null where the key does not turn slides. */
  function turned(key, place, count, back) {
    const steps = {
      ArrowRight: 1, PageDown: 1, " ": back ? -1 : 1, ArrowLeft: -1, PageUp: -1, Home: -count, End: count,
    };
    return key in steps ? Math.min(count - 1, Math.max(0, place + steps[key])) : null;
  }

  /** Which slide is on the screen: the one whose upper edge lies nearest to the screen's. */
  function nearest(tops) {
    return tops.reduce((best, top, place) => (Math.abs(top) < Math.abs(tops[best]) ? place : best), 0);
  }

  if (typeof module === "object") {
    module.exports = { turned, nearest };
    return;
  }
  const slides = llmxray.dom.all(".slide");
  // The header stays on the screen, so a slide begins below it.
  const margin = () => parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  llmxray.dom.onKey((event) => {
    const pressing = event.key === " " && /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName);
    if (pressing || document.querySelector("dialog[open]")) return;
    const here = nearest(slides.map((slide) => slide.getBoundingClientRect().top - margin()));
    const next = turned(event.key, here, slides.length, event.shiftKey);
    if (next === null) return;
    event.preventDefault();
    slides[next].scrollIntoView({ block: "start" });
    // A screen reader goes on from there.
    slides[next].focus({ preventScroll: true });
  });
  for (const slide of slides) slide.tabIndex = -1;
})();
