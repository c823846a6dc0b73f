"use strict";
// The radar of chosen runs. charts/radar.py draws those that depend on no choice, and writes its measures for this one.
(function () {
  const { percent } = llmxray.dom;
  const { svg, points } = llmxray.svg;

  /** Place of a share of the radius on one of the spokes. */
  function point({ centre, radius }, place, total, share) {
    const angle = (2 * Math.PI * place) / total;
    return [centre[0] + radius * share * Math.sin(angle), centre[1] - radius * share * Math.cos(angle)];
  }

  /**
   * The name of an axis, around the end of its spoke.
   * @param {any} measures
   * @param {number[]} at
   * @param {string[]} lines
   * @param {boolean} isTop
   */
  function axisName({ centre, line, words, centred }, [x, y], lines, isTop) {
    const top = y - (lines.length - 1) * line * (isTop ? 1 : 0.5);
    const anchor = Math.abs(x - centre[0]) < centred ? "middle" : x > centre[0] ? "start" : "end";
    const parts = lines.map((text, at) => svg("tspan", { x, y: top + at * line }, text));
    return svg("text", { "text-anchor": anchor, "font-size": words, fill: "currentColor" }, parts);
  }

  /**
   * The drawing.
   * @param {any} measures as charts/radar.py writes them
   * @param {{title: string, lines: string[]}[]} axes
   * @param {{name: string, css: string, shares: (number | null)[]}[]} shapes a share by axis
   * @param {string} [what] the shares are
   */
  function radar(measures, axes, shapes, what = "percentile ranks") {
    const { centre: [cx, cy], rings, out, view } = measures;
    const total = axes.length;
    const around = (share) => axes.map((_, place) => point(measures, place, total, share(place)));
    const ring = (places, more) => svg("polygon", { points: points(places), fill: "none", ...more });
    const about = shapes.map(({ name, shares }) =>
      `${name}: ${axes.map(({ title }, place) => `${title} ${percent(shares[place])}`).join(", ")}`);
    // A line as faint as other grids is nowhere to be seen around so few dots.
    const grid = { stroke: "var(--faint)", "stroke-opacity": 0.4 };
    const spokes = around(() => 1).map(([x2, y2]) => svg("line", { x1: cx, y1: cy, x2, y2, ...grid }));
    const numbers = rings.map((share) => {
      const at = { x: cx + 3, y: point(measures, 0, total, share)[1] + 9 };
      return svg("text", { ...at, "font-size": 10, fill: "var(--faint)" }, String(100 * share));
    });
    const names = around(() => out).map((place, at) => axisName(measures, place, axes[at].lines, at === 0));
    const drawn = shapes.flatMap(({ css, shares }) => {
      const colour = `var(--${css})`;
      const dots = around((place) => shares[place] ?? 0).filter((_, place) => shares[place] !== null);
      return [
        // A missing value would make the closed line claim something about the gap.
        shares.includes(null) ? null : ring(dots, { stroke: colour, "stroke-width": 2 }),
        ...dots.map(([x, y]) => svg("circle", { cx: x, cy: y, r: 3.4, fill: colour })),
      ];
    });
    const [, , width, height] = view;
    const label = `Radar of ${what}. ${about.join("; ")}.`;
    return svg("svg", { role: "img", width, height, viewBox: view.join(" "), "aria-label": label },
      rings.map((share) => ring(around(() => share), grid)), spokes, names, drawn, numbers);
  }

  const api = { point, radar };
  llmxray.radar = api;
  if (typeof module === "object") module.exports = api;
})();
