// An answer that was asked again from another token: what it wrote, and what followed that token.
const { el, all, percent, visible } = llmxray.dom;
const { tokenRow, drawFork } = llmxray.strip;
const { OUTCOMES, outcomeLabel } = llmxray.outcomes;

/** The recorded branches of an answer: {place, outcome, said, tokens}; the first token is the forced one. */
function branchesOf(answer, strings) {
  return ((answer && answer.branches) || []).map(([place, outcome, said, columns]) =>
    ({ place, outcome, said, tokens: llmxray.shards.tokens(columns, strings) }));
}

/** Lines of the alternatives at a place, each recorded one with what follows it. */
function withBranches(lines, token, branches, place, take) {
  if (!branches.length) return lines;
  const here = branches.flatMap((branch, number) => (branch.place === place ? [{ ...branch, number }] : []));
  const found = lines.map((line) => {
    if (line.text === "others" || line.text === visible(token.text)) return line;
    const own = here.find(({ tokens }) => visible(tokens[0].text) === line.text);
    return own ? { ...line, word: "follow", follow: () => take(own.number) } : { ...line, word: line.word || "not recorded" };
  });
  // Pages list few alternatives of a token, and the rule may have taken a further one.
  const left = here.filter(({ tokens }) => !lines.some(({ text }) => text === visible(tokens[0].text)));
  const more = left.map(({ tokens: [first], number }) => ({
    text: visible(first.text), share: first.probability, css: "", word: "follow", follow: () => take(number),
  }));
  const before = found.filter(({ text }) => text !== "others");
  return [...before, ...more, ...found.slice(before.length)];
}

/** What one outcome is called and coloured, with the answer that it ends in. */
function endOf(outcome, said) {
  const css = { correct: "right-mark", wrong: "wrong-mark" }[OUTCOMES[outcome]];
  return css ? el("b", { class: css }, said) : el("b", {}, `no answer (${outcomeLabel(outcome)})`);
}

/** Probability of the other token where the answer was written, which the re-asked one states a little differently. */
function shareOf(token, other) {
  return (token.top.find(({ text }) => text === other.text) || other).probability;
}

/** Lines and note of a token of a branch, by its place from the forced one on, which the model did not choose. */
function inBranch(describe, tokens, { place, outcome, tokens: own }, at) {
  if (at) return describe([...tokens.slice(0, place), ...own], place + at, null);
  const { lines, note } = describe(tokens, place, null);
  const put = { text: visible(own[0].text), share: own[0].probability, css: OUTCOMES[outcome] === "correct" ? "said good" : "said bad", word: "put in" };
  const all = lines.some(({ text }) => text === put.text) ? lines : [put, ...lines];
  return { lines: all.map((line) => (line.text === put.text ? { ...put, share: line.share } : { ...line, css: "" })), note };
}

/** What a branch shows, in a sentence. */
function whatIf(tokens, { place, outcome, said, tokens: [first] }) {
  const end = OUTCOMES[outcome] === "correct" ? `it answers ${said}, which is right`
    : OUTCOMES[outcome] === "wrong" ? `it answers ${said}, which is wrong`
      : `it gives no answer that counts (${outcomeLabel(outcome)})`;
  const [other, own] = [visible(first.text), visible(tokens[place].text)];
  return `With “${other}” (${percent(shareOf(tokens[place], first))}) in place of “${own}” (${percent(tokens[place].probability)}), ${end}.`;
}

/** The shared tokens, then both ways: the answer itself, and what was written after the token that was put in. */
function forkView(tokens, branch, answer, close) {
  const { place } = branch;
  const back = el("button", { type: "button", class: "pill" }, "Back to the answer ", el("kbd", {}, "Esc"));
  back.addEventListener("click", close);
  const lane = (css, what, token, { outcome, said }, row, ...more) => el("div", { class: `lane ${css} ${OUTCOMES[outcome] === "correct" ? "good" : "bad"}` },
    el("p", {}, what(`“${visible(token.text)}”`), endOf(outcome, said), ...more), row);
  return [
    tokenRow(tokens.slice(0, place)),
    el("div", { class: "fork" },
      lane("was", (own) => `It wrote ${own} and answered `, tokens[place], { outcome: answer.o, said: answer.answer }, tokenRow(tokens.slice(place))),
      lane("", (other) => `With ${other} put in, it answers `, branch.tokens[0], branch, tokenRow(branch.tokens), back)),
  ];
}

/** Mark the tokens that were replaced, and draw the lines of a fork. */
function finish(root, branches) {
  const buttons = all(".token", root);
  branches.forEach(({ place }) => buttons[place].classList.add("forks"));
  all(".fork", root).forEach(drawFork);
}

module.exports = { branchesOf, withBranches, inBranch, whatIf, forkView, finish };
