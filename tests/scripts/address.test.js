"use strict";
// The state of a page in its address, there and back.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { url, filters, xray, single } = require("./scripts.js");

test("values are added to a hash, and nothing for what has none", () => {
  assert.equal(url.hashOf({ c: "a,b", s: 2, t: "" }, "#preset=cut"), "#preset=cut&c=a,b&s=2");
  assert.equal(url.hashOf({ s: "", t: null, u: undefined }), "");
  assert.equal(url.hashOf({ at: 0 }), "#at=0");
  assert.equal(url.pageOf("xray.html", "a/b&c", "#x"), "xray.html?q=a/b%26c#x");
  assert.equal(url.withState("answer.html?q=a/b", "#s=2"), "answer.html?q=a/b#s=2");
  assert.equal(url.withState("?q=a/b#page-answer", "#s=2"), "?q=a/b#page-answer&s=2");
  assert.equal(url.withState("?q=a/b#page-answer", ""), "?q=a/b#page-answer");
});

test("a number of the address is whole and in range, or another one", () => {
  assert.deepEqual(["#s=2", "#s=9", "#s=x", "#s=", ""].map((hash) => url.sampleIn(hash, 3)), [1, 0, 0, 0, 0]);
});

test("the state of the questions survives the address", () => {
  const state = filters.parseState("#preset=unsure-right&conf=0.8-1&q=two+words&sort=-x&evil=1");
  assert.deepEqual([state.preset, state.conf, state.q, state.sort], ["unsure-right", "0.8-1", "two words", "-x"]);
  assert.equal("evil" in state, false);
  assert.equal(filters.parseState("#preset=toString&conf=9-1").preset, "");
  assert.equal(filters.parseState("#conf=9-1").conf, "");
  assert.equal(filters.formatState({ ...filters.DEFAULTS, q: "a b", preset: "cut" }), "#preset=cut&q=a+b");
  assert.equal(filters.formatState(filters.DEFAULTS), "");
  const both = { ...filters.DEFAULTS, right: "a,b", q: "50% & more", conf: "0.8-1" };
  assert.deepEqual(filters.parseState(filters.formatState(both)), both);
});

test("the x-ray: what makes no sense is left out", () => {
  const read = (hash) => xray.parseView(hash, ["a", "b"], 3);
  assert.deepEqual(read("#c=b&s=3"), { place: 1, sample: 2, branch: -1 });
  assert.deepEqual(read("#c=zz&s=9"), { place: 0, sample: 0, branch: -1 });
});

test("an address in one file is a section, an anchor, or a section with a question and a state", () => {
  const cases = {
    "?q=a/b#page-answer&s=2": ["answer.html", "?q=a/b", "#s=2"],
    "?q=a/b#page-xray": ["#page-xray", "?q=a/b"],
    "#page-answers&outcome=wrong": ["answers.html", "", "#outcome=wrong"],
    "#ece-15": ["methods.html", "", "#ece-15"],
    "#prompt-a%3Db": ["#page-compare", "", "#prompt-a%3Db"],
    "#page-results": ["results.html"],
  };
  for (const [address, parts] of Object.entries(cases)) assert.equal(single.addressOf(...parts), address);
});

test("such an address tells the section and its state, and any other address neither", () => {
  assert.deepEqual(single.sectionOf("#page-answers&q=a&sort=-b"), { id: "page-answers", state: "#q=a&sort=-b" });
  assert.deepEqual(single.sectionOf("#page-results"), { id: "page-results", state: "" });
  assert.deepEqual(single.sectionOf("#s=2", "?q=a/b"), { id: "page-answer", state: "" });
  assert.equal(single.sectionOf("#ece-15", "?q=a/b"), null);
  for (const hash of ["", "#ece-15", "#outcome=wrong", "#page-answers=1"]) assert.equal(single.sectionOf(hash), null);
});
