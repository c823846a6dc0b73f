"use strict";
// Recorded time.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { playback } = require("./scripts.js");

test("pieces that arrived together are shown together; thinking and answer stay apart", () => {
  const reply = { t: [0, 1, 1], d: [100, 50, 0], r: "100", end: 200 };
  const written = (moment) => playback.writtenAt(reply, moment, ["hm", "b"]);
  assert.deepEqual([0, 100, 149, 150].map(written), [["", ""], ["hm", ""], ["hm", ""], ["hm", "bb"]]);
});

test("a moment has come with the last time that is not after it", () => {
  const times = playback.moments([5, 0, 5]);
  assert.deepEqual(times, [5, 5, 10]);
  assert.deepEqual([4, 5, 9, 10].map((moment) => playback.countAt(times, moment)), [0, 2, 2, 3]);
});

test("a moment for people", () => {
  assert.deepEqual([400, 59900, 573000].map(playback.clock), ["0.4 s", "59.9 s", "9:33 min"]);
});
