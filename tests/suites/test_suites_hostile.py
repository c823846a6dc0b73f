"""Rows of strangers that would take for ever, or break what reads them: refused in one line, or read in time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef

DIGITS = "9" * 5_000
ROW = {"q": "One?", "c": ["x", "y"], "a": "A"}
COLUMNS = {"question": "q", "choices": "c", "answer": "a"}


def load(folder: Path, rows: str, name: str = "rows.jsonl", **entry: Any) -> suites.Suite:
    """The suite of such a file, as an experiment of a stranger's names it."""
    (folder / name).write_text(rows, "utf-8")
    entry = {"suite": "mine", "columns": COLUMNS, "source": {"file": name}, **entry}
    entry = {key: value for key, value in entry.items() if value is not None}
    return suites.load(SuiteRef.model_validate(entry), folder, within=folder)


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        (json.dumps(ROW).replace('"One?"', DIGITS), {}),
        (json.dumps({**ROW, "a": DIGITS}), {"answer_is": "index"}),
        (json.dumps({**ROW, "a": 1e300}), {"answer_is": "index1"}),
        (json.dumps({**ROW, "a": "." * 100_000 + "("}), {}),
        (json.dumps(ROW), {"columns": {**COLUMNS, "answer": f"c.{DIGITS}"}}),
        (
            json.dumps({"question": "2?", "answer": "<<1+1=2>> #### 1e999999999"}),
            {"suite": "gsm8k", "columns": None},
        ),
        (
            json.dumps({"question": "2?", "answer": f"<<1+1=2>> #### {DIGITS}"}),
            {"suite": "gsm8k", "columns": None},
        ),
    ],
    ids=["digits", "index", "float", "dots", "path", "exponent", "sum"],
)
def test_numbers_and_texts_that_python_chokes_on(tmp_path: Path, row: str, entry: dict[str, Any]) -> None:
    """One line that names the file, and soon."""
    began = time.process_time()
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, row, **entry)
    assert "\n" not in str(caught.value)
    assert time.process_time() - began < 5


def test_one_row_a_hundred_thousand_times(tmp_path: Path) -> None:
    """Each copy has a name of its own, found where the last one stopped."""
    began = time.process_time()
    suite = load(tmp_path, f"{json.dumps(ROW)}\n" * 100_000)
    assert len({item.id for item in suite.items}) == 100_000
    assert time.process_time() - began < 60


def test_a_sum_of_very_many_steps(tmp_path: Path) -> None:
    """Its mistakes are not carried through all of them."""
    began = time.process_time()
    row = {"question": "2?", "answer": "<<1+0=1>>" * 20_000 + "#### 1"}
    assert len(load(tmp_path, json.dumps(row), suite="gsm8k", columns=None).items) == 1
    assert time.process_time() - began < 20


def test_a_table_that_says_it_has_a_billion_rows(tmp_path: Path) -> None:
    """A column of one value takes a few bytes for each million."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), pa.array(["x"]))
    pq.write_table(pa.table({"q": column}), tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").stat().st_size < 100_000
    ref = {"suite": "mine", "columns": {"question": "q", "answer": "q"}, "source": {"file": "rows.parquet"}}
    with pytest.raises(SuiteError, match="3,000,000 rows; at most 2,000,000 are read"):
        suites.load(SuiteRef.model_validate(ref), tmp_path, within=tmp_path)


def test_a_time_that_python_does_not_know(tmp_path: Path) -> None:
    """Of the year 200,000."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("ms"))
    pq.write_table(pa.table({"q": far}), tmp_path / "rows.parquet")
    ref = {"suite": "mine", "columns": {"question": "q", "answer": "q"}, "source": {"file": "rows.parquet"}}
    with pytest.raises(SuiteError) as caught:
        suites.load(SuiteRef.model_validate(ref), tmp_path, within=tmp_path)
    assert "\n" not in str(caught.value)
