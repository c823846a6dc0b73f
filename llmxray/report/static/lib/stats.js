"use strict";
// Statistics of what only the browser knows: a reader's own answers.
// Definitions are those of llmxray.metrics; a test compares both on the same numbers.
(function () {
  /** 97.5% quantile of the standard normal distribution. */
  const Z = 1.959963984540054;

  /** @param {number[]} values */
  function mean(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /**
   * Wilson's 95% confidence interval of a share; null without trials.
   * @param {number} right
   * @param {number} n
   * @returns {[number, number] | null}
   */
  function wilson(right, n) {
    if (!n) return null;
    const p = right / n;
    const scale = 1 + (Z * Z) / n;
    const centre = p + (Z * Z) / (2 * n);
    const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
    // At the ends exactly 0 and 1: a rounding error would be shown as "<1%".
    return [right === 0 ? 0 : (centre - half) / scale, right === n ? 1 : (centre + half) / scale];
  }

  /** Number of the bin (low, high] that holds a confidence; 0 belongs to the first. */
  function binOf(confidence, count) {
    // 0.6 × 5 comes out above 3, and must stay in the third bin.
    const place = Math.ceil(Number((confidence * count).toFixed(9))) - 1;
    return Math.min(Math.max(place, 0), count - 1);
  }

  /**
   * The bins of equal width that are not empty.
   * @param {{confidence: number, correct: boolean}[]} points
   * @param {number} count
   */
  function bins(points, count) {
    return Array.from({ length: count }, (_, place) => place).flatMap((place) => {
      const inside = points.filter(({ confidence }) => binOf(confidence, count) === place);
      if (!inside.length) return [];
      const hits = inside.filter(({ correct }) => correct).length;
      return [{
        low: place / count,
        high: (place + 1) / count,
        n: inside.length,
        confidence: mean(inside.map(({ confidence }) => confidence)),
        accuracy: hits / inside.length,
        interval: wilson(hits, inside.length),
      }];
    });
  }

  const api = { mean, wilson, bins };
  llmxray.stats = api;
  if (typeof module === "object") module.exports = api;
})();
