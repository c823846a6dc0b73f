"use strict";
// How calibrated are you: one question after the other, then the result beside what was predicted, if anything was.
(function () {
  const { el, byId, all } = llmxray.dom;
  const { keep, recall, download } = llmxray.storage;
  const { exportOf, readExport, merged } = llmxray.answerers;
  const { showResult, showClass } = llmxray.yourself;
  const main = byId("yourself");
  const parts = Object.fromEntries(all("[data-part]", main).map((each) => [each.dataset.part, each]));
  // By its id a class's diagram knows a newer file of the same person.
  const blank = () => ({
    id: String(Math.random()).slice(2), name: "", length: 0, prediction: null, answers: {},
  });
  let data = null;
  let state = blank();
  let people = [];

  const key = () => `llmxray-yourself:${data.experiment}:${data.questions_sha256}`;
  const asked = () => data.questions.slice(0, state.length);
  const next = () => asked().findIndex((question) => !state.answers[question.id]);

  function save() {
    // Refused from disk: then the answers last as long as the page.
    parts.unkept.hidden = keep(key(), state);
  }

  function show() {
    const place = state.prediction ? next() : -1;
    parts.predict.hidden = Boolean(state.prediction);
    parts.ask.hidden = place < 0;
    parts.result.hidden = !state.prediction || place >= 0;
    if (place >= 0) ask(asked()[place], place);
    if (!parts.result.hidden) showResult(parts, state, data);
    showClass(parts, people, data);
  }

  function ask(question, place) {
    const form = parts.ask;
    form.querySelector("legend").textContent = question.question;
    form.querySelector(".progress-text").textContent = `Question ${place + 1} of ${state.length}`;
    Object.assign(form.querySelector("progress"), { max: state.length, value: place });
    const floor = Math.round(100 / question.choices.length);
    form.querySelector(".options").replaceChildren(
      ...question.choices.map((choice, number) => {
        const input = el("input", { type: "radio", name: "choice", value: number, required: true });
        return el("label", {}, input, ` ${"ABCDEF"[number]}) ${choice}`);
      }),
    );
    const slider = form.elements.confidence;
    slider.min = String(floor);
    slider.value = String(floor);
    form.querySelector(".floor").textContent = `${floor}% is a blind guess among ${question.choices.length} options.`;
    showConfidence();
  }

  function showConfidence() {
    parts.ask.querySelector(".slider .percent").textContent = `${parts.ask.elements.confidence.value}%`;
  }

  async function imported(files) {
    const failed = [];
    for (const file of files) {
      try {
        people = merged(people, readExport(await file.text(), data));
      } catch (error) {
        failed.push(`${file.name}: ${error.message}`);
      }
    }
    parts.failed.textContent = failed.join("; ");
    showClass(parts, people, data);
  }

  parts.predict.addEventListener("submit", () => {
    const { best, right, way, text, count, name } = parts.predict.elements;
    const at = new Date().toISOString();
    state.prediction = { best: best.value, right: right.value, way: way.value, text: text.value, at };
    state.length = Number(count.value);
    state.name = name.value;
    save();
    show();
  });
  parts.ask.addEventListener("input", showConfidence);
  parts.ask.addEventListener("submit", () => {
    const { choice, confidence } = parts.ask.elements;
    if (!choice.value) return;
    state.answers[asked()[next()].id] = [Number(choice.value), Number(confidence.value)];
    save();
    show();
    (parts.ask.hidden ? parts.result.querySelector("button") : parts.ask.querySelector("input")).focus();
  });
  const actions = {
    again: () => window.confirm("Forget your answers on this page?") && (state = blank()),
    export: () => download([data.experiment, "yourself", state.name || state.id], exportOf(state, data)),
    print: () => window.print(),
  };
  for (const button of all("[data-do]", main)) {
    button.addEventListener("click", () => {
      actions[button.dataset.do]();
      save();
      show();
    });
  }
  parts.files.addEventListener("change", () => imported([...parts.files.files]));

  llmxray.shards.load(main.dataset.shard).then(
    (value) => {
      data = value;
      state = { ...blank(), ...recall(key(), {}) };
      save();
      const options = data.conditions.map(([id, label]) => el("option", { value: id }, label));
      parts.predict.elements.best.append(...options);
      main.hidden = false;
      show();
    },
    (error) => {
      parts.failed.textContent = error.message;
      main.hidden = false;
    },
  );
})();
