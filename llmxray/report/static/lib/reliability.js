"use strict";
(function () {
  const SPACE = "http://www.w3.org/2000/svg";
  const SIZE = 320;
  const PAD = 40;

  function element(name, attributes, parent, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  const x = (value) => PAD + value * SIZE;
  const y = (value) => 8 + (1 - value) * SIZE;

  function axes(svg) {
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
      element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: y(0), y2: y(1) }, svg);
      element("line", { class: "grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }, svg);
      const label = `${tick * 100}%`;
      element("text", { x: x(tick), y: y(0) + 18, "text-anchor": "middle" }, svg, label);
      element("text", { x: x(0) - 6, y: y(tick) + 4, "text-anchor": "end" }, svg, label);
    }
    element("line", { class: "diagonal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }, svg);
    element("text", { x: x(0.5), y: y(0) + 36, "text-anchor": "middle" }, svg, "stated confidence");
    element("text", { x: x(0.02), y: y(0.95) }, svg, "underconfident");
    element("text", { x: x(0.98), y: y(0.04), "text-anchor": "end" }, svg, "overconfident");
  }

  function line({ label, css, bins, own }, svg) {
    const group = element("g", { class: `${own ? "own" : "k"} ${css}` }, svg);
    element("polyline", { points: bins.map((bin) => `${x(bin.confidence)},${y(bin.accuracy)}`).join(" ") }, group);
    for (const bin of bins) {
      const at = x(bin.confidence);
      if (own) element("line", { class: "whisker", x1: at, x2: at, y1: y(bin.interval[0]), y2: y(bin.interval[1]) }, group);
      const dot = element("circle", { cx: at, cy: y(bin.accuracy), r: 3 + Math.sqrt(bin.n) }, group);
      const { percent } = window.llmxray;
      const about = `${label}: ${percent(bin.accuracy)} right of ${bin.n} at ${percent(bin.confidence)}`;
      element("title", {}, dot, about);
    }
    const last = bins[bins.length - 1];
    if (!last || !own) return;
    const right = last.confidence > 0.8; // there the name would run out of the picture
    const at = { x: x(last.confidence) + (right ? -10 : 10), y: y(last.accuracy) - 8, "text-anchor": right ? "end" : "start" };
    element("text", { class: "name", ...at }, group, label);
  }

  /** A reliability diagram of several answerers: {label, css, bins, own}; `own` is drawn last and strongest. */
  function reliability(series, description) {
    const svg = element("svg", {
      class: "reliability", role: "img", viewBox: `0 0 ${SIZE + PAD + 24} ${SIZE + 52}`, "aria-label": description,
    });
    axes(svg);
    for (const each of [...series].sort((a, b) => Number(Boolean(a.own)) - Number(Boolean(b.own)))) line(each, svg);
    return svg;
  }

  window.llmxray = { ...window.llmxray, reliability };
})();
