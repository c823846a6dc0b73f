"use strict";
// A threshold that the reader moves: answers below it are refused.
(function () {
  const { byId, sentenceOf } = llmxray.dom;
  const { parameters, hashOf, wholeIn, replaceHash, onHash } = llmxray.url;

  /** What the address asks for: condition and threshold in per cent; unknown values dropped. */
  function parseThreshold(hash, conditions) {
    const wanted = parameters(hash).get("condition");
    return {
      condition: conditions.includes(wanted) ? wanted : conditions[0],
      at: wholeIn(hash, "at", 0, 100, 50),
    };
  }

  if (typeof module === "object") {
    module.exports = { parseThreshold };
    return;
  }
  const form = byId("threshold-form");
  if (!form) return;

  /** A ring on the chart at a place, made once. */
  function mark(at, css) {
    const chart = byId("selective").querySelector("svg");
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
    let state = parseThreshold(location.hash, names);

    function show() {
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
      mark(entry.at, chosen.dataset.css);
    }

    form.addEventListener("input", () => {
      state = { condition: form.elements.condition.value, at: Number(form.elements.threshold.value) };
      replaceHash(hashOf(state));
      show();
    });
    onHash(() => {
      state = parseThreshold(location.hash, names);
      show();
    });
    form.hidden = false;
    show();
  });
})();
