"use strict";
// What the x-ray says about an answer's tokens.
(function () {
  const { percent, visible } = llmxray.dom;
  const { parameters, sampleIn } = llmxray.url;
  const { known, restOf, rankOf, withRights } = llmxray.letters;

  /** What the reader chose, from the hash: condition and sample, each within what there is. */
  function parseView(hash, ids, samples) {
    return {
      place: Math.max(0, ids.indexOf(parameters(hash).get("c"))),
      sample: sampleIn(hash, samples),
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

  /** Runs of an answer to look at apart: thinking and answer, or each option that was weighed, as it was shown. */
  function runsOf(blocks, options) {
    if (blocks.length > 1) {
      return blocks.map((tokens, place) => {
        const { letter = place + 1, right = false } = options[place] || {};
        return { name: `Option ${letter}`, tokens, forced: true, right };
      });
    }
    const tokens = blocks[0] || [];
    return [
      { name: "Thinking", tokens: tokens.filter((token) => token.thinking), forced: false },
      { name: "Answer", tokens: tokens.filter((token) => !token.thinking), forced: false },
    ].filter((run) => run.tokens.length);
  }

  /** Places of the tokens by probability, the least certain first; those that are not known are left out. */
  function byDoubt(probabilities) {
    const places = probabilities.map((_, place) => place).filter((place) => probabilities[place] !== null);
    return places.sort((a, b) => probabilities[a] - probabilities[b] || a - b);
  }

  /** Lines and note of one token; of the one that names the letter (`letterToken`) also its share of the letters. */
  function describe(tokens, place, letters) {
    const token = tokens[place];
    const isLetter = Boolean(letters) && letters.at === place;
    const list = isLetter ? withRights(known(token), letters) : known(token);
    const rest = restOf(list);
    const lines = list.map(({ text, probability, chosen, right }) => ({
      text: visible(text),
      share: probability,
      css: `${chosen ? "said" : ""}${right ? " good" : chosen && isLetter ? " bad" : ""}`.trim(),
      word: right ? "● right" : chosen ? (isLetter ? "✕ written" : "written") : "",
    }));
    if (rest > 0.005) lines.push({ text: "others", share: rest, css: "", word: "" });
    const share = isLetter ? ` ${percent(letters.sure)} among the letters A–${letters.last}.` : "";
    const joined = "Several tokens sent as one piece: probability and alternatives are those of the last.";
    const choice = token.joined ? joined : `Token ${place + 1} of ${tokens.length}, ${rankOf(token, list)}.`;
    const entropy = token.entropy === null ? "" : ` Entropy ${token.entropy.toFixed(2)} bits.`;
    return { lines, note: `${choice}${entropy}${share}` };
  }

  /** The finding: where the model was least sure. */
  function sentence(who, tokens) {
    const own = tokens.map((token) => token.probability);
    const [least] = byDoubt(own);
    if (least === undefined) return `${who} sent no log-probabilities for this answer: there is nothing to colour.`;
    const name = visible(tokens[least].text);
    const what = name === "(empty)" ? "an empty token" : `“${name}”`;
    const place = `token ${least + 1} of ${own.length}`;
    return `${who} was least sure of ${what}, ${place}: its probability among all tokens was ${percent(own[least])}.`;
  }

  const api = { parseView, longest, runsOf, byDoubt, describe, sentence };
  llmxray.xray = api;
  if (typeof module === "object") module.exports = api;
})();
