// "Predict first": what the recordings show is folded until the reader has said what they expect, which then stands beside it.
const { el, all } = llmxray.dom;
const { svg, at, shareBar } = llmxray.svg;
const { keep, recall } = llmxray.storage;

function start(list) {
  const name = `llmxray-expect-${location.pathname}`;
  const rows = all("ol.expect > li").map((row) => {
    const [slider, said] = [el("input", { type: "range", min: 0, max: 100, "aria-label": row.firstChild.textContent }), el("output", {}, "?")];
    // A click in the middle chooses the middle, though nothing moves.
    for (const kind of ["input", "click"]) slider.addEventListener(kind, () => (said.textContent = `${slider.value}%`));
    return { row, slider, said, shown: row.lastChild, right: parseFloat(row.lastChild.textContent) / 100 };
  });

  /** The recorded shares as bars, with the guesses as marks. */
  function reveal(guesses) {
    button.remove();
    list.parentNode.querySelector("h2").textContent = "Your prediction, and the recording";
    rows.forEach(({ row, shown, right }, place) => {
      const [bar, x] = [shareBar(right, "chosen"), at(guesses[place] / 100)];
      bar.append(svg("line", { class: "chance", x1: x, x2: x, y1: -3, y2: "100%" }));
      row.replaceChildren(row.firstChild, bar, shown);
      if (!shown.lastElementChild) shown.append(el("small", {}, ` you expected ${guesses[place]}%`));
    });
  }

  const button = el("button", { type: "button", class: "go" }, "I have decided");
  button.addEventListener("click", () => {
    const open = rows.find(({ said }) => said.textContent === "?");
    if (open) {
      button.textContent = "Move every slider, then: I have decided";
      return open.slider.focus();
    }
    const guesses = rows.map(({ slider }) => Number(slider.value));
    keep(name, guesses);
    reveal(guesses);
  });
  list.closest("details")?.replaceWith(list, button);
  for (const { row, slider, said } of rows) row.replaceChildren(row.firstChild, slider, said);
  const before = recall(name, null);
  if (before) reveal(before);
}

all("ol.expect").forEach(start);
