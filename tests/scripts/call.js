"use strict";
// For tests in Python: reads a list of [script, function, arguments] and writes what each call returns.
const fs = require("node:fs");
const scripts = require("./scripts.js");

const calls = JSON.parse(fs.readFileSync(0, "utf-8"));
const results = calls.map(([script, name, ...values]) => {
  const found = scripts[script][name];
  return typeof found === "function" ? found(...values) : found;
});
process.stdout.write(JSON.stringify(results.map((each) => (each === undefined ? null : each))));
