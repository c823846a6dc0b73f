"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { sort, dom, guesses, steps, compare, take } = require("./scripts.js");

test("keys are text in a field", () => {
  assert.equal(dom.isTyping({ tagName: "INPUT" }), true);
  assert.equal(dom.isTyping({ tagName: "P", isContentEditable: true }), true);
  assert.equal(dom.isTyping({ tagName: "A" }), false);
  assert.equal(dom.isTyping(null), false);
});

test("sorting keeps the missing last either way round", () => {
  const sorted = (list, sign) =>
    [...list].sort((a, b) => dom.compared(sort.keyOf(undefined, a), sort.keyOf(undefined, b), sign));
  assert.deepEqual(sorted(["10", "—", "9", ""], 1), ["9", "10", "—", ""]);
  assert.deepEqual(sorted(["10", "—", "9", ""], -1), ["10", "9", "—", ""]);
  assert.deepEqual(sorted(["b", "a"], 1), ["a", "b"]);
  assert.equal(sort.keyOf(undefined, "3\u202f225 "), 3225);
  assert.equal(sort.keyOf("0.5", "50%"), 0.5);
});

test("percentages never round to certainty", () => {
  assert.deepEqual([0.999, 0.001, 0, 1, null].map(dom.percent), [">99%", "<1%", "0%", "100%", "—"]);
  assert.deepEqual([0, 1, 0.6, 0.5, null].map(dom.doubtOf), ["d4", "", "", "d1", ""]);
});

test("times have the digits that matter", () => {
  assert.deepEqual([null, 12, 1234, 99940, 99960].map(dom.duration), ["—", "12 ms", "1.2 s", "99.9 s", "100 s"]);
  assert.deepEqual([dom.duration(458, 1600), dom.duration(458, 900)], ["0.46 s", "458 ms"]);
  // Not 465 ms first, and then 0.47 s.
  assert.deepEqual([dom.duration(464.902, 1600), dom.duration(464.902)], ["0.46 s", "465 ms"]);
  assert.equal(dom.duration(999.6), "1.0 s");
});

test("verdicts are covered until the reader guessed", () => {
  assert.equal(guesses.covered("", null), true);
  assert.equal(guesses.covered("?show", null), false);
  assert.equal(guesses.covered("", "held"), false);
});

test("a prompt and its sample are in the address", () => {
  for (const hash of ["#prompt-a", "#prompt-a&s=3"]) assert.ok(compare.names(hash, "prompt-a"));
  for (const hash of ["", "#scored", "#prompt-ab", "#s=2"]) assert.ok(!compare.names(hash, "prompt-a"));
  assert.ok(compare.names("#prompt-a%3Db&s=2", "prompt-a=b"));
  assert.deepEqual([[0, -1], [2, 1], [0, 1]].map(([sample, step]) => compare.stepped(sample, step, 3)), [2, 0, 1]);
});

test("a step of an exercise has an address, and its heading is found", () => {
  assert.deepEqual(steps.parseStep("exercise-2.3"), { sheet: "exercise-2", at: 2 });
  for (const wrong of [null, "", "exercise-2", "exercise-2.0", "../x.1", "exercise-2.3.4"]) {
    assert.equal(steps.parseStep(wrong), null);
  }
  assert.equal(steps.withStep("e/pairs.html#categories", "exercise-1.4"), "e/pairs.html?step=exercise-1.4#categories");
  assert.equal(steps.withStep("e/answer.html?q=a", "x.1"), "e/answer.html?q=a&step=x.1");
  assert.equal(steps.isNamed(" Where  b matches or wins", "Where … matches or wins"), true);
  assert.equal(steps.isNamed("Is it 5-7-5?", "Is it 5-7-5?"), true);
  assert.equal(steps.isNamed("Speed of light", "Speed"), false);
  assert.equal(steps.isNamed("", ""), false);
  assert.equal(steps.experimentOf("model-showdown/index.html"), "model-showdown");
  assert.equal(steps.experimentOf("ledger.html"), "");
  assert.equal(steps.pathOf("a%20b/pairs.html?step=x.1&q=100%#%zz"), "a b/pairs.html");
  assert.equal(steps.pathOf("ledger.html#%"), "ledger.html");
});

test("a table is copied for papers and spreadsheets", () => {
  const rows = [["model", "right"], ["a_b", "50%, about"], ['"c" | d', "7"]];
  assert.equal(take.FORMS.CSV(rows), 'model,right\na_b,"50%, about"\n"""c"" | d",7');
  assert.equal(take.FORMS.Markdown(rows).split("\n")[3], '| "c" \\| d | 7 |');
  assert.equal(take.FORMS.LaTeX(rows).split("\n")[4], "a\\_b & 50\\%, about \\\\");
});
