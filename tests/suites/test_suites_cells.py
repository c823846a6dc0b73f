"""JSON in the cells of a data set: read once for all that is taken of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmxray.experiment import SuiteRef
from llmxray.suites import named_columns
from llmxray.suites.data_rows import DataRow

COLUMNS = {"question": "q", "choices": "c", "answer": "a"}


def read_rows(rows: list[DataRow], mapped: dict[str, Any]) -> int:
    """How many items rows make; rows that cannot be asked are left out."""
    ref = SuiteRef.model_validate(
        {"suite": "mine", "source": {"file": "x.csv"}, "columns": mapped, "bad_rows": "skip"}
    )
    assert ref.columns is not None
    return len(named_columns.read(ref, ref.columns, rows)[0])


def test_a_cell_that_stands_in_all_rows_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet keeps it once, and makes a text of each row's."""
    read, loads = list[str](), json.loads

    def counted(text: str) -> Any:
        read.append(text)
        return loads(text)

    monkeypatch.setattr("llmxray.suites.data_rows.json.loads", counted)
    cells = [json.dumps({"q": "once", "text": ["x", "y"], "label": ["A", "B"]}) + " " * n for n in (7, 0)]
    rows = [
        DataRow("x.csv", n, {"q": f"{n}?", "c": "".join(list(cells[n % 2])), "a": "A"}) for n in range(1_000)
    ]
    assert read_rows(rows, COLUMNS) == 1_000
    assert len(read) == 2
