"""JSON texts as skeletons and values: what repeats is kept once, what varies goes into columns.

A skeleton is the text with a mark in the place of every string and number that is not a key::

    {"id":"chatcmpl-7","n":[1,2]}   →   {"id":"⟨SLOT⟩","n":[⟨SLOT⟩,⟨SLOT⟩]}   and   chatcmpl-7, 1, 2

The texts need not be JSON: whatever they are, putting the values into the skeleton gives them back. They must
not hold the marks, which are control characters that JSON does not allow unescaped (`has_marks`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from llmxray.cassette.columnar import slots
from llmxray.cassette.columnar.slots import Text
from llmxray.cassette.sections import Ints, Numbers, SectionReader, SectionWriter, compact
from llmxray.wire.short_texts import cached_if_short

CARRY, SLOT, SPELLED = "\x03", "\x04", "\x05"

# With those of `wire.entries`, the NUL between texts, and what a stored symbol has for its number.
_MARKS = re.compile("[\x00-\x07]")
# Last, a string without its end: passed over, for each quote escaped in it would be tried as the start of another.
_VALUE = re.compile(
    r'("(?:[^"\\]++|\\.)*+")(\s*+:)?|(-?\d++(?:\.\d++)?+(?:[eE][-+]?\d++)?+)|"(?:[^"\\]++|\\.)*+'
)
# A mark behind a backslash is a mark all the same. What is no key is passed over, as above.
_INSIDE = r'"((?:[^"\\\x03-\x05]++|\\(?![\x03-\x05]).)*+)'
_KEY_OR_MARK = re.compile(rf'{_INSIDE}"\s*+:|([\x03-\x05])|{_INSIDE}')

# Of one text, and of all skeletons of a block with these themselves. Real events have a dozen, real blocks fifty;
# numbers of an embedding are smaller as one compressed text than as a thousand columns.
_MOST_VALUES = 1000
_MOST_PLACES = 8192


def has_marks(text: str) -> bool:
    """Whether a text holds a character that stands for something else here."""
    return _MARKS.search(text) is not None


class TooManyValues(Exception):
    """A text has more values than are worth a column each."""


def split_values(text: str) -> tuple[str, list[str]]:
    """The skeleton of a text, and its values: texts of numbers, insides of quotes.

    Raises:
        TooManyValues: it has more than 1,000 values.
    """
    values: list[str] = []

    def take(match: re.Match[str]) -> str:
        string, colon, number = match.groups()
        if number is None and (string is None or colon is not None):
            return match[0]
        if len(values) == _MOST_VALUES:
            raise TooManyValues
        if number is not None:
            values.append(number)
            return SLOT
        values.append(string[1:-1])
        return f'"{SLOT}"'

    return _VALUE.sub(take, text), values


@cached_if_short(4096, longest=10_000)
def names(skeleton: str) -> tuple[str, ...]:
    """For each value mark of a skeleton the key it stands behind; "" before the first key."""
    found, key = [], ""
    for match in _KEY_OR_MARK.finditer(skeleton):
        if match[2]:
            found.append(key)
        elif match[1] is not None:
            key = match[1]
    return tuple(found)


class TemplateWriter:
    """Gathers texts, by skeleton, for one block.

    Attributes:
        room: places for values, and skeletons, that may still be added. Each takes time and memory of its own.
    """

    def __init__(self) -> None:
        self.room = _MOST_PLACES
        self._skeletons: dict[str, int] = {}
        self._rows: list[list[Sequence[str]]] = []
        self._sequence: list[int] = []

    def __contains__(self, skeleton: str) -> bool:
        return skeleton in self._skeletons

    def add(self, skeleton: str, values: Sequence[str], places: int) -> None:
        """Add a text that was taken apart.

        Args:
            places: how many places for values the skeleton has.
        """
        number = self._skeletons.setdefault(skeleton, len(self._skeletons))
        if number == len(self._rows):
            self._rows.append([])
            self.room -= 1 + places
        self._rows[number].append(values)
        self._sequence.append(number)

    def add_text(self, text: str) -> None:
        """Add a JSON text, which holds no marks."""
        # A skeleton without values costs no more than its characters.
        skeleton, values = text, list[str]()
        with suppress(TooManyValues):
            taken_apart = split_values(text)
            if taken_apart[0] in self or len(taken_apart[1]) < self.room:
                skeleton, values = taken_apart
        self.add(skeleton, values, len(values))

    def write(self, out: SectionWriter, name: str) -> dict[str, Any]:
        """Put everything into a block; returns what belongs in its header."""
        columns = []
        for number, rows in enumerate(self._rows):
            turned = [list(column) for column in zip(*rows, strict=True)]
            columns.append(slots.write(turned, out, f"{name}.{number}"))
        out.ints(name, self._sequence)
        return {"skeletons": list(self._skeletons), "columns": columns}


class Templates:
    """The texts of a block.

    Attributes:
        skeletons: each distinct one, split at its marks, marks included.
        names: the key behind which each of its value marks stands.
        sequence: number of the skeleton of every text.
        rows: for every text, which text of that skeleton it is.

    Raises:
        ValueError: they are damaged.
    """

    def __init__(self, described: dict[str, Any], sections: SectionReader, name: str) -> None:
        self.skeletons = [re.split("([\x01-\x05])", text) for text in described["skeletons"]]
        self.names = [names(text) for text in described["skeletons"]]
        self.columns: list[list[Text]] = [
            slots.read(columns, sections, f"{name}.{number}")
            for number, columns in enumerate(described["columns"])
        ]
        numbers = sections.ints(name)
        self.sequence: Numbers = compact(numbers)
        self.rows: Numbers = compact(_occurrences(numbers))

    def __len__(self) -> int:
        return len(self.sequence)

    def text(self, number: int) -> str:
        """One of the texts (of those that hold no mark but ``SLOT``)."""
        skeleton, row = self.sequence[number], self.rows[number]
        pieces = list(self.skeletons[skeleton])
        pieces[1::2] = [column(row) for column in self.columns[skeleton]]
        return "".join(pieces)


def _occurrences(numbers: Ints) -> Ints:
    """For each number, how often it stands before its place."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    rows = np.zeros(len(numbers), dtype=np.int64)
    rows[order] = np.arange(len(numbers)) - np.repeat(first, np.diff(first, append=len(numbers)))
    return rows
