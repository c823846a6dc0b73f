"use strict";
// The reader guesses before the verdicts are shown. Runs in the head: covered verdicts must never flash.
(function () {
  /** Whether the verdicts are covered: until the reader has guessed, said to be only reading, or asks with ?show. */
  function covered(search, guess, reading) {
    return !new URLSearchParams(search).has("show") && !guess && !reading;
  }

  /** What is said of a guess once the verdict is there. */
  function told(guess, verdict) {
    return guess === verdict ? `Your guess was right: ${verdict}.` : `Your guess: ${guess}. The verdict: ${verdict}.`;
  }

  if (typeof module === "object") {
    module.exports = { covered, told };
    return;
  }
  const { keep, recall } = llmxray.storage;
  const READING = "llmxray-only-reading";
  const name = `llmxray-guess-${location.pathname}`;
  const root = document.documentElement;
  if (covered(location.search, recall(name, null), recall(READING, null))) root.dataset.covered = "";

  document.addEventListener("DOMContentLoaded", () => {
    const { byId } = llmxray.dom;
    const [box, line] = [byId("guess"), byId("guessed")];
    const verdict = document.querySelector("[data-guessed] .badge");
    if (!box || !line || !verdict) {
      delete root.dataset.covered;
      return;
    }
    const say = (guess) => {
      if (!guess) return;
      line.textContent = told(guess, verdict.textContent.trim());
      line.hidden = false;
    };
    box.hidden = !("covered" in root.dataset);
    say(recall(name, null));
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-guess]");
      if (!button) return;
      const { guess } = button.dataset;
      if (guess) keep(name, guess);
      else keep(READING, true);
      box.hidden = true;
      delete root.dataset.covered;
      say(guess);
    });
  });
})();
