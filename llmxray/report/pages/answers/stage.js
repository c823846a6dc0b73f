"use strict";
// The two things that can be played: replies as they were written, and a whole run, trial by trial.
(function () {
  const { el, percent } = llmxray.dom;
  const { OUTCOMES, outcomeLabel } = llmxray.outcomes;
  const { streamOf, writtenAt, clock, transcript, countAt, ends, tally } = llmxray.clock;
  // More marks than fit in the pile, of a run of thousands.
  const PILE = 300;

  const heading = (label) => el("h2", {}, el("i", { class: "swatch" }), label);
  const pieces = (count) => `${count} ${count === 1 ? "piece" : "pieces"}`;
  // Only what changed: a moment comes with every frame.
  const setText = (node, text) => node.textContent !== text && (node.textContent = text);

  /** Replies side by side; `acts` are {place, label, columns}, columns null where nothing was written. */
  function streamStage(acts, strings) {
    const parts = acts.map(({ place, label, columns }) => {
      const stream = columns ? streamOf(columns, strings) : null;
      const nodes = { time: el("p", { class: "unit" }), thought: el("div", { class: "tokens thought" }), said: el("div", { class: "tokens" }), verdict: el("p", { class: "verdict answers-only" }) };
      const none = columns ? "This reply came in one piece: there is no rhythm to play." : "Nothing was written: the options were only weighed, or there is no whole reply.";
      const body = stream && stream.texts.length ? [nodes.time, nodes.thought, nodes.said, nodes.verdict] : [el("p", { class: "note" }, none)];
      return { stream, label, nodes, article: el("article", { class: `act k c${place % 8}` }, heading(label), body) };
    });
    const live = parts.filter((part) => part.stream && part.stream.texts.length);

    function show(moment) {
      for (const { stream, nodes } of live) {
        const { count, thinking, answer, done } = writtenAt(stream, moment);
        setText(nodes.thought, thinking);
        nodes.thought.hidden = !thinking;
        setText(nodes.said, answer);
        nodes.said.classList.toggle("writing", !done && count > 0);
        const first = stream.times[0];
        setText(nodes.time, !count ? (moment > 0 ? "reading the question …" : "not begun") : done ? `first token ${clock(first)} · ${pieces(count)} in ${clock(stream.end)}` : pieces(count));
        const outcome = done ? OUTCOMES[stream.outcome] : "";
        if (nodes.verdict.dataset.outcome !== outcome) {
          nodes.verdict.dataset.outcome = outcome;
          nodes.verdict.replaceChildren(...(outcome && outcome !== "unscored" ? [el("b", { class: `mark-${outcome}` }), `${outcomeLabel(stream.outcome)}${stream.answer ? ` · answered ${stream.answer}` : ""}`] : []));
        }
      }
    }

    function script() {
      return live.map(({ stream, label }) => el("section", {}, el("h3", {}, label), el("ol", { class: "script" }, transcript(stream).map((line) =>
        el("li", { class: line.thinking ? "thought" : "" }, el("span", { class: "at" }, clock(line.at)), el("span", {}, line.thinking ? "(thinking) " : "", line.text)))),
        el("p", { class: "unit" }, `Over after ${clock(stream.end)}.`)));
    }
    return { nodes: parts.map((part) => part.article), end: Math.max(0, ...live.map((part) => part.stream.end)), show, script };
  }

  /** A whole run: a pile of marks and bars of the categories for each condition; `acts` are {place, label, trials}. */
  function runStage(run, acts) {
    const parts = acts.map(({ place, label, trials }) => {
      const bars = run.groups.map((name) => ({ fill: el("i", { class: "done" }), right: el("i", { class: "right answers-only" }), n: el("td", { class: "num" }), name }));
      const nodes = { sum: el("p", { class: "big" }), time: el("p", { class: "unit" }), pile: el("div", { class: "pile", "aria-hidden": "true" }) };
      const table = el("table", { class: "groups" }, el("tbody", {}, bars.map((bar) => el("tr", {}, el("th", { scope: "row" }, bar.name), el("td", { class: "track" }, bar.fill, bar.right), bar.n))));
      const article = el("article", { class: `act k c${place % 8}` }, heading(label), nodes.sum, nodes.time, nodes.pile, table);
      return { trials, label, bars, nodes, article, times: ends(trials), drawn: 0 };
    });

    function pile(part, count) {
      const { nodes, trials } = part;
      if (count === part.drawn) return;
      if (count < part.drawn || count - part.drawn > PILE) {
        nodes.pile.replaceChildren();
        part.drawn = Math.max(0, count - PILE);
      }
      const fresh = [];
      for (let place = part.drawn; place < count; place += 1) fresh.push(el("b", { class: `fall mark-${OUTCOMES[trials.o[place]]}` }));
      nodes.pile.append(...fresh);
      while (nodes.pile.childElementCount > PILE) nodes.pile.firstChild.remove();
      part.drawn = count;
    }

    function show(moment) {
      for (const part of parts) {
        const count = countAt(part.times, moment);
        const rows = tally(run, part.trials, count);
        const [scored, right] = rows.reduce(([s, r], row) => [s + row.scored, r + row.right], [0, 0]);
        part.nodes.sum.replaceChildren(`${count} of ${part.times.length}`, el("span", { class: "answers-only" }, scored ? ` · ${percent(right / scored)} right` : ""));
        const over = part.times.length && moment >= part.times[part.times.length - 1];
        setText(part.nodes.time, over ? `done after ${clock(part.times[part.times.length - 1])}` : moment > 0 ? "answering …" : "not begun");
        pile(part, count);
        rows.forEach((row, place) => {
          const { fill, right: good, n } = part.bars[place];
          // Allowed from a script; in markup the policy forbids styles.
          fill.style.width = `${row.total ? (100 * row.done) / row.total : 0}%`;
          good.style.width = `${row.total ? (100 * row.right) / row.total : 0}%`;
          setText(n, `${row.done}/${row.total}`);
        });
      }
    }

    function script() {
      const head = ["Condition", "Trials", "Right", "Busy for"];
      const rows = parts.map((part) => {
        const [scored, right] = tally(run, part.trials, part.times.length).reduce(([s, r], row) => [s + row.scored, r + row.right], [0, 0]);
        const cells = [part.times.length, scored ? percent(right / scored) : "—", clock(part.times[part.times.length - 1] || 0)];
        return el("tr", {}, el("th", { scope: "row" }, part.label), cells.map((text) => el("td", { class: "num" }, String(text))));
      });
      return [el("table", { class: "data narrow" }, el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows))];
    }
    return { nodes: parts.map((part) => part.article), end: Math.max(0, ...parts.map((part) => part.times[part.times.length - 1] || 0)), show, script };
  }

  const api = { streamStage, runStage };
  llmxray.stage = api;
  if (typeof module === "object") module.exports = api;
})();
