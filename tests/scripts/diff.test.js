"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { diff, scroll } = require("./scripts.js");

const PAIRS = [
  ["The cat sat on the mat.", "The dog sat on a mat, quietly."],
  ["", "new words"],
  ["same  words\n here", "same  words\n here"],
  ["naïve 你好 — don't", "don't — naïve"],
];

test("equal and deleted runs are one text, equal and inserted ones the other", () => {
  for (const [a, b] of PAIRS) {
    const runs = diff.wordDiff(a, b, ["the", "on", "a"]);
    const without = (dropped) => runs.filter(([kind]) => kind !== dropped).map(([, text]) => text).join("");
    assert.equal(without("delete"), b);
    assert.equal(without("insert"), a);
  }
});

test("punctuation marks are no words", () => {
  assert.deepEqual(diff.changedWords(diff.wordDiff("a b", "a, c d", [])), { delete: 1, insert: 2, equal: 1 });
});

test("a lone stopword between two changes is part of them", () => {
  const kept = (stopwords) => diff.changedWords(diff.wordDiff("red of green", "blue of white", stopwords)).equal;
  assert.deepEqual([kept([]), kept(["of"])], [1, 0]);
});

test("changes in words: none where nothing changed", () => {
  const said = (gone, come, kept) => diff.changeSentence({ delete: gone, insert: come, equal: kept }, 0.5);
  assert.equal(said(0, 0, 3), "the same words");
  assert.equal(said(1, 1, 3), "1 of 4 words gone, 1 new");
  assert.equal(said(3, 3, 1), "mostly rewritten: 3 of 4 words gone, 3 new; 25% alike");
});

test("texts scroll by their own length", () => {
  assert.deepEqual(
    [[50, 50, 100], [25, 50, 100], [9, 0, 100]].map((each) => scroll.follow(...each)),
    [100, 50, 0],
  );
});
