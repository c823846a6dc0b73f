"""Rows of a data set, read column by column with one clear line for what is missing or of another type.

A column may be given as ``choices.text``. Cells of a CSV file are text: where a list, mapping or number is
due, they are read as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from threading import Lock
from typing import Any

from llmxray.cassette.bounds import Room
from llmxray.errors import SuiteError

# Of a place in a list.
_MOST_DIGITS = 9
# As long as a cell of a CSV file may be: a longer one is of a file that has lists of its own. What is made of JSON
# takes up to 50 bytes a character, which nothing counts here.
_LONGEST_JSON = 131_072
# Characters of JSON whose values are kept, with so many for each text: one cell is asked for a hundred options, and a
# cell of a Parquet file stands in thousands of rows.
_MOST_KEPT, _KEPT = 4 * _LONGEST_JSON, 100
# Characters of JSON that are read in the cells of one source, at up to 80 ns each, with so many for each entry of a
# list that is looked through.
MOST_READ, _ENTRY = 1 << 27, 4
# Characters that a message may take of a list of names, of the name of a column, and of a text: each faulty row has
# one, and a text may stand for a million others.
_LONGEST_NAMES, _LONGEST_NAME, _LONGEST_QUOTED = 500, 200, 40
_LIST, _MAPPING = '["one", "two"]', '{"text": ["one", "two"], "label": ["A", "B"]}'


class TooMuchError(SuiteError):
    """The rows of a source take too long, whichever of them are left out."""


def is_number(text: str) -> bool:
    """Whether a text is a decimal number and nothing else."""
    try:
        # Decimal reads "NaN" and "Infinity" as well.
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        source: file name or data set, for messages and provenance.
        number: place in the source, from 1.
        data: its columns.
        room: of which to take what is read of JSON in its cells, and of lists; None for no limit.
    """

    source: str
    number: int
    data: Mapping[str, Any]
    room: Room | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        """Source and row, as messages and items name them."""
        return f"{self.source}, row {self.number}"

    def error(self, column: str, reason: str) -> SuiteError:
        """The error for a column of this row."""
        return SuiteError(f"{self.place}, column {_quoted(column, _LONGEST_NAME)}: {reason}")

    def has(self, *columns: str) -> bool:
        """Whether all these columns are there."""
        return all(column in self.data for column in columns)

    def text(self, column: str) -> str:
        """A text.

        Raises:
            SuiteError: absent, or not a text.
        """
        value = self.value(column)
        if not isinstance(value, str):
            raise self.error(column, f"must be text, not {kind_of(value)}")
        return value

    def filled(self, column: str) -> str:
        """A text that is not empty.

        Raises:
            SuiteError: absent, not a text, or empty.
        """
        value = self.text(column)
        if not value.strip():
            raise self.error(column, "is empty")
        return value

    def optional(self, column: str) -> str:
        """A text, "" where the column is absent or null."""
        return "" if self.data.get(column) is None else self.text(column)

    def integer(self, column: str) -> int:
        """A whole number, also one written as text.

        Raises:
            SuiteError: absent, or not a whole number.
        """
        value = self.value(column)
        try:
            # int() would cut 2.7 down, and take true for 1.
            if isinstance(value, bool | float):
                raise ValueError
            return int(value)
        except (TypeError, ValueError):
            raise self.error(column, f"must be a whole number, not {shown(value)}") from None

    def texts(self, column: str) -> tuple[str, ...]:
        """A list of texts.

        Raises:
            SuiteError: absent, not a list, or with an entry that is no text.
        """
        values = self._list(column)
        for value in values:
            if not isinstance(value, str):
                raise self.error(column, f"must be a list of texts; one entry is {kind_of(value)}")
        return tuple(values)

    def integers(self, column: str) -> tuple[int, ...]:
        """A list of whole numbers.

        Raises:
            SuiteError: absent, not a list, or with an entry that is no whole number.
        """
        values = self._list(column)
        for value in values:
            # Not isinstance: true is an int to Python.
            if type(value) is not int:
                raise self.error(column, f"must be a list of whole numbers; one entry is {kind_of(value)}")
        return tuple(values)

    def value(self, path: str) -> Any:
        """What stands at a path: a column, or ``choices.text``, or ``choices.0``.

        In a list of mappings a name takes that of each: ``question.choices.text``.

        Raises:
            SuiteError: absent.
            TooMuchError: there is no room to look it up.
        """
        # The name of a column may have dots of its own.
        if path in self.data:
            return self.data[path]
        value: Any = self.data
        # Of all texts on the way: a list may have any number of them.
        room = Room(_LONGEST_JSON)
        for part in path.split("."):
            value = self._step(value, part, path, room)
        return value

    def decoded(self, value: Any, *wanted: type[list[Any]] | type[dict[str, Any]]) -> Any:
        """`decoded`, which takes its characters of the row's room.

        Raises:
            TooMuchError: there is no room.
        """
        return decoded(value, *wanted, take=self._take)

    def _take(self, size: int) -> None:
        try:
            if self.room is not None:
                self.room.take(size)
        except ValueError:
            raise TooMuchError(
                f"{self.place}: the lists and the JSON in the cells so far take too long to be looked through; "
                "name fewer columns, or give each option a column of its own"
            ) from None

    def _list(self, column: str) -> list[Any]:
        value = self.decoded(self.value(column), list)
        if not isinstance(value, list | tuple):
            raise self.error(column, f"must be a list, not {kind_of(value)}{json_advice(value)}")
        return list(value)

    def _step(self, value: Any, part: str, path: str, room: Room) -> Any:
        if isinstance(value, str) and len(value) <= room.left:
            room.take(len(value))
            value = self.decoded(value, dict, list)
        if isinstance(value, str):
            name = path.removesuffix(f".{part}")
            raise self.error(name, f"must be a mapping, not text{json_advice(value, _MAPPING)}")
        if isinstance(value, list | tuple) and part.isdecimal():
            # More digits than any list has entries are not even read.
            if len(part) > _MOST_DIGITS or int(part) >= len(value):
                raise self.error(path, f"there are only {len(value)} entries, counted from 0")
            return value[int(part)]
        if isinstance(value, list | tuple):
            self._take(_ENTRY * len(value))
            return [self._step(each, part, path, room) for each in value]
        if not isinstance(value, Mapping) or part not in value:
            there = names_there(value if isinstance(value, Mapping) else self.data)
            raise SuiteError(
                f"{self.place}: there is no column {_quoted(path, _LONGEST_NAME)}; it has: {there}"
            )
        return value[part]


