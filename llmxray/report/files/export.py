"""results.csv, results.parquet and results.json: one row per trial, missing cells empty (CSV) or null (others).

results.json has the predictions as well, and what each option was given. Numbers are those of `numbers.short`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from llmxray import parquet, spreadsheets
from llmxray.parquet import Kind
from llmxray.report import numbers
from llmxray.report.analysis.data import ExperimentData
from llmxray.results import COLUMN_TYPES
from llmxray.types import Json, Row

COLUMNS = tuple(COLUMN_TYPES)
_MEASURED = tuple(COLUMNS.index(name) for name, (kind, _) in COLUMN_TYPES.items() if kind == "float64")
# The largest whole number of the type that is written.
_MOST = 2**63 - 1
_MARK = COLUMNS.index("tool_mark")
_VALUES = attrgetter(*COLUMNS)
# NaN is no JSON, and what is missing is null: a NaN here would be a mistake of ours.
_ENCODER = json.JSONEncoder(allow_nan=False)


def as_csv(rows: Sequence[Row]) -> bytes:
    """The table as RFC 4180 text in UTF-8, line ends CRLF; harmless in spreadsheets (`llmxray.spreadsheets`)."""
    return spreadsheets.csv_bytes(chain([COLUMNS], map(_values, rows)))


def as_parquet(rows: Sequence[Row]) -> bytes:
    """The same table with types, as Parquet; missing cells are null."""
    # A column at a time: as lists, all the cells of a large table take more memory than its rows.
    return parquet.parquet_bytes(
        (parquet.Column(name, kind, _cells(rows, name, kind)) for name, (kind, _) in COLUMN_TYPES.items()),
        "llmxray",
    )


def as_json(rows: Sequence[Row], predictions: Sequence[Json] = ()) -> Iterator[bytes]:
    """The pieces of an object: ``predictions`` with their verdicts, and ``rows``, with option probabilities."""
    yield b'{"predictions": ['
    yield from _listed(predictions)
    yield b'],\n"rows": ['
    yield from _listed(map(_object, rows))
    yield b"]}\n"


def _listed(values: Iterable[Json]) -> Iterator[bytes]:
    """The entries of a list, one a line."""
    end = b""
    for value in values:
        yield (b",\n" if end else b"\n") + _ENCODER.encode(value).encode()
        end = b"\n"
    yield end


def names(data: ExperimentData) -> tuple[str, ...]:
    """The tables that a site holds: of a large experiment no JSON, which would be its largest file."""
    return ("results.csv", *(() if data.is_large else ("results.json",)), "results.parquet")


def _values(row: Row) -> list[Any]:
    values = list(_VALUES(row))
    for place in _MEASURED:
        values[place] = numbers.short(values[place])
    # A recording of llmxray's own has none, which is not an empty mark.
    values[_MARK] = values[_MARK] or None
    return values


def _object(row: Row) -> dict[str, Json]:
    values = dict(zip(COLUMNS, _values(row), strict=True))
    return {**values, "option_probs": [numbers.short(value) for value in row.option_probs]}


def _cells(rows: Sequence[Row], name: str, kind: Kind) -> list[parquet.Cell]:
    values = map(attrgetter(name), rows)
    if kind == "float64":
        return list(map(numbers.short, values))
    return [value or None for value in values] if name == "tool_mark" else list(map(_cell, values))


def _cell(value: Any) -> parquet.Cell:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    # A server may report any number of tokens.
    return None if isinstance(value, int) and abs(value) > _MOST else value
