"use strict";
(function () {
  const { filled } = llmxray.dom;

  /**
   * A new SVG element; made without its namespace it would not be drawn.
   * @param {string} tag
   * @param {Record<string, any>} [attributes]
   * @param {...any} children
   * @returns {any}
   */
  function svg(tag, attributes, ...children) {
    return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }

  /**
   * Points as the attribute of that name wants them.
   * @param {number[][]} places pairs of x and y
   */
  function points(places) {
    return places.map((place) => place.map((n) => n.toFixed(2)).join()).join(" ");
  }

  const api = { svg, points };
  llmxray.svg = api;
  if (typeof module === "object") module.exports = api;
})();
