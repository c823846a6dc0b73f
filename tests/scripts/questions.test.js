"use strict";
// Which questions a view shows, and what stands in the data files.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { filters, shards, answers, reading, letters, answer, outcomes } = require("./scripts.js");

const cell = (codes, confidence) => {
  const stated = confidence !== null;
  return { codes, confidence, isSure: stated && confidence >= 0.8, isUnsure: stated && confidence < 0.4 };
};
const RECORDS = () => [
  { place: 0, suite: "s", category: "x", text: "iron", cells: [cell("w", 0.9), cell("c", 0.3)] },
  { place: 1, suite: "s", category: "y", text: "sun", cells: [cell("w", null), cell("w", 0.5)] },
  { place: 2, suite: "t", category: "x", text: "sea", cells: [cell("c", 1), cell("e", null)] },
];
const view = (records, hash, ids = ["a", "b"]) =>
  filters.view(records, filters.parseState(hash), ids).map((record) => record.place);

const VIEWS = {
  "": [0, 1, 2],
  "preset=all": [0, 1, 2],
  "knew=0-0": [1],
  "knew=1-2": [0],
  "preset=confident-wrong": [0],
  "preset=unsure-right": [0],
  "outcome=w&condition=b": [1],
  "outcome=w&conf=0.8-1": [0],
  "conf=0.95-1": [2],
  "suite=s&category=y": [1],
  "q=S": [1, 2],
  "sort=-a": [2, 0, 1],
  "right=b&wrong=a": [0],
  "wrong=a,b": [1],
  "right=a": [2],
  "right=nobody": [0, 1, 2],
};
for (const [hash, places] of Object.entries(VIEWS)) {
  test(`the view of "${hash}"; what has no value comes last`, () => {
    assert.deepEqual(view(RECORDS(), hash), places);
  });
}

test("a view says whom it asks to be right or wrong", () => {
  const said = (hash) => filters.judgements(filters.parseState(hash), ["a", "b"], ["Small", "Large"]);
  assert.equal(said("right=b&wrong=a"), "Large: right, Small: not right");
  assert.equal(said("right=a,b,nobody"), "Small: right, Large: right");
  assert.equal(said("q=sun"), "");
  assert.equal(said("conf=0.8-1"), "80% to 100% sure");
});

test("the surest mistake comes first, and of right answers the least sure one; another order may be asked for", () => {
  const of = (codes, ...sure) => ({ cells: [...codes].map((code, at) => cell(code, sure[at])) });
  const records = [of("wc", 0.8, 1), of("ww", 0.3, 0.9), of("cc", 0.3, 0.2), of("cw", 0.3, 0.99)]
    .map((record, place) => ({ ...record, place, text: "" }));
  assert.deepEqual(view(records, "preset=confident-wrong"), [3, 1, 0]);
  assert.deepEqual(view(records, "preset=unsure-right"), [2, 3]);
  assert.deepEqual(view(records, "preset=confident-wrong&sort=a"), [1, 3, 0]);
});

test("parts and kinds are counted over what the other filters leave", () => {
  const records = () => ["cc", "cw", "ww", "ee"].map((codes, place) => ({
    place, suite: place % 2 ? "s" : "t", text: "", cells: [...codes].map((code) => cell(code, null)),
  }));
  const state = filters.parseState("suite=s&knew=0-0");
  const choices = [{}, { right: "a", wrong: "b" }, { knew: "0-0" }];
  assert.deepEqual(filters.choiceCounts(records(), state, ["a", "b"], choices), [2, 1, 0]);
});

test("most of several samples decide; errors, unread and unscored ones do not count", () => {
  const verdicts = ["ccw", "cw", "cee", "no", "t"].map((codes) => filters.verdict({ codes }));
  assert.deepEqual(verdicts, [true, false, true, null, false]);
  assert.deepEqual(outcomes.score("cwuene"), { right: 1, n: 3 });
});

const PLACES = {
  suites: [["a/b", "B"], ["a", "A"]], sizes: [2, 1], id: ["c", "d", "b/c"], files: ["x.js", "y.js"], counts: [1, 2],
};
const COLUMNS = {
  categories: ["", "law"], category: [0, 1, 1], codes: ["cwc", ["cc", "", "w"]],
  confidence: [[500, null, 1], [null, null, 0]], sureFrom: 0.5, unsureBelow: 0.4,
};

