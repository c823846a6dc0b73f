"use strict";
// The reliability diagram of a reader beside the models. Only the browser knows a reader's answers, so only it draws
// this one; charts/reliability.py draws those of the models, which need no reader. They share no more than the idea:
// here several answerers lie in one picture, there each condition has its own, with intervals and a histogram.
(function () {
  const { percent } = llmxray.dom;
  const { svg, points } = llmxray.svg;
  const SIZE = 320;
  const PAD = 40;
  const x = (value) => PAD + value * SIZE;
  const y = (value) => 8 + (1 - value) * SIZE;
  const text = (at, words) => svg("text", at, words);
  const line = (css, [x1, y1], [x2, y2]) => svg("line", { class: css, x1, y1, x2, y2 });

  function axes() {
    const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((tick) => [
      line("grid", [x(tick), y(0)], [x(tick), y(1)]),
      line("grid", [x(0), y(tick)], [x(1), y(tick)]),
      text({ x: x(tick), y: y(0) + 18, "text-anchor": "middle" }, percent(tick)),
      text({ x: x(0) - 6, y: y(tick) + 4, "text-anchor": "end" }, percent(tick)),
    ]);
    return [
      ...ticks,
      line("diagonal", [x(0), y(0)], [x(1), y(1)]),
      text({ x: x(0.5), y: y(0) + 36, "text-anchor": "middle" }, "stated confidence"),
      text({ x: x(0.02), y: y(0.95) }, "underconfident"),
      text({ x: x(0.98), y: y(0.04), "text-anchor": "end" }, "overconfident"),
    ];
  }

  function dot(label, bin) {
    const about = `${label}: ${percent(bin.accuracy)} right of ${bin.n} at ${percent(bin.confidence)}`;
    const at = { cx: x(bin.confidence), cy: y(bin.accuracy), r: 3 + Math.sqrt(bin.n) };
    return svg("circle", at, svg("title", {}, about));
  }

  function whisker({ confidence, interval: [low, high] }) {
    return line("whisker", [x(confidence), y(low)], [x(confidence), y(high)]);
  }

  function name(label, bin) {
    const right = bin.confidence > 0.8; // there the name would run out of the picture
    const at = { x: x(bin.confidence) + (right ? -10 : 10), y: y(bin.accuracy) - 8 };
    return text({ class: "name", ...at, "text-anchor": right ? "end" : "start" }, label);
  }

  function answerer({ label, css, bins, own }) {
    const path = svg("polyline", { points: points(bins.map((bin) => [x(bin.confidence), y(bin.accuracy)])) });
    const dots = bins.map((bin) => dot(label, bin));
    if (!own || !bins.length) return svg("g", { class: `k ${css}` }, path, dots);
    return svg("g", { class: `own ${css}` }, path, bins.map(whisker), dots, name(label, bins[bins.length - 1]));
  }

  /** A diagram of several answerers: {label, css, bins, own}; `own` is drawn last and strongest. */
  function reliability(series, description) {
    const ordered = [...series].sort((a, b) => Number(Boolean(a.own)) - Number(Boolean(b.own)));
    const view = `0 0 ${SIZE + PAD + 24} ${SIZE + 52}`;
    const about = { class: "reliability", role: "img", viewBox: view, "aria-label": description };
    return svg("svg", about, axes(), ordered.map(answerer));
  }

  const api = { reliability };
  llmxray.reliability = api;
  if (typeof module === "object") module.exports = api;
})();
