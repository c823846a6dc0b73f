"""JSON in the cells of a data set: read once for all that is taken of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from llmxray.experiment import SuiteRef
from llmxray.suites import named_columns
from llmxray.suites.data_rows import DataRow

COLUMNS = {"question": "q", "choices": "c", "answer": "a"}


def process_time(do: Callable[[], object]) -> float:
    """Seconds of this process that something takes."""
    began = time.process_time()
    do()
    return time.process_time() - began


def read_rows(rows: list[DataRow], mapped: dict[str, Any]) -> int:
    """How many items rows make; rows that cannot be asked are left out."""
    ref = SuiteRef.model_validate(
        {"suite": "mine", "source": {"file": "x.csv"}, "columns": mapped, "bad_rows": "skip"}
    )
    assert ref.columns is not None
    return len(named_columns.read(ref, ref.columns, rows)[0])


def long_cell(first: str) -> str:
    """JSON of as many characters as are read, which takes milliseconds."""
    return f'["{first}", "b"' + ", null" * 98 + ", [" + "[]," * 43_000 + "[]]]"


def test_a_cell_is_read_once_for_all_that_is_taken_of_it() -> None:
    """Once for each of a hundred options: 2.5 kB of Parquet took six minutes."""
    paths = [f"c.{n}" for n in range(100)]
    rows = [DataRow("x.csv", n, {"q": f"{n}?", "c": long_cell(str(n)), "a": "A"}) for n in range(40)]
    mapped = {**COLUMNS, "choices": paths}
    assert process_time(lambda: read_rows(rows, mapped)) < 2
    assert read_rows(rows, mapped) == 40


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
