"use strict";
// How the reader did beside the models: sentences, rows and diagrams.
(function () {
  const { el, percent } = llmxray.dom;
  const { summary, way, pointsOf, modelPoints } = llmxray.answerers;
  const { reliability } = llmxray.reliability;

  /** Each condition on the questions that were answered. */
  function modelsOf({ conditions, questions }, answers) {
    return conditions.map(([id, label, css], place) => ({
      id, label, css, about: summary(modelPoints(place, answers, questions)),
    }));
  }

  /** The finding. */
  function headline(me, models) {
    const fewer = models.filter(({ about }) => about.accuracy !== null && about.accuracy < me.accuracy).length;
    const points = Math.abs(Math.round(me.gap * 100));
    const by = `by ${points} ${points === 1 ? "point" : "points"}`;
    const finding = {
      over: `you are overconfident, ${by}`,
      under: `you are underconfident, ${by}`,
      "": `with ${me.n} answers it is inconclusive whether you are over- or underconfident`,
    }[way(me)];
    const [low, high] = me.interval.map(percent);
    return (
      `You got ${me.hits} of ${me.n} right (${percent(me.accuracy)}, 95% ${low} to ${high}) and were ` +
      `${percent(me.confidence)} sure on average: ${finding}. ${fewer} of ${models.length} conditions got fewer right.`
    );
  }

  /** What was predicted beside what happened; nothing of what was left empty. */
  function predicted({ best, right, way: expected, text, at }, me, models) {
    const top = Math.max(...models.map(({ about }) => about.accuracy || 0));
    const leaders = models.filter(({ about }) => about.accuracy === top).map(({ label }) => label);
    const guess = models.find(({ id }) => id === best);
    const confident = way(me) ? `you are ${way(me)}confident` : "with so few answers it is inconclusive";
    return [
      text && `On ${at.slice(0, 10)} you wrote: ${text}`,
      guess && `Most accurate: you said ${guess.label}; on these questions it is ${leaders.join(" and ")}.`,
      right && `Your own score: you said ${right}; it is ${me.hits} of ${me.n}.`,
      expected && `You expected to be ${expected}confident; ${confident}.`,
    ].filter(Boolean);
  }

  /** An answerer's row of the table. */
  function row(name, css, about, own) {
    const { hits, n, accuracy, confidence, gap, ece, moduleAverage } = about;
    const points = gap === null ? "—" : `${gap >= 0 ? "+" : "−"}${Math.abs(Math.round(gap * 100))}`;
    const right = accuracy === null ? "—" : `${hits} of ${n}`;
    const cells = [right, percent(accuracy), percent(confidence), points, percent(ece), percent(moduleAverage)];
    const who = el("span", { class: `model ${css}` }, name);
    return el("tr", { class: own ? "own" : "" },
      el("th", { scope: "row" }, own ? name : who), cells.map((text) => el("td", { class: "num" }, text)));
  }

  const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

  /** A question with the answer that was given. */
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

  /** Put a person's result into the parts of the page. */
  function showResult(parts, state, data) {
    const me = summary(pointsOf(state.answers, data.questions));
    const models = modelsOf(data, state.answers);
    const finding = headline(me, models);
    const series = [
      { label: "you", css: "", bins: me.bins, own: true },
      ...models.map(({ label, css, about }) => ({ label, css, bins: about.bins })),
    ];
    parts.headline.textContent = finding;
    parts.predicted.replaceChildren(...predicted(state.prediction, me, models).map((text) => el("p", {}, text)));
    parts.diagram.replaceChildren(reliability(series, `Your reliability diagram. ${finding}`));
    parts.table.tBodies[0].replaceChildren(
      row("you", "", me, true), ...models.map(({ label, css, about }) => row(label, css, about, false)),
    );
    const answered = data.questions.slice(0, state.length).filter(({ id }) => state.answers[id]);
    parts.answers.replaceChildren(...answered.map((question) => told(question, state.answers[question.id])));
  }

  /** Put everybody whose export was opened into the parts of the page. */
  function showClass(parts, people, data) {
    parts.class.hidden = people.length === 0;
    if (!people.length) return;
    const pointsBy = people.map(({ answers }) => pointsOf(answers, data.questions));
    const whole = summary(pointsBy.flat());
    const heads = people.length === 1 ? "1 person" : `${people.length} people`;
    const finding =
      `${heads}, ${whole.n} answers: ${percent(whole.accuracy)} right, ${percent(whole.confidence)} sure, ` +
      `ECE ${percent(whole.ece)}.`;
    parts.people.textContent = finding;
    parts.classDiagram.replaceChildren(
      reliability([{ label: "the class", css: "", bins: whole.bins, own: true }], finding),
    );
    parts.classTable.tBodies[0].replaceChildren(
      ...people.map(({ name }, place) => row(name || "no name", "", summary(pointsBy[place]), false)),
    );
  }

  const api = { headline, predicted, showResult, showClass };
  llmxray.yourself = api;
  if (typeof module === "object") module.exports = api;
})();
