"use strict";
// Recorded time.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { clock } = require("./scripts.js");

test("pieces that arrived together are shown together, and the end is that of the recording", () => {
  const columns = { t: [0, 1, 1], d: [100, 50, 0], r: "100", end: 200, o: "c", answer: "x" };
  const stream = clock.streamOf(columns, ["hm", "b"]);
  const found = [0, 100, 149, 150, 200].map((moment) => clock.writtenAt(stream, moment));
  assert.deepEqual(found.map(({ count }) => count), [0, 1, 1, 3, 3]);
  assert.deepEqual([found[3].thinking, found[3].answer], ["hm", "bb"]);
  assert.deepEqual(found.map(({ done }) => done), [false, false, false, false, true]);
});

test("speeds stretch time, which stops at the end; a run is over in about a minute", () => {
  assert.deepEqual([clock.advance(10, 10, 2, 100), clock.advance(90, 10, 30, 100)], [30, 100]);
  assert.deepEqual([900, 573000, 6e6].map(clock.fitting), [1, 10, 100]);
  assert.deepEqual([400, 59900, 573000].map(clock.clock), ["0.4 s", "59.9 s", "9:33 min"]);
});

test("trials count in the category of their question; unscored ones are done and neither right nor wrong", () => {
  const run = { groups: ["x", "y"], group: [0, 1, 0] };
  const trials = { q: [0, 1, 2], o: "cow", ms: [5, 5, 5] };
  assert.deepEqual(clock.tally(run, trials, 2), [
    { total: 2, done: 1, right: 1, scored: 1 }, { total: 1, done: 1, right: 0, scored: 0 },
  ]);
  assert.deepEqual(clock.ends(trials), [5, 10, 15]);
});
