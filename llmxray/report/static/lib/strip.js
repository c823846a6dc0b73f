// Tokens of an answer to point at, and the panel that says what else could have stood there.
const { el, all, percent, visible, doubtOf } = llmxray.dom;
const { svg, at, shareBar } = llmxray.svg;
const LINES = 6;
// A full bar: as between 16 equally likely tokens.
const MOST_BITS = 4;
const LEVELS = 12;

function openness(bits) {
  if (bits < 0.2) return "Almost no doubt";
  return bits < 1 ? "Some doubt" : bits < 1.6 ? "Real doubt" : "Great doubt";
}

/** Class of the bar over a token by its entropy in bits. */
function levelOf(bits) {
  return `e${Math.round((LEVELS * Math.min(MOST_BITS, bits || 0)) / MOST_BITS)}`;
}

/** What one line of the alternatives says of a turn: its classes and its words. */
function judged(text, written, right) {
  if (right && text === right) return { css: "good", word: "● right" };
  if (text !== written) return { css: "", word: "" };
  return right ? { css: "said bad", word: "✕ written" } : { css: "said", word: "written" };
}

/** A row of tokens as buttons: {text, probability, entropy, joined}. */
function tokenRow(tokens) {
  const buttons = tokens.map(({ text, probability, entropy, joined }) => {
    const isBlank = !text.trim();
    const css = `token ${doubtOf(probability)}${isBlank ? " blank" : ""}${joined ? " joined" : ""}`;
    const label = `${visible(text)}, ${percent(probability)}`;
    return el("button", { type: "button", class: css, "aria-label": label },
      entropy === null ? null : el("i", { class: levelOf(entropy) }),
      el("span", {}, isBlank ? (text.includes("\n") ? "↵" : "·") : text));
  });
  return el("div", { class: "tokens-row", role: "group", "aria-label": "Tokens; arrow keys move" }, buttons);
}

function lineOf() {
  return el("div", { class: "alternative" },
    el("code"), shareBar(0, ""), el("span", { class: "v" }), el("span", { class: "w" }));
}

function panel() {
  const arrow = (sign, label) => el("button", { type: "button", "aria-label": label }, sign);
  return el("div", { class: "alternatives", "aria-live": "polite" },
    el("header", {}, el("h2", {}, "What else it could have written here"),
      el("span", { class: "steps-through" }, arrow("‹", "Previous token"), arrow("›", "Next token"))),
    Array.from({ length: LINES }, lineOf), el("p", { class: "note" }));
}

/** Fill the lines of a panel, which stay in place while their bars glide: {text, share, css, word, follow}. */
function fill(box, lines, note) {
  const rows = all(".alternative", box);
  const last = box.querySelector(".note");
  while (rows.length < lines.length) {
    rows.push(lineOf());
    last.before(rows[rows.length - 1]);
  }
  rows.forEach((row, place) => {
    const { text = "", share = 0, css = "", word = "", follow = null } = lines[place] || {};
    row.className = `alternative ${css}${follow ? " follows" : ""}`;
    row.onclick = follow;
    row.style.visibility = lines[place] ? "" : "hidden";
    row.querySelector("code").textContent = text;
    row.querySelector(".fill").setAttribute("width", at(share || 0));
    row.querySelector(".v").textContent = lines[place] ? percent(share) : "";
    const label = { type: "button", "aria-label": `Follow ${text}: ${word}` };
    row.querySelector(".w").replaceChildren(follow ? el("button", label, word) : word);
  });
  last.textContent = note;
}

