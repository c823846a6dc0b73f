"use strict";
// What the x-ray says about an answer's tokens at a temperature.
(function () {
  const { el, percent, visible } = llmxray.dom;
  const { parameters, wholeIn } = llmxray.url;
  const { alternatives, rankOf } = llmxray.tokens;
  const { rescaled, entropyAt, meanCovered, byDoubt, chanceOf } = llmxray.rescale;

  /** What the reader chose, from the hash: condition, sample and temperature, each within what there is. */
  function parseView(hash, ids, samples) {
    const given = parameters(hash);
    const hot = given.has("t") ? Number(given.get("t")) : 1;
    return {
      place: Math.max(0, ids.indexOf(given.get("c"))),
      sample: wholeIn(hash, "s", 1, samples, 1) - 1,
      temperature: hot >= 0 && hot <= 2 ? hot : 1,
    };
  }

  /** The condition to open with: the one that wrote the longest run of tokens; options weighed apart are short ones. */
  function longest(answers, sample) {
    const sizes = answers.map((samples) => {
      const answer = samples[sample];
      return answer && answer.tokens ? Math.max(0, ...answer.tokens.map((columns) => columns.t.length)) : -1;
    });
    return Math.max(0, sizes.indexOf(Math.max(...sizes)));
  }

  /** What stands before and after a token, on one line. */
  function around(tokens, place, reach) {
    const line = (part) => part.map((token) => token.text).join("").replace(/\s+/g, " ");
    return [
      line(tokens.slice(Math.max(0, place - reach), place)),
      line(tokens.slice(place + 1, place + 1 + reach)),
    ];
  }

  /** Runs of an answer to look at apart: thinking and answer, or each option that was weighed. */
  function runsOf(blocks, letters) {
    if (blocks.length > 1) {
      return blocks.map((tokens, place) => ({ name: `Option ${letters[place] || place + 1}`, tokens, forced: true }));
    }
    const tokens = blocks[0] || [];
    return [
      { name: "Thinking", tokens: tokens.filter((token) => token.thinking), forced: false },
      { name: "Answer", tokens: tokens.filter((token) => !token.thinking), forced: false },
    ].filter((run) => run.tokens.length);
  }

  /** A temperature in words. */
  function hot(value) {
    return value === 0 ? "0 (always the likeliest)" : value.toFixed(1);
  }

  /** How far the chances at a temperature may be off. */
  function bounds(temperature) {
    if (temperature === 1) return "";
    return temperature > 1
      ? "Above 1 the chances are the most they can be: the likelier the unrecorded alternatives, the lower these are."
      : "Below 1 the chances are the least they can be: unrecorded alternatives lose more than is shown.";
  }

  /** "10^23" as a power. */
  const raised = (text) => text.split("^").map((part, place) => (place ? el("sup", {}, part) : part));

  /** The figures of a whole answer; `own` are the probabilities of its tokens at the temperature. */
  function summary(tokens, own, temperature, forced) {
    if (!own.length) return [];
    const covered = meanCovered(tokens);
    const first = tokens.filter((token) => rescaled(token, temperature).list[0].chosen).length;
    const mean = own.includes(null) ? null : llmxray.stats.mean(own);
    const recorded = "of the probability is on recorded alternatives, at temperature 1";
    const limit = tokens.some((token) => token.joined) ? ", at most" : "";
    const fact = (value, label) => el("div", {}, el("dd", {}, value), el("dt", {}, label));
    return [
      forced ? null : fact(raised(chanceOf(own)), `chance of exactly this text${limit}`),
      fact(`${first} of ${own.length}`, "tokens are the likeliest choice"),
      fact(percent(mean), "mean probability of a token"),
      covered === null ? null : fact(percent(covered), recorded),
    ].filter(Boolean);
  }

  /** How much of the probability the listed alternatives hold. */
  function held(token, { list, covered, bound, can }, temperature) {
    if (!can) return "No alternatives were recorded here, so another temperature cannot be worked out.";
    if (bound === "recorded") return `These ${list.length} hold ${percent(covered)} of the probability.`;
    const recorded = percent(rescaled(token, 1).covered);
    return `At temperature ${hot(temperature)} they hold ${bound} ${percent(covered)}; as recorded, ${recorded}.`;
  }

  /** Everything about one token. */
  function describe(tokens, place, temperature) {
    const token = tokens[place];
    const found = rescaled(token, temperature);
    const own = found.list.find((each) => each.chosen);
    const bits = entropyAt(token, temperature);
    const joined = "several tokens sent as one piece: probability and alternatives are those of the last";
    const choice = token.joined ? joined : rankOf(token, found.list);
    const entropy = bits === null ? "" : ` · entropy ${bits.toFixed(2)} bits`;
    const [before, after] = around(tokens, place, 5);
    const name = visible(token.text);
    return [
      el("p", { class: "around" }, before, el("mark", {}, name), after),
      el("p", { class: "picked" }, el("code", {}, name), el("b", {}, percent(own.probability))),
      el("p", { class: "unit" }, `token ${place + 1} of ${tokens.length} · ${choice}${entropy}`),
      alternatives(found.list, found.rest),
      el("p", { class: "held" }, held(token, found, temperature)),
    ];
  }

  /** The finding: where the model was least sure, at temperature 1. */
  function sentence(who, tokens) {
    const own = tokens.map((token) => token.probability);
    const [least] = byDoubt(own);
    if (least === undefined) return `${who} sent no log-probabilities for this answer: there is nothing to colour.`;
    const name = visible(tokens[least].text);
    const what = name === "(empty)" ? "an empty token" : `“${name}”`;
    const place = `token ${least + 1} of ${own.length}`;
    return `${who} was least sure of ${what}, ${place}: its probability was ${percent(own[least])}.`;
  }

  const api = { parseView, longest, around, runsOf, hot, bounds, summary, describe, sentence };
  llmxray.xray = api;
  if (typeof module === "object") module.exports = api;
})();
