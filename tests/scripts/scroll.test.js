"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { scroll } = require("./scripts.js");

test("texts scroll by their own length", () => {
  assert.deepEqual(
    [[50, 50, 100], [25, 50, 100], [9, 0, 100]].map((each) => scroll.follow(...each)),
    [100, 50, 0],
  );
});
