"use strict";
// What could have stood in the place of a token.
(function () {
  // Logprobs of alternatives come in hundredths of a nat: a probability may be off by half a per cent of itself.
  const ROUNDING = 0.005;

  /** The alternatives of a token with the token itself among them, likeliest first. */
  function known(token) {
    const list = token.top.map((each) => ({ ...each, chosen: each.text === token.text }));
    // A piece of several tokens has the probability of its last one, which is among the alternatives as a part.
    const last = (each) => token.joined && Math.abs(Math.log(each.probability / token.probability)) <= ROUNDING;
    const own = list.find((each) => each.chosen) || list.find(last);
    if (own) Object.assign(own, { text: token.text, chosen: true });
    // The token's own logprob is the finer one.
    if (own && token.probability !== null) own.probability = token.probability;
    if (!own) list.push({ text: token.text, probability: token.probability, chosen: true });
    return list.sort((a, b) => b.probability - a.probability);
  }

  /** What is left for all other tokens; 0 where a listed probability is not known. */
  function restOf(list) {
    const rest = 1 - list.reduce((sum, each) => sum + each.probability, 0);
    return list.some((each) => each.probability === null) ? 0 : Math.max(0, rest);
  }

  /** Rank of the token among its alternatives, in words. */
  function rankOf(token, list) {
    if (!token.top.length) return "no alternatives sent";
    const rank = list.findIndex((each) => each.chosen) + 1;
    return rank <= token.top.length ? `choice ${rank}` : "not among the first choices";
  }

  const api = { known, restOf, rankOf };
  llmxray.tokens = api;
  if (typeof module === "object") module.exports = api;
})();