test("questions are found by number and file; addresses of two suites are never alike", () => {
  const listed = shards.listed(PLACES);
  assert.deepEqual(listed.map((each) => each.address), ["a/b/c", "a/b/d", "a//b/c"]);
  assert.deepEqual(listed.map((each) => each.suite), ["a/b", "a/b", "a"]);
  assert.deepEqual([0, 1, 2].map((place) => shards.fileOf(PLACES, place)), ["x.js", "y.js", "y.js"]);
});

test("columns hold one letter for one sample, a text for more; texts may be absent", () => {
  const [first, second] = shards.records(PLACES, COLUMNS, null);
  assert.deepEqual(first.cells, [
    { codes: "c", said: "", confidence: 0.5, isSure: true, isUnsure: false },
    { codes: "cc", said: "", confidence: null, isSure: false, isUnsure: false },
  ]);
  assert.deepEqual([second.category, second.text], ["law", ""]);
  assert.deepEqual(second.cells.map(({ codes }) => codes), ["w", ""]);
  const texts = { text: ["Why?", "", ""], right: ["A · So", "", ""], said: [["A", "", ""], ["B", "", ""]] };
  const [found] = shards.records(PLACES, COLUMNS, texts);
  assert.equal(found.text, "why? a · so");
  assert.deepEqual(found.cells.map(({ said }) => said), ["A", "B"]);
});

test("a data file is loaded once, and again after it was missing", async () => {
  const asked = [];
  const store = shards.makeStore((source, failed) => asked.push([source, failed]));
  const load = () => store.load("data/a.1.js");
  const [first, second] = [load(), load()];
  asked[0][1]();
  await assert.rejects(first, /data\/a\.1\.js is missing/);
  await assert.rejects(second);
  const third = load();
  store.shard("a", "[1]");
  assert.deepEqual([await third, await load()], [[1], [1]]);
  assert.deepEqual(asked.map(([source]) => source), ["data/a.1.js", "data/a.1.js"]);
});

test("cells show the most frequent outcome, and how many of several are right", () => {
  assert.deepEqual(["cwc", "wc", ""].map(answers.frequent), ["c", "w", ""]);
  assert.deepEqual(["cwe", "c", "ee"].map(answers.tally), ["1 of 2", "", ""]);
});

test("a question outside the view leads to the view's first", () => {
  const list = [{ place: 3 }, { place: 5 }, { place: 9 }];
  assert.deepEqual(reading.neighbours(list, 5), { at: 1, before: { place: 3 }, after: { place: 9 } });
  assert.deepEqual(reading.neighbours(list, 4), { at: -1, before: null, after: { place: 3 } });
});

test("options as a condition saw them: a permutation moves letters, not what is right", () => {
  const shown = letters.shownOptions({ choices: ["a", "b"], answer: "B", accept: [] }, { order: [1, 0] });
  const found = [{ own: 1, letter: "A", text: "b", right: true }, { own: 0, letter: "B", text: "a", right: false }];
  assert.deepEqual(shown, found);
});

test("a sentence says who is right, and who is surest of a mistake", () => {
  const given = (codes, answers = "ABC") => [...codes].map((o, at) =>
    ({ name: "xyzuv"[at], answer: o === "-" ? null : { o, answer: answers[at], confidence: [100 * at, 1000] } }));
  const said = Object.fromEntries(["ccc", "www", "wt", "cww", "ccw", "ccwwe", "w", "--", "oo"]
    .map((codes) => [codes, answer.sentence(given(codes))]));
  assert.deepEqual(said, {
    ccc: "All three are right.", www: "All three are wrong.", wt: "None is right.",
    cww: "Only x is right.", ccw: "x and y are right, z is not.", ccwwe: "2 of 4 are right.", w: "x is wrong.",
    "--": "", oo: "No single answer is right.",
  });
  assert.equal(answer.sentence(given("ww")), "Both are wrong.");
  assert.equal(answer.surest(given("cwwc"), 0.2).name, "z");
  assert.equal(answer.surest(given("cwwc"), 0.3), undefined);
});

test("an option with the text of the right one is right as well, and one that the suite accepts", () => {
  const question = { choices: ["0", "1", "0", "2"], answer: "A", accept: ["2"] };
  assert.deepEqual([0, 1, 2, 3].map((own) => letters.isRight(question, own)), [true, false, true, true]);
});
