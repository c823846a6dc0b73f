"""Parquet and Arrow."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from llmxray.errors import MissingExtraError, SuiteError
from llmxray.suites import tables

ROWS: list[dict[str, Any]] = [
    {"q": "Ä?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answer": 1, "ok": True},
    {"q": "b", "choices": {"text": ["z"], "label": ["A"]}, "answer": None, "ok": False},
]


def written(form: str) -> bytes:
    """The rows as a file of that form."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table, stream = pa.Table.from_pylist(ROWS), io.BytesIO()
    if form == "parquet":
        pq.write_table(table, stream)
        return stream.getvalue()
    opener = pa.ipc.new_file if form == "arrow file" else pa.ipc.new_stream
    with opener(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_rows_come_back_as_they_were(form: str) -> None:
    """Nested columns, missing values and truth values."""
    assert ROWS == tables.read("a", f".{form.split()[0]}", written(form))


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_files_that_are_cut_off(form: str) -> None:
    """One line, whatever the library raises."""
    raw = written(form)
    suffix = f".{form.split()[0]}"
    for part in (b"nothing", raw[: len(raw) // 3], raw[: len(raw) // 2]):
        with pytest.raises(SuiteError, match="^a: not a (Parquet|Arrow) file, or not a whole one") as caught:
            tables.read("a", suffix, part)
        assert "\n" not in str(caught.value)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"reading Arrow needs an optional package: .*llmxray\[hub\]"):
        tables.read("a", ".arrow", b"")
