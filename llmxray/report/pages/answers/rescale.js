"use strict";
// Another temperature for recorded probabilities. Only the alternatives that the page carries are known one by one;
// what lies outside is bounded, see `rescaled`.
(function () {
  const { percent } = llmxray.dom;
  const { known, ROUNDING } = llmxray.tokens;

  /** Weight of each probability at a temperature, the largest one 1; at 0 only the first one has any. */
  function weights(probabilities, temperature) {
    const top = Math.max(...probabilities);
    if (temperature <= 0) {
      const first = probabilities.indexOf(top);
      return probabilities.map((_, place) => (place === first ? 1 : 0));
    }
    return probabilities.map((p) => (p > 0 ? Math.exp((Math.log(p) - Math.log(top)) / temperature) : 0));
  }

  /**
   * A token at another temperature (p to the power 1/T, renormalised).
   *
   * What is not among the alternatives is counted as if made of tokens as likely as the last alternative. None of
   * them is likelier than that, so hotter than 1 this is the least that can lie outside, and colder the most:
   * `bound` says that the listed shares are "at most" or "at least" what they are shown as. At 1 they are as recorded.
   */
  function rescaled(token, temperature) {
    const list = known(token);
    if (!token.top.length) {
      const rest = token.probability === null ? 0 : 1 - token.probability;
      return { list, rest, covered: null, bound: "recorded", can: false };
    }
    const recorded = list.map((each) => each.probability);
    const outside = 1 - recorded.reduce((sum, p) => sum + p, 0);
    if (Math.abs(temperature - 1) < 1e-9) {
      return { list, rest: Math.max(0, outside), covered: Math.min(1, 1 - outside), bound: "recorded", can: true };
    }
    const slack = ROUNDING * recorded.reduce((sum, p, place) => sum + (list[place].chosen ? 0.1 : 1) * p, 0);
    const left = Math.max(0, outside + (temperature > 1 ? -slack : slack));
    const last = Math.min(...token.top.map((each) => each.probability));
    const scaled = weights(recorded, temperature);
    const lastWeight = last > 0 ? weights([Math.max(...recorded), last], temperature)[1] : 0;
    const tail = last > 0 ? (left / last) * lastWeight : 0;
    const whole = scaled.reduce((sum, w) => sum + w, 0) + tail;
    list.forEach((each, place) => (each.probability = recorded[place] === null ? null : scaled[place] / whole));
    const bound = temperature > 1 ? "at most" : "at least";
    return { list, rest: tail / whole, covered: 1 - tail / whole, bound, can: true };
  }

  /** Probability of the token that was written; null where it is not known. */
  function ownProbability(token, temperature) {
    const own = known(token).find((each) => each.chosen);
    if (own.probability === null) return null;
    return rescaled(token, temperature).list.find((each) => each.chosen).probability;
  }

  /** Entropy of the listed alternatives at a temperature, renormalised over them, in bits; null without any. */
  function entropyAt(token, temperature) {
    if (!token.top.length) return null;
    const scaled = weights(token.top.map((each) => each.probability), temperature);
    const whole = scaled.reduce((sum, w) => sum + w, 0);
    return scaled.reduce((sum, w) => (w > 0 ? sum - (w / whole) * Math.log2(w / whole) : sum), 0);
  }

  /** Share of probability that the alternatives on this page hold at temperature 1, mean over tokens that have any. */
  function meanCovered(tokens) {
    const shares = tokens.map((token) => rescaled(token, 1).covered).filter((share) => share !== null);
    return shares.length ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null;
  }

  /** Places of the tokens by probability, the least certain first; those that are not known are left out. */
  function byDoubt(probabilities) {
    const places = probabilities.map((_, place) => place).filter((place) => probabilities[place] !== null);
    return places.sort((a, b) => probabilities[a] - probabilities[b] || a - b);
  }

  /**
   * The chance of writing exactly these tokens, in words: "34%", "1 in 1,200", "1 in 10^23"; "none" for zero, "—" if
   * unknown.
   */
  function chanceOf(probabilities) {
    if (probabilities.includes(null)) return "—";
    const nats = probabilities.reduce((sum, p) => sum + Math.log(p), 0);
    if (nats === -Infinity) return "none";
    const p = Math.exp(nats);
    if (p >= 0.01) return percent(p);
    const digits = -nats / Math.LN10;
    return digits < 6 ? `1 in ${Math.round(1 / p).toLocaleString("en-GB")}` : `1 in 10^${Math.round(digits)}`;
  }

  const api = { weights, rescaled, ownProbability, entropyAt, meanCovered, byDoubt, chanceOf };
  llmxray.rescale = api;
  if (typeof module === "object") module.exports = api;
})();
