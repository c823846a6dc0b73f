// What a condition wrote in answer to a question, and what is known of that.
const { el, percent, duration, doubtOf } = llmxray.dom;
const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
const { fromPermille, tokens: tokensOf } = llmxray.shards;
const { shownOptions, letterToken, unseen } = llmxray.letters;
// Longer replies, in characters, are more than a letter or a number.
const LETTER = 12;

/** Summed log-probability of some tokens, in nats; null where one of them is not known. */
function summed(tokens) {
  if (tokens.some((token) => token.logprob === null)) return null;
  return tokens.reduce((sum, token) => sum + token.logprob, 0);
}

const note = (text, css = "") => el("p", { class: `note ${css}`.trim() }, text);

function shaded(tokens) {
  return tokens.map(({ text, probability }) => {
    const css = doubtOf(probability);
    return css ? el("span", { class: css }, text) : text;
  });
}
const written = (text, css = "") => el("div", { class: `written doubtful ${css}`.trim(), dir: "auto" }, text);

function outcomeLine(answer, open) {
  const sure = fromPermille(answer.confidence[0]);
  const isFound = answer.answer !== null && answer.answer !== undefined;
  const said = open ? ["answer read: ", el("q", {}, answer.answer)] : `answered ${answer.answer}`;
  const read = isFound ? said : "no answer found";
  const about = { o: "", e: "", f: "no answer in words", n: "" }[answer.o] ?? read;
  return el("p", { class: "verdict" }, el("b", { class: `mark-${OUTCOMES[answer.o]}` }), outcomeLabel(answer.o),
    about && [" · ", about].flat(), sure === null ? "" : ` · ${percent(sure)} sure`);
}

/** Of what the confidence is a share, where that is not nearly all: the x-ray shows the token among all tokens. */
function coverage(question, answer, tokens, why, likelihood) {
  const [sure, covered] = answer.confidence.map(fromPermille);
  if (likelihood) return sure === null ? null : note(`${percent(sure)} among the options, weighed as whole texts.`);
  if (sure === null) return why ? note(`No option confidence: ${why}.`) : null;
  if (covered === null) return null;
  const letters = letterToken(question, answer, tokens);
  const own = letters && percent(tokens[letters.at].probability);
  const share = own && own !== percent(sure)
    ? note(`${percent(sure)} among the letters A–${letters.last}, ${own} among all tokens.`) : null;
  const about = el("a", { href: llmxray.url.addressOf("methods.html", "", "#coverage") }, "coverage");
  const what = letters ? "letters" : "options";
  const said = `The ${what} hold ${percent(covered)} of the probability at the answer token (`;
  return [share, note([said, about, ")."], "stat")];
}

/** Thinking, folded: its tokens, or its text where the server sent no tokens of it. */
function thought(answer, tokens) {
  if (!tokens.length && !answer.thinking) return null;
  const size = tokens.length ? `${tokens.length} tokens` : `${answer.thinking.length} characters`;
  return el("details", {}, el("summary", {}, `Thinking (${size})`),
    written(tokens.length ? shaded(tokens) : answer.thinking, "thought"));
}

function produced(answer, tokens) {
  const thinking = tokens.filter((token) => token.thinking);
  const own = tokens.filter((token) => !token.thinking);
  const folded = thought(answer, thinking);
  if (own.length || answer.text) return [folded, written(own.length ? shaded(own) : answer.text)];
  const nothing = thinking.length ? "Nothing after the thinking." : "The reply is empty.";
  return [folded, note(answer.calls ? "No text beside the call." : nothing)];
}

/** Functions that the reply calls, parts of it that are not read, and how another tool marked it. */
function besides({ calls, unread, hidden, mark: marked }) {
  return [
    calls && el("div", {}, el("p", { class: "label" }, "Calls"), el("pre", { class: "written" }, calls)),
    marked && note(`${marked}.`),
    unread && note(`The reply holds what llmxray does not read: ${unread}.`, "warning"),
    hidden && note(`Thinking without its text (encrypted or redacted): ${hidden}.`),
  ];
}

