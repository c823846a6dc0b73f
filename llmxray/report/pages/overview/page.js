"use strict";
(function (scope) {
  const SHOW = "show";

  /** Where the guess of an experiment is kept, and where it is kept that a reader only wants to read. */
  const key = (experiment) => `llmxray-guess-${experiment}`;
  const READING = "llmxray-only-reading";

  /** Whether the verdicts are covered until the reader has guessed. */
  function covered(search, kept, reading) {
    return !new URLSearchParams(search).has(SHOW) && kept === null && reading === null;
  }

  /** What is said of a guess once the verdict is there. */
  function told(guess, verdict) {
    return guess === verdict ? `Your guess was right: ${verdict}.` : `Your guess: ${guess}. The verdict: ${verdict}.`;
  }

  const api = { covered, told };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  // A page opened from disk may be refused any storage: then it asks each time.
  const read = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const write = (name, value) => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // nothing is kept
    }
  };
  const root = document.documentElement;
  const name = key(location.pathname);
  if (covered(location.search, read(name), read(READING))) root.dataset.covered = "";

  document.addEventListener("DOMContentLoaded", () => {
    const [box, line] = ["guess", "guessed"].map((id) => document.getElementById(id));
    const first = document.querySelector("[data-guessed] .badge");
    if (!box || !line || !first) {
      delete root.dataset.covered;
      return;
    }
    const say = (guess) => {
      if (!guess) return;
      line.textContent = told(guess, first.textContent.trim());
      line.hidden = false;
    };
    box.hidden = !("covered" in root.dataset);
    say(read(name));
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-guess]");
      if (!button) return;
      const guess = button.dataset.guess;
      if (guess) write(name, guess);
      else write(READING, "1");
      box.hidden = true;
      delete root.dataset.covered;
      say(guess);
    });
  });
})(typeof window === "undefined" ? globalThis : window);
