"use strict";
(function (scope) {
  /** Names of the outcomes by the letter that the data files use. */
  const OUTCOMES = {
    c: "correct", w: "wrong", u: "unparsed", t: "truncated", r: "refused", f: "tool_call", n: "unread", e: "error",
    o: "unscored",
  };

  /** The outcome of a letter as people read it. */
  function outcomeLabel(code) {
    return (OUTCOMES[code] || "").replace("_", " ");
  }

  const api = { OUTCOMES, outcomeLabel };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
