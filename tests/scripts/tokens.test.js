"use strict";
// Tokens, their alternatives, and another temperature.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { tokens, shards, rescale, xray_facts, reply, dom } = require("./scripts.js");

function close(found, expected, within = 1e-9) {
  assert.ok(Math.abs(found - expected) <= within, `${found} is not ${expected}`);
}

// 0.5, 0.3, 0.1 recorded, 0.1 outside.
const TOKEN = {
  text: "a", probability: 0.5, logprob: Math.log(0.5),
  top: [{ text: "a", probability: 0.5 }, { text: "b", probability: 0.3 }, { text: "c", probability: 0.1 }],
};
const UNKNOWN = { text: "a", probability: null, logprob: null, top: [{ text: "b", probability: 0.3 }] };
const named = (list) => list.map(({ text, chosen }) => [text, chosen]);

test("the token itself is among its alternatives even where the server did not list it", () => {
  const list = tokens.known({ text: "x", probability: 0.1, top: [{ text: "y", probability: 0.6 }] });
  assert.deepEqual(named(list), [["y", false], ["x", true]]);
  close(tokens.restOf(list), 0.3);
});

test("arrow keys walk along a run and stop at its ends", () => {
  const keys = [["ArrowRight", 0], ["ArrowLeft", 0], ["End", 2], ["x", 1]];
  assert.deepEqual(keys.map(([key, place]) => tokens.step(key, place, 5)), [1, 0, 4, null]);
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

test("at temperature 1 probabilities are as recorded", () => {
  const found = rescale.rescaled(TOKEN, 1);
  assert.deepEqual(found.list.map(({ probability }) => probability), [0.5, 0.3, 0.1]);
  close(found.rest, 0.1);
  assert.deepEqual([found.bound, found.can], ["recorded", true]);
});

test("several tokens sent as one have the probability of the last, which is not counted twice", () => {
  const top = [{ text: "?", probability: 0.601 }, { text: "!", probability: 0.3 }];
  const found = rescale.rescaled({ text: "面", joined: true, probability: 0.6, top }, 1);
  assert.deepEqual(named(found.list), [["面", true], ["!", false]]);
  close(found.rest, 0.1);
});

test("heat flattens: square roots at 2, and at least one token's worth outside", () => {
  const { list, rest, covered, bound } = rescale.rescaled(TOKEN, 2);
  const weights = [0.5, 0.3, 0.1].map(Math.sqrt);
  const [first, second, third] = list.map(({ probability }) => probability);
  close(first / second, weights[0] / weights[1]);
  assert.ok(first > second && second > third);
  assert.equal(bound, "at most");
  // The tenth outside is made of at least one token as likely as the last one, less what rounding may hide.
  const whole = weights.reduce((sum, weight) => sum + weight, 0) + weights[2];
  assert.ok(rest > (0.9 * weights[2]) / whole);
  close(covered + rest, 1);
});

test("cold sharpens: squares at one half, bounded from below", () => {
  const { list, rest, bound } = rescale.rescaled(TOKEN, 0.5);
  close(list[0].probability / list[1].probability, 25 / 9);
  assert.equal(bound, "at least");
  assert.ok(rest < 0.1);
});

test("at 0 only the likeliest is left, also where another one was written", () => {
  const other = { ...TOKEN, text: "b", probability: 0.3 };
  const shares = rescale.rescaled(other, 0).list.map(({ text, probability }) => [text, probability]);
  assert.deepEqual(shares, [["a", 1], ["b", 0], ["c", 0]]);
  assert.equal(rescale.ownProbability(other, 0), 0);
});

test("rescaling does not jump at 1", () => {
  for (const temperature of [0.9999, 1.0001]) {
    close(rescale.rescaled(TOKEN, temperature).list[0].probability, 0.5, 0.004);
  }
});

test("without alternatives nothing is rescaled", () => {
  const found = rescale.rescaled({ text: "a", probability: 0.2, top: [] }, 2);
  assert.deepEqual([found.list[0].probability, found.can, found.covered], [0.2, false, null]);
  assert.equal(rescale.entropyAt({ top: [] }, 1), null);
});

test("a token outside its alternatives is listed with them", () => {
  const found = rescale.rescaled({ text: "z", probability: 0.01, top: [{ text: "a", probability: 0.9 }] }, 1);
  assert.deepEqual(named(found.list), [["a", false], ["z", true]]);
  close(found.rest, 0.09);
});

test("entropy grows with temperature; two equal alternatives are one bit at any but 0", () => {
  const even = { top: [{ probability: 0.4 }, { probability: 0.4 }] };
  assert.deepEqual([0, 1, 2].map((temperature) => rescale.entropyAt(even, temperature)), [0, 1, 1]);
  assert.ok(rescale.entropyAt(TOKEN, 0.5) < rescale.entropyAt(TOKEN, 2));
});

test("chances in words never round to certainty", () => {
  const lists = [[1], [0.9999], [0.5, 0.5], [0.01, 0.01], [1e-12, 1e-12], [0, 1], [0.5, null]];
  assert.deepEqual(lists.map(rescale.chanceOf), ["100%", ">99%", "25%", "1 in 10,000", "1 in 10^24", "none", "—"]);
});

test("doubt is ordered, the earlier of two equal ones first", () => {
  assert.deepEqual(rescale.byDoubt([0.5, 0.1, 0.9, 0.1]), [1, 3, 0, 2]);
  assert.deepEqual(rescale.byDoubt([0.5, null, 0.1]), [2, 0]);
});

test("an unknown probability is shown as unknown, never as 0%", () => {
  const columns = { t: [0, 0], l: [null, null], e: [null, null], n: 0, a: [], b: [], u: "10" };
  const [first, second] = shards.tokens(columns, ["a"]);
  assert.deepEqual([first.probability, first.logprob], [null, null]);
  assert.equal(second.probability, 0);
  const list = tokens.known(UNKNOWN);
  assert.deepEqual(list.map(({ text, probability }) => [text, probability]), [["b", 0.3], ["a", null]]);
  assert.equal(tokens.restOf(list), 0);
  for (const temperature of [0.5, 1, 2]) {
    assert.equal(rescale.ownProbability(UNKNOWN, temperature), null);
    assert.ok(rescale.rescaled(UNKNOWN, temperature).list.some(({ probability }) => probability === null));
  }
  assert.equal(reply.summed([{ logprob: -1 }, { logprob: null }]), null);
  assert.equal(reply.summed([{ logprob: -1 }, { logprob: -2 }]), -3);
  assert.equal(dom.percent(null), "—");
});

test("thinking and answer are runs of their own, and so is each option that was weighed", () => {
  const [thought, said] = [{ text: "x", thinking: true }, { text: "y", thinking: false }];
  const runs = (blocks) =>
    xray_facts.runsOf(blocks, "AB").map(({ name, tokens: run, forced }) => [name, run.length, forced]);
  assert.deepEqual(runs([[thought, said, said]]), [["Thinking", 1, false], ["Answer", 2, false]]);
  assert.deepEqual(runs([[said], [said]]), [["Option A", 1, true], ["Option B", 1, true]]);
  assert.deepEqual(runs([]), []);
});

test("the x-ray opens with the longest answer, and shows a token among its neighbours", () => {
  assert.equal(xray_facts.longest([[{ tokens: [{ t: [1] }] }], [{ tokens: [{ t: [1, 2] }] }], []], 0), 1);
  assert.deepEqual(xray_facts.around([..."a b c d"].map((text) => ({ text })), 4, 2), ["b ", " d"]);
  const list = [{ text: "sure", probability: 0.9 }, { text: " ", probability: 0.25 }];
  assert.equal(xray_facts.sentence("A", list), "A was least sure of “␣”, token 2 of 2: its probability was 25%.");
  assert.match(xray_facts.sentence("A", [{ text: "x", probability: null }]), /sent no log-probabilities/);
});
