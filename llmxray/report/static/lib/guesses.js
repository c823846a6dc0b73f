// Guesses of the reader, and whether results wait for them. Runs in the head: covered results must never flash.
const { keep, recall } = llmxray.storage;
const nameOf = (path) => `llmxray-guess-${path}`;

/** Whether a result is covered: until the reader has guessed, or asks with ?show. */
function covered(search, guess) {
  return !guess && !new URLSearchParams(search).has("show");
}

/** Whether a guess is wanted at all: in class (?guess), and where a step of an exercise leads to the page. */
function wanted(search) {
  const asked = new URLSearchParams(search);
  return asked.has("guess") || asked.has("step");
}

/** The guess about the experiment whose first page has that path; null for none. */
const guessOf = (path) => recall(nameOf(path), null);

const guess = (path, value) => keep(nameOf(path), value);

module.exports = { covered, wanted, guessOf, guess };
