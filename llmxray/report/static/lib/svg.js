const { filled } = llmxray.dom;

/** A new SVG element; made without its namespace it would not be drawn. @returns {any} */
function svg(tag, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function points(places) {
  return places.map((place) => place.map((n) => n.toFixed(2)).join()).join(" ");
}

const at = (share) => `${+(100 * share).toFixed(2)}%`;

/** A share as a bar, as charts.html draws it. */
function shareBar(share, css) {
  return svg("svg", { class: `bar ${css}`, "aria-hidden": "true" },
    svg("rect", { class: "ground", width: "100%", height: "100%", rx: 2 }),
    svg("rect", { class: "fill", width: at(share), height: "100%", rx: 2 }));
}

module.exports = { svg, points, at, shareBar };
