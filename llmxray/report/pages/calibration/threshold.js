"use strict";

/** What the address asks for: condition, threshold in per cent, cascade and its point; unknown values dropped. */
function parseThreshold(hash, conditions, sizes) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (name, least, most, or) => {
    const value = Number(given.get(name));
    return given.has(name) && Number.isInteger(value) && value >= least && value <= most ? value : or;
  };
  const condition = conditions.includes(given.get("condition")) ? given.get("condition") : conditions[0];
  const cascade = whole("cascade", 0, sizes.length - 1, 0);
  return { condition, at: whole("at", 0, 100, 50), cascade, point: whole("point", 0, (sizes[cascade] || 1) - 1, 0) };
}

/** The address of a state. */
function formatThreshold(state) {
  return `#${new URLSearchParams(state)}`;
}

if (typeof module !== "undefined") module.exports = { parseThreshold, formatThreshold };

if (typeof document !== "undefined" && document.getElementById("threshold-form")) {
  const SVG = "http://www.w3.org/2000/svg";
  const form = document.getElementById("threshold-form");
  const steps = document.getElementById("cascade-form");
  const byId = (id) => document.getElementById(id);
  const file = form.dataset.file;

  /** A ring on a chart at a place, made once per chart. */
  function mark(box, at, css) {
    const svg = box && box.querySelector("svg");
    if (!svg) return;
    let ring = svg.querySelector(".chosen");
    if (!ring) {
      ring = document.createElementNS(SVG, "circle");
      ring.setAttribute("r", "7");
      svg.append(ring);
    }
    ring.setAttribute("class", `chosen ${css}`);
    ring.setAttribute("visibility", at ? "visible" : "hidden");
    if (at) {
      ring.setAttribute("cx", at[0]);
      ring.setAttribute("cy", at[1]);
    }
  }

  window.llmxray.load("", file).then((data) => {
    const names = [...form.elements.condition.options].map((option) => option.value);
    const sizes = data.cascades.map((each) => each.points.length);
    let state = parseThreshold(location.hash, names, sizes);

    function showThreshold() {
      const entry = data.conditions[state.condition][state.at];
      form.elements.condition.value = state.condition;
      form.elements.threshold.value = state.at;
      byId("threshold-value").textContent = `${state.at}%`;
      byId("threshold-said").textContent = `${state.condition}: ${entry.said}`;
      const link = byId("threshold-link");
      link.textContent = entry.href ? `${entry.refused}: read them` : entry.refused;
      if (entry.href) link.setAttribute("href", entry.href);
      else link.removeAttribute("href");
      mark(byId("selective"), entry.at, form.elements.condition.selectedOptions[0].dataset.css);
    }

    function showCascade() {
      if (!steps) return;
      const chosen = data.cascades[state.cascade];
      steps.elements.cascade.value = state.cascade;
      steps.elements.point.max = chosen.points.length - 1;
      steps.elements.point.value = state.point;
      const point = chosen.points[state.point];
      byId("cascade-said").textContent = point.said;
      data.cascades.forEach((each, place) => {
        const css = steps.elements.cascade.options[place].dataset.css;
        mark(byId(`cascade-${place}`), place === state.cascade ? point.at : null, css);
      });
    }

    function change(part) {
      state = { ...state, ...part };
      history.replaceState(null, "", location.pathname + location.search + formatThreshold(state));
      showThreshold();
      showCascade();
    }

    form.addEventListener("input", () =>
      change({ condition: form.elements.condition.value, at: Number(form.elements.threshold.value) }),
    );
    if (steps) {
      steps.elements.cascade.addEventListener("input", () =>
        change({ cascade: Number(steps.elements.cascade.value), point: 0 }),
      );
      steps.elements.point.addEventListener("input", () => change({ point: Number(steps.elements.point.value) }));
      steps.hidden = false;
    }
    for (const each of [form, steps]) {
      if (each) each.addEventListener("submit", (event) => event.preventDefault());
    }
    window.addEventListener("hashchange", () => {
      // An anchor of the page is no state.
      if (!location.hash.includes("=")) return;
      state = parseThreshold(location.hash, names, sizes);
      showThreshold();
      showCascade();
    });
    form.hidden = false;
    showThreshold();
    showCascade();
  });
}
