/** Names of the outcomes by the letter that the data files use. */
const OUTCOMES = {
  c: "correct", w: "wrong", u: "unparsed", t: "truncated", r: "refused", f: "tool_call", n: "unread", e: "error",
  o: "unscored",
};

const CODES = Object.fromEntries(Object.entries(OUTCOMES).map(([code, name]) => [name, code]));

function outcomeLabel(code) {
  return (OUTCOMES[code] || "").replace("_", " ");
}

function counts(code) {
  return code !== "e" && code !== "n" && code !== "o";
}

/** How many of these outcomes are right, and how many are scored. */
function score(codes) {
  const counted = [...codes].filter(counts);
  return { right: counted.filter((code) => code === "c").length, n: counted.length };
}

module.exports = { OUTCOMES, CODES, outcomeLabel, counts, score };
