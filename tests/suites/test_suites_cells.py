"""JSON in the cells of a data set: read once where it can be, kept within bounds, refused where it takes too long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import data_rows, named_columns
from llmxray.suites.data_rows import DataRow, decode_cell

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


def test_what_is_kept_of_cells_is_bounded() -> None:
    """What is made of them takes up to 50 bytes a character; the last ones are kept."""
    for number in range(20):
        decode_cell(long_cell(str(number)), list)
        assert data_rows._VALUES._held <= data_rows._MOST_KEPT
    assert [text.split('"')[1] for text in data_rows._VALUES._values] == ["16", "17", "18", "19"]
    for number in range(10_000):
        decode_cell(f"[{number}]", list)
    assert data_rows._VALUES._held <= data_rows._MOST_KEPT
    assert len(data_rows._VALUES._values) < 6_000
    assert decode_cell("[9999]", list) == [9999]


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({f"c{n}": long_cell(str(n)) for n in range(6)}, [f"c{n % 6}.{n // 6}" for n in range(90)]),
        ({"c": [{"x": "y", "y": "z"}] * 10_000}, [f"c.{'xy'[n % 2]}.{n}" for n in range(90)]),
    ],
    ids=["cells", "lists"],
)
def test_rows_that_take_too_long_are_refused_together(
    monkeypatch: pytest.MonkeyPatch, data: dict[str, Any], paths: list[str]
) -> None:
    """Whether or not they are left out: each of them would take seconds."""
    monkeypatch.setattr(named_columns, "MOST_READ", 1 << 24)
    rows = [DataRow("x.csv", n, {"q": f"{n}?", "a": "A", **data}) for n in range(1_000)]
    took = -time.process_time()
    with pytest.raises(
        SuiteError, match=r"x\.csv, row \d+: the lists and the JSON in the cells so far take"
    ) as caught:
        read_rows(rows, {**COLUMNS, "choices": paths})
    assert took + time.process_time() < 15
    assert "\n" not in str(caught.value)
