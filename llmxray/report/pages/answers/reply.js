"use strict";
// One condition's answer to a question, as a column.
(function () {
  const { el, percent, duration, width } = llmxray.dom;
  const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
  const { strip, tokenRun } = llmxray.tokens;
  const { fromPermille, tokens: tokensOf } = llmxray.shards;
  const { shownOptions, letterToken, unseen } = llmxray.letters;

  /** Summed log-probability of some tokens, in nats; null where one of them is not known. */
  function summed(tokens) {
    if (tokens.some((token) => token.logprob === null)) return null;
    return tokens.reduce((sum, token) => sum + token.logprob, 0);
  }

  const rightMark = () => el("b", { class: "mark-correct", title: "the right answer" });
  const cssOf = (option, answer) => `${option.right ? "right" : ""} ${option.letter === answer.answer ? "chosen" : ""}`;
  const note = (text, css = "") => el("p", { class: `note ${css}`.trim() }, text);

  function headline(answer, open) {
    const sure = fromPermille(answer.confidence[0]);
    const isFound = answer.answer !== null && answer.answer !== undefined;
    const found = !isFound ? "no answer found" : open ? "" : `answered ${answer.answer}`;
    const about = { o: "no single answer is right", e: "", f: "no answer in words", n: "" }[answer.o] ?? found;
    return el("p", { class: "verdict" },
      el("b", { class: `mark-${OUTCOMES[answer.o]}` }),
      el("span", {}, outcomeLabel(answer.o), about && ` · ${about}`),
      sure === null ? null : el("span", { class: "how-sure" }, `${percent(sure)} sure`));
  }

  function bars(question, answer) {
    const probs = answer.probs.map(fromPermille);
    if (!probs.some((value) => value !== null)) return null;
    const rows = shownOptions(question, answer).map((option, place) =>
      el("tr", { class: cssOf(option, answer), title: option.text },
        el("th", { scope: "row" }, option.letter),
        el("td", { class: "bar" }, el("i", { class: width(probs[place] || 0) })),
        el("td", { class: "num" }, percent(probs[place])),
        el("td", { class: "flag" }, option.right ? rightMark() : "")));
    return el("table", { class: "options", "aria-label": "Probability of each option" }, el("tbody", {}, rows));
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
    const run = tokens.length ? tokenRun(tokens, "thought") : el("div", { class: "tokens thought" }, answer.thinking);
    const size = tokens.length ? `${tokens.length} tokens` : `${answer.thinking.length} characters`;
    const summary = el("summary", {}, `Thinking (${size})`);
    return el("details", { class: "thinking" }, summary, tokens.length ? strip(tokens) : null, run);
  }

  function produced(answer, tokens) {
    const thinking = tokens.filter((token) => token.thinking);
    const written = tokens.filter((token) => !token.thinking);
    const folded = thought(answer, thinking);
    if (written.length) return [folded, strip(written), tokenRun(written)];
    if (answer.text) return [folded, el("div", { class: "tokens" }, answer.text)];
    const nothing = thinking.length ? "Nothing after the thinking." : "The reply is empty.";
    return [folded, note(answer.calls ? "No text beside the call." : nothing)];
  }

  function nats(value) {
    return value === null ? "—" : `${value.toFixed(2).replace("-", "−")} nats`;
  }

  /** Functions that the reply calls, parts of it that are not read, and how another tool marked it. */
  function besides({ calls, unread, hidden, mark }) {
    return [
      calls && el("div", { class: "calls" },
        el("p", { class: "label" }, "Calls"), el("pre", { class: "wrapped" }, calls)),
      mark && note(`${mark}.`),
      unread && note(`The reply holds what llmxray does not read: ${unread}.`, "warning"),
      hidden && note(`Thinking without its text (encrypted or redacted): ${hidden}.`),
    ];
  }

  /** Likelihood: the forced text of each option with its summed logprob. */
  function forced(question, answer, toTokens) {
    const options = shownOptions(question, answer);
    const probs = answer.probs.map(fromPermille);
    return el("div", { class: "forced" }, answer.tokens.map((columns, place) => {
      const tokens = toTokens(columns);
      const option = options[place] || { letter: "", right: false };
      return el("div", { class: `option ${cssOf(option, answer)}` },
        el("p", { class: "head" }, el("span", { class: "letter" }, option.letter),
          option.right ? rightMark() : null,
          el("span", { class: "bar" }, el("i", { class: width(probs[place] || 0) })),
          el("span", { class: "num" }, percent(probs[place])),
          el("span", { class: "num unit", title: "summed log-probability" }, nats(summed(tokens)))),
        tokenRun(tokens));
    }));
  }

  /** How many tokens the reply has, counted as the x-ray counts them. */
  function counted(answer, tokens, finish) {
    const written = answer.time[2];
    if (written === null) return "";
    const more = unseen(answer, tokens, finish);
    const count = more ? tokens.length : written;
    return `${count} ${count === 1 ? "token" : "tokens"}${more}`;
  }

  function cost(answer, likelihood, tokens, finish) {
    const [ttft, latency, written, read, thinking] = answer.time;
    // A rate over a handful of tokens measures the reading of the prompt, not the writing.
    const rate = latency && written >= 8 ? `${((1000 * written) / latency).toFixed(0)} tokens/s` : "";
    const took = (what, ms) => (ms === null ? "" : `${what} ${duration(ms, latency)}`);
    const forcedOptions = answer.tokens && answer.tokens.length;
    const parts = likelihood
      ? [forcedOptions ? `${duration(latency)} for ${forcedOptions} requests` : ""]
      : [took("first token", ttft), took("whole", latency), counted(answer, tokens, finish),
          thinking ? `${thinking} of them thinking` : "", rate];
    if (read !== null) parts.push(`${read} tokens in the prompt`);
    if (answer.attempts > 1) parts.push(`attempt ${answer.attempts}`);
    if (!answer.alone) parts.push("recorded with other requests in flight");
    return el("p", { class: "cost" }, parts.filter(Boolean).join(" · "));
  }

  function asked(answer, strings, settings) {
    const messages = answer.prompt.flatMap(([role, parts]) => [
      el("p", { class: "label" }, strings[role]),
      el("div", { class: "quoted" }, parts.map((part) => strings[part]).join("\n\n")),
    ]);
    if (!messages.length) return null;
    const list = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
    return el("details", { class: "asked" }, el("summary", {}, "Prompt as sent"), messages, note(list));
  }

  /** One condition's answer as a column; `rules` says in words what each rule of extraction looks for. */
  function column(question, answer, condition, css, strings, rules) {
    const head = el("h2", {}, el("i", { class: "swatch" }), condition.label);
    const frame = (...parts) => el("article", { class: `answer k ${css}` }, head, ...parts);
    if (!answer) return frame(note("Not asked in this condition."));
    const open = question.choices.length === 0;
    const prompt = asked(answer, strings, condition.settings);
    if (answer.error !== undefined) {
      const why = answer.error || "no whole reply was recorded";
      return frame(headline(answer, open), note(`No whole reply: ${why}.`), prompt);
    }
    const toTokens = (columns) => tokensOf(columns, strings);
    const rule = strings[answer.rule];
    const likelihood = condition.answer === "likelihood" && !open;
    const how = rule ? note(`Rule “${rule}”${rules[rule] ? `: ${rules[rule]}` : ""}.`, "rule stat") : null;
    const found = open && answer.answer ? el("p", { class: "found" }, "Answer read: ", el("q", {}, answer.answer)) : "";
    const tokens = !likelihood && answer.tokens[0] ? toTokens(answer.tokens[0]) : [];
    const why = open ? "" : strings[answer.why];
    const share = coverage(question, answer, tokens, why, likelihood);
    const body = likelihood
      ? [answer.tokens.length ? forced(question, answer, toTokens) : bars(question, answer), share]
      : [bars(question, answer), share, ...produced(answer, tokens)];
    const spent = cost(answer, likelihood, tokens, strings[answer.finish]);
    return frame(headline(answer, open), found, ...body, ...besides(answer), how, spent, prompt);
  }

  const api = { summed, column };
  llmxray.reply = api;
  if (typeof module === "object") module.exports = api;
})();