/** Likelihood: the forced text of each option, with its share and its summed logprob. */
function forced(question, answer, toTokens) {
  const options = shownOptions(question, answer);
  return el("ul", { class: "forced" }, answer.tokens.map((columns, place) => {
    const tokens = toTokens(columns);
    const nats = summed(tokens);
    const sum = nats === null ? "—" : `${nats.toFixed(2).replace("-", "−")} nats`;
    return el("li", {}, el("b", {}, options[place] ? options[place].letter : ""), written(shaded(tokens)),
      percent(fromPermille(answer.probs[place])),
      el("small", { class: "stat", title: "summed log-probability" }, sum));
  }));
}

const taken = (ms, longest = ms) => duration(ms, longest >= 100 ? 1000 : longest);

/** How many tokens the reply has, counted as the x-ray counts them. */
function counted(answer, tokens, finish) {
  const own = answer.time[2];
  if (own === null) return "";
  const more = unseen(answer, tokens, finish);
  const count = more ? tokens.length : own;
  return `${count} ${count === 1 ? "token" : "tokens"}${more}`;
}

function cost(answer, likelihood, tokens, finish) {
  const [ttft, latency, , read, thinking] = answer.time;
  const took = (what, ms) => (ms === null ? "" : `${what} ${taken(ms, latency)}`);
  const forcedOptions = answer.tokens && answer.tokens.length;
  const parts = likelihood
    ? [forcedOptions ? `${taken(latency)} for ${forcedOptions} requests` : ""]
    : [took("first token", ttft), took("whole", latency), counted(answer, tokens, finish),
        thinking ? `${thinking} of them thinking` : ""];
  if (read !== null) parts.push(`${read} tokens in the prompt`);
  if (answer.attempts > 1) parts.push(`attempt ${answer.attempts}`);
  if (!answer.alone) parts.push("recorded with other requests in flight");
  return note(parts.filter(Boolean).join(" · "));
}

function asked(answer, strings, settings) {
  const messages = answer.prompt.flatMap(([role, parts]) => [
    el("p", { class: "label" }, strings[role]),
    written(parts.map((part) => strings[part]).join("\n\n"), "sent"),
  ]);
  if (!messages.length) return null;
  const list = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  return el("details", {}, el("summary", {}, "Prompt as sent"), messages, note(list));
}

/** Everything about one condition's answer; `rules` says in words what each rule of extraction looks for. */
function article(question, { answer, css, label, xray, condition }, strings, rules) {
  const name = el("h3", { class: "model" }, label);
  const frame = (...parts) => el("article", { class: `answer ${css}` }, name, ...parts);
  const open = question.choices.length === 0;
  if (!answer) return frame(note("Not asked in this condition."));
  const prompt = asked(answer, strings, condition.settings);
  if (answer.error !== undefined) {
    return frame(outcomeLine(answer, open), note(`No whole reply: ${answer.error || "none was recorded"}.`), prompt);
  }
  const toTokens = (columns) => tokensOf(columns, strings);
  const rule = strings[answer.rule];
  const likelihood = condition.answer === "likelihood" && !open;
  const tokens = !likelihood && answer.tokens[0] ? toTokens(answer.tokens[0]) : [];
  const body = !likelihood ? produced(answer, tokens)
    : answer.tokens.length ? [forced(question, answer, toTokens)] : [];
  return frame(outcomeLine(answer, open), ...body, ...besides(answer),
    coverage(question, answer, tokens, open ? "" : strings[answer.why], likelihood),
    rule ? note(`Rule “${rule}”${rules[rule] ? `: ${rules[rule]}` : ""}.`, "stat") : null,
    cost(answer, likelihood, tokens, strings[answer.finish]), prompt,
    xray ? el("p", { class: "note" }, el("a", { class: "to-xray", href: xray.href }, "X-ray of this answer")) : null);
}

function isLong(answer, strings) {
  if (!answer || answer.error !== undefined) return false;
  const texts = answer.tokens.length === 1 ? answer.tokens[0].t.map((place) => strings[place]).join("") : "";
  return `${answer.thinking || ""}${answer.text || texts}${answer.calls || ""}`.trim().length > LETTER;
}

module.exports = { summed, article, isLong, taken };
