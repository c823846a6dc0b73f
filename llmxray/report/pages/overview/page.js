// The reader guesses before the verdicts are shown. Runs in the head: covered verdicts must never flash.
const { covered, wanted, guessOf, guess } = llmxray.guesses;

/** What is said of a guess once the verdict is there; "" for who only reads this experiment. */
function told(guessed, verdict) {
  if (guessed === "none") return "";
  return guessed === verdict
    ? `Your guess was right: ${verdict}.`
    : `You guessed “${guessed}”; the verdict is “${verdict}”.`;
}

const path = location.pathname;
const root = document.documentElement;
if (wanted(location.search) && covered(location.search, guessOf(path))) root.dataset.covered = "";

document.addEventListener("DOMContentLoaded", () => {
  const { byId } = llmxray.dom;
  const [box, line] = [byId("guess"), byId("guessed")];
  const verdict = document.querySelector("[data-guessed] .word");
  if (!box || !line || !verdict) {
    delete root.dataset.covered;
    return;
  }
  const say = (guessed) => {
    line.textContent = guessed ? told(guessed, verdict.textContent.trim()) : "";
    line.hidden = !line.textContent;
  };
  box.hidden = !("covered" in root.dataset);
  say(guessOf(path));
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-guess]");
    if (!button) return;
    guess(path, button.dataset.guess);
    box.hidden = true;
    delete root.dataset.covered;
    say(button.dataset.guess);
  });
});
