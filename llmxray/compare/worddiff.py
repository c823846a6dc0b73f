"""Word diff of two texts.

Texts are cut into words and punctuation marks, each with the white space after it. As many words as can keep their
order are matched (a longest common subsequence, after Hunt and Szymanski 1977), so no count of changed words is
larger than it has to be. Between matched words, marks are matched in the same way. White space and capitals do not
count: a changed line break, or a word that now begins a line, changes no word.
That takes time by the pairs of equal words: of texts that take more than `MOST_STEPS` nothing is matched.

For any texts, ``equal`` + ``insert`` operations concatenate to b, and ``equal`` + ``delete`` to a but for capitals.
The caller strips ``<think>…</think>`` first.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["equal", "insert", "delete"]

# Word (or mark) and the white space after it; the first alternative is white space that leads a text.
_TOKEN = re.compile(r"()(\A\s+)|([^\W_]+(?:['’-][^\W_]+)*|[\W_])(\s*)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Share of changed words above which two texts are shown side by side.
REWRITTEN = 0.5
# Two answers of a thousand words take about a hundred thousand steps; this many take some seconds.
MOST_STEPS = 10_000_000


@dataclass(frozen=True, slots=True)
class Op:
    """A run of text that both have (equal), only b has (insert) or only a has (delete)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class ChangedWords:
    """Numbers of words only in b, only in a, and in both; punctuation marks are not words."""

    inserted: int
    deleted: int
    unchanged: int

    @property
    def similarity(self) -> float | None:
        """2·unchanged / (words of a + words of b), 0–1; None without words."""
        total = 2 * self.unchanged + self.inserted + self.deleted
        return 2 * self.unchanged / total if total else None

    def is_rewritten(self) -> bool:
        """Return whether more than `REWRITTEN` of both texts' words changed: better shown side by side."""
        return self.similarity is not None and 1 - self.similarity > REWRITTEN


# A word or mark, and the white space after it.
type _Token = tuple[str, str]


# Places of equal tokens in a and b.
type _Match = tuple[int, int]


def word_diff(a: str, b: str) -> tuple[Op, ...]:
    """Return the operations that turn a into b, deletions before insertions; empty for two empty texts."""
    if a == b:
        return (Op("equal", a),) if a else ()
    tokens_a, tokens_b = _tokens(a), _tokens(b)
    keys_a, keys_b = ([core.casefold() for core, _ in tokens] for tokens in (tokens_a, tokens_b))
    ops: list[Op] = []
    done_a = done_b = 0
    for at_a, at_b in _matches(keys_a, keys_b):
        ops += _changed(tokens_a[done_a:at_a], tokens_b[done_b:at_b])
        ops += _equal(tokens_a[at_a], tokens_b[at_b])
        done_a, done_b = at_a + 1, at_b + 1
    ops += _changed(tokens_a[done_a:], tokens_b[done_b:])
    return _merge(ops)


def changed_words(ops: Iterable[Op]) -> ChangedWords:
    """Count the words of a diff."""
    counts: dict[Kind, int] = {"insert": 0, "delete": 0, "equal": 0}
    for op in ops:
        counts[op.kind] += len(_WORD.findall(op.text))
    return ChangedWords(counts["insert"], counts["delete"], counts["equal"])


def _tokens(text: str) -> list[_Token]:
    return [(core, space or lead) for _, lead, core, space in _TOKEN.findall(text)]


def _matches(keys_a: Sequence[str], keys_b: Sequence[str]) -> list[_Match]:
    """Places of equal tokens, in order: of words as many as there can be, then of the marks between them."""
    found: list[_Match] = []
    done_a = done_b = 0
    for at_a, at_b in (*_longest(_words_of(keys_a), _words_of(keys_b)), (len(keys_a), len(keys_b))):
        # Words that matched here would have made the longest one longer.
        gap_a, gap_b = (
            list(enumerate(keys[done:at], done))
            for keys, done, at in ((keys_a, done_a, at_a), (keys_b, done_b, at_b))
        )
        found += [*_longest(gap_a, gap_b), (at_a, at_b)]
        done_a, done_b = at_a + 1, at_b + 1
    return found[:-1]


def _words_of(keys: Sequence[str]) -> list[tuple[int, str]]:
    return [(place, key) for place, key in enumerate(keys) if _WORD.match(key)]


type _Chain = tuple[int, int, _Chain] | None
"""The last match of a common subsequence, and those before it."""


def _longest(tokens_a: Sequence[tuple[int, str]], tokens_b: Sequence[tuple[int, str]]) -> Iterator[_Match]:
    """The matches of a longest common subsequence of tokens, each given with its place in its text."""
    places: dict[str, list[int]] = {}
    for place, key in tokens_b:
        places.setdefault(key, []).append(place)
    steps = len(tokens_a) + len(tokens_b) + sum(len(places.get(key, ())) for _, key in tokens_a)
    if steps > MOST_STEPS:
        return iter(())
    # By length less one: where in b the common subsequence of this length ends that ends first, and that one itself.
    ends: list[int] = []
    chains: list[_Chain] = []
    for at_a, key in tokens_a:
        for at_b in reversed(places.get(key, ())):
            length = bisect.bisect_left(ends, at_b)
            if length < len(ends) and ends[length] == at_b:
                continue
            ends[length : length + 1] = [at_b]
            chains[length : length + 1] = [(at_a, at_b, chains[length - 1] if length else None)]
    matches: list[_Match] = []
    chain = chains[-1] if chains else None
    while chain is not None:
        matches.append(chain[:2])
        chain = chain[2]
    return reversed(matches)


def _changed(in_a: Iterable[_Token], in_b: Iterable[_Token]) -> tuple[Op, Op]:
    return Op("delete", _join(in_a)), Op("insert", _join(in_b))


def _equal(one: _Token, other: _Token) -> Iterator[Op]:
    (_, space), (core, new) = one, other
    yield Op("equal", core)
    yield from (Op("equal", space),) if space == new else (Op("delete", space), Op("insert", new))


def _join(tokens: Iterable[_Token]) -> str:
    return "".join(core + space for core, space in tokens)


def _merge(ops: Iterable[Op]) -> tuple[Op, ...]:
    """Operations without empty ones, neighbours of one kind joined."""
    filled = (op for op in ops if op.text)
    grouped = itertools.groupby(filled, key=lambda op: op.kind)
    return tuple(Op(kind, "".join(op.text for op in run)) for kind, run in grouped)
