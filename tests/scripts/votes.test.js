"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { votes } = require("./scripts.js");

const VARIANTS = ["a", "b", "c"].map((id) => ({ id, samples: [`${id} 1`, `${id} 2`] }));
const PROMPTS = [{ id: "haiku", variants: VARIANTS }, { id: "joke", variants: VARIANTS.slice(1) }];

test("every voter gets the same two answers, on sides of their own", () => {
  const of = (voter) => Array.from({ length: 200 }, (_, n) => votes.comparison(PROMPTS, "e", voter, n));
  const [one, other] = [of("one"), of("other")];
  const ids = ({ sides }) => sides.map(({ id }) => id);
  let turned = 0;
  for (const [n, { prompt, sides }] of one.entries()) {
    assert.notEqual(sides[0].id, sides[1].id);
    assert.equal(prompt, other[n].prompt);
    assert.deepEqual([...ids(one[n])].sort(), [...ids(other[n])].sort());
    turned += Number(ids(one[n])[0] !== ids(other[n])[0]);
  }
  assert.ok(turned > 60 && turned < 140, `${turned}`);
  // Each variant is drawn about as often as it is there.
  const times = one.flatMap(ids).filter((id) => id === "a").length;
  assert.ok(times > 40 && times < 95, `${times}`);
});

const vote = (left, right, choice) => ({ sides: [{ id: left }, { id: right }], choice });

test("shares are averaged over voters, and have an interval from six on", () => {
  const ballot = { votes: [vote("a", "b", "left"), vote("b", "a", "right"), vote("a", "b", "tie"), vote("a", "b", "both bad")] };
  const [a, b, c] = votes.tally([ballot], ["a", "b", "c"]);
  assert.deepEqual([a.mean, b.mean, c.mean, a.low], [0.75, 0.25, null, null]);
  const [six] = votes.tally(Array.from({ length: 6 }, (_, n) => ({ votes: [vote("a", "b", n ? "left" : "right")] })), ["a"]);
  assert.ok(six.low < six.mean && six.mean < six.high && six.high <= 1);
});

test("agreement looks at what was chosen, whatever its side", () => {
  const one = { votes: [vote("a", "b", "left"), vote("a", "b", "tie")] };
  const other = { votes: [vote("b", "a", "right"), vote("a", "b", "left")] };
  assert.equal(votes.agreement([one, other]), 0.5);
  assert.equal(votes.agreement([one]), null);
});
