// The front page: one question to answer oneself, and cards that wait for a guess.
const { el, byId, all } = llmxray.dom;
const { shareBar } = llmxray.svg;

/** Who beat whom: whether the reader is right, and how many of the models are. */
function outcome(isRight, right, of) {
  if (isRight) return right === of ? "You are right, and so are they." : `Right. You beat ${of - right} of ${of}.`;
  return right ? `Wrong. ${right} of ${of} beat you.` : "Wrong, and so are they.";
}

function startBeat(beat) {
  const form = beat.querySelector("form");
  const { answer, sure } = form.elements;
  const said = beat.querySelector(".outcome");
  form.hidden = false;
  sure.addEventListener("input", () => (form.querySelector("output").textContent = `${sure.value}%`));
  form.addEventListener("submit", () => {
    const isRight = answer.value === beat.dataset.right;
    const css = isRight ? "right" : "wrong";
    const models = all(".them > .replied", beat);
    beat.querySelector(".you").replaceChildren(
      el("div", { class: `replied ${css}` },
        el("b", { class: `${css}-mark`, role: "img", "aria-label": css }),
        el("span", { class: "model" }, "You"),
        el("span", { class: "quote" }, form.querySelector(":checked + span").textContent),
        shareBar(Number(sure.value) / 100, css),
        el("span", { class: "v" }, `${sure.value}%`)));
    said.textContent = outcome(isRight, models.filter((each) => each.matches(".right")).length, models.length);
    said.hidden = false;
    beat.querySelector("details").open = true;
  });
}

function startGuesses(button, area) {
  const cards = all(".front-card", area);
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = area.classList.toggle("guessing");
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Show all findings" : "Guess first";
    for (const card of cards) card.classList.remove("shown");
  });
  if ("first" in button.dataset) button.click();
  for (const card of cards) {
    card.addEventListener("click", (event) => {
      if (!area.classList.contains("guessing") || card.classList.contains("shown")) return;
      event.preventDefault();
      card.classList.add("shown");
    });
  }
}

if (byId("beat")) startBeat(byId("beat"));
if (byId("guess")) startGuesses(byId("guess"), byId("experiments"));
