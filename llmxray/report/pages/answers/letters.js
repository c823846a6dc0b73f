// What could have stood in the place of a token, and the options of a question by letter.
const { el } = llmxray.dom;
const { fromPermille } = llmxray.shards;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const MARKS = /^[\s()[\]{}*_`"'$.,:;]+|[\s()[\]{}*_`"'$.,:;]+$/g;
// Shares are in thousandths, and spellings of a letter that were not published are not in its sum.
const ROUNDING = 0.02;

// Logprobs of alternatives come in hundredths of a nat: a probability may be off by half a per cent of itself.
const HALF_A_PER_CENT = 0.005;

/** The alternatives of a token with the token itself among them, likeliest first. */
function known(token) {
  const list = token.top.map((each) => ({ ...each, chosen: each.text === token.text }));
  // A piece of several tokens has the probability of its last one, which is among the alternatives as a part.
  const last = (each) => token.joined && Math.abs(Math.log(each.probability / token.probability)) <= HALF_A_PER_CENT;
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

function rankOf(token, list) {
  if (!token.top.length) return "no alternatives sent";
  const rank = list.findIndex((each) => each.chosen) + 1;
  return rank <= token.top.length ? `choice ${rank}` : "not among the first choices";
}

/** Whether an option, by its place in the suite's order, is right: as scoring has it, by its text. */
function isRight({ choices, answer, accept }, own) {
  return [choices[LETTERS.indexOf(answer)], ...accept].includes(choices[own]);
}

/** Option texts in the order in which they were shown to this condition. */
function shownOptions(question, answer) {
  const order = answer.order || question.choices.map((_, place) => place);
  return order.map((own, place) => ({
    own,
    letter: LETTERS[place],
    text: question.choices[own],
    right: isRight(question, own),
  }));
}

/** The letter that a token is, without the white space and marks around it; `small`: small ones count as well. */
function letterOf(text, small) {
  const bare = text.normalize("NFKC").replace(MARKS, "");
  return small ? bare.toUpperCase() : bare;
}

/**
 * The token that names the answer's letter, and what is known of the letters there.
 *
 * Its place `at`; the share `sure` of its letter among the letters; the `last` letter; `rights`, each with its
 * probability among all tokens (null where it was not recorded); whether letters are `small` there.
 * @returns {{ at: number, sure: number, last: string, rights: any[], small: boolean } | null} null without a letter
 */
function letterToken(question, answer, tokens) {
  const [sure, covered] = answer.confidence.map(fromPermille);
  if (sure === null || covered === null) return null;
  const has = (token, small) => known(token)
    .filter((each) => letterOf(each.text, small) === answer.answer)
    .reduce((sum, each) => sum + each.probability, 0);
  const found = tokens.map((token, at) => ({ token, at, small: letterOf(token.text, false) !== answer.answer }))
    .filter(({ token, small }) => !token.thinking && letterOf(token.text, small) === answer.answer)
    .map(({ token, at, small }) => ({ at, small, off: Math.abs(has(token, small) - sure * covered) }))
    .sort((a, b) => a.off - b.off || a.at - b.at)[0];
  if (!found || found.off > ROUNDING) return null;
  const options = shownOptions(question, answer);
  const probs = answer.probs.map(fromPermille);
  const rights = options.flatMap(({ letter, right }, place) => (right ? [{ letter, share: probs[place] }] : []))
    .map(({ letter, share }) => ({ letter, probability: share === null ? null : share * covered }));
  return { at: found.at, small: found.small, sure, rights, last: options[options.length - 1].letter };
}

/** What could stand in the place of the letter: the right letters are marked, and listed wherever they are known. */
function withRights(list, letters) {
  const right = ({ text }) => letters.rights.some(({ letter }) => letter === letterOf(text, letters.small));
  const marked = list.map((each) => ({ ...each, right: right(each) }));
  const others = letters.rights
    .filter(({ letter, probability }) =>
      probability !== null && !list.some(({ text }) => letterOf(text, letters.small) === letter))
    .map(({ letter, probability }) => ({ text: letter, probability, chosen: false, right: true }));
  return [...marked, ...others].sort((a, b) => b.probability - a.probability);
}

/** The right answer in words, its letter as this condition was shown it; null for a question without. */
function rightAnswer(question, answer) {
  const accept = question.accept.length ? ` (also: ${question.accept.join(", ")})` : "";
  const open = question.answer ? [el("strong", {}, question.answer), accept] : [];
  const right = answer && question.choices.length ? shownOptions(question, answer).filter((each) => each.right) : [];
  // Who answered a number or words was shown no letters.
  const isByLetter = answer && /^[A-Z]?$/.test(answer.answer || "");
  const lettered = right.flatMap(({ letter, text }, at) =>
    [at ? " or " : "", ...(isByLetter ? [el("strong", {}, letter), ` ${text}`] : [el("strong", {}, text)])]);
  const said = question.choices.length ? lettered : open;
  if (!said.length) return null;
  return el("p", { class: "expected", dir: "auto" }, el("b", { class: "right-mark" }, "Right answer:"), " ", said);
}

/** Tokens that the server counted and that have no text to show, in words after a count; "" for none. */
function unseen(answer, tokens, finish) {
  const written = answer.time[2];
  const more = written === null || !tokens.length || answer.thinking ? 0 : written - tokens.length;
  if (more <= 0) return "";
  return more === 1 && finish === "stop" ? " and the end mark" : ` and ${more} without text of their own`;
}

module.exports = {
  known, restOf, rankOf, LETTERS, isRight, shownOptions, letterToken, withRights, letterOf, rightAnswer, unseen,
};
