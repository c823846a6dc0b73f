"""The original app's CSV, read as the questions of a benchmark result.

The table says neither the model nor the suite: the file's name stands for the model. It has no log-probabilities
either, so the app's 0.5 for "none" cannot be told from a real one, and is read as missing.
"""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmxray import spreadsheets
from llmxray.errors import InputError

COLUMNS = (
    *("Category", "Question ID", "Expected Answer", "Model Answer", "Correct", "Confidence"),
    *("Latency (ms)", "TTFT (ms)", "Tokens/sec", "Full Response"),
)


def is_table(data: bytes) -> bool:
    """Whether these bytes begin with the first columns of the app's table."""
    first = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    return first.replace(b'"', b"").startswith(",".join(COLUMNS[:2]).encode())


def read_table(name: str, data: bytes) -> dict[str, Any]:
    """The table in the form of a benchmark result.

    Raises:
        InputError: not UTF-8, a column is missing, or a cell is no number; names file, row and column.
    """
    try:
        # Spreadsheets put a byte order mark in front.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8; save the file with UTF-8 encoding") from error
    try:
        return _table(name, csv.reader(spreadsheets.opened(text)))
    except csv.Error as error:
        raise InputError(f"{name}: not a table ({error})") from error


def _table(name: str, rows: Iterator[list[str]]) -> dict[str, Any]:
    # Of all others nothing is kept: a stranger's table may have many, which each short row would be filled up to.
    places = {column: place for place, column in enumerate(next(rows, ())) if column in COLUMNS}
    missing = [column for column in COLUMNS if column not in places]
    if missing:
        raise InputError(
            f"{name}: there is no column {missing[0]!r}; the app's table has: {', '.join(COLUMNS)}"
        )
    return {
        "modelName": posixpath.splitext(posixpath.basename(name))[0],
        "questionResults": [
            _question(f"{name}, row {number}", _texts(row, places))
            for number, row in enumerate(filter(None, rows), 1)
        ],
    }


def _texts(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str | None]:
    # A row that is too short has None in it.
    return {
        column: spreadsheets.unguarded(row[place]) if place < len(row) else None
        for column, place in places.items()
    }


def _question(place: str, row: Mapping[str, str | None]) -> dict[str, Any]:
    percent = _number(place, row, "Confidence")
    return {
        "questionId": row["Question ID"],
        "category": row["Category"],
        "correct": (row["Correct"] or "").strip().lower() == "yes",
        "modelAnswer": row["Model Answer"],
        "expectedAnswer": row["Expected Answer"],
        "latencyMs": _number(place, row, "Latency (ms)"),
        "ttftMs": _number(place, row, "TTFT (ms)"),
        # A division by 100 leaves binary digits that the table never had.
        "avgTokenConfidence": None if percent is None else round(percent / 100, 6),
        "fullResponse": row["Full Response"],
    }


def _number(place: str, row: Mapping[str, str | None], column: str) -> float | None:
    cell = (row[column] or "").strip().removesuffix("%")
    try:
        return float(cell) if cell else None
    except ValueError:
        raise InputError(f"{place}, column {column!r}: {cell!r} is no number") from None
