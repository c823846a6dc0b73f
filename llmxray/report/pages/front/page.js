"use strict";
(function (scope) {
  /** Squared distance of a confidence in per cent from what came of it: 0 is perfect, 1 the worst. */
  function penalty(confidence, right) {
    return ((right ? 1 : 0) - confidence / 100) ** 2;
  }

  /** How many questions a runner has answered after that many seconds, and how many of them right. */
  function standing(runner, seconds) {
    let clock = 0;
    let done = 0;
    let right = 0;
    for (const each of runner.seconds) {
      clock += each;
      if (clock > seconds) break;
      if (runner.right[done]) right += 1;
      done += 1;
    }
    return { done, right };
  }

  /** Seconds that the slowest runner needs for all. */
  function length(runners) {
    return Math.max(...runners.map((runner) => runner.seconds.reduce((sum, each) => sum + each, 0)));
  }

  const api = { penalty, standing, length };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }

  const duel = document.getElementById("duel");
  if (duel) {
    const data = JSON.parse(duel.dataset.duel);
    const form = duel.querySelector("form");
    const [out, verdict, more] = [form.querySelector("output"), duel.querySelector(".verdict"), duel.querySelector(".note")];
    duel.hidden = false;
    form.elements.confidence.addEventListener("input", () => (out.textContent = `${form.elements.confidence.value}%`));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [letter, sure] = [form.elements.answer.value, Number(form.elements.confidence.value)];
      const line = (label, said, confidence, right) => {
        const row = document.createElement("p");
        const mark = document.createElement("b");
        mark.className = right ? "mark-correct" : "mark-wrong";
        const known = confidence === null ? "" : `, ${Math.round(confidence)}% sure`;
        row.append(mark, ` ${label}: ${said}${known}`);
        return row;
      };
      const rows = data.replies.map((each) =>
        line(each.label, each.letter, each.confidence === null ? null : 100 * each.confidence, each.right));
      verdict.replaceChildren(line("You", letter, sure, letter === data.right), ...rows);
      if (data.why) {
        const why = document.createElement("p");
        why.textContent = data.why;
        verdict.append(why);
      }
      verdict.hidden = more.hidden = false;
      form.hidden = true;
    });
  }

  const race = document.getElementById("race");
  if (race) {
    const { shown, runners } = JSON.parse(race.dataset.race);
    const lanes = [...race.querySelectorAll(".lanes li")];
    const [run, end] = ["run", "end"].map((name) => race.querySelector(`[data-do="${name}"]`));
    const totals = lanes.map((lane) => lane.querySelector(".total").textContent);
    const whole = length(runners);
    let started = null;
    const draw = (seconds) => {
      runners.forEach((runner, place) => {
        const { done, right } = standing(runner, seconds);
        const marks = runner.right.slice(0, done).map((hit) => {
          const mark = document.createElement("b");
          mark.className = hit ? "mark-correct" : "mark-wrong";
          return mark;
        });
        lanes[place].querySelector(".marks").replaceChildren(...marks);
        lanes[place].querySelector(".total").textContent =
          done === runner.seconds.length ? totals[place] : `${right} right of ${done}`;
      });
    };
    const finish = () => {
      started = null;
      draw(whole);
      [run.hidden, end.hidden] = [false, true];
    };
    const step = (now) => {
      if (started === null) return;
      const seconds = ((now - started) / 1000) * (whole / shown);
      if (seconds >= whole) finish();
      else {
        draw(seconds);
        requestAnimationFrame(step);
      }
    };
    run.addEventListener("click", () => {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return finish();
      [run.hidden, end.hidden] = [true, false];
      started = performance.now();
      requestAnimationFrame(step);
    });
    end.addEventListener("click", finish);
    // The end is what a reader who does nothing sees: nothing moves by itself.
    finish();
  }
})(typeof window === "undefined" ? globalThis : window);
