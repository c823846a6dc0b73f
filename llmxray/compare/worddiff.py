"""Word diff of two texts.

Texts are cut into words and punctuation marks, each with the white space after it. Words are matched
without their white space by `difflib.SequenceMatcher` (Ratcliff and Obershelp's longest matching
block, nothing treated as junk), so a changed line break changes no word. A lone stopword or
punctuation mark that happens to agree between two changes is folded into them, which reads better.
That takes time by the pairs of equal words, over and over where a model repeats itself: of texts that take more than
`MOST_STEPS` only the common beginning and end are matched.

For any texts, ``equal`` + ``delete`` operations concatenate to a, ``equal`` + ``insert`` to b.
The caller strips ``<think>…</think>`` first.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["equal", "insert", "delete"]

# Word (or mark) and the white space after it; the first alternative is white space that leads a text.
_TOKEN = re.compile(r"()(\A\s+)|([^\W_]+(?:['’-][^\W_]+)*|[\W_])(\s*)")
_WORD = re.compile(r"[^\W_]")
STOPWORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "has", "he", "in", "is", "it"}
    | {"its", "of", "on", "or", "she", "that", "the", "they", "this", "to", "was", "we", "were", "will"}
    | {"with", "you"}
)
# Share of both texts' words.
REWRITTEN = 0.5
# Two answers of a thousand words take some hundred thousand; so many take one or two seconds.
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
    kept: int


class Budget:
    """Steps that several diffs may take together, such as all those of a page.

    Attributes:
        left: how many are left. A diff that would take more matches the ends of its texts only.
    """

    def __init__(self, steps: int) -> None:
        self.left = steps


class _SpentError(Exception):
    """Matching takes more steps than it may."""


class _Matcher(difflib.SequenceMatcher[str]):
    """A matcher that stops once it has gone through so many pairs of equal words."""

    def __init__(self, left: Sequence[str], right: Sequence[str], budget: Budget) -> None:
        # With autojunk, frequent words of long texts would not be matched at all.
        super().__init__(None, left, right, autojunk=False)
        self._words, self._there = left, Counter(right)
        self._budget, self._left = budget, MOST_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        # Each call looks at each word, and at all places of it, also at those outside of its part.
        part = self._words[alo:ahi]
        steps = len(part) + sum(self._there[word] for word in part)
        if steps > min(self._left, self._budget.left):
            raise _SpentError
        self._left -= steps
        self._budget.left -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)


@dataclass(frozen=True, slots=True)
class _Token:
    core: str
    space: str


@dataclass(frozen=True, slots=True)
class _Block:
    """Tokens a[a0:a1] against b[b0:b1], equal or not."""

    equal: bool
    a0: int
    a1: int
    b0: int
    b1: int


def word_diff(a: str, b: str, budget: Budget | None = None) -> tuple[Op, ...]:
    """Operations that turn a into b, deletions before insertions; empty for two empty texts.

    Args:
        budget: shared with other diffs.
    """
    left, right = _tokens(a), _tokens(b)
    ops: list[Op] = []
    for block in _blocks(left, right, budget or Budget(MOST_STEPS)):
        gone, come = left[block.a0 : block.a1], right[block.b0 : block.b1]
        if block.equal:
            ops.extend(_equal_ops(gone, come))
        else:
            ops.extend((Op("delete", _joined(gone)), Op("insert", _joined(come))))
    return _merged(ops)


def changed_words(ops: Iterable[Op]) -> ChangedWords:
    """Count the words of a diff."""
    counts: dict[Kind, int] = {"insert": 0, "delete": 0, "equal": 0}
    for op in ops:
        counts[op.kind] += sum(1 for token in _tokens(op.text) if _WORD.match(token.core))
    return ChangedWords(counts["insert"], counts["delete"], counts["equal"])


def similarity(ops: Iterable[Op]) -> float | None:
    """Share of both texts' words that is kept, 2·kept / (words of a + words of b); None without words."""
    count = changed_words(ops)
    total = 2 * count.kept + count.inserted + count.deleted
    return 2 * count.kept / total if total else None


def mostly_rewritten(ops: Iterable[Op], threshold: float = REWRITTEN) -> bool:
    """Whether more than ``threshold`` of both texts' words changed: a side-by-side then reads better."""
    alike = similarity(ops)
    return alike is not None and 1 - alike > threshold


def _tokens(text: str) -> list[_Token]:
    found = _TOKEN.finditer(text)
    return [_Token(match[3] or "", match[4] if match[3] else match[2]) for match in found]


def _blocks(left: Sequence[_Token], right: Sequence[_Token], budget: Budget) -> list[_Block]:
    """Matching and differing runs in order, lone agreements folded into the changes around them."""
    blocks = _matched([token.core for token in left], [token.core for token in right], budget)
    kept = [
        block.equal and not (0 < place < len(blocks) - 1 and _is_incidental(left[block.a0 : block.a1]))
        for place, block in enumerate(blocks)
    ]
    folded: list[_Block] = []
    for equal, pairs in itertools.groupby(zip(kept, blocks, strict=True), key=lambda pair: pair[0]):
        run = [block for _, block in pairs]
        folded.append(_Block(equal, run[0].a0, run[-1].a1, run[0].b0, run[-1].b1))
    return folded


def _matched(left: Sequence[str], right: Sequence[str], budget: Budget) -> list[_Block]:
    """Matching and differing runs in order."""
    try:
        found = _Matcher(left, right, budget).get_opcodes()
    except _SpentError:
        return _only_the_ends(left, right)
    return [_Block(tag == "equal", a0, a1, b0, b1) for tag, a0, a1, b0, b1 in found]


def _only_the_ends(left: Sequence[str], right: Sequence[str]) -> list[_Block]:
    """The common beginning, what differs, and the common end."""
    shorter = min(len(left), len(right))
    start = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if left[-1 - at] != right[-1 - at]), rest)
    a1, b1 = len(left) - end, len(right) - end
    blocks = [
        _Block(True, 0, start, 0, start),
        _Block(False, start, a1, start, b1),
        _Block(True, a1, len(left), b1, len(right)),
    ]
    return [block for block in blocks if block.a1 > block.a0 or block.b1 > block.b0]


def _is_incidental(tokens: Sequence[_Token]) -> bool:
    """At most one stopword, and otherwise punctuation."""
    found = [token.core.lower() for token in tokens if _WORD.match(token.core)]
    return len(found) <= 1 and all(word in STOPWORDS for word in found)


def _equal_ops(left: Sequence[_Token], right: Sequence[_Token]) -> Iterable[Op]:
    for was, now in zip(left, right, strict=True):
        yield Op("equal", was.core)
        if was.space == now.space:
            yield Op("equal", was.space)
        else:
            yield Op("delete", was.space)
            yield Op("insert", now.space)


def _joined(tokens: Iterable[_Token]) -> str:
    return "".join(token.core + token.space for token in tokens)


def _merged(ops: Iterable[Op]) -> tuple[Op, ...]:
    """Neighbours of one kind joined, empty ones dropped."""
    filled = (op for op in ops if op.text)
    grouped = itertools.groupby(filled, key=lambda op: op.kind)
    return tuple(Op(kind, "".join(op.text for op in run)) for kind, run in grouped)
