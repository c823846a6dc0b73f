"""Parquet and Arrow."""

import io
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from llmxray.errors import InputError, MissingExtraError
from llmxray.suites import data_files

type Read = Callable[..., list[dict[str, Any]]]
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


@pytest.fixture
def read(tmp_path):
    """The rows of a file of these bytes, called ``a``."""

    def rows(suffix: str, raw: bytes) -> list[dict[str, Any]]:
        path = tmp_path / f"a{suffix}"
        path.write_bytes(raw)
        return [dict(row.data) for row in data_files.from_file(path)]

    return rows


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_rows_come_back_as_they_were(read, form):
    """Nested columns, missing values and truth values."""
    assert ROWS == read(f".{form.split()[0]}", written(form))


def test_the_extra_is_named_where_it_is_missing(read, monkeypatch):
    """A core install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"reading Arrow needs an optional package: .*\[hub\]"):
        read(".arrow", b"")


def test_an_arrow_file_that_points_beyond_its_end(read):
    """Its rows would be memory of the process, keys of servers with them."""
    pa = pytest.importorskip("pyarrow")
    table, stream = pa.table({"q": pa.array([[7] * 64], pa.list_(pa.uint8()))}), io.BytesIO()
    with pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)
    raw = bytearray(stream.getvalue())
    # Where the list ends, and how long its values are: 100,000 in place of 64.
    offsets = raw.rfind((0).to_bytes(4, "little") + (64).to_bytes(4, "little"))
    raw[offsets + 4 : offsets + 8] = (100_000).to_bytes(4, "little")
    values = raw.find((64).to_bytes(8, "little") + bytes(8))
    raw[values : values + 8] = (100_000).to_bytes(8, "little")
    with pytest.raises(InputError, match="a.arrow: damaged, or too large .*too small"):
        read(".arrow", bytes(raw))


def test_what_has_no_plain_value_comes_as_text(read):
    """Dates, times, decimals and numbers of other kinds: no name of a module travels with them."""
    pa = pytest.importorskip("pyarrow")
    day = date(2024, 2, 29)
    table, stream = (
        pa.table({"day": [day], "price": [Decimal("1.50")], "at": pa.array([7], pa.time32("s"))}),
        io.BytesIO(),
    )
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    assert [{"day": "2024-02-29", "price": "1.50", "at": "00:00:07"}] == read(".arrow", stream.getvalue())


def test_numbers_of_few_bits_are_the_decimals_that_they_stand_for(read):
    """In columns, lists and structs: as numbers of 64 bits nobody would answer them."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    values = [0.1, None, 33.3]
    narrow = pa.array(values, pa.float32())
    table = pa.table(
        {
            "a": narrow,
            "half": pa.array(values, pa.float16()),
            "wide": pa.array(values, pa.float64()),
            "many": pa.array([[0.1, 2.5], None, []], pa.list_(pa.float32())),
            "named": pa.StructArray.from_arrays([narrow, pa.array(["x", "y", "z"])], ["n", "t"]),
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    assert read(".parquet", stream.getvalue()) == [
        {"a": 0.1, "half": 0.1, "wide": 0.1, "many": [0.1, 2.5], "named": {"n": 0.1, "t": "x"}},
        {"a": None, "half": None, "wide": None, "many": None, "named": {"n": None, "t": "y"}},
        {"a": 33.3, "half": 33.3, "wide": 33.3, "many": [], "named": {"n": 33.3, "t": "z"}},
    ]
