"use strict";
// Cards show their results once the reader has guessed, or asks for them. Runs in the head: nothing may flash.
(function () {
  const { askAgain, covered, guessOf, isReading, onlyRead } = llmxray.guesses;
  const root = document.documentElement;
  if (covered(location.search, null, isReading())) root.dataset.covered = "";

  document.addEventListener("DOMContentLoaded", () => {
    const { byId, all } = llmxray.dom;
    const cards = all(".front-card.waits");
    for (const card of cards) {
      if (guessOf(new URL(card.querySelector("h3 a").href).pathname)) card.classList.remove("waits");
    }
    const ask = byId("ask-results");
    const asked = "covered" in root.dataset;
    if (!ask || !(asked || isReading()) || !all(".front-card.waits").length) return;
    const [line, show, again] = ask.children;

    function set(covers) {
      if (covers) root.dataset.covered = "";
      else delete root.dataset.covered;
      line.hidden = show.hidden = !covers;
      again.hidden = covers;
    }

    show.addEventListener("click", () => {
      onlyRead();
      set(false);
      again.focus();
    });
    again.addEventListener("click", () => {
      askAgain();
      set(true);
      show.focus();
    });
    set(asked);
    ask.hidden = false;
  });
})();
