"use strict";
(function (scope) {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const RULES = {
    "likelihood-total": "the option with the highest summed log-probability",
    "likelihood-per-character": "the option with the highest log-probability per character",
    "likelihood-per-byte": "the option with the highest log-probability per byte",
    "tool-call": "the function that the reply calls",
    "tool-call-text": "the function call that the reply writes out",
    "option-text": "the reply is the text of one option",
    "option-text-inside": "the reply contains the text of one option",
    "expected-text": "the reply contains an expected text",
    "first-line": "the first line of the reply",
    leading: "the reply begins with a letter",
    "last-letter": "the last letter that stands alone",
    "last-number": "the last number of the reply",
    "answer-number": "the number after “answer”",
    "answer-is": "“the answer is …”",
    "answer-colon": "“answer: …”",
  };

  /** Option texts in the order in which they were shown to this condition. */
  function shownOptions(question, answer) {
    const order = answer.order || question.choices.map((_, place) => place);
    return order.map((own, place) => ({
      letter: LETTERS[place],
      text: question.choices[own],
      right: LETTERS[own] === question.answer,
    }));
  }

  /** The text of the answer, thinking left out. */
  function spoken(answer, columnsToTokens) {
    if (answer.text !== undefined) return answer.text;
    const tokens = answer.tokens && answer.tokens.length === 1 ? columnsToTokens(answer.tokens[0]) : [];
    return tokens.filter((token) => !token.thinking).map((token) => token.text).join("");
  }

  /** Summed log-probability of some tokens, in nats; null where one of them is not known. */
  function summed(tokens) {
    return tokens.some((token) => token.logprob === null) ? null : tokens.reduce((sum, token) => sum + token.logprob, 0);
  }

  const api = { RULES, shownOptions, spoken, summed };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const { OUTCOMES, outcomeLabel, el, percent, duration, width, fromPermille, strip, tokenRun, focusLeast } = scope.llmxray;

  function headline(answer, open) {
    const outcome = OUTCOMES[answer.o];
    const sure = fromPermille(answer.confidence[0]);
    const found = answer.answer === null || answer.answer === undefined ? "no answer found" : open ? "" : `answered ${answer.answer}`;
    const said = { o: "no answer is expected", e: "", f: "no answer in words", n: "" }[answer.o] ?? found;
    return el("p", { class: "verdict" },
      el("b", { class: `mark-${outcome}` }), el("span", {}, outcomeLabel(answer.o), said && ` · ${said}`),
      sure === null ? null : el("span", { class: "how-sure" }, `${percent(sure)} sure`));
  }

  function bars(question, answer) {
    const probs = answer.probs.map(fromPermille);
    if (!probs.some((value) => value !== null)) return null;
    const rows = shownOptions(question, answer).map((option, place) => {
      const css = [option.right ? "right" : "", option.letter === answer.answer ? "chosen" : ""].join(" ");
      return el("tr", { class: css, title: option.text },
        el("th", { scope: "row" }, option.letter),
        el("td", { class: "bar" }, el("i", { class: width(probs[place] || 0) })),
        el("td", { class: "num" }, percent(probs[place])),
        el("td", { class: "flag" }, option.right ? el("b", { class: "mark-correct", title: "the right answer" }) : ""));
    });
    return el("table", { class: "options", "aria-label": "Probability of each option" }, el("tbody", {}, rows));
  }

  function coverage(answer, why) {
    const [sure, covered] = answer.confidence.map(fromPermille);
    if (sure === null) return why ? el("p", { class: "note" }, `No option confidence: ${why}.`) : null;
    if (covered === null) return null;
    const share = `The options hold ${percent(covered)} of the probability at the answer token (`;
    return el("p", { class: "note" }, share, el("a", { href: "methods.html#coverage" }, "coverage"), ").");
  }

  function least(run, tokens) {
    if (tokens.length < 3) return null;
    const button = el("button", { type: "button", class: "plain", "data-least": true }, "least certain token");
    button.addEventListener("click", () => focusLeast(run));
    return button;
  }

  function produced(answer, tokens) {
    const said = tokens.filter((token) => !token.thinking);
    const thought = tokens.filter((token) => token.thinking);
    const parts = [];
    if (thought.length || answer.thinking) {
      const run = thought.length ? tokenRun(thought, { css: "thought" }) : el("div", { class: "tokens thought" }, answer.thinking);
      const size = thought.length ? `${thought.length} tokens` : `${answer.thinking.length} characters`;
      parts.push(el("details", { class: "thinking" }, el("summary", {}, `Thinking (${size})`), thought.length ? strip(thought) : null, run, least(run, thought)));
    }
    if (said.length) {
      const run = tokenRun(said);
      parts.push(strip(said), run, least(run, said));
    } else if (answer.text) parts.push(el("div", { class: "tokens" }, answer.text));
    else parts.push(el("p", { class: "note" }, answer.calls ? "No text beside the call." : thought.length ? "Nothing after the thinking." : "The reply is empty."));
    return parts;
  }

  function nats(value) {
    return value === null ? "—" : `${value.toFixed(2).replace("-", "−")} nats`;
  }

  /** Functions that the reply calls, and parts of it that are not read. */
  function besides(answer) {
    return [
      answer.calls ? el("div", { class: "calls" }, el("p", { class: "label" }, "Calls"), el("pre", { class: "wrapped" }, answer.calls)) : null,
      answer.unread ? el("p", { class: "note warning" }, `The reply holds what llmxray does not read: ${answer.unread}.`) : null,
      answer.hidden ? el("p", { class: "note" }, `Thinking without its text (encrypted or redacted): ${answer.hidden}.`) : null,
    ];
  }

  /** Likelihood: the forced text of each option with its summed logprob. */
  function forced(question, answer, columnsToTokens) {
    const options = shownOptions(question, answer);
    const probs = answer.probs.map(fromPermille);
    return el("div", { class: "forced" }, answer.tokens.map((columns, place) => {
      const tokens = columnsToTokens(columns);
      const option = options[place] || { letter: "", right: false };
      const css = `${option.right ? "right" : ""} ${option.letter === answer.answer ? "chosen" : ""}`;
      return el("div", { class: `option ${css}` },
        el("p", { class: "head" }, el("span", { class: "letter" }, option.letter),
          option.right ? el("b", { class: "mark-correct", title: "the right answer" }) : null,
          el("span", { class: "bar" }, el("i", { class: width(probs[place] || 0) })),
          el("span", { class: "num" }, percent(probs[place])),
          el("span", { class: "num unit", title: "summed log-probability" }, nats(summed(tokens)))),
        tokenRun(tokens));
    }));
  }

  function cost(answer, likelihood) {
    const [ttft, latency, written, read, thought] = answer.time;
    // A rate over a handful of tokens measures the reading of the prompt, not the writing.
    const rate = latency && written >= 8 ? `${((1000 * written) / latency).toFixed(0)} tokens/s` : "";
    const parts = likelihood
      ? [`${duration(latency)} for ${answer.tokens ? answer.tokens.length : 0} requests`]
      : [`first token ${duration(ttft)}`, `whole ${duration(latency)}`, written === null ? "" : `${written} tokens`, thought ? `${thought} of them thinking` : "", rate];
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
    const list = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
    return el("details", { class: "asked" }, el("summary", {}, "Prompt as sent"), messages, el("p", { class: "note" }, list));
  }

  /** One condition's answer as a column. */
  function column(question, answer, condition, css, strings) {
    const toTokens = (columns) => scope.llmxray.tokens(columns, strings);
    const head = el("h2", {}, el("i", { class: "swatch" }), condition.label, condition.label === condition.id ? null : el("small", {}, condition.id));
    const frame = (...parts) => el("article", { class: `answer k ${css}` }, head, ...parts);
    if (!answer) return frame(el("p", { class: "note" }, "Not asked in this condition."));
    const open = question.choices.length === 0;
    const rule = strings[answer.rule];
    const likelihood = condition.answer === "likelihood" && !open;
    const how = rule ? el("p", { class: "note rule" }, `Rule “${rule}”`, RULES[rule] ? `: ${RULES[rule]}.` : ".") : null;
    if (answer.error !== undefined) {
      const why = answer.error || "no whole reply was recorded";
      return frame(headline(answer, open), el("p", { class: "note" }, `No whole reply: ${why}.`), asked(answer, strings, condition.settings));
    }
    const found = open && answer.answer ? el("p", { class: "found" }, "Answer read: ", el("q", {}, answer.answer)) : null;
    const body = likelihood
      ? [forced(question, answer, toTokens)]
      : [bars(question, answer), coverage(answer, open ? "" : strings[answer.why]), ...produced(answer, answer.tokens[0] ? toTokens(answer.tokens[0]) : [])];
    return frame(headline(answer, open), found, ...body, ...besides(answer), how, cost(answer, likelihood), asked(answer, strings, condition.settings));
  }

  Object.assign(scope.llmxray, api, { column });
})(typeof window === "undefined" ? globalThis : window);
