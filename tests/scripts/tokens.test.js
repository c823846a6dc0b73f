"use strict";
// Tokens and their alternatives.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { shards, letters, xray, reply, dom } = require("./scripts.js");

function close(found, expected, within = 1e-9) {
  assert.ok(Math.abs(found - expected) <= within, `${found} is not ${expected}`);
}

const UNKNOWN = { text: "a", probability: null, logprob: null, top: [{ text: "b", probability: 0.3 }] };
const named = (list) => list.map(({ text, chosen }) => [text, chosen]);

test("the token itself is among its alternatives even where the server did not list it", () => {
  const list = letters.known({ text: "x", probability: 0.1, top: [{ text: "y", probability: 0.6 }] });
  assert.deepEqual(named(list), [["y", false], ["x", true]]);
  close(letters.restOf(list), 0.3);
});

test("columns of a data file become tokens with their alternatives", () => {
  const columns = { t: [0, 1], l: [693, null], e: [100, null], n: [1, 0], a: [1], b: [69], r: "10" };
  const [first, second] = shards.tokens(columns, ["a", "b"]);
  assert.deepEqual([first.text, first.thinking, first.entropy], ["a", true, 1]);
  close(first.probability, 0.5, 1e-3);
  assert.equal(first.top[0].text, "b");
  close(first.top[0].probability, 0.5, 5e-3);
  assert.deepEqual([second.probability, second.logprob, second.thinking], [0, -Infinity, false]);
});

test("several tokens sent as one have the probability of the last, which is not counted twice", () => {
  const top = [{ text: "?", probability: 0.601 }, { text: "!", probability: 0.3 }];
  const list = letters.known({ text: "面", joined: true, probability: 0.6, top });
  assert.deepEqual(named(list), [["面", true], ["!", false]]);
  close(letters.restOf(list), 0.1);
});

test("doubt is ordered, the earlier of two equal ones first", () => {
  assert.deepEqual(xray.byDoubt([0.5, 0.1, 0.9, 0.1]), [1, 3, 0, 2]);
  assert.deepEqual(xray.byDoubt([0.5, null, 0.1]), [2, 0]);
});

test("an unknown probability is shown as unknown, never as 0%", () => {
  const columns = { t: [0, 0], l: [null, null], e: [null, null], n: 0, a: [], b: [], u: "10" };
  const [first, second] = shards.tokens(columns, ["a"]);
  assert.deepEqual([first.probability, first.logprob], [null, null]);
  assert.equal(second.probability, 0);
  const list = letters.known(UNKNOWN);
  assert.deepEqual(list.map(({ text, probability }) => [text, probability]), [["b", 0.3], ["a", null]]);
  assert.equal(letters.restOf(list), 0);
  assert.equal(reply.summed([{ logprob: -1 }, { logprob: null }]), null);
  assert.equal(reply.summed([{ logprob: -1 }, { logprob: -2 }]), -3);
  assert.equal(dom.percent(null), "—");
});

test("thinking and answer are runs of their own, and so is each option that was weighed", () => {
  const [thought, said] = [{ text: "x", thinking: true }, { text: "y", thinking: false }];
  const runs = (blocks) =>
    xray.runsOf(blocks, [{ letter: "A" }, { letter: "B" }])
      .map(({ name, tokens: run, forced }) => [name, run.length, forced]);
  assert.deepEqual(runs([[thought, said, said]]), [["Thinking", 1, false], ["Answer", 2, false]]);
  assert.deepEqual(runs([[said], [said]]), [["Option A", 1, true], ["Option B", 1, true]]);
  assert.deepEqual(runs([]), []);
});

test("the x-ray opens with the longest answer, and names its least certain token", () => {
  assert.equal(xray.longest([[{ tokens: [{ t: [1] }] }], [{ tokens: [{ t: [1, 2] }] }], []], 0), 1);
  const list = [{ text: "sure", probability: 0.9 }, { text: " ", probability: 0.25 }];
  const said = xray.sentence("A", list);
  assert.equal(said, "A was least sure of “␣”, token 2 of 2: its probability among all tokens was 25%.");
  assert.match(xray.sentence("A", [{ text: "x", probability: null }]), /sent no log-probabilities/);
});

const QUESTION = { choices: ["a", "b", "c"], answer: "C", accept: [] };
// A has 50% of the letters, B 30%, the right C 20%; the letters have 90% of all tokens, and C was not published.
const ANSWER = { answer: "A", confidence: [500, 900], probs: [500, 300, 200], time: [1, 2, 3] };
const TOP = [{ text: " A", probability: 0.45 }, { text: "B", probability: 0.27 }];
const NAMED = { text: " A", probability: 0.45, top: TOP };

test("the right letter is listed and marked where its probability was recorded, published or not", () => {
  const said = { text: "is", probability: 1, top: [] };
  const found = letters.letterToken(QUESTION, ANSWER, [said, NAMED]);
  assert.deepEqual([found.at, found.sure, found.last], [1, 0.5, "C"]);
  const list = letters.withRights(letters.known(NAMED), found);
  assert.deepEqual(list.map(({ text, right }) => [text, right]), [[" A", false], ["B", false], ["C", true]]);
  close(list[2].probability, 0.18);
  close(letters.restOf(list), 0.1);
  const right = letters.letterToken({ ...QUESTION, answer: "B" }, ANSWER, [NAMED]);
  assert.deepEqual(letters.withRights(letters.known(NAMED), right).map(({ right }) => right), [false, true]);
});

test("the letter is looked for as it was shown, in the answer, and where its probability is the recorded one", () => {
  const turned = { ...ANSWER, order: [2, 0, 1] };
  assert.deepEqual(letters.letterToken(QUESTION, turned, [NAMED]).rights.map(({ letter }) => letter), ["A"]);
  const article = { ...NAMED, text: "A", top: [{ text: "A", probability: 0.99 }], probability: 0.99 };
  const thought = { ...NAMED, thinking: true };
  assert.equal(letters.letterToken(QUESTION, ANSWER, [article, thought, NAMED]).at, 2);
  assert.equal(letters.letterToken(QUESTION, ANSWER, [article]), null);
  assert.equal(letters.letterToken(QUESTION, { ...ANSWER, confidence: [null, null] }, [NAMED]), null);
  const unknown = letters.letterToken(QUESTION, { ...ANSWER, probs: [600, 400, null] }, [NAMED]);
  assert.equal(letters.withRights(letters.known(NAMED), unknown).length, 2);
});

test("tokens are counted alike everywhere: those with a text, and what the server counted besides", () => {
  const more = (written, finish, answer = {}) => letters.unseen({ time: [1, 2, written], ...answer }, [NAMED], finish);
  assert.deepEqual([more(1, "stop"), more(2, "stop"), more(null, "stop")], ["", " and the end mark", ""]);
  assert.equal(more(3, "stop"), " and 2 without text of their own");
  assert.equal(more(9, "stop", { thinking: "kept as text" }), "");
});
