"""Token entries of a block as columns: distributions once, numbers by their float32 bits.

A *row* is the list of alternatives of one entry. Rows that are equal (the same prompt asked again) are kept once:
``refs`` says for each entry 0 for a new row, or how many new rows ago its row was. The sampled token is usually one
of its alternatives: ``ranks`` is its place among them plus one; 0 stands for one that is listed in ``loose``.

Alternatives come by falling probability, so the float32 bits of their logprobs, read as unsigned numbers, rise:
the first of a row and the differences are stored apart. ``styles`` says how a number was written: 0 the double
that equals the float32 (``-1.9584332704544067``), 1 the shortest text of the float32 (``-1.9584333``), 2 in full
in ``odd``, 3 as 0 but the last digit one more (servers that round halves up).

Symbols below 192 are one byte of ``head``; above, ``head`` has the page plus 192 and ``tail`` the place in the page
of 256; 255 in ``head`` stands for a symbol that is listed in ``far``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmxray.cassette.sections import Ints, Numbers, SectionReader, SectionWriter, compact
from llmxray.wire import TextEntry

_NEAR, _FAR = 192, 255
_ODD = 2
# Of a double: sign, digits, point, exponent.
_LONGEST_NUMBER = 32
# Of a number in full, for Python reads no whole number of thousands of digits.
_LONGEST_ODD = 1000
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+")

type Row = tuple[tuple[str, str], ...] | None


def _half_up(number: np.float32) -> str:
    text = repr(float(number))
    return text[:-1] + str(int(text[-1]) + 1) if "0" <= text[-1] < "9" else text


_WRITE: Mapping[int, Callable[[np.float32], str]] = {
    0: lambda number: repr(float(number)),
    1: str,
    3: _half_up,
}


class TokenWriter:
    """Gathers the token entries of a block.

    Args:
        symbols: number of each symbol in this file; new ones are added.
    """

    def __init__(self, symbols: dict[str, int]) -> None:
        self._symbols = symbols
        self._rows: dict[Row, int] = {}
        self._refs: list[int] = []
        self._ranks: list[int] = []
        self._loose: list[tuple[str, str]] = []

    def add(self, entry: TextEntry) -> None:
        """Add an entry."""
        known = self._rows.get(entry.top)
        if known is None:
            self._refs.append(0)
            self._rows[entry.top] = len(self._rows)
        else:
            self._refs.append(len(self._rows) - known)
        mine = entry.symbol, entry.number
        try:
            self._ranks.append((entry.top or ()).index(mine) + 1)
        except ValueError:
            self._ranks.append(0)
            self._loose.append(mine)

    def write(self, out: SectionWriter) -> None:
        """Put the columns into a block."""
        out.ints("refs", self._refs)
        out.ints("ranks", self._ranks)
        # 0: no list of alternatives; else their number plus one.
        out.ints("counts", [0 if row is None else len(row) + 1 for row in self._rows])
        self._write(
            out, "row", [len(row or ()) for row in self._rows], [a for r in self._rows for a in r or ()]
        )
        self._write(out, "loose", [1] * len(self._loose), self._loose)

    def _write(
        self, out: SectionWriter, name: str, sizes: Sequence[int], pairs: Sequence[tuple[str, str]]
    ) -> None:
        numbers = np.array(
            [self._symbols.setdefault(symbol, len(self._symbols)) for symbol, _ in pairs], dtype=np.int64
        )
        # Numbers are given in the order of appearance, so that frequent symbols have small ones.
        near = numbers < _NEAR
        page = np.minimum((numbers - _NEAR) >> 8, _FAR - _NEAR)
        heads = np.where(near, numbers, _NEAR + page)
        out.data(f"{name}.head", heads.astype(np.uint8).tobytes())
        out.data(f"{name}.tail", ((numbers - _NEAR)[~near & (heads < _FAR)] & 255).astype(np.uint8).tobytes())
        out.ints(f"{name}.far", numbers[heads == _FAR])
        texts = [text for _, text in pairs]
        bits, styles = _bits(texts)
        starts = _starts(sizes)
        changes = np.diff(bits, prepend=np.uint32(0))
        later = np.ones(len(bits), dtype=bool)
        later[starts] = False
        out.unsigned(f"{name}.first", bits[starts])
        out.unsigned(f"{name}.change", changes[later])
        out.ints(f"{name}.styles", styles)
        out.texts(f"{name}.odd", [text for text, style in zip(texts, styles, strict=True) if style == _ODD])


class _Pairs:
    """Symbols and numbers of a column of pairs.

    Attributes:
        are_plain: whether every number is written as JSON has it.
        longest: characters of the longest number as it was written.
    """

    def __init__(self, sections: SectionReader, name: str, sizes: NDArray[np.int64]) -> None:
        heads = np.frombuffer(sections.data(f"{name}.head"), dtype=np.uint8).astype(np.int32)
        # Before anything is made as large as they say: sizes are whatever somebody wrote.
        if sizes.size and (sizes.max() > heads.size or sizes.sum() != heads.size):
            raise ValueError(f"{name}: its rows are of another size than its symbols")
        far = heads == _FAR
        tails = (heads >= _NEAR) & ~far
        pages = np.frombuffer(sections.data(f"{name}.tail"), dtype=np.uint8)
        heads[tails] = _NEAR + ((heads[tails] - _NEAR) << 8) + pages
        heads[far] = sections.ints(f"{name}.far")
        self.symbols = heads
        starts = _starts(sizes)
        changes = np.zeros(len(heads), dtype=np.uint32)
        later = np.ones(len(heads), dtype=bool)
        later[starts] = False
        changes[later] = sections.unsigned(f"{name}.change")
        # Modulo 2^32, as the differences were.
        sums = np.cumsum(changes, dtype=np.uint32)
        first = sections.unsigned(f"{name}.first") - sums[starts]
        self._floats = (sums + np.repeat(first, sizes[sizes > 0])).view(np.float32)
        styles = sections.ints(f"{name}.styles")
        self._special: Numbers = compact(np.flatnonzero(styles))
        self._style: Numbers = compact(styles)
        odd = sections.texts(f"{name}.odd")
        # Written as they are read: a text that is none, or a float32 that no text of JSON gives, makes another reply.
        self.are_plain = all(
            len(text) <= _LONGEST_ODD and _NUMERAL.fullmatch(text) for text in odd if text
        ) and bool(np.all(np.isfinite(self._floats) | (styles == _ODD)))
        self.longest = max(_LONGEST_NUMBER, max(map(len, odd)))
        # Not strict: no texts at all come back as one empty text.
        self._odd = dict(zip(np.flatnonzero(styles == _ODD).tolist(), odd, strict=False))

    def texts(self, start: int, end: int) -> list[str]:
        """The numbers as they were written."""
        texts = list(map(repr, self._doubles(start, end)))
        for at in self._specials(start, end):
            style = self._style[at]
            texts[at - start] = self._odd[at] if style == _ODD else _WRITE[style](self._float(at))
        return texts

    def values(self, start: int, end: int) -> list[float]:
        """The numbers."""
        values = self._doubles(start, end)
        for at in self._specials(start, end):
            style = self._style[at]
            values[at - start] = float(self._odd[at] if style == _ODD else _WRITE[style](self._float(at)))
        return values

    def _doubles(self, start: int, end: int) -> list[float]:
        # A list of float32 is one of the doubles that equal them.
        doubles: list[float] = self._floats[start:end].tolist()
        return doubles

    def _specials(self, start: int, end: int) -> Sequence[int]:
        if not self._special:
            return ()
        return self._special[bisect_left(self._special, start) : bisect_left(self._special, end)].tolist()

    def _float(self, at: int) -> np.float32:
        number: np.float32 = self._floats[at]
        return number

    @property
    def size_bytes(self) -> int:
        """How much memory the columns take."""
        return int(self.symbols.nbytes + self._floats.nbytes + self._special.nbytes + self._style.nbytes)


class Tokens:
    """The token entries of a block.

    Attributes:
        are_plain: whether every number is written as JSON has it.
        longest: characters of the longest number as it was written.

    Raises:
        ValueError: they are damaged.
    """

    def __init__(self, sections: SectionReader) -> None:
        refs = sections.ints("refs")
        made = np.cumsum(refs == 0)
        row = np.where(refs == 0, made - 1, made - refs)
        ranks = sections.ints("ranks")
        counts = sections.ints("counts")
        sizes = np.maximum(counts - 1, 0)
        self.rows = _Pairs(sections, "row", sizes)
        self.loose = _Pairs(sections, "loose", np.ones(len(sections.data("loose.head")), dtype=np.int64))
        _check_places(row, ranks, sizes, len(self.loose.symbols))
        self.are_plain = self.rows.are_plain and self.loose.are_plain
        self.longest = max(self.rows.longest, self.loose.longest)
        self.row: Numbers = compact(row)
        self.rank: Numbers = compact(ranks)
        self.loose_at: Numbers = compact(np.maximum(np.cumsum(ranks == 0) - 1, 0))
        self.listed: Numbers = compact((counts > 0).astype(np.uint8))
        self.start: Numbers = compact(np.concatenate(([0], np.cumsum(sizes))))

    @property
    def size_bytes(self) -> int:
        """How much memory the columns take."""
        numbers = (self.row, self.rank, self.loose_at, self.listed, self.start)
        return self.rows.size_bytes + self.loose.size_bytes + sum(each.nbytes for each in numbers)


def _check_places(row: Ints, ranks: Ints, sizes: Ints, loose: int) -> None:
    """Refuse entries whose row, or whose token, is none of those there are: another's would be read.

    Raises:
        ValueError: there are some.
    """
    if row.size != ranks.size or np.count_nonzero(ranks == 0) != loose:
        raise ValueError("the entries are not as many as their tokens")
    if row.size and not (row.min() >= 0 and row.max() < sizes.size):
        raise ValueError("an entry of a row that there is not")
    if row.size and not (ranks.min() >= 0 and np.all(ranks <= sizes[row])):
        raise ValueError("an entry of an alternative that there is not")


def _bits(texts: Sequence[str]) -> tuple[NDArray[np.uint32], list[int]]:
    """Float32 bits of each number, and how it is written."""
    # Beyond float32 they become infinite here, and are kept in full as `odd`.
    with np.errstate(over="ignore"):
        floats = np.array([float(text) for text in texts], dtype=np.float64).astype(np.float32)
    wide: list[Any] = floats.astype(np.float64).tolist()
    styles = []
    for number, text, double in zip(floats, texts, wide, strict=True):
        if repr(double) == text:
            styles.append(0)
        else:
            styles.append(next((style for style in (1, 3) if _WRITE[style](number) == text), _ODD))
    return floats.view(np.uint32), styles


def _starts(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the rows that are not empty begin."""
    array = np.asarray(sizes, dtype=np.int64)
    return (np.cumsum(array) - array)[array > 0]