/** Let the pointer, a tap and the arrow keys move through the tokens of `root`; the panel is `box`. */
function follow(root, box, about, first) {
  const buttons = all(".token", root);
  const home = box.parentNode;
  const narrow = matchMedia("(max-width: 40rem)");
  let current = first;

  function show(next, isTap = false) {
    current = Math.max(0, Math.min(buttons.length - 1, next));
    buttons.forEach((button, place) => {
      button.setAttribute("aria-pressed", String(place === current));
      button.tabIndex = place === current ? 0 : -1;
    });
    const { lines, note } = about(current);
    fill(box, lines, note);
    // On a phone the panel opens as a drawer below the line of its token, and never covers it.
    if (isTap && narrow.matches) {
      const top = (button) => button.getBoundingClientRect().bottom;
      const row = buttons[current].closest(".tokens-row");
      const line = all(".token", row).filter((button) => Math.abs(top(button) - top(buttons[current])) < 12);
      const last = line[line.length - 1];
      box.classList.add("drawer");
      (last.closest(".word") || last).after(box);
    } else if (!narrow.matches && box.parentNode !== home) {
      box.classList.remove("drawer");
      home.append(box);
    }
    all(".fork", root).forEach(drawFork);
  }

  buttons.forEach((button, place) => {
    button.addEventListener("click", () => show(place, true));
    button.addEventListener("focus", () => show(place));
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(place));
  });
  root.addEventListener("keydown", (event) => {
    const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || !event.target.closest(".token")) return;
    event.preventDefault();
    // Outside a row arrows lead to other questions.
    event.stopPropagation();
    show(to);
    buttons[current].focus();
  });
  const arrows = box.querySelector(".steps-through");
  arrows.hidden = false;
  [...arrows.children].forEach((button, side) => {
    button.addEventListener("click", () => show(current + 2 * side - 1, true));
  });
  // On the front the whole fork stands above its panel.
  if (buttons.length) show(first, !root.hasAttribute("data-quiet"));
}

/** A wrong answer that stands in the page, with what is known of its tokens. */
function start(root) {
  const { tokens, place, right, said } = JSON.parse(root.dataset.strip);
  const isQuiet = root.hasAttribute("data-quiet");
  all(".token", root).forEach((token, now) => {
    token.setAttribute("role", "button");
    token.setAttribute("aria-label", `${visible(tokens[now].text)}, ${percent(tokens[now].share)}`);
  });
  follow(root, root.querySelector(".alternatives"), (now) => {
    const { text, others, bits } = tokens[now];
    const isTurn = now === place;
    const lines = others.map(([other, share]) =>
      ({ text: visible(other), share, ...judged(other, text, isTurn ? right : "") }));
    const entropy = isQuiet ? "" : `: entropy ${bits.toFixed(2)} bits`;
    return { lines, note: isTurn && said ? said : `${openness(bits)}${entropy}.` };
  }, place);
}

/** Lines from the last token that both ways share to the first of each way. */
function drawFork(fork) {
  const row = fork.previousElementSibling;
  const shared = all(".token", row);
  fork.querySelector(":scope > svg")?.remove();
  if (!shared.length) return;
  const last = shared[shared.length - 1].getBoundingClientRect();
  const box = fork.getBoundingClientRect();
  const r = 7;
  const paths = all(".lane", fork).map((lane, place) => {
    const css = `${lane.className.replace("lane", "")}${lane.querySelector(".instead") ? " only" : ""}`.trim();
    const first = lane.querySelector(".instead b, .token > span").getBoundingClientRect();
    const [from, top] = [last.left + last.width / 2 - box.left + (place ? -3 : 3), last.bottom - box.top];
    const [over, down] = [place ? -9 : -4, place ? 3 : 13];
    const [to, level] = [first.left - box.left - 5, first.top + first.height / 2 - box.top];
    // From the first token there is no room for a way round.
    if (from < down + 4 * r) {
      const d = `M${down},${top}V${level - r}Q${down},${level} ${down + r},${level}H${to}`;
      return svg("path", { d, class: css });
    }
    const left = `H${down + r}Q${down},${over} ${down},${over + r}`;
    const round = `${left}V${level - r}Q${down},${level} ${down + r},${level}`;
    const d = `M${from},${top}V${over - r}Q${from},${over} ${from - r},${over}${round}H${to}`;
    return svg("path", { d, class: css });
  });
  fork.append(svg("svg", { "aria-hidden": "true" }, ...paths));
}

/** The lines of every fork on the page. */
function drawForks() {
  all(".fork").forEach(drawFork);
}

module.exports = { judged, tokenRow, panel, follow, drawFork, drawForks };
if (typeof document === "object") {
  all("[data-strip]").forEach(start);
  drawForks();
  window.addEventListener("resize", drawForks);
  window.addEventListener("load", drawForks);
}
