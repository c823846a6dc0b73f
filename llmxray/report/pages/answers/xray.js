"use strict";
(function (scope) {
  /** What the reader chose, from the hash: condition, sample and temperature, each within what there is. */
  function parseView(hash, ids, samples) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const number = Number(given.get("s"));
    const hot = given.has("t") ? Number(given.get("t")) : 1;
    return {
      place: Math.max(0, ids.indexOf(given.get("c"))),
      sample: Number.isInteger(number) && number >= 1 && number <= samples ? number - 1 : 0,
      temperature: hot >= 0 && hot <= 2 ? hot : 1,
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

  /** A token with what surrounds it, on one line. */
  function around(tokens, place, reach) {
    const text = (from, to) => tokens.slice(Math.max(0, from), to).map((token) => token.text).join("").replace(/\s+/g, " ");
    return [text(place - reach, place), text(place + 1, place + 1 + reach)];
  }

  /** Runs of an answer to look at apart: thinking and answer, or each option that was weighed. */
  function runsOf(blocks, letters) {
    if (blocks.length > 1) {
      return blocks.map((tokens, place) => ({ name: `Option ${letters[place] || place + 1}`, tokens, forced: true }));
    }
    const tokens = blocks[0] || [];
    const parts = [["Thinking", tokens.filter((t) => t.thinking)], ["Answer", tokens.filter((t) => !t.thinking)]];
    return parts.filter(([, part]) => part.length).map(([name, part]) => ({ name, tokens: part, forced: false }));
  }

  const api = { parseView, longest, around, runsOf };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const x = scope.llmxray;
  const { el, percent, shade } = x;
  const root = document.getElementById("xray");
  const panel = document.getElementById("xray-inspector");
  const slider = document.getElementById("xray-temperature");
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const hot = (value) => (value === 0 ? "0 (always the likeliest)" : value.toFixed(1));

  function start(found) {
    const { index, question, strings, ids } = found;
    const given = new URLSearchParams(location.hash.slice(1));
    let view = parseView(location.hash, ids, found.samples);
    if (!given.has("c")) view.place = longest(question.answers, view.sample);
    let runs = [];
    let doubts = [];
    let at = -1;

    const extra = () => ({ c: ids[view.place], s: view.sample ? view.sample + 1 : "", t: view.temperature === 1 ? "" : view.temperature });
    const answer = () => question.answers[view.place][view.sample];
    const spans = () => [...root.querySelectorAll(".run .t")];
    const all = () => runs.flatMap((run) => run.tokens);

    /** Colours, strips and sums of the temperature; the text stays as it is. */
    function repaint() {
      const { temperature } = view;
      const own = all().map((token) => x.ownProbability(token, temperature));
      spans().forEach((span, place) => (span.className = `t ${shade(own[place])}${span.token.joined ? " joined" : ""}`));
      for (const run of root.querySelectorAll(".run")) {
        const old = run.querySelector(".strip");
        if (old) old.replaceWith(x.strip(run.tokens.map((token) => ({ ...token, entropy: x.entropyAt(token, temperature) }))));
      }
      doubts = x.byDoubt(own);
      document.getElementById("xray-hot").textContent = hot(temperature);
      root.querySelector(".sum").replaceChildren(...summary(own));
      root.querySelector(".bounds").textContent = temperature === 1 ? "" : temperature > 1
        ? "Above 1 the chances are the most they can be: the likelier the unrecorded alternatives, the lower these are."
        : "Below 1 the chances are the least they can be: unrecorded alternatives lose more than is shown.";
      document.getElementById("xray-back").hidden = temperature === 1;
      if (at >= 0) inspect(at);
    }

    /** "10^23" as a power. */
    const raised = (text) => text.split("^").map((part, place) => (place ? el("sup", {}, part) : part));

    function summary(own) {
      if (!own.length) return [];
      const covered = x.meanCovered(all());
      const list = all().map((token) => x.rescaled(token, view.temperature).list);
      const first = list.filter((each) => each[0].chosen).length;
      const fact = (value, label) => el("div", {}, el("dd", {}, value), el("dt", {}, label));
      return [
        runs[0].forced ? null : fact(raised(x.chanceOf(own)), `chance of exactly this text${all().some((token) => token.joined) ? ", at most" : ""}`),
        fact(`${first} of ${own.length}`, "tokens are the likeliest choice"),
        fact(percent(own.includes(null) ? null : own.reduce((sum, p) => sum + p, 0) / own.length), "mean probability of a token"),
        covered === null ? null : fact(percent(covered), "of the probability is on recorded alternatives, at temperature 1"),
      ].filter(Boolean);
    }

    function inspect(place) {
      at = place;
      const token = all()[place];
      for (const span of root.querySelectorAll(".t.here")) span.classList.remove("here");
      const span = spans()[place];
      if (!token || !span) return;
      span.classList.add("here");
      panel.replaceChildren(...describe(token, place));
      panel.hidden = document.getElementById("xray-unfold").hidden = false;
    }

    function describe(token, place) {
      const { list, rest, covered, bound, can } = x.rescaled(token, view.temperature);
      const own = list.find((each) => each.chosen).probability;
      const [before, after] = around(all(), place, 5);
      const row = (text, p, css) => el("tr", { class: css }, el("td", { class: "what" }, text),
        el("td", { class: "bar" }, el("i", { class: x.width(p) })), el("td", { class: "num" }, percent(p)));
      const rows = list.map((each) => row(x.visible(each.text), each.probability, each.chosen ? "chosen" : ""));
      if (rest > 0.005) rows.push(row("everything else", rest, "rest"));
      const rank = list.findIndex((each) => each.chosen) + 1;
      const choice = token.joined ? "several tokens sent as one piece: probability and alternatives are those of the last" : rank <= token.top.length ? `choice ${rank}` : "not among the alternatives";
      const bits = x.entropyAt(token, view.temperature);
      const said = bits === null ? "the server sent no alternatives here" : `${choice} · entropy ${bits.toFixed(2)} bits`;
      const held = !can ? `No alternatives were recorded here, so another temperature cannot be worked out.`
        : bound === "recorded" ? `These ${list.length} hold ${percent(covered)} of the probability.`
        : `At temperature ${hot(view.temperature)} they hold ${bound} ${percent(covered)}; as recorded, ${percent(x.rescaled(token, 1).covered)}.`;
      return [
        el("p", { class: "around" }, `${before}`, el("mark", {}, x.visible(token.text)), after),
        el("p", { class: "picked" }, el("code", {}, x.visible(token.text)), el("b", {}, percent(own))),
        el("p", { class: "unit" }, `token ${place + 1} of ${all().length} · ${said}`),
        el("table", {}, el("tbody", {}, rows)), el("p", { class: "held" }, held)];
    }

    function sentence() {
      const own = all().map((token) => token.probability);
      const [least] = x.byDoubt(own);
      const who = index.conditions[view.place].label;
      if (least === undefined) return `${who} sent no log-probabilities for this answer: there is nothing to colour.`;
      return `${who} was least sure of ${x.visible(all()[least].text) === "(empty)" ? "an empty token" : `“${x.visible(all()[least].text)}”`}, token ${least + 1} of ${own.length}: it had a probability of ${percent(own[least])}.`;
    }

    function runView(run) {
      const made = el("section", { class: "run" }, el("h2", {}, run.name, el("small", {}, ` ${run.tokens.length} ${run.tokens.length === 1 ? "token" : "tokens"}`)),
        run.forced ? null : x.strip(run.tokens), x.tokenRun(run.tokens, { css: run.name === "Thinking" ? "thought" : "" }));
      made.tokens = run.tokens;
      const strip = made.querySelector(".strip");
      if (strip) strip.parentNode.addEventListener("click", (event) => {
        if (!event.target.closest(".strip")) return;
        const box = event.target.closest(".strip").getBoundingClientRect();
        // As wide as `strip` made it.
        const shown = Math.max(24, run.tokens.length);
        const place = Math.floor((shown * (event.clientX - box.left)) / box.width);
        const span = made.querySelectorAll(".t")[place];
        if (span) span.focus();
      });
      return made;
    }

    function draw() {
      const given = answer();
      const blocks = given && given.tokens ? given.tokens.map((columns) => x.tokens(columns, strings)) : [];
      runs = runsOf(blocks.filter((tokens) => tokens.length), LETTERS);
      at = -1;
      panel.hidden = document.getElementById("xray-unfold").hidden = true;
      const picker = el("select", { "aria-label": "Condition" }, index.conditions.map((each, place) =>
        el("option", { value: place, selected: place === view.place, disabled: !question.answers[place].length }, each.label)));
      picker.addEventListener("change", () => change({ place: Number(picker.value) }));
      const next = el("button", { type: "button", class: "button", "data-least": true }, "Least certain token ", el("kbd", {}, "u"));
      next.addEventListener("click", doubt);
      const link = x.pageOf("answer.html", found.record.address, x.hashOf(x.formatState(found.state), { s: view.sample ? view.sample + 1 : "" }));
      const outcome = given ? x.OUTCOMES[given.o] : "";
      const empty = runs.length ? null : el("p", { class: "empty" }, given ? "No log-probabilities came with this answer: the text is below, without colours." : "This condition was not asked this question.");
      root.replaceChildren(x.steps(found, "xray.html", extra()),
        el("header", { class: "asked-question" }, el("p", { class: "eyebrow" }, el("a", { href: link }, "All answers to this question")),
          el("h1", { class: question.question.length > 180 ? "long" : "" }, question.question)),
        el("p", { class: "lede" }, sentence()),
        el("p", { class: "which" }, el("label", {}, "Answer of ", picker), outcome ? el("span", { class: "outcome" }, el("b", { class: `mark-${outcome}` }), x.outcomeLabel(given.o)) : null, next),
        x.samplePicker(found.samples, view.sample, (sample) => change({ sample })) || "",
        el("dl", { class: "sum" }), el("p", { class: "note bounds" }), empty || "", ...runs.map(runView),
        !runs.length && given && given.text ? el("div", { class: "tokens" }, given.thinking || "", given.text) : "");
      repaint();
      if (doubts.length) inspect(doubts[0]);
    }

    function change(part) {
      if (part.sample !== undefined && (part.sample < 0 || part.sample >= found.samples)) return;
      view = { ...view, ...part };
      history.replaceState(null, "", location.pathname + location.search + x.hashOf(x.formatState(found.state), extra()));
      if (part.temperature === undefined) draw();
      else repaint();
    }

    /** The next token in the order of doubt, from the least certain one. */
    function doubt() {
      if (!doubts.length) return;
      const now = spans().indexOf(document.activeElement);
      const place = doubts[(doubts.indexOf(now) + 1) % doubts.length];
      x.focusToken(spans()[place]);
    }

    const unfold = document.getElementById("xray-unfold");
    unfold.addEventListener("click", () => {
      const open = document.getElementById("xray-desk").classList.toggle("open");
      unfold.setAttribute("aria-expanded", String(open));
      unfold.textContent = open ? "close" : "alternatives";
    });
    slider.value = String(view.temperature);
    slider.addEventListener("input", () => change({ temperature: Number(slider.value) }));
    document.getElementById("xray-back").addEventListener("click", () => {
      slider.value = "1";
      change({ temperature: 1 });
    });
    for (const name of ["focusin", "pointerover"]) root.addEventListener(name, (event) => {
      const span = event.target.closest ? event.target.closest(".t") : null;
      if (span) inspect(spans().indexOf(span));
    });
    x.readingKeys(root, (step) => change({ sample: view.sample + step }), { u: doubt });
    document.title = `${found.record.address} · ${document.title}`;
    document.getElementById("xray-desk").hidden = false;
    draw();
  }

  x.openQuestion(root).then(start).catch((error) => x.fail(root, error));
})(typeof window === "undefined" ? globalThis : window);
