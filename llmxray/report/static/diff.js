"use strict";
(function (scope) {
  /** Words and punctuation marks, each with the white space after it. */
  function pieces(text) {
    const found = text.match(/^\s+|(?:[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}])\s*/gu) || [];
    return found.map((whole) => ({ core: whole.trimEnd(), whole }));
  }

  /** Lengths of the longest common subsequences of every pair of tails. */
  function tails(a, b) {
    const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i -= 1) {
      for (let j = b.length - 1; j >= 0; j -= 1) {
        table[i][j] = a[i].core === b[j].core ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
      }
    }
    return table;
  }

  /**
   * What turns a into b: runs of [kind, text], kind "equal", "delete" or "insert"; deletions first.
   * The text of an equal run is b's, whose white space may differ.
   */
  function wordDiff(a, b) {
    const left = pieces(a);
    const right = pieces(b);
    const table = tails(left, right);
    const runs = [];
    const push = (kind, text) => {
      const last = runs[runs.length - 1];
      if (last && last[0] === kind) last[1] += text;
      else runs.push([kind, text]);
    };
    let [i, j] = [0, 0];
    while (i < left.length || j < right.length) {
      if (i < left.length && j < right.length && left[i].core === right[j].core) {
        push("equal", right[j].whole);
        [i, j] = [i + 1, j + 1];
      } else if (i < left.length && (j === right.length || table[i + 1][j] >= table[i][j + 1])) {
        push("delete", left[i].whole);
        i += 1;
      } else {
        push("insert", right[j].whole);
        j += 1;
      }
    }
    return deletionsFirst(runs);
  }

  /** Between two equal runs, all deletions before all insertions: it reads better. */
  function deletionsFirst(runs) {
    const out = [];
    let [gone, come] = ["", ""];
    const flush = () => {
      if (gone) out.push(["delete", gone]);
      if (come) out.push(["insert", come]);
      [gone, come] = ["", ""];
    };
    for (const [kind, text] of runs) {
      if (kind === "delete") gone += text;
      else if (kind === "insert") come += text;
      else {
        flush();
        out.push([kind, text]);
      }
    }
    flush();
    return out;
  }

  /** Words only in a, only in b, and in both. */
  function changedWords(runs) {
    const counts = { delete: 0, insert: 0, equal: 0 };
    for (const [kind, text] of runs) counts[kind] += pieces(text).filter((p) => /[\p{L}\p{N}]/u.test(p.core)).length;
    return counts;
  }

  const api = { wordDiff, changedWords };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
