"use strict";
// The front page: one question to answer oneself, and the race of two conditions.
(function () {
  const { el, byId, all, percent } = llmxray.dom;
  const { arrivals, countAt } = llmxray.clock;

  /** How many questions a runner has answered after that many seconds, and how many of them right. */
  function standing({ seconds, right }, now) {
    const done = countAt(arrivals(seconds), now);
    return { done, right: right.slice(0, done).filter(Boolean).length };
  }

  /** Seconds that the slowest runner needs for all. */
  function length(runners) {
    return Math.max(...runners.map(({ seconds }) => arrivals(seconds).at(-1) || 0));
  }

  /** Who beat whom: whether the reader is right, and how many of the models are. */
  function outcome(isRight, right, of) {
    if (isRight) return right === of ? "You are right, and so are they." : `You beat ${of - right} of ${of}.`;
    return right ? `${right} of ${of} beat you.` : "Nobody is right.";
  }

  if (typeof module === "object") {
    module.exports = { standing, length, outcome };
    return;
  }
  const mark = (right) => el("b", { class: right ? "mark-correct" : "mark-wrong" });
  const inSeconds = (seconds) => `${seconds.toFixed(1)}\u00a0s`;

  function startDuel(duel) {
    const data = JSON.parse(duel.dataset.duel);
    const form = duel.querySelector("form");
    const verdict = duel.querySelector(".verdict");
    const { answer, confidence } = form.elements;
    const texts = Object.fromEntries(data.options.map((each) => [each.letter, `“${each.text}”`]));
    const line = (label, letter, share, right) => {
      const sure = share === null ? "" : `, ${percent(share)} sure`;
      return el("p", {}, mark(right), ` ${label}: ${texts[letter] || letter}${sure}`);
    };
    duel.hidden = false;
    confidence.addEventListener("input", () => {
      form.querySelector(".sure .percent").textContent = `${confidence.value}%`;
    });
    form.addEventListener("submit", () => {
      const isRight = answer.value === data.right;
      const right = data.replies.filter((each) => each.right).length;
      verdict.replaceChildren(
        el("p", {}, el("b", {}, outcome(isRight, right, data.replies.length))),
        line("You", answer.value, Number(confidence.value) / 100, isRight),
        ...data.replies.map((each) => line(each.label, each.letter, each.confidence, each.right)),
        data.why ? el("p", {}, data.why) : "",
      );
      verdict.hidden = duel.querySelector(".note").hidden = false;
      form.hidden = true;
    });
  }

  function startRace(race) {
    const { shown, runners } = JSON.parse(race.dataset.race);
    const lanes = all(".lanes li", race).map((lane, place) => {
      const total = lane.querySelector(".total");
      const marks = runners[place].right.map(() => el("i", {}));
      lane.querySelector(".marks").replaceChildren(...marks);
      return { lane, marks, total, result: total.textContent.trim() };
    });
    const [time, result] = [".time", ".result"].map((name) => race.querySelector(name));
    const said = result.textContent;
    const run = race.querySelector('[data-do="run"]');
    const whole = length(runners);
    let started = null;

    /** What there is after so many seconds. */
    function draw(now) {
      time.textContent = inSeconds(now);
      runners.forEach((runner, place) => {
        const { done, right } = standing(runner, now);
        const { lane, marks, total, result } = lanes[place];
        marks.forEach((each, at) => (each.className = at < done ? `ran ${runner.right[at] ? "right" : "wrong"}` : ""));
        const isThere = done === runner.seconds.length;
        lane.classList.toggle("there", isThere);
        total.textContent = isThere ? result : `${right} right of ${done}`;
      });
    }

    function finish() {
      started = null;
      draw(whole);
      result.textContent = said;
      run.textContent = "Run it again";
      run.hidden = false;
    }

    function step(now) {
      if (started === null) return;
      const seconds = ((now - started) / 1000) * (whole / shown);
      if (seconds >= whole) finish();
      else {
        draw(seconds);
        requestAnimationFrame(step);
      }
    }

    run.addEventListener("click", () => {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return finish();
      result.textContent = "";
      run.hidden = true;
      started = performance.now();
      requestAnimationFrame(step);
    });
    window.addEventListener("beforeprint", finish);
    // Nothing moves by itself, and nothing of the result shows before the start: a reader may want to guess.
    run.hidden = time.hidden = false;
    if (new URLSearchParams(location.search).has("show")) finish();
    else {
      result.textContent = "";
      draw(0);
    }
  }

  if (byId("duel")) startDuel(byId("duel"));
  if (byId("race")) startRace(byId("race"));
})();
