"use strict";
// Guesses of the reader, and whether results wait for them. Runs in the head: covered results must never flash.
(function () {
  const { keep, recall } = llmxray.storage;
  const READING = "llmxray-only-reading";
  const nameOf = (path) => `llmxray-guess-${path}`;

  /** Whether a result is covered: until the reader has guessed, said to be only reading, or asks with ?show. */
  function covered(search, guess, reading) {
    return !new URLSearchParams(search).has("show") && !guess && !reading;
  }

  /** Whether a guess is wanted at all: in class (?guess), and within an exercise. */
  function wanted(search) {
    const asked = new URLSearchParams(search);
    return asked.has("guess") || asked.has("step") || Boolean(recall("llmxray-step", null));
  }

  /** The guess about the experiment whose first page has that path; null for none. */
  const guessOf = (path) => recall(nameOf(path), null);

  /** Scripts that wait for a guess hear of it. */
  function told(kept) {
    document.dispatchEvent(new CustomEvent("llmxray:guessed"));
    return kept;
  }

  const api = {
    covered,
    wanted,
    guessOf,
    guess: (path, guess) => told(keep(nameOf(path), guess)),
    isReading: () => Boolean(recall(READING, null)),
    onlyRead: () => told(keep(READING, true)),
    /** Cover results again until they are guessed; guesses that were made stay. */
    askAgain: () => keep(READING, false),
  };
  llmxray.guesses = api;
  if (typeof module === "object") module.exports = api;
})();
