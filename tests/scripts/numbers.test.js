"use strict";
// What the browser works out itself. That it agrees with Python is tested from there.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const scripts = require("./scripts.js");

const { stats, radar, ranking } = scripts;
const { by_hand, answerers, yourself_result, papers } = scripts;

test("intervals of all and of none end exactly there", () => {
  assert.equal(stats.wilson(0, 0), null);
  assert.deepEqual([stats.wilson(0, 7)[0], stats.wilson(10, 10)[1]], [0, 1]);
});

test("the upper edge of a bin belongs to it, and a confidence of 0 to the first bin", () => {
  const points = [0, 0.2, 0.6, 0.61, 1].map((confidence) => ({ confidence, correct: true }));
  assert.deepEqual(stats.bins(points, 5).map(({ low, n }) => [low, n]), [[0, 2], [0.4, 1], [0.6, 1], [0.8, 1]]);
  assert.deepEqual(stats.bins([], 5), []);
});

test("the first spoke of a radar points up, and the others follow clockwise; names are broken at blanks", () => {
  const at = (place, share) => radar.point(place, 4, share).map((n) => Math.round(n));
  assert.deepEqual([at(0, 1), at(1, 0.5), at(2, 1)], [[180, 24], [236, 136], [180, 248]]);
  assert.deepEqual(radar.lines("Word problems with numeric options"), ["Word problems", "with numeric", "options"]);
  assert.deepEqual(radar.lines("aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd").at(-1), "cccccccccc …");
});

const option = (about) => ({
  beats: true, least: null, error: null, seconds: null, cost: null, ...about,
});

test("each limit that fails is named, and what was not recorded fails only what has to be shown", () => {
  const slow = option({ seconds: 4, cost: 0.5, least: 70 });
  assert.deepEqual(ranking.reasons(slow, { seconds: 2, cost: null }), [
    "90% of answers take up to 4.0 s",
  ]);
  assert.deepEqual(ranking.reasons(slow, { least: 80, error: 10 }), [
    "may be right in only 70%, 80% required", "no calibration error is known",
  ]);
  const guesser = option({ beats: false });
  assert.deepEqual(ranking.reasons(guesser, {}), ["not shown to be above guessing"]);
  assert.deepEqual(ranking.reasons(guesser, { guessers: true }), []);
});

test("who comes first in equally many redrawn question sets shares them", () => {
  const options = [{ draws: [[1000, 0], null] }, { draws: [[0, 1000], [1, 1]] }, { draws: [[0, 1000], null] }];
  assert.deepEqual(ranking.winShares(options, [1, 0]), [0.5, 0.25, 0.25]);
  assert.deepEqual(ranking.winShares(options, [0, 1]), [null, 1, null]);
});

test("the sheet checks itself: counts must be exact, a decimal comma is a point, a dash is no number", () => {
  const cases = [
    ["40", "40.0", "yes"], ["40,5", "40.0", "yes"], ["41", "40.0", "no"], ["40 %", "40.0", "yes"], ["", "40.0", ""],
    ["forty", "40.0", "no"], ["10", "10", "yes"], ["9", "10", "no"], ["–", "", "no"], ["—", "", "yes"],
  ];
  for (const [written, want, said] of cases) assert.equal(by_hand.checked(written, want), said, written);
});

const times = (n, make) => Array.from({ length: n }, (_, place) => make(place));

test("over- and underconfident only outside of the interval of the accuracy", () => {
  // Wilson's of ten answers: 31% to 83% for six right, 72% to 100% for ten.
  const cases = [
    [6, 0.84, "over"], [6, 0.8, ""], [6, 0.3, "under"], [10, 0.9, ""], [10, 0.7, "under"], [0, 0.3, "over"],
  ];
  for (const [hits, confidence, way] of cases) {
    const about = answerers.summary(times(10, (place) => ({ confidence, correct: place < hits })));
    assert.equal(answerers.way(about), way, `${hits} right at ${confidence}`);
  }
});

