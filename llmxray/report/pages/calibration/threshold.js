"use strict";
// Thresholds that the reader moves: answers below one are refused, or handed to a larger model.
(function () {
  const { byId, sentenceOf } = llmxray.dom;
  const { parameters, hashOf, wholeIn, replaceHash, onHash } = llmxray.url;

  /** What the address asks for: condition, threshold in per cent, cascade and its point; unknown values dropped. */
  function parseThreshold(hash, conditions, sizes) {
    const wanted = parameters(hash).get("condition");
    const cascade = wholeIn(hash, "cascade", 0, sizes.length - 1, 0);
    return {
      condition: conditions.includes(wanted) ? wanted : conditions[0],
      at: wholeIn(hash, "at", 0, 100, 50),
      cascade,
      point: wholeIn(hash, "point", 0, (sizes[cascade] || 1) - 1, 0),
    };
  }

  if (typeof module === "object") {
    module.exports = { parseThreshold };
    return;
  }
  const form = byId("threshold-form");
  if (!form) return;
  const steps = byId("cascade-form");

  /** A ring on a chart at a place, made once per chart. */
  function mark(box, at, css) {
    const chart = box && box.querySelector("svg");
    if (!chart) return;
    const ring = chart.querySelector(".chosen") || llmxray.svg.svg("circle", { r: 7 });
    chart.append(ring);
    ring.setAttribute("class", `chosen ${css}`);
    ring.setAttribute("visibility", at ? "visible" : "hidden");
    if (!at) return;
    ring.setAttribute("cx", at[0]);
    ring.setAttribute("cy", at[1]);
  }

  llmxray.shards.load(form.dataset.file).then((data) => {
    const names = [...form.elements.condition.options].map((option) => option.value);
    const sizes = data.cascades.map((each) => each.points.length);
    let state = parseThreshold(location.hash, names, sizes);

    function showThreshold() {
      const entry = data.conditions[state.condition][state.at];
      form.elements.condition.value = state.condition;
      form.elements.threshold.value = state.at;
      byId("threshold-value").textContent = `${state.at}%`;
      const chosen = form.elements.condition.selectedOptions[0];
      byId("threshold-said").replaceChildren(...sentenceOf(`${chosen.textContent}: ${entry.said}`));
      const link = byId("threshold-link");
      link.textContent = entry.href ? `${entry.refused}: read them` : entry.refused;
      if (entry.href) link.setAttribute("href", entry.href);
      else link.removeAttribute("href");
      mark(byId("selective"), entry.at, chosen.dataset.css);
    }

    function showCascade() {
      if (!steps) return;
      const { points } = data.cascades[state.cascade];
      steps.elements.cascade.value = state.cascade;
      steps.elements.point.max = points.length - 1;
      steps.elements.point.value = state.point;
      byId("cascade-said").replaceChildren(...sentenceOf(points[state.point].said));
      data.cascades.forEach((each, place) => {
        const { css } = steps.elements.cascade.options[place].dataset;
        mark(byId(`cascade-${place}`), place === state.cascade ? points[state.point].at : null, css);
      });
    }

    function show() {
      showThreshold();
      showCascade();
    }

    function change(part) {
      state = { ...state, ...part };
      replaceHash(hashOf(state));
      show();
    }

    form.addEventListener("input", () =>
      change({ condition: form.elements.condition.value, at: Number(form.elements.threshold.value) }),
    );
    if (steps) {
      const { cascade, point } = steps.elements;
      cascade.addEventListener("input", () => change({ cascade: Number(cascade.value), point: 0 }));
      point.addEventListener("input", () => change({ point: Number(point.value) }));
      steps.hidden = false;
    }
    onHash(() => {
      state = parseThreshold(location.hash, names, sizes);
      show();
    });
    form.hidden = false;
    show();
  });
})();
