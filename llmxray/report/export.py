"""results.csv and results.json: one row per trial, missing cells empty (CSV) or null (JSON)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence

from llmxray.report.data import ExperimentData
from llmxray.types import Json, Row

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
)
# A spreadsheet runs a cell that begins with one of these; answers are a model's text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[Row]) -> bytes:
    """The table as RFC 4180 text in UTF-8, line ends CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def as_json(rows: Sequence[Row]) -> bytes:
    """The table as a list of objects, one a line; option probabilities included."""
    lines = [json.dumps(_object(row), ensure_ascii=True, allow_nan=False) for row in rows]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def json_name(data: ExperimentData) -> str:
    """``results.json``; compressed where it would be half of the site."""
    return "results.json.gz" if data.is_large else "results.json"


def json_file(data: ExperimentData) -> bytes:
    """The bytes of the file that `json_name` names."""
    table = as_json(data.results.rows)
    return gzip.compress(table, 6, mtime=0) if data.is_large else table


def _object(row: Row) -> dict[str, Json]:
    return {**{name: getattr(row, name) for name in COLUMNS}, "option_probs": list(row.option_probs)}


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
