"use strict";
// What the browser works out itself. That it agrees with Python is tested from there.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const scripts = require("./scripts.js");

const { categories, choose, answerers, papers } = scripts;

test("intervals of all and of none end exactly there", () => {
  assert.equal(answerers.wilson(0, 0), null);
  assert.deepEqual([answerers.wilson(0, 7)[0], answerers.wilson(10, 10)[1]], [0, 1]);
});

test("the upper edge of a bin belongs to it, and a confidence of 0 to the first bin", () => {
  const points = [0, 0.2, 0.6, 0.61, 1].map((confidence) => ({ confidence, correct: true }));
  assert.deepEqual(answerers.summary(points).bins.map(({ confidence, n }) => [confidence, n]),
    [[0.1, 2], [0.6, 1], [0.61, 1], [1, 1]]);
});

test("the first spoke of a radar points up, and the others follow clockwise; names are broken at blanks", () => {
  const at = (place, share) => categories.point(place, 4, share).map((n) => Math.round(n));
  assert.deepEqual([at(0, 1), at(1, 0.5), at(2, 1)], [[180, 24], [236, 136], [180, 248]]);
  const lines = categories.lines("Word problems with numeric options");
  assert.deepEqual(lines, ["Word problems", "with numeric", "options"]);
  assert.deepEqual(categories.lines("aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd").at(-1), "cccccccccc …");
});

const option = (about) => ({
  asked: true, beats: true, least: null, error: null, seconds: null, cost: null, ...about,
});

test("each limit that fails is named, and what was not recorded fails only what has to be shown", () => {
  const slow = option({ seconds: 4, cost: 0.5, least: 70 });
  assert.deepEqual(choose.reasons(slow, { seconds: "2", cost: "" }), ["too slow"]);
  assert.deepEqual(choose.reasons(slow, { seconds: "4", cost: "0.4" }), ["too expensive"]);
  assert.deepEqual(choose.reasons(slow, { least: "80", error: "10" }), [
    "not right often enough", "its calibration was not recorded",
  ]);
  assert.deepEqual(choose.reasons(option({}), { seconds: "1", cost: "1", least: "1" }), ["not right often enough"]);
  assert.deepEqual(choose.reasons(option({ beats: false }), {}), ["not shown to be above guessing"]);
  assert.deepEqual(choose.reasons(option({ asked: false }), {}), ["was not asked these questions"]);
});

test("who comes first in equally many redrawn question sets shares them", () => {
  const options = [{ draws: [[1000, 0], null] }, { draws: [[0, 1000], [1, 1]] }, { draws: [[0, 1000], null] }];
  assert.deepEqual(choose.winShares(options, [1, 0]), [0.5, 0.25, 0.25]);
  assert.deepEqual(choose.winShares([{ draws: [null] }], [1]), [0]);
});

test("what is equal in whole points is a tie", () => {
  const of = (id, score) => option({ id, scores: [score], draws: [[score, 0]], names: { either: [id, id] } });
  const said = (...options) => choose.verdict(choose.ranked(options, [50], {}), 0.95, "either");
  assert.deepEqual(said(of("a", 223), of("b", 224)),
    { kind: "equal", first: "b", names: "b and a", points: "22", other: "22", wins: 1 });
  assert.equal(said(of("a", 223), of("b", 423)).kind, "close");
  assert.equal(said(of("a", 223)).kind, "alone");
  assert.equal(said(of("a", null)).kind, "unscored");
  assert.equal(said().kind, "none");
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
    answerers.headline(me, models),
    "You got 6 of 10 right (60%, 95% 31% to 83%) and were 95% sure on average: you are overconfident, by 35 points. " +
      "1 of 1 conditions got fewer right.",
  );
  const prediction = { best: "x", right: 7, way: "over", text: "", at: "2026-01-02T03:04:05Z" };
  assert.deepEqual(answerers.predicted(prediction, me, models), [
    "Most accurate: you said X; on these questions it is X.",
    "Your own score: you said 7; it is 6 of 10.",
    "You expected to be overconfident; you are overconfident.",
  ]);
  assert.deepEqual(answerers.predicted({ ...prediction, best: "", right: "", way: "" }, me, models), []);
});

test("papers keep what was written, and a brief becomes the file that is graded", () => {
  assert.deepEqual(papers.written([{ name: "a", text: " x " }, { name: "b", text: "  " }]), { a: " x " });
  assert.deepEqual(papers.handIn({ experiment: "e", recording: "r", student: "s" }, [["a", " 5 %"]]), {
    format: "llmxray-brief", version: 1, experiment: "e", recording: "r", student: "s", answers: { a: "5 %" },
  });
});
