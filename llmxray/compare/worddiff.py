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
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
STOPWORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "has", "he", "in", "is", "it"}
    | {"its", "of", "on", "or", "she", "that", "the", "they", "this", "to", "was", "we", "were", "will"}
    | {"with", "you"}
)
# Share of changed words above which two texts are shown side by side.
REWRITTEN = 0.5
# Two answers of a thousand words take about a hundred thousand steps; this many take one or two seconds.
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

    @property
    def similarity(self) -> float | None:
        """2·kept / (words of a + words of b), 0–1; None without words."""
        total = 2 * self.kept + self.inserted + self.deleted
        return 2 * self.kept / total if total else None

    def is_rewritten(self, threshold: float = REWRITTEN) -> bool:
        """Return whether more than ``threshold`` (0–1) of both texts' words changed: better shown side by side."""
        return self.similarity is not None and 1 - self.similarity > threshold


class Budget:
    """Limit on the steps of several diffs together, such as all those of a page.

    Attributes:
        left: number of steps left. A diff that would take more matches only the ends of its texts.
    """

    def __init__(self, steps: int) -> None:
        self.left = steps


class _SpentError(Exception):
    """Matching would exceed its budget of steps."""


class _Matcher(difflib.SequenceMatcher[str]):
    """A matcher that stops when its budget of steps is spent; a step is a pair of equal words."""

    def __init__(self, words_a: Sequence[str], words_b: Sequence[str], budget: Budget) -> None:
        # With autojunk, frequent words of long texts would not be matched at all.
        super().__init__(None, words_a, words_b, autojunk=False)
        self._words_a, self._counts_b = words_a, Counter(words_b)
        self._budget, self._steps_left = budget, MOST_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        # `difflib` visits each word of the range and all its occurrences in b, also those outside of the range.
        compared = self._words_a[alo:ahi]
        steps = len(compared) + sum(self._counts_b[word] for word in compared)
        if steps > min(self._steps_left, self._budget.left):
            raise _SpentError
        self._steps_left -= steps
        self._budget.left -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)


# A word or mark, and the white space after it.
type _Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Block:
    """Tokens a[a0:a1] against b[b0:b1], equal or not."""

    equal: bool
    a0: int
    a1: int
    b0: int
    b1: int


def word_diff(a: str, b: str, budget: Budget | None = None) -> tuple[Op, ...]:
    """Return the operations that turn a into b, deletions before insertions; empty for two empty texts.

    Args:
        budget: steps shared with other diffs; `MOST_STEPS` for this one alone by default.
    """
    if a == b:
        return (Op("equal", a),) if a else ()
    tokens_a, tokens_b = _tokens(a), _tokens(b)
    ops: list[Op] = []
    for block in _blocks(tokens_a, tokens_b, budget or Budget(MOST_STEPS)):
        in_a, in_b = tokens_a[block.a0 : block.a1], tokens_b[block.b0 : block.b1]
        if block.equal:
            ops.extend(_equal_ops(in_a, in_b))
        else:
            ops.extend((Op("delete", _join(in_a)), Op("insert", _join(in_b))))
    return _merge(ops)


def changed_words(ops: Iterable[Op]) -> ChangedWords:
    """Count the words of a diff."""
    counts: dict[Kind, int] = {"insert": 0, "delete": 0, "equal": 0}
    for op in ops:
        counts[op.kind] += len(_WORD.findall(op.text))
    return ChangedWords(counts["insert"], counts["delete"], counts["equal"])


def _tokens(text: str) -> list[_Token]:
    return [(core, space or lead) for _, lead, core, space in _TOKEN.findall(text)]


def _blocks(tokens_a: Sequence[_Token], tokens_b: Sequence[_Token], budget: Budget) -> list[_Block]:
    """Matching and differing runs in order, incidental matches merged into the changes around them."""
    blocks = _match([core for core, _ in tokens_a], [core for core, _ in tokens_b], budget)
    is_equal = [
        block.equal and not (0 < position < len(blocks) - 1 and _is_incidental(tokens_a[block.a0 : block.a1]))
        for position, block in enumerate(blocks)
    ]
    folded: list[_Block] = []
    for equal, pairs in itertools.groupby(zip(is_equal, blocks, strict=True), key=lambda pair: pair[0]):
        run = [block for _, block in pairs]
        folded.append(_Block(equal, run[0].a0, run[-1].a1, run[0].b0, run[-1].b1))
    return folded


def _match(words_a: Sequence[str], words_b: Sequence[str], budget: Budget) -> list[_Block]:
    """Matching and differing runs in order."""
    try:
        opcodes = _Matcher(words_a, words_b, budget).get_opcodes()
    except _SpentError:
        return _match_ends(words_a, words_b)
    return [_Block(tag == "equal", a0, a1, b0, b1) for tag, a0, a1, b0, b1 in opcodes]


def _match_ends(words_a: Sequence[str], words_b: Sequence[str]) -> list[_Block]:
    """Common beginning, difference and common end."""
    shorter = min(len(words_a), len(words_b))
    start = next((offset for offset in range(shorter) if words_a[offset] != words_b[offset]), shorter)
    remaining = shorter - start
    end = next(
        (offset for offset in range(remaining) if words_a[-1 - offset] != words_b[-1 - offset]), remaining
    )
    a1, b1 = len(words_a) - end, len(words_b) - end
    blocks = [
        _Block(True, 0, start, 0, start),
        _Block(False, start, a1, start, b1),
        _Block(True, a1, len(words_a), b1, len(words_b)),
    ]
    return [block for block in blocks if block.a1 > block.a0 or block.b1 > block.b0]


def _is_incidental(tokens: Sequence[_Token]) -> bool:
    """Return whether a match is at most one stopword, and otherwise punctuation."""
    words = [core.lower() for core, _ in tokens if _WORD.match(core)]
    return len(words) <= 1 and all(word in STOPWORDS for word in words)


def _equal_ops(tokens_a: Sequence[_Token], tokens_b: Sequence[_Token]) -> Iterable[Op]:
    run: list[str] = []
    for (core, space), (_, other) in zip(tokens_a, tokens_b, strict=True):
        run.append(core)
        if space == other:
            run.append(space)
        else:
            yield from (Op("equal", "".join(run)), Op("delete", space), Op("insert", other))
            run = []
    yield Op("equal", "".join(run))


def _join(tokens: Iterable[_Token]) -> str:
    return "".join(core + space for core, space in tokens)


def _merge(ops: Iterable[Op]) -> tuple[Op, ...]:
    """Operations without empty ones, neighbours of one kind joined."""
    filled = (op for op in ops if op.text)
    grouped = itertools.groupby(filled, key=lambda op: op.kind)
    return tuple(Op(kind, "".join(op.text for op in run)) for kind, run in grouped)
