// How calibrated are you: one question after the other, then the result beside the models and what was predicted.
const { el, byId, all, percent } = llmxray.dom;
const { svg, at, points } = llmxray.svg;
const { keep, recall } = llmxray.storage;
const { summary, pointsOf, modelPoints, headline, predicted } = llmxray.answerers;
const main = byId("yourself");
const parts = Object.fromEntries(all("[data-part]", main).map((each) => [each.dataset.part, each]));
const blank = () => ({ length: 0, prediction: null, answers: {} });
let data = null;
let state = blank();

const key = () => `llmxray-yourself:${data.experiment}:${data.questions_sha256}`;
const asked = () => data.questions.slice(0, state.length);
const next = () => asked().findIndex((question) => !state.answers[question.id]);

/** One answerer in the diagram; `own` is the reader's, with its intervals. */
function curve({ label, css, about: { bins } }, own) {
  const line = points(bins.map(({ confidence, accuracy }) => [100 * confidence, 100 * (1 - accuracy)]));
  const whisker = ({ confidence, interval: [low, high] }) =>
    svg("line", { class: "whisker", x1: at(confidence), x2: at(confidence), y1: at(1 - low), y2: at(1 - high) });
  const dot = ({ confidence, accuracy, n }) =>
    svg("circle", { class: "dot", cx: at(confidence), cy: at(1 - accuracy), r: 3 + Math.sqrt(n) },
      svg("title", {}, `${label}: ${percent(accuracy)} right of ${n} at ${percent(confidence)}`));
  return svg("g", { class: css },
    svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", width: "100%", height: "100%" },
      svg("polyline", { points: line })),
    own ? bins.map(whisker) : [], bins.map(dot));
}

function row({ label, css, about }, own) {
  const { hits, n, accuracy, confidence, gap, ece, moduleAverage } = about;
  const off = gap === null ? "—" : `${gap >= 0 ? "+" : "−"}${Math.abs(Math.round(gap * 100))}`;
  const right = accuracy === null ? "—" : `${hits} of ${n}`;
  const cells = [right, percent(accuracy), percent(confidence), off, percent(ece), percent(moduleAverage)];
  return el("tr", { class: own ? "own" : "" },
    el("th", { scope: "row" }, own ? label : el("span", { class: `model ${css}` }, label)),
    cells.map((text) => el("td", { class: "num" }, text)));
}

const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

function told(question, [choice, confidence]) {
  const correct = choice === question.answer;
  const word = correct ? "right" : "wrong";
  const right = correct ? "" : ` Right: ${sentence(question.choices[question.answer])}`;
  const own = `You, ${confidence}% sure: ${sentence(question.choices[choice])}${right} ${question.why || ""} `;
  const link = el("a", { href: llmxray.url.pageOf("answer.html", question.id) }, "What the models said");
  return el("li", {},
    el("p", {}, el("b", { class: `${word}-mark`, title: word }), question.question),
    el("p", { class: "note" }, own, link));
}

function showResult() {
  const { questions, conditions } = data;
  const models = conditions.map(([id, label, css], place) =>
    ({ id, label, css, about: summary(modelPoints(place, state.answers, questions)) }));
  const me = { label: "you", css: "own", about: summary(pointsOf(state.answers, questions)) };
  const finding = headline(me.about, models);
  const diagram = parts.diagram.querySelector("svg");
  parts.headline.textContent = finding;
  parts.predicted.replaceChildren(
    ...predicted(state.prediction, me.about, models).map((text) => el("p", {}, text)));
  diagram.setAttribute("aria-label", `Your reliability diagram. ${finding}`);
  for (const old of all("g", diagram)) old.remove();
  diagram.append(...models.map((model) => curve(model, false)), curve(me, true));
  parts.table.tBodies[0].replaceChildren(row(me, true), ...models.map((model) => row(model, false)));
  parts.answers.replaceChildren(...asked().map((question) => told(question, state.answers[question.id])));
}

function show() {
  // Refused from disk: then the answers last as long as the page.
  parts.unkept.hidden = keep(key(), state);
  const place = state.prediction ? next() : -1;
  parts.predict.hidden = Boolean(state.prediction);
  parts.ask.hidden = place < 0;
  parts.result.hidden = !state.prediction || place >= 0;
  if (place >= 0) ask(asked()[place], place);
  if (!parts.result.hidden) showResult();
}

function ask({ question, choices }, place) {
  const form = parts.ask;
  form.querySelector("legend").textContent = question;
  form.querySelector(".progress-text").textContent = `Question ${place + 1} of ${state.length}`;
  Object.assign(form.querySelector("progress"), { max: state.length, value: place });
  const floor = Math.round(100 / choices.length);
  form.querySelector(".options").replaceChildren(...choices.map((choice, number) =>
    el("label", {}, el("input", { type: "radio", name: "choice", value: number, required: true }),
      ` ${"ABCDEF"[number]}) ${choice}`)));
  const slider = form.elements.confidence;
  slider.min = String(floor);
  slider.value = String(floor);
  form.querySelector(".floor").textContent = `${floor}% is a blind guess among ${choices.length} options.`;
  showConfidence();
}

function showConfidence() {
  parts.ask.querySelector(".slider .percent").textContent = `${parts.ask.elements.confidence.value}%`;
}

parts.predict.addEventListener("submit", () => {
  const { count, ...prediction } = Object.fromEntries(new FormData(parts.predict));
  state.prediction = { ...prediction, at: new Date().toISOString() };
  state.length = Number(count);
  show();
});
parts.ask.addEventListener("input", showConfidence);
parts.ask.addEventListener("submit", () => {
  const { choice, confidence } = parts.ask.elements;
  state.answers[asked()[next()].id] = [Number(choice.value), Number(confidence.value)];
  show();
  (parts.ask.hidden ? parts.result.querySelector("button") : parts.ask.querySelector("input")).focus();
});
parts.again.addEventListener("click", () => {
  if (!window.confirm("Forget your answers on this page?")) return;
  state = blank();
  show();
});

llmxray.shards.load(main.dataset.shard).then((value) => {
  data = value;
  state = { ...blank(), ...recall(key(), {}) };
  parts.predict.elements.best.append(...data.conditions.map(([id, label]) => el("option", { value: id }, label)));
  main.hidden = false;
  show();
});
