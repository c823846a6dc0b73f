"use strict";
// The two things that can be played: replies as they were written, and a whole run, trial by trial.
(function () {
  const { el, percent, colourOf } = llmxray.dom;
  const { OUTCOMES, outcomeLabel, score } = llmxray.outcomes;
  const { streamOf, writtenAt, clock, countAt, ends, tally } = llmxray.clock;
  // More marks than fit in the pile, of a run of thousands.
  const PILE = 300;

  const act = (place, label, ...parts) =>
    el("article", { class: `act k ${colourOf(place)}` }, el("h2", {}, el("i", { class: "swatch" }), label), ...parts);
  const pieces = (count) => `${count} ${count === 1 ? "piece" : "pieces"}`;
  const endOf = (times) => times[times.length - 1] || 0;
  // Only what changed: a moment comes with every frame.
  const setText = (node, text) => node.textContent !== text && (node.textContent = text);

  /** What is known of a stream at a moment, in words. */
  function progress({ times, end }, { count, done }, moment) {
    if (!count) return moment > 0 ? "reading the question …" : "not begun";
    return done ? `first token ${clock(times[0])} · ${pieces(count)} in ${clock(end)}` : pieces(count);
  }

  /** The outcome at the end of a stream. */
  function verdict({ outcome, answer }) {
    const name = OUTCOMES[outcome];
    if (!name || name === "unscored") return [];
    return [el("b", { class: `mark-${name}` }), outcomeLabel(outcome), answer ? ` · answered ${answer}` : ""];
  }

  /** Replies side by side; `acts` are {place, label, columns}, columns null where nothing was written. */
  function streamStage(acts, strings) {
    const parts = acts.map(({ place, label, columns }) => {
      const stream = columns ? streamOf(columns, strings) : null;
      const nodes = {
        time: el("p", { class: "unit" }),
        thought: el("div", { class: "tokens thought" }),
        said: el("div", { class: "tokens" }),
        verdict: el("p", { class: "verdict answers-only" }),
      };
      const isLive = stream !== null && stream.texts.length > 0;
      const none = columns
        ? "This reply came in one piece: there is no rhythm to play."
        : "Nothing was written: the options were only weighed, or there is no whole reply.";
      const body = isLive ? Object.values(nodes) : [el("p", { class: "note" }, none)];
      return { stream, nodes, isLive, isDone: false, article: act(place, label, body) };
    });
    const live = parts.filter((part) => part.isLive);

    function show(moment) {
      for (const part of live) {
        const { stream, nodes } = part;
        const now = writtenAt(stream, moment);
        setText(nodes.thought, now.thinking);
        nodes.thought.hidden = !now.thinking;
        setText(nodes.said, now.answer);
        nodes.said.classList.toggle("writing", !now.done && now.count > 0);
        setText(nodes.time, progress(stream, now, moment));
        if (now.done === part.isDone) continue;
        part.isDone = now.done;
        nodes.verdict.replaceChildren(...(now.done ? verdict(stream) : []));
      }
    }

    const end = Math.max(0, ...live.map((part) => part.stream.end));
    return { nodes: parts.map((part) => part.article), end, show };
  }

  /** The marks of the trials that are done, the latest of them. */
  function pile(part, count) {
    const { nodes, trials } = part;
    if (count === part.drawn) return;
    if (count < part.drawn || count - part.drawn > PILE) {
      nodes.pile.replaceChildren();
      part.drawn = Math.max(0, count - PILE);
    }
    const fresh = [...trials.o.slice(part.drawn, count)];
    nodes.pile.append(...fresh.map((code) => el("b", { class: `fall mark-${OUTCOMES[code]}` })));
    while (nodes.pile.childElementCount > PILE) nodes.pile.firstChild.remove();
    part.drawn = count;
  }

  /** A whole run: a pile of marks and a bar a category for each condition; `acts` are {place, label, trials}. */
  function runStage(run, acts) {
    const parts = acts.map(({ place, label, trials }) => {
      const nodes = {
        sum: el("p", { class: "big" }),
        time: el("p", { class: "unit" }),
        pile: el("div", { class: "pile", "aria-hidden": "true" }),
      };
      const bars = run.groups.map(() => ({
        done: el("i", { class: "done" }),
        right: el("i", { class: "right answers-only" }),
        n: el("td", { class: "num" }),
      }));
      const rows = bars.map(({ done, right, n }, at) =>
        el("tr", {}, el("th", { scope: "row" }, run.groups[at]), el("td", { class: "track" }, done, right), n));
      const table = el("table", { class: "groups" }, el("tbody", {}, rows));
      const article = act(place, label, Object.values(nodes), table);
      return { trials, bars, nodes, article, times: ends(trials), drawn: 0 };
    });

    function show(moment) {
      for (const part of parts) {
        const { nodes, times, trials, bars } = part;
        const count = countAt(times, moment);
        const { right, n } = score(trials.o.slice(0, count));
        const share = n ? ` · ${percent(right / n)} right` : "";
        nodes.sum.replaceChildren(`${count} of ${times.length}`, el("span", { class: "answers-only" }, share));
        const running = moment > 0 ? "answering …" : "not begun";
        setText(nodes.time, times.length && moment >= endOf(times) ? `done after ${clock(endOf(times))}` : running);
        pile(part, count);
        tally(run, trials, count).forEach((row, place) => {
          const wide = (part) => `${row.total ? (100 * part) / row.total : 0}%`;
          // Allowed from a script; in markup the policy forbids styles.
          bars[place].done.style.width = wide(row.done);
          bars[place].right.style.width = wide(row.right);
          setText(bars[place].n, `${row.done}/${row.total}`);
        });
      }
    }

    const end = Math.max(0, ...parts.map((part) => endOf(part.times)));
    return { nodes: parts.map((part) => part.article), end, show };
  }

  const api = { streamStage, runStage };
  llmxray.stage = api;
  if (typeof module === "object") module.exports = api;
})();
