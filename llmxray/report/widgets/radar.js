"use strict";
// The radar of chosen conditions: 0 to 100, a fixed order, no fill.
(function () {
  const { percent } = llmxray.dom;
  const { svg, points } = llmxray.svg;
  const CENTRE = [180, 136];
  const RADIUS = 112;
  // Height of a line of a name, and its letters, so that a phone has room for names on both sides.
  const LINE = 15;
  const LETTERS = 15;

  /** Place of a share of the radius on one of the spokes. */
  function point(place, total, share) {
    const angle = (2 * Math.PI * place) / total;
    return [CENTRE[0] + RADIUS * share * Math.sin(angle), CENTRE[1] - RADIUS * share * Math.cos(angle)];
  }

  /** A name in lines, broken at blanks; three at most. */
  function lines(name) {
    const made = [];
    for (const word of name.split(" ")) {
      if (made.length && `${made.at(-1)} ${word}`.length <= LETTERS) made.push(`${made.pop()} ${word}`);
      else made.push(word);
    }
    return made.length > 3 ? [made[0], made[1], `${made[2]} …`] : made;
  }

  /** The name of an axis, around the end of its spoke. */
  function axisName([x, y], name, isTop) {
    const parts = lines(name);
    const top = y + 4 - (parts.length - 1) * LINE * (isTop ? 1 : 0.5);
    const anchor = Math.abs(x - CENTRE[0]) < 12 ? "middle" : x > CENTRE[0] ? "start" : "end";
    return svg("text", { "text-anchor": anchor, class: "tick" },
      parts.map((text, at) => svg("tspan", { x, y: top + at * LINE }, text)));
  }

  /**
   * The drawing.
   * @param {string[]} axes
   * @param {{name: string, css: string, shares: (number | null)[]}[]} shapes a share by axis
   * @param {string} what the shares are: accuracy, or rank
   */
  function radar(axes, shapes, what) {
    const around = (share) => axes.map((_, place) => point(place, axes.length, share(place)));
    const ring = (places, css) => svg("polygon", { points: points(places), class: css });
    const about = shapes.map(({ name, shares }) =>
      `${name}: ${axes.map((title, place) => `${title} ${percent(shares[place])}`).join(", ")}`);
    const drawn = shapes.map(({ css, shares }) => {
      const dots = around((place) => shares[place] ?? 0).filter((_, place) => shares[place] !== null);
      return svg("g", { class: css },
        // A missing value would make the closed line claim something about the gap.
        shares.includes(null) ? null : ring(dots, "outline"),
        dots.map(([cx, cy]) => svg("circle", { cx, cy, r: 4, class: "dot" })));
    });
    const label = `Radar, ${what}. ${about.join("; ")}.`;
    return svg("svg", { role: "img", viewBox: "-44 -26 448 300", "aria-label": label },
      [0.25, 0.5, 0.75, 1].map((share) => ring(around(() => share), "ring")),
      around(() => 1).map(([x2, y2]) => svg("line", { x1: CENTRE[0], y1: CENTRE[1], x2, y2, class: "axis" })),
      around(() => 1.12).map(([x, y], at) => axisName([x, y], axes[at], at === 0)), drawn);
  }

  const api = { point, lines, radar };
  llmxray.radar = api;
  if (typeof module === "object") module.exports = api;
})();
