"use strict";
// Recorded time: what is to be seen of a stream or of a run at a moment. Times in milliseconds from the request.
(function () {
  const { score } = llmxray.outcomes;
  const SPEEDS = [1, 10, 100];

  /** Arrival of each piece from the gaps between them. */
  function arrivals(gaps) {
    let now = 0;
    return gaps.map((gap) => (now += gap));
  }

  /** How many of the rising times are not after a moment. */
  function countAt(times, moment) {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A stream with its arrivals: texts, times, marks of the thinking, and when it ended. */
  function streamOf(columns, strings) {
    const times = arrivals(columns.d);
    return {
      texts: columns.t.map((place) => strings[place]),
      times,
      thinking: columns.t.map((_, place) => Boolean(columns.r) && columns.r[place] === "1"),
      end: columns.end,
      outcome: columns.o,
      answer: columns.answer,
    };
  }

  /** Thinking and answer that a stream has written by a moment. */
  function writtenAt(stream, moment) {
    const count = countAt(stream.times, moment);
    const written = stream.texts.slice(0, count);
    const text = (thinking) => written.filter((_, place) => stream.thinking[place] === thinking).join("");
    return { count, thinking: text(true), answer: text(false), done: moment >= stream.end };
  }

  /** The next moment after `elapsed` milliseconds at a speed; never past the end. */
  function advance(moment, elapsed, speed, end) {
    return Math.min(end, moment + elapsed * speed);
  }

  /** A moment for people: tenths of a second, from a minute on minutes and seconds. */
  function clock(ms) {
    if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
  }

  /** The speed a run needs to be over within a minute, 1 for what is shorter. */
  function fitting(end) {
    return Math.max(1, Math.ceil(end / 60000));
  }

  /** When each trial of a condition ended, one asked after the other without pauses. */
  function ends(trials) {
    return arrivals(trials.ms);
  }

  /** Per category: how many questions there are, how many are done, scored and right after `count` trials. */
  function tally(run, trials, count) {
    const codes = run.groups.map(() => "");
    const totals = run.groups.map(() => 0);
    trials.q.forEach((question, place) => {
      const group = run.group[question];
      totals[group] += 1;
      if (place < count) codes[group] += trials.o[place];
    });
    return codes.map((done, group) => {
      const { right, n } = score(done);
      return { total: totals[group], done: done.length, right, scored: n };
    });
  }

  const api = {
    SPEEDS, arrivals, countAt, streamOf, writtenAt, advance, clock, fitting, ends, tally,
  };
  llmxray.clock = api;
  if (typeof module === "object") module.exports = api;
})();