const DATA = {
  questions_sha256: "h", experiment: "e", conditions: [["x", "X", "c0"], ["y", "Y", "c1"]],
  questions: [
    { id: "s/1", choices: ["a", "b"], answer: 1, models: [[1, 900], [null, null]] },
    { id: "s/2", choices: ["a", "b"], answer: 0, models: [[0, null], [1, 300]] },
  ],
};

test("models are judged on the answered questions only, and a missing confidence stays missing", () => {
  const points = [0, 1].map((place) => answerers.modelPoints(place, { "s/2": [0, 50] }, DATA.questions));
  assert.deepEqual(points, [[{ confidence: null, correct: false }], [{ confidence: 0.3, correct: true }]]);
  assert.equal(answerers.summary([{ confidence: null, correct: true }]).ece, null);
  assert.equal(answerers.summary([]).accuracy, null);
});

test("the finding of a person's answers", () => {
  const me = answerers.summary(times(10, (place) => ({ confidence: 0.95, correct: place < 6 })));
  const models = [{ id: "x", label: "X", about: answerers.summary([{ confidence: 0.5, correct: false }]) }];
  assert.equal(
    yourself_result.headline(me, models),
    "You got 6 of 10 right (60%, 95% 31% to 83%) and were 95% sure on average: you are overconfident, by 35 points. " +
      "1 of 1 conditions got fewer right.",
  );
  const prediction = { best: "x", right: 7, way: "over", text: "", at: "2026-01-02T03:04:05Z" };
  assert.deepEqual(yourself_result.predicted(prediction, me, models), [
    "Most accurate: you said X; on these questions it is X.",
    "Your own score: you said 7; it is 6 of 10.",
    "You expected to be overconfident; you are overconfident.",
  ]);
  assert.deepEqual(yourself_result.predicted({ ...prediction, best: "", right: "", way: "" }, me, models), []);
});

test("an export comes back as it was, and one that does not fit is refused with the reason", () => {
  const person = { id: "1", name: "Ada", prediction: null, answers: { "s/1": [0, 50] } };
  const written = answerers.exportOf(person, DATA);
  assert.deepEqual(answerers.readExport(JSON.stringify(written), DATA), person);
  const cases = [
    ["{", "it is not JSON"], ["[]", "it is no export of this page"], ["null", "it is no export of this page"],
    [{ version: 2 }, "it has version 2; this page reads 1"],
    [{ questions_sha256: "other" }, "it is about other questions"],
    [{ answers: { "s/9": [0, 50] } }, "its answer to s/9 cannot be read"],
    [{ answers: { "s/1": [2, 50] } }, "its answer to s/1 cannot be read"],
    [{ answers: { "s/1": [0, 101] } }, "its answer to s/1 cannot be read"],
    [{ answers: { "s/1": "B" } }, "its answer to s/1 cannot be read"],
  ];
  for (const [change, message] of cases) {
    const text = typeof change === "string" ? change : JSON.stringify({ ...written, ...change });
    assert.throws(() => answerers.readExport(text, DATA), { message });
  }
});

test("a newer export of the same person takes the place of the older one", () => {
  const merged = answerers.merged([{ id: "1", n: 1 }, { id: "2", n: 1 }], { id: "1", n: 2 });
  assert.deepEqual(merged, [{ id: "2", n: 1 }, { id: "1", n: 2 }]);
});

test("papers keep what was written, and a brief becomes the file that is graded", () => {
  assert.deepEqual(papers.written([{ name: "a", text: " x " }, { name: "b", text: "  " }]), { a: " x " });
  assert.deepEqual(papers.handIn({ experiment: "e", recording: "r", student: "s" }, [["a", " 5 %"]]), {
    format: "llmxray-brief", version: 1, experiment: "e", recording: "r", student: "s", answers: { a: "5 %" },
  });
});
