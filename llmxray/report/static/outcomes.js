"use strict";
(function (scope) {
  /** Names of the outcomes by the letter that the data files use. */
  const OUTCOMES = {
    c: "correct", w: "wrong", u: "unparsed", t: "truncated", r: "refused", e: "error", o: "unscored",
  };
  const api = { OUTCOMES };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
