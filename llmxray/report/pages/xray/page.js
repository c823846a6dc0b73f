// The x-ray of any answer: every token shaded by its probability, under the bar of its entropy.
const { el, all, byId, percent, visible } = llmxray.dom;
const { hashOf, titled, pageOf, replaceHash, parameters, sampleIn } = llmxray.url;
const { way, steps, samplePicker, heading, readingKeys, openQuestion, fail } = llmxray.reading;
const { tokenRow, panel, follow } = llmxray.strip;
const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
const { branchesOf, withBranches, inBranch, whatIf, forkView, finish } = llmxray.forks;
const { known, restOf, rankOf, withRights, shownOptions, letterOf, letterToken, rightAnswer, unseen } = llmxray.letters;

/** What the reader chose, from the hash: condition and sample, each within what there is; the branch, −1 for none. */
function parseView(hash, ids, samples) {
  return {
    place: Math.max(0, ids.indexOf(parameters(hash).get("c"))),
    sample: sampleIn(hash, samples),
    branch: Number(parameters(hash).get("b") || 0) - 1,
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

/** Lines and note of one token, written or `given`; of the one that names the letter (`letterToken`) also its share. */
function describe(tokens, place, letters, given) {
  const token = tokens[place];
  const isLetter = Boolean(letters) && letters.at === place;
  const list = isLetter ? withRights(known(token), letters) : known(token);
  const rest = restOf(list);
  const lines = list.map(({ text, probability, chosen, right }) => ({
    text: visible(text),
    share: probability,
    css: `${chosen ? "said" : ""}${right ? " good" : chosen && isLetter ? " bad" : ""}`.trim(),
    word: right ? "● right" : chosen ? (given ? "given" : isLetter ? "✕ written" : "written") : "",
  }));
  if (rest > 0.005) lines.push({ text: "others", share: rest, css: "", word: "" });
  const share = isLetter ? ` ${percent(letters.sure)} among the letters A–${letters.last}.` : "";
  const joined = "Several tokens sent as one piece: probability and alternatives are those of the last.";
  const choice = token.joined ? joined : `Token ${place + 1} of ${tokens.length}, ${rankOf(token, list)}.`;
  const entropy = token.entropy === null ? "" : ` Entropy ${token.entropy.toFixed(2)} bits.`;
  return { lines, note: `${choice}${entropy}${share}` };
}

/** The finding: where the model was least sure. */
function sentence(who, tokens, given) {
  const own = tokens.map((token) => token.probability);
  const [least] = byDoubt(own);
  if (least === undefined) return `${who} sent no log-probabilities for this answer: there is nothing to colour.`;
  const name = visible(tokens[least].text);
  const what = name === "(empty)" ? "an empty token" : `“${name}”`;
  const place = `token ${least + 1} of ${own.length}`;
  if (given) return `${who} wrote nothing: each option was given to it. It found ${what} least likely, at ${percent(own[least])}.`;
  return `${who} was least sure of ${what}, ${place}: its probability among all tokens was ${percent(own[least])}.`;
}

module.exports = { parseView, longest, runsOf, byDoubt, describe, sentence };
if (typeof document === "object") {
  const root = byId("xray");

  function runView({ name, right, tokens }, more, fork) {
    const count = ` ${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}${more}`;
    const rows = fork || [tokenRow(tokens)];
    if (name === "Thinking") rows[0].classList.add("thought");
    const mark = right ? [" ", el("b", { class: "right-mark" }, "right")] : "";
    return [el("h2", {}, name, mark, el("small", {}, count)), ...rows];
  }

  function start(found) {
    const { index, question, strings, ids, state } = found;
    let view = parseView(location.hash, ids, found.samples);
    if (!parameters(location.hash).has("c")) view.place = longest(question.answers, view.sample);

    const formatted = llmxray.filters.formatState(state);
    const extra = () => ({ c: ids[view.place], s: view.sample ? view.sample + 1 : "" });
    const whole = () => ({ ...extra(), b: view.branch < 0 ? "" : view.branch + 1 });

    /** Whose answer: a choice of conditions, the outcome, and from one wrong turn the way to the next. */
    function which(answer) {
      const picker = el("select", { "aria-label": "Condition" }, index.conditions.map((each, place) => {
        const about = { value: place, selected: place === view.place, disabled: !question.answers[place].length };
        return el("option", about, each.label);
      }));
      picker.addEventListener("change", () => change({ place: Number(picker.value), branch: -1 }));
      const outcome = answer ? OUTCOMES[answer.o] : "";
      const css = { correct: "right-mark", wrong: "wrong-mark" }[outcome] || "";
      const turns = all(".turns a").map((link) => link.getAttribute("href"));
      const at = turns.indexOf(pageOf("xray.html", found.record.address, hashOf({ c: ids[view.place] })));
      const next = at < 0 ? null : el("a", { href: turns[(at + 1) % turns.length] }, "Next wrong turn");
      return el("p", { class: "which" }, el("label", {}, "Answer of ", picker),
        outcome ? el("b", { class: css }, outcomeLabel(answer.o)) : null, next);
    }

    function withoutTokens(answer) {
      const why = answer
        ? "No log-probabilities came with this answer: the text is below, without shades."
        : "This condition was not asked this question.";
      const text = answer && answer.text ? el("p", { class: "quote" }, answer.thinking || "", answer.text) : "";
      return [el("p", { class: "empty" }, why), text];
    }

    function draw() {
      const answer = question.answers[view.place][view.sample];
      const columns = (answer && answer.tokens) || [];
      const blocks = columns.map((each) => llmxray.shards.tokens(each, strings)).filter((each) => each.length);
      const options = answer ? shownOptions(question, answer) : [];
      const runs = runsOf(blocks, options);
      const tokens = runs.flatMap((run) => run.tokens);
      const branches = branchesOf(answer, strings);
      const taken = branches[view.branch];
      const fork = taken ? forkView(tokens, taken, answer, () => change({ branch: -1 })) : null;
      const letters = answer && blocks.length === 1 ? letterToken(question, answer, tokens) : null;
      const behind = letters && letterOf(tokens.slice(letters.at + 1).map(({ text }) => text).join(""), true);
      const other = behind && options.find(({ letter, text }) => letter !== answer.answer && letterOf(text, true) === behind);
      // What has no text ended the answer, the last run.
      const more = blocks.length === 1 ? unseen(answer, tokens, strings[answer.finish]) : "";
      const back = pageOf("answer.html", found.record.address, hashOf({ s: extra().s }, formatted));
      const box = panel();
      const page = el("div", { class: "xpage" },
        el("div", { class: "box" }, runs.flatMap((run, at) => runView(run, at === runs.length - 1 ? more : "", fork))),
        el("div", { class: "box side" }, box));
      root.replaceChildren(
        steps(found, "xray.html", extra(), way(found)),
        ...heading(question, el("a", { href: back }, "All answers to this question")),
        el("p", { class: "lead" }, taken ? whatIf(tokens, taken) : sentence(index.conditions[view.place].label, tokens, blocks.length > 1)),
        rightAnswer(question, answer) || "",
        other ? `It says ${answer.answer} and writes the words of option ${other.letter}: ${answer.answer} counts.` : "",
        which(answer),
        samplePicker(found.samples, view.sample, (sample) => change({ sample, branch: -1 })) || "",
        ...(runs.length ? [page] : withoutTokens(answer)),
      );
      if (!runs.length) return;
      const [first = 0] = byDoubt(tokens.map((token) => token.probability));
      follow(page, box, (place) => {
        if (blocks.length > 1) {
          let at = place;
          const run = blocks.find((own) => at < own.length || ((at -= own.length), false));
          return describe(run, at, null, true);
        }
        // Behind the tokens of the answer stand those of the branch.
        const after = taken && place >= tokens.length;
        if (after) return inBranch(describe, tokens, taken, place - tokens.length);
        const { lines, note } = describe(tokens, place, letters);
        return { lines: withBranches(lines, tokens[place], branches, place, (branch) => change({ branch })), note };
      }, taken ? tokens.length : branches.length ? branches[0].place : first);
      finish(page, branches);
      if (taken) all(".token", page)[tokens.length].focus({ preventScroll: true });
    }

    function change(part) {
      if (part.sample !== undefined && (part.sample < 0 || part.sample >= found.samples)) return;
      view = { ...view, ...part };
      replaceHash(hashOf(whole(), formatted));
      draw();
    }

    readingKeys(root, (step) => change({ sample: view.sample + step, branch: -1 }));
    root.addEventListener("keydown", (event) => event.key === "Escape" && view.branch >= 0 && change({ branch: -1 }));
    titled(found.record.address);
    draw();
  }

  // The telling answer stands in the page until another one is asked for.
  const isAsked = new URLSearchParams(location.search).has("q");
  if (isAsked || !("waits" in root.dataset)) {
    root.hidden = false;
    if (byId("telling")) byId("telling").hidden = true;
    openQuestion(root).then(start).catch((error) => fail(root, error));
  }
}
