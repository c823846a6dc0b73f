// Blind votes: two answers to one prompt, and who wrote them only after the vote.
/** Numbers from 0 to 1, the same for the same text in every browser (xmur3 and mulberry32). */
function drawn(text) {
  let state = 1779033703 ^ text.length;
  for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0), 3432918353) ^ (state >>> 13);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The n-th comparison: the same two answers for every voter of an experiment, on sides of the voter's own. */
function comparison(prompts, experiment, voter, n) {
  const draw = drawn(`${experiment}/${n}`);
  const pick = (list) => list[Math.floor(draw() * list.length)];
  const prompt = pick(prompts);
  const first = pick(prompt.variants);
  const second = pick(prompt.variants.filter(({ id }) => id !== first.id));
  const sides = [first, second].map((variant) => ({ id: variant.id, sample: pick(variant.samples) }));
  return { prompt: prompt.id, sides: drawn(`${voter}/${n}`)() < 0.5 ? sides : sides.reverse() };
}

/** Each variant's share of its votes, a tie counting half, averaged over voters; an interval from six voters on. */
function tally(ballots, ids) {
  const shares = (votes, id) => {
    const own = votes.filter(({ sides }) => sides.some((side) => side.id === id));
    const won = own.map(({ sides, choice }) =>
      choice === "tie" || choice === "both bad" ? 0.5 : Number(sides[choice === "left" ? 0 : 1].id === id));
    return won.length ? won.reduce((sum, each) => sum + each, 0) / won.length : null;
  };
  return ids.map((id) => {
    const each = ballots.map(({ votes }) => shares(votes, id)).filter((share) => share !== null);
    const mean = each.length ? each.reduce((sum, share) => sum + share, 0) / each.length : null;
    if (mean === null || each.length < 6) return { id, mean, voters: each.length, low: null, high: null };
    const variance = each.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (each.length - 1);
    // Student's t for so few voters is at most 2.57.
    const half = (each.length < 30 ? 2.57 : 1.96) * Math.sqrt(variance / each.length);
    return { id, mean, voters: each.length, low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
  });
}

/** How often two voters said the same of the same two answers; null where nobody voted on the same. */
function agreement(ballots) {
  let [same, all] = [0, 0];
  const said = ({ sides, choice }) =>
    choice === "left" || choice === "right" ? sides[choice === "left" ? 0 : 1].id : choice;
  for (const [at, one] of ballots.entries()) {
    for (const other of ballots.slice(at + 1)) {
      for (let n = 0; n < Math.min(one.votes.length, other.votes.length); n += 1) {
        all += 1;
        same += Number(said(one.votes[n]) === said(other.votes[n]));
      }
    }
  }
  return all ? same / all : null;
}

function start() {
  const { el, byId, all, percent } = llmxray.dom;
  const { keep, recall, download } = llmxray.storage;
  const main = byId("votes");
  const textOf = (one) => one.querySelector(".written").textContent.trim();
  const prompts = all(".prompt").map((section) => ({
    id: section.id,
    text: section.querySelector(".label").textContent,
    variants: all(".variant", section)
      .map((variant) => ({
        id: variant.querySelector("h3").textContent,
        samples: all(".one", variant).map(textOf).filter((text) => text && !/^\(.*\)$/.test(text)),
      }))
      .filter(({ samples }) => samples.length),
  })).filter(({ variants }) => variants.length > 1);
  if (!prompts.length) return;
  const ids = [...new Set(prompts.flatMap(({ variants }) => variants.map(({ id }) => id)))];
  const part = Object.fromEntries(all("[data-part]", main).map((each) => [each.dataset.part, each]));
  const { experiment } = main.dataset;
  const key = `llmxray-votes:${experiment}`;
  let own = recall(key, null) || { experiment, voter: Math.random().toString(36).slice(2, 8), votes: [] };
  let others = [];

  /** The next pair; with the choice of a vote, the pair before it with those who wrote it. */
  function show(choice = "") {
    const { prompt, sides } = comparison(prompts, experiment, own.voter, own.votes.length - Number(Boolean(choice)));
    part.prompt.textContent = prompts.find(({ id }) => id === prompt).text;
    for (const [at, name] of ["Left", "Right"].entries()) {
      const side = name.toLowerCase();
      part[side].textContent = sides[at].sample;
      part[`${side}Name`].textContent = choice ? `${sides[at].id}${choice === side ? ": your choice" : ""}` : name;
    }
    for (const button of all("[data-vote]", main)) button.hidden = Boolean(choice);
    part.next.hidden = !choice;
    if (choice) part.next.focus();
    count();
  }

  function count() {
    const ballots = [own, ...others].filter(({ votes }) => votes.length);
    part.tally.replaceChildren(...tally(ballots, ids).filter(({ mean }) => mean !== null).map(({ id, mean, low, high }) =>
      el("tr", {}, el("th", { scope: "row" }, id), el("td", { class: "num" }, percent(mean)),
        el("td", { class: "num stat" }, low === null ? "" : `${percent(low)} to ${percent(high)}`))));
    const agreed = agreement(ballots);
    const votes = ballots.reduce((sum, ballot) => sum + ballot.votes.length, 0);
    part.voters.textContent =
      ballots.length < 2
        ? `${votes} vote${votes === 1 ? "" : "s"} by one voter: that is one person's taste.`
        : `${votes} votes by ${ballots.length} voters${agreed === null ? "" : `, who agreed in ${percent(agreed)}`}.`;
    part.result.hidden = !votes;
  }

  for (const button of all("[data-vote]", main)) {
    button.addEventListener("click", () => {
      const { prompt, sides } = comparison(prompts, experiment, own.voter, own.votes.length);
      own.votes.push({ prompt, sides: sides.map(({ id }) => ({ id })), choice: button.dataset.vote });
      keep(key, own);
      show(button.dataset.vote);
    });
  }
  part.next.addEventListener("click", () => {
    show();
    part.prompt.scrollIntoView({ block: "nearest" });
  });
  part.save.addEventListener("click", () => download([experiment, "votes", own.voter], own));
  part.forget.addEventListener("click", () => {
    own = { ...own, votes: [] };
    others = [];
    keep(key, own);
    show();
  });
  part.files.addEventListener("change", async () => {
    const ballots = await Promise.all([...part.files.files].map((file) => file.text().then(JSON.parse).catch(() => null)));
    const fits = ballots.filter((each) => each && each.experiment === experiment && Array.isArray(each.votes));
    others = [...new Map([...others, ...fits].map((each) => [each.voter, each])).values()].filter(({ voter }) => voter !== own.voter);
    part.files.value = "";
    const passed = ballots.length - fits.length;
    part.told.textContent = passed ? `${passed} of ${ballots.length} files are no votes on this page.` : "";
    count();
  });
  main.hidden = false;
  show();
}

module.exports = { comparison, tally, agreement };
if (typeof document === "object") start();
