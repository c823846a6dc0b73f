"use strict";
// The diff of llmxray.compare.worddiff, step by step, so that both give the same counts for the same texts. It is made
// here because the reader chooses the baseline; which words are stopwords and how much is "mostly" comes with the data.
(function () {
  const isWord = (core) => /[\p{L}\p{N}]/u.test(core);

  /** Words and punctuation marks, each with the white space after it. */
  function pieces(text) {
    const found = text.match(/^\s+|(?:[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}])\s*/gu) || [];
    return found.map((whole) => ({ core: whole.trimEnd(), whole }));
  }

  /**
   * The longest run that a[alo..ahi) and b[blo..bhi) share, the first of them in a, then in b.
   * @param {{core: string}[]} a
   * @param {{core: string}[]} b
   * @param {number[]} window
   */
  function longest(a, b, [alo, ahi, blo, bhi]) {
    let best = { i: alo, j: blo, size: 0 };
    let before = new Map();
    for (let i = alo; i < ahi; i += 1) {
      const here = new Map();
      for (let j = blo; j < bhi; j += 1) {
        if (a[i].core !== b[j].core) continue;
        const size = (before.get(j - 1) || 0) + 1;
        here.set(j, size);
        if (size > best.size) best = { i: i - size + 1, j: j - size + 1, size };
      }
      before = here;
    }
    return best;
  }

  /** Shared runs in order (Ratcliff and Obershelp), neighbours joined, with an empty one at the end. */
  function matches(a, b) {
    const found = [];
    const open = [[0, a.length, 0, b.length]];
    while (open.length) {
      const window = open.pop();
      const [alo, ahi, blo, bhi] = window;
      const { i, j, size } = longest(a, b, window);
      if (!size) continue;
      found.push({ i, j, size });
      if (alo < i && blo < j) open.push([alo, i, blo, j]);
      if (i + size < ahi && j + size < bhi) open.push([i + size, ahi, j + size, bhi]);
    }
    found.sort((x, y) => x.i - y.i);
    const joined = [];
    for (const run of found) {
      const last = joined[joined.length - 1];
      if (last && last.i + last.size === run.i && last.j + last.size === run.j) last.size += run.size;
      else joined.push({ ...run });
    }
    return [...joined, { i: a.length, j: b.length, size: 0 }];
  }

  /** At most one stopword, and otherwise punctuation: such an agreement between two changes is no agreement. */
  function isIncidental(run, stopwords) {
    const words = run.filter((piece) => isWord(piece.core)).map((piece) => piece.core.toLowerCase());
    return words.length <= 1 && words.every((word) => stopwords.includes(word));
  }

  /** Runs as they come, neighbours of one kind joined, empty ones dropped. */
  function writer() {
    const runs = [];
    const push = (kind, text) => {
      const last = runs[runs.length - 1];
      if (text && last && last[0] === kind) last[1] += text;
      else if (text) runs.push([kind, text]);
    };
    /** A shared word, and its white space where both have the same. */
    const same = (was, now) => {
      push("equal", now.core);
      const [before, after] = [was.whole.slice(was.core.length), now.whole.slice(now.core.length)];
      if (before === after) push("equal", after);
      else {
        push("delete", before);
        push("insert", after);
      }
    };
    return { runs, push, same };
  }

  /**
   * What turns a into b: runs of [kind, text], kind "equal", "delete" or "insert"; deletions first.
   * Equal and deleted runs are a, equal and inserted ones b.
   * @param {string} a
   * @param {string} b
   * @param {string[]} stopwords in lower case
   */
  function wordDiff(a, b, stopwords) {
    const [left, right] = [pieces(a), pieces(b)];
    const { runs, push, same } = writer();
    let [i, j, gone, come] = [0, 0, "", ""];
    const text = (list) => list.map((piece) => piece.whole).join("");
    const flush = () => {
      push("delete", gone);
      push("insert", come);
      [gone, come] = ["", ""];
    };
    for (const run of matches(left, right)) {
      gone += text(left.slice(i, run.i));
      come += text(right.slice(j, run.j));
      const shared = right.slice(run.j, run.j + run.size);
      [i, j] = [run.i + run.size, run.j + run.size];
      const inside = run.i + run.j > 0 && (i < left.length || j < right.length);
      if (inside && isIncidental(shared, stopwords)) {
        gone += text(left.slice(run.i, i));
        come += text(shared);
      } else if (shared.length) {
        flush();
        shared.forEach((now, place) => same(left[run.i + place], now));
      }
    }
    flush();
    return runs;
  }

  /** Words only in a, only in b, and in both. */
  function changedWords(runs) {
    const counts = { delete: 0, insert: 0, equal: 0 };
    for (const [kind, text] of runs) counts[kind] += pieces(text).filter((piece) => isWord(piece.core)).length;
    return counts;
  }

  /** Share of both texts' words that is kept; null without words. */
  function similarity({ delete: gone, insert: come, equal: kept }) {
    const total = 2 * kept + gone + come;
    return total ? (2 * kept) / total : null;
  }

  /** Whether more than this share of both texts' words changed: the two texts then read better than their diff. */
  function mostlyRewritten(counts, share) {
    const alike = similarity(counts);
    return alike !== null && 1 - alike > share;
  }

  /** What changed, in words. */
  function changeSentence(counts, share) {
    const { delete: gone, insert: come, equal: kept } = counts;
    if (!gone && !come) return "the same words";
    const text = `${gone} of ${gone + kept} words gone, ${come} new`;
    if (!mostlyRewritten(counts, share)) return text;
    return `mostly rewritten: ${text}; ${Math.round(100 * similarity(counts))}% alike`;
  }

  const api = { wordDiff, changedWords, similarity, mostlyRewritten, changeSentence };
  llmxray.diff = api;
  if (typeof module === "object") module.exports = api;
})();
