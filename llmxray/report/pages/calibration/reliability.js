"use strict";
// The reliability diagram of a reader beside the models, drawn as page.html draws those of the models: in per cent
// of its box. Only the browser knows a reader's answers, so only it draws this one.
(function () {
  const { percent } = llmxray.dom;
  const { svg, at, points } = llmxray.svg;

  function axes() {
    return [
      ...[0, 0.5, 1].flatMap((y) => [
        svg("line", { class: "axis", x2: "100%", y1: at(1 - y), y2: at(1 - y) }),
        svg("text", { class: "tick", x: -8, y: at(1 - y), dy: 4, "text-anchor": "end" }, percent(y)),
        svg("text", { class: "tick", x: at(y), y: "100%", dy: 20, "text-anchor": "middle" }, percent(y)),
      ]),
      svg("line", { class: "diagonal", y1: "100%", x2: "100%", y2: 0 }),
      svg("text", { class: "tick", x: 8, y: 16 }, "underconfident"),
      svg("text", { class: "tick", x: "100%", dx: -8, y: "100%", dy: -10, "text-anchor": "end" }, "overconfident"),
    ];
  }

  function answerer({ label, css, bins, own }) {
    const line = points(bins.map(({ confidence, accuracy }) => [100 * confidence, 100 * (1 - accuracy)]));
    const whisker = ({ confidence, interval: [low, high] }) =>
      svg("line", { class: "whisker", x1: at(confidence), x2: at(confidence), y1: at(1 - low), y2: at(1 - high) });
    const dot = ({ confidence, accuracy, n }) =>
      svg("circle", { class: "dot", cx: at(confidence), cy: at(1 - accuracy), r: 3 + Math.sqrt(n) },
        svg("title", {}, `${label}: ${percent(accuracy)} right of ${n} at ${percent(confidence)}`));
    return svg("g", { class: own ? "own" : css },
      svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", width: "100%", height: "100%" },
        svg("polyline", { points: line })),
      own ? bins.map(whisker) : [], bins.map(dot));
  }

  /** A diagram of several answerers: {label, css, bins, own}; `own` is drawn last, with its intervals. */
  function reliability(series, description) {
    const ordered = [...series].sort((a, b) => Number(Boolean(a.own)) - Number(Boolean(b.own)));
    return svg("svg", { class: "reliability", role: "img", "aria-label": description }, axes(), ordered.map(answerer));
  }

  const api = { reliability };
  llmxray.reliability = api;
  if (typeof module === "object") module.exports = api;
})();
