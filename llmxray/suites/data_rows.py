"""Rows of a data set, read column by column, with a clear error for a missing value or one of another type.

A column may be given as ``choices.text``. Cells of a CSV file are text: where a list, mapping or number is
due, they are read as JSON, or as Python writes them.
"""

from __future__ import annotations

import json
import re
import warnings
from ast import literal_eval
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from typing import Any

from llmxray.errors import SuiteError

# A longer cell is of a format with lists of its own.
_LONGEST_JSON = 131_072
# Each option may be read from the same cell.
_CELLS_KEPT = 8
# Limits on the characters of a list of names, a column's name and a text in a message: each faulty row has a message,
# and a million rows may share a long text.
_LONGEST_NAMES, _LONGEST_NAME, _LONGEST_QUOTED = 500, 200, 40
_NEIGHBOURS = re.compile(r"""['"]\s+['"]""")
_LIST, _MAPPING = '["one", "two"]', '{"text": ["one", "two"], "label": ["A", "B"]}'


def is_number(text: str) -> bool:
    """Return whether a text is a decimal number and nothing else."""
    try:
        # Decimal reads "NaN" and "Infinity" as well.
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


@dataclass(frozen=True, slots=True)
class DataRow:
    """A row of a data set.

    Attributes:
        source: file name or data set, for messages and provenance.
        number: place in the source, from 1.
        data: its columns.
    """

    source: str
    number: int
    data: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Source and row, as messages and items name them."""
        return f"{self.source}, row {self.number}"

    def error(self, column: str, reason: str) -> SuiteError:
        """Return the error for a column of this row."""
        return SuiteError(f"{self.place}, column {_quoted(column, _LONGEST_NAME)}: {reason}")

    def has(self, *columns: str) -> bool:
        """Return whether the row has all these columns."""
        return all(column in self.data for column in columns)

    def text(self, column: str) -> str:
        """Return a text.

        Raises:
            SuiteError: absent, or not a text.
        """
        value = self.value(column)
        if not isinstance(value, str):
            raise self.error(column, f"must be text, not {kind_of(value)}")
        return value

    def filled(self, column: str) -> str:
        """Return a text that is not empty.

        Raises:
            SuiteError: absent, not a text, or empty.
        """
        value = self.text(column)
        if not value.strip():
            raise self.error(column, "is empty")
        return value

    def optional(self, column: str) -> str:
        """Return a text, "" where the column is absent or null."""
        return "" if self.data.get(column) is None else self.text(column)

    def integer(self, column: str) -> int:
        """Return a whole number, also one written as text.

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
            raise self.error(column, f"must be a whole number, not {quote_value(value)}") from None

    def texts(self, column: str) -> tuple[str, ...]:
        """Return a list of texts.

        Raises:
            SuiteError: absent, not a list, or with an entry that is no text.
        """
        values = self._list(column)
        for value in values:
            if not isinstance(value, str):
                raise self.error(column, f"must be a list of texts; one entry is {kind_of(value)}")
        return tuple(values)

    def integers(self, column: str) -> tuple[int, ...]:
        """Return a list of whole numbers.

        Raises:
            SuiteError: absent, not a list, or with an entry that is no whole number.
        """
        values = self._list(column)
        for value in values:
            # isinstance would accept true, which is an int in Python.
            if type(value) is not int:
                raise self.error(column, f"must be a list of whole numbers; one entry is {kind_of(value)}")
        return tuple(values)

    def value(self, path: str) -> Any:
        """Return the value at a path: a column, or ``choices.text``, or ``choices.0``.

        In a list of mappings a name takes that of each: ``question.choices.text``.

        Raises:
            SuiteError: absent.
        """
        # The name of a column may have dots of its own.
        if path in self.data:
            return self.data[path]
        value: Any = self.data
        for key in path.split("."):
            value = self._step(value, key, path)
        return value

    def _list(self, column: str) -> list[Any]:
        value = decode_cell(self.value(column), list)
        if not isinstance(value, list | tuple):
            raise self.error(column, f"must be a list, not {kind_of(value)}{json_advice(value)}")
        return list(value)

    def _step(self, value: Any, key: str, path: str) -> Any:
        value = decode_cell(value, dict, list)
        if isinstance(value, str):
            name = path.removesuffix(f".{key}")
            raise self.error(name, f"must be a mapping, not text{json_advice(value, _MAPPING)}")
        if isinstance(value, list | tuple):
            if not key.isdecimal():
                return [self._step(entry, key, path) for entry in value]
            if key not in map(str, range(len(value))):
                raise self.error(path, f"there are only {len(value)} entries, counted from 0")
            return value[int(key)]
        if not isinstance(value, Mapping) or key not in value:
            listing = list_names(value if isinstance(value, Mapping) else self.data)
            raise SuiteError(
                f"{self.place}: there is no column {_quoted(path, _LONGEST_NAME)}; it has: {listing}"
            )
        return value[key]


def list_names(names: Iterable[object]) -> str:
    """Return names of columns or categories for a message, shortened where they are many or long."""
    listing = ", ".join(str(name)[:_LONGEST_NAMES] for name in islice(names, _LONGEST_NAMES))
    return shorten(listing, _LONGEST_NAMES) or "nothing"


def shorten(text: str, limit: int) -> str:
    """Return a text, or its first characters and an ellipsis."""
    return text if len(text) <= limit else f"{text[:limit]} …"


def _quoted(text: str, limit: int) -> str:
    """A text in quotes, or its first characters and an ellipsis."""
    return f"{text[:limit]!r}{' …' if len(text) > limit else ''}"


def json_advice(value: Any, example: str = _LIST) -> str:
    """Return advice for a cell with a list or a mapping in Python's notation instead of JSON."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return ""
    return f"; in a CSV cell write it as JSON, {example}, or save the rows as JSONL or Parquet"


def decode_cell(value: Any, *types: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """Return the list or mapping that a cell holds as JSON or Python; any other value, or longer text, unchanged.

    Rows with the same text share the result, so it must not be changed.
    """
    # Texts such as "42" or "null" are JSON too, but meant as texts.
    if not isinstance(value, str) or len(value) > _LONGEST_JSON or value.lstrip()[:1] not in ("[", "{"):
        return value
    parsed = _loaded(value)
    return parsed if isinstance(parsed, types) else value


@lru_cache(_CELLS_KEPT)
def _loaded(text: str) -> Any:
    """The value of a text in JSON, or as Python writes it; the text itself where it is neither."""
    with suppress(ValueError, RecursionError):  # many opening brackets raise the second
        return json.loads(text)
    # numpy prints arrays without commas, and Python joins neighbouring strings.
    if _NEIGHBOURS.search(text):
        return text
    # Python warns of a backslash that escapes nothing, as in '\d', and reads it as it stands.
    with (
        warnings.catch_warnings(action="ignore"),
        suppress(ValueError, SyntaxError, MemoryError, RecursionError),
    ):
        return literal_eval(text.strip())
    return text


def kind_of(value: Any) -> str:
    """Return the type of a value for a message: ``text``, ``a number``, ``a list``."""
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a mapping"}
    if value is None:
        return "nothing"
    # Parquet has further types, such as dates.
    return names.get(
        type(value), "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
    )


def quote_value(value: Any) -> str:
    """Return a value for a message: a shortened text in quotes, a number, else its type."""
    if isinstance(value, str):
        return _quoted(value, _LONGEST_QUOTED)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else kind_of(value)
