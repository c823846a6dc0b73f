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

/** Lines and note of a token of a branch, by its place from the forced one on, which the model did not choose. */
function inBranch(describe, tokens, { place, tokens: own }, at) {
  const { lines, note } = describe([...tokens.slice(0, place), ...own], place + at, null);
  return { lines: lines.map((line) => (at === 0 && line.word === "written" ? { ...line, word: "put in" } : line)), note };
}

/** What a branch shows, in a sentence. */
function whatIf(tokens, { place, outcome, said, tokens: [first] }) {
  const end = OUTCOMES[outcome] === "correct" ? `it answers ${said}, which is right`
    : OUTCOMES[outcome] === "wrong" ? `it answers ${said}, which is wrong`
      : `it gives no answer that counts (${outcomeLabel(outcome)})`;
  const [other, own] = [visible(first.text), visible(tokens[place].text)];
  return `With “${other}” (${percent(first.probability)}) in place of “${own}” (${percent(tokens[place].probability)}), ${end}.`;
}

/** The shared tokens, then both ways: the one that was taken greyed, the branch beside it. */
function forkView(tokens, branch, close) {
  const { place, outcome, said } = branch;
  const good = OUTCOMES[outcome] === "correct";
  const back = el("button", { type: "button", class: "pill" }, "Back to the answer ", el("kbd", {}, "Esc"));
  back.addEventListener("click", close);
  const end = el("b", { class: good ? "right-mark" : "wrong-mark" },
    said === null ? `No answer: ${outcomeLabel(outcome)}` : `${good ? "Right" : "Wrong"}: ${said}`);
  return [
    tokenRow(tokens.slice(0, place)),
    el("div", { class: "fork" },
      el("div", { class: "lane was" }, el("p", {}, "What it wrote"), tokenRow(tokens.slice(place))),
      el("div", { class: `lane ${good ? "good" : "bad"}` }, el("p", {}, "What follows the other token. ", end, back),
        tokenRow(branch.tokens))),
  ];
}

/** Mark the tokens that were replaced, and draw the lines of a fork. */
function finish(root, branches) {
  const buttons = all(".token", root);
  branches.forEach(({ place }) => buttons[place].classList.add("forks"));
  all(".fork", root).forEach(drawFork);
}

module.exports = { branchesOf, withBranches, inBranch, whatIf, forkView, finish };