def names_there(names: Iterable[object]) -> str:
    """Names of columns or categories for a message, cut where they are many or long: each faulty row has one."""
    said = ", ".join(str(each)[:_LONGEST_NAMES] for each in islice(names, _LONGEST_NAMES))
    return cut(said, _LONGEST_NAMES) or "nothing"


def cut(text: str, most: int) -> str:
    """A text, or its first characters and an ellipsis."""
    return text if len(text) <= most else f"{text[:most]} …"


def _quoted(text: str, most: int) -> str:
    """A text in quotes, or its first characters and an ellipsis."""
    return f"{text[:most]!r}{' …' if len(text) > most else ''}"


def json_advice(value: Any, example: str = _LIST) -> str:
    """What to do where a cell holds a list or a mapping as Python, and not JSON, writes it."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return ""
    return f"; in a CSV cell write it as JSON, {example}, or save the rows as JSONL or Parquet"


class _Values:
    """The values of the last JSON texts that were read."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._held = 0
        self._lock = Lock()

    def get(self, text: str, take: Callable[[int], None] | None) -> Any:
        """The value of a text; the text itself where it is no JSON."""
        with self._lock:
            if text in self._values:
                value = self._values.pop(text)
            else:
                if take is not None:
                    take(len(text))
                value = _loaded(text)
                self._held += len(text) + _KEPT
            # The last used come last; with this text as its key, the next look at the same cell compares nothing.
            self._values[text] = value
            while self._held > _MOST_KEPT:
                oldest = next(iter(self._values))
                del self._values[oldest]
                self._held -= len(oldest) + _KEPT
            return value


_VALUES = _Values()


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    # Beside what is no JSON: nothing but opening brackets.
    except (ValueError, RecursionError):
        return text


def decoded(
    value: Any,
    *wanted: type[list[Any]] | type[dict[str, Any]],
    take: Callable[[int], None] | None = None,
) -> Any:
    """The list or mapping that a cell of a CSV file holds as JSON; any other value as it is, and longer text too.

    Rows that have the same text share what is made of it: it may not be changed.

    Args:
        take: told of the characters that are read, before they are.
    """
    # A text such as "42" or "null" is JSON as well, and is meant as it stands.
    if not isinstance(value, str) or len(value) > _LONGEST_JSON or value.lstrip()[:1] not in ("[", "{"):
        return value
    found = _VALUES.get(value, take)
    return found if isinstance(found, wanted) else value


def kind_of(value: Any) -> str:
    """What a value is, as a message names it: ``text``, ``a number``, ``a list``."""
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a mapping"}
    if value is None:
        return "nothing"
    # Parquet has kinds of its own, such as dates.
    return names.get(
        type(value), "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
    )


def shown(value: Any) -> str:
    """A value as a message quotes it: a text cut short, a number, else its kind."""
    if isinstance(value, str):
        return _quoted(value, _LONGEST_QUOTED)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else kind_of(value)
