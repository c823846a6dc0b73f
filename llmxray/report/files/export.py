"""results.csv and results.json: one row per trial, missing cells empty (CSV) or null (JSON); predictions (JSON).

Numbers have `DIGITS` significant digits. Servers state logprobs in single precision, which has seven; `reproduce`
compares nine.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from llmxray import tables
from llmxray.report.analysis.data import ExperimentData
from llmxray.types import Json, Row

DIGITS = 10
# Other people's scripts read these: new columns go behind, and none is renamed.
COLUMNS = (
    "experiment",
    "condition",
    "suite",
    "item_id",
    "category",
    "sample",
    "outcome",
    "answer",
    "expected",
    "option_confidence",
    "coverage",
    "sequence_confidence",
    "mean_token_probability",
    "ttft_s",
    "latency_s",
    "completion_tokens",
    "prompt_tokens",
    "rule",
    "finish_reason",
    "attempts",
    "concurrency",
    "missing_why",
    "error",
    "rotation",
    "order",
    "right_mass",
    "ttfa_s",
    "logprob_tokens",
    "reasoning_tokens",
    "hidden_reasoning",
    "calls",
    "unread",
    "invalid_logprobs",
)
_MEASURED = tuple(
    COLUMNS.index(name)
    for name in (
        "option_confidence",
        "coverage",
        "sequence_confidence",
        "mean_token_probability",
        "ttft_s",
        "latency_s",
        "right_mass",
        "ttfa_s",
    )
)
_VALUES = attrgetter(*COLUMNS)
# NaN is no JSON, and what is missing is null: a NaN here would be a mistake of ours.
_ENCODER = json.JSONEncoder(allow_nan=False)


def as_csv(rows: Sequence[Row]) -> bytes:
    """The table as RFC 4180 text in UTF-8, line ends CRLF; harmless in spreadsheets (`llmxray.tables`)."""
    return tables.write(chain([COLUMNS], map(_values, rows)))


def as_json(rows: Sequence[Row], predictions: Sequence[Json] = ()) -> bytes:
    """An object: ``predictions`` with their verdicts, and ``rows``, one a line, option probabilities included."""
    return b"".join(_lines(rows, predictions))


def _lines(rows: Sequence[Row], predictions: Sequence[Json]) -> Iterator[bytes]:
    yield b'{"predictions": ['
    yield from _listed(_ENCODER.encode(each) for each in predictions)
    yield b'],\n"rows": ['
    yield from _listed(_ENCODER.encode(_object(row)) for row in rows)
    yield b"]}\n"


def _listed(values: Iterable[str]) -> Iterator[bytes]:
    """The entries of a list, one a line."""
    place = -1
    for place, value in enumerate(values):
        yield (",\n" if place else "\n").encode() + value.encode()
    if place >= 0:
        yield b"\n"


def json_name(data: ExperimentData) -> str:
    """``results.json``; compressed where it would be half of the site."""
    return "results.json.gz" if data.is_large else "results.json"


def json_file(data: ExperimentData, predictions: Sequence[Json]) -> bytes:
    """The bytes of the file that `json_name` names."""
    if not data.is_large:
        return as_json(data.results.rows, predictions)
    out = io.BytesIO()
    # Line by line: the whole table as text would be as large as everything else of a build.
    # No file name and no time in its head, or two builds would differ.
    with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
        packed.writelines(_lines(data.results.rows, predictions))
    return out.getvalue()


def _values(row: Row) -> list[Any]:
    values = list(_VALUES(row))
    for place in _MEASURED:
        values[place] = _short(values[place])
    return values


def _object(row: Row) -> dict[str, Json]:
    values = dict(zip(COLUMNS, _values(row), strict=True))
    # Only rows that were read from files of other tools have one.
    mark: dict[str, Json] = {"tool_mark": row.tool_mark} if row.tool_mark else {}
    return {**values, "option_probs": [_short(value) for value in row.option_probs], **mark}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
