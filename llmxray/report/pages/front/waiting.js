"use strict";
// Cards show their results once the reader has guessed, or asks for them. Runs in the head: nothing may flash.
(function () {
  const { covered, guessOf, isReading, onlyRead } = llmxray.guesses;
  const root = document.documentElement;
  if (covered(location.search, null, isReading())) root.dataset.covered = "";

  document.addEventListener("DOMContentLoaded", () => {
    const { byId, all } = llmxray.dom;
    const cards = all(".front-card.waits");
    for (const card of cards) {
      if (guessOf(new URL(card.querySelector("h3 a").href).pathname)) card.classList.remove("waits");
    }
    const ask = byId("ask-results");
    if (!ask || !("covered" in root.dataset) || !all(".front-card.waits").length) return;
    ask.hidden = false;
    ask.querySelector("button").addEventListener("click", () => {
      onlyRead();
      delete root.dataset.covered;
      ask.hidden = true;
    });
  });
})();
