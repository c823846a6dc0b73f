"use strict";
(function () {
  const { el: make, load, summary, way, pointsOf, modelPoints, readExport, merged, reliability, percent } = window.llmxray;
  const main = document.getElementById("yourself");
  const parts = Object.fromEntries([...main.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
  // By its id a class's diagram knows a newer file of the same person.
  const blank = () => ({ id: String(Math.random()).slice(2), name: "", length: 0, prediction: null, answers: {}, revealed: false });
  let data = null;
  let state = blank();
  let people = [];
  let kept = true;

  const key = () => `llmxray-yourself:${data.experiment}:${data.questions_sha256}`;
  function save() {
    try {
      localStorage.setItem(key(), JSON.stringify(state));
    } catch {
      kept = false; // file:// may refuse storage: then the answers last as long as the page
    }
    parts.unkept.hidden = kept;
  }
  function restore() {
    try {
      state = { ...blank(), ...JSON.parse(localStorage.getItem(key()) || "{}") };
    } catch {
      kept = false;
    }
  }

  const asked = () => data.questions.slice(0, state.length);
  const next = () => asked().findIndex((question) => !state.answers[question.id]);

  function show() {
    const place = state.prediction ? next() : -1;
    parts.predict.hidden = Boolean(state.prediction);
    parts.ask.hidden = !state.prediction || place < 0 || state.revealed;
    parts.done.hidden = !state.prediction || state.revealed || place >= 0;
    parts.result.hidden = !state.revealed;
    if (!parts.ask.hidden) ask(asked()[place], place);
    if (state.revealed) reveal();
    parts.unkept.hidden = kept;
  }

  function ask(question, place) {
    const form = parts.ask;
    form.querySelector("legend").textContent = question.question;
    form.querySelector(".progress-text").textContent = `Question ${place + 1} of ${state.length}`;
    const bar = form.querySelector("progress");
    bar.max = state.length;
    bar.value = place;
    const floor = Math.round(100 / question.choices.length);
    form.querySelector(".options").replaceChildren(
      ...question.choices.map((choice, number) => {
        const input = make("input", { type: "radio", name: "choice", value: String(number), required: "" });
        return make("label", {}, [input, ` ${"ABCDEF"[number]}) ${choice}`]);
      }),
    );
    const slider = form.elements.confidence;
    slider.min = String(floor);
    slider.value = String(floor);
    form.querySelector(".floor").textContent = `${floor}% is a blind guess among ${question.choices.length} options.`;
    sure();
  }

  function sure() {
    parts.ask.querySelector("output").textContent = `${parts.ask.elements.confidence.value}%`;
  }

  function others() {
    return data.conditions.map(([id, label, css], place) => ({
      id, label, css, about: summary(modelPoints(place, state.answers, data.questions)),
    }));
  }

  function reveal() {
    const me = summary(pointsOf(state.answers, data.questions));
    const models = others();
    parts.headline.textContent = headline(me, models);
    parts.predicted.replaceChildren(...predicted(me, models).map((text) => make("p", {}, [text])));
    const series = [
      { label: "you", css: "", bins: me.bins, own: true },
      ...models.map(({ id, css, about }) => ({ label: id, css, bins: about.bins })),
    ];
    parts.diagram.replaceChildren(reliability(series, `Your reliability diagram. ${headline(me, models)}`));
    const rows = [row("you", "", me, true), ...models.map(({ id, css, about }) => row(id, css, about))];
    parts.table.tBodies[0].replaceChildren(...rows);
    parts.answers.replaceChildren(...asked().filter(({ id }) => state.answers[id]).map(told));
    classroom();
  }

  function headline(me, models) {
    const behind = models.filter(({ about }) => about.accuracy !== null && about.accuracy < me.accuracy).length;
    const points = Math.abs(Math.round(me.gap * 100));
    const by = `by ${points} ${points === 1 ? "point" : "points"}`;
    const told = {
      over: `you are overconfident, ${by}`,
      under: `you are underconfident, ${by}`,
      "": `with ${me.n} answers it is inconclusive whether you are over- or underconfident`,
    }[way(me)];
    return (
      `You got ${me.hits} of ${me.n} right (${percent(me.accuracy)}, 95% ${percent(me.interval[0])} to ` +
      `${percent(me.interval[1])}) and were ${percent(me.confidence)} sure on average: ${told}. ` +
      `${behind} of ${models.length} conditions got fewer right.`
    );
  }

  function predicted(me, models) {
    const { best, right, way: expected, text, at } = state.prediction;
    const top = Math.max(...models.map(({ about }) => about.accuracy || 0));
    const leaders = models.filter(({ about }) => about.accuracy === top).map(({ id }) => id);
    const real = way(me);
    return [
      `On ${at.slice(0, 10)} you wrote: ${text || "(no hypothesis)"}`,
      `Most accurate: you said ${best}; on these questions it is ${leaders.join(" and ")}.`,
      `Your own score: you said ${right}; it is ${me.hits} of ${me.n}.`,
      `You expected to be ${expected}confident; ${real ? `you are ${real}confident` : "with so few answers it is inconclusive"}.`,
    ];
  }

  function row(name, css, about, own) {
    const cells = [
      about.accuracy === null ? "—" : `${about.hits} of ${about.n}`,
      percent(about.accuracy),
      percent(about.confidence),
      about.gap === null ? "—" : `${about.gap >= 0 ? "+" : "−"}${Math.abs(Math.round(about.gap * 100))}`,
      percent(about.ece),
      percent(about.moduleAverage),
    ];
    const head = make("th", { scope: "row" }, [make("span", { class: "who" }, [make("i", { class: "swatch" }), name])]);
    return make("tr", { class: own ? "own" : `k ${css}` }, [
      head,
      ...cells.map((text) => make("td", { class: "num" }, [text])),
    ]);
  }

  const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

  function told(question) {
    const [choice, confidence] = state.answers[question.id];
    const correct = choice === question.answer;
    const mark = make("b", { class: correct ? "mark-correct" : "mark-wrong", title: correct ? "correct" : "wrong" });
    const right = correct ? "" : ` Right: ${sentence(question.choices[question.answer])}`;
    return make("li", {}, [
      make("p", {}, [mark, question.question]),
      make("p", { class: "note" }, [
        `You, ${confidence}% sure: ${sentence(question.choices[choice])}${right} ${question.why || ""} `,
        make("a", { href: `answer.html?q=${encodeURIComponent(question.id)}` }, ["What the models said"]),
      ]),
    ]);
  }

  function classroom() {
    parts.class.hidden = people.length === 0;
    if (!people.length) return;
    const all = people.flatMap(({ answers }) => pointsOf(answers, data.questions));
    const whole = summary(all);
    const heads = people.length === 1 ? "1 person" : `${people.length} people`;
    const said = `${heads}, ${whole.n} answers: ${percent(whole.accuracy)} right, ${percent(whole.confidence)} sure, ECE ${percent(whole.ece)}.`;
    parts.people.textContent = said;
    const bins = [{ label: "the class", css: "", bins: whole.bins, own: true }];
    parts.classDiagram.replaceChildren(reliability(bins, said));
    parts.classTable.tBodies[0].replaceChildren(
      ...people.map((person) => row(person.name || "no name", "", summary(pointsOf(person.answers, data.questions)))),
    );
  }

  function exported() {
    const { id, name, prediction, answers } = state;
    const about = {
      format: "llmxray-yourself", version: 1, experiment: data.experiment, questions_sha256: data.questions_sha256,
      id, name, prediction, answers,
    };
    const url = URL.createObjectURL(new Blob([JSON.stringify(about, null, 1)], { type: "application/json" }));
    const link = make("a", { href: url, download: `${data.experiment}-yourself-${(name || id).replace(/[^\p{L}\p{N}]+/gu, "-")}.json` });
    link.click();
    // Not at once: the browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(url), 1000);
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
    classroom();
  }

  parts.predict.addEventListener("submit", (event) => {
    event.preventDefault();
    const { best, right, way: expected, text, count, name } = parts.predict.elements;
    state.prediction = { best: best.value, right: Number(right.value), way: expected.value, text: text.value, at: new Date().toISOString() };
    state.length = Number(count.value);
    state.name = name.value;
    save();
    show();
  });
  parts.predict.addEventListener("input", () => {
    parts.predict.elements.right.max = parts.predict.elements.count.value;
  });
  parts.ask.addEventListener("input", sure);
  parts.ask.addEventListener("submit", (event) => {
    event.preventDefault();
    const choice = parts.ask.elements.choice;
    const value = choice.value === undefined ? "" : choice.value;
    if (value === "") return;
    state.answers[asked()[next()].id] = [Number(value), Number(parts.ask.elements.confidence.value)];
    save();
    show();
    const first = parts.ask.hidden ? parts.done.querySelector("button") : parts.ask.querySelector("input");
    if (first) first.focus();
  });
  main.addEventListener("click", (event) => {
    const action = event.target.dataset && event.target.dataset.do;
    if (action === "reveal") state.revealed = true;
    else if (action === "export") return exported();
    else if (action === "print") return window.print();
    else if (action === "again" && window.confirm("Forget your answers on this page?")) state = blank();
    else return undefined;
    save();
    show();
    return undefined;
  });
  parts.files.addEventListener("change", () => imported([...parts.files.files]));

  load("", main.dataset.shard).then(
    (value) => {
      data = value;
      restore();
      parts.predict.elements.best.append(...data.conditions.map(([id]) => make("option", { value: id }, [id])));
      main.hidden = false;
      show();
    },
    (error) => {
      parts.failed.textContent = error.message;
      main.hidden = false;
    },
  );
})();
