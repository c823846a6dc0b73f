"""Parquet and Arrow."""

from __future__ import annotations

import base64
import io
import sys
import zlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import hostile_tables
import pytest

from llmxray.errors import InputError, MissingExtraError, SuiteError
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
def read(tmp_path: Path) -> Read:
    """The rows of a file of these bytes, called ``a``."""

    def rows(suffix: str, raw: bytes) -> list[dict[str, Any]]:
        path = tmp_path / f"a{suffix}"
        path.write_bytes(raw)
        return [dict(row.data) for row in data_files.from_file(path)]

    return rows


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_rows_come_back_as_they_were(read: Read, form: str) -> None:
    """Nested columns, missing values and truth values."""
    assert ROWS == read(f".{form.split()[0]}", written(form))


def test_two_columns_of_one_name_are_refused(read: Read) -> None:
    """A row would hold the last of them only."""
    pa, parquet, stream = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet"), io.BytesIO()
    parquet.write_table(pa.Table.from_arrays([pa.array(["a?"]), pa.array(["b?"])], names=["q", "q"]), stream)
    with pytest.raises(SuiteError, match=r"^a.parquet: 2 columns are called 'q'$"):
        read(".parquet", stream.getvalue())


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_files_that_are_cut_off(read: Read, form: str) -> None:
    """One line, whatever the library raises."""
    raw = written(form)
    suffix = f".{form.split()[0]}"
    for part in (b"nothing", raw[: len(raw) // 3], raw[: len(raw) // 2]):
        with pytest.raises(InputError, match=r"^a\.(parquet|arrow): damaged, or ") as caught:
            read(suffix, part)
        assert "\n" not in str(caught.value)


def test_the_extra_is_named_where_it_is_missing(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A core install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"reading Arrow needs an optional package: .*\[hub\]"):
        read(".arrow", b"")


@pytest.mark.parametrize("packed", [None, "zstd", "lz4"])
@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_honest_tables_have_room(read: Read, form: str, packed: str | None) -> None:
    """As large as MMLU-Pro, with texts that repeat, lists, mappings and times, in the usual ways to compress."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    count = 12_032
    marks = pa.array([f"category {n % 14} {'x' * 40}" for n in range(count)])
    table = pa.table(
        {
            "question": [f"Question {n}? {'What is it about? ' * 20}" for n in range(count)],
            # More than a dictionary holds: the writer goes on without one.
            "options": [[f"Ä {n}.{k} {'x' * 30}" for k in range(10)] for n in range(count)],
            "category": marks.dictionary_encode(),
            "src": marks,
            "choices": [{"text": ["x"], "label": ["A"]}] * count,
            "map": pa.array([[("k", n)] for n in range(count)], pa.map_(pa.string(), pa.int64())),
            "day": pa.array([n % 9_000 for n in range(count)], pa.date32()),
            "mark": pa.array([bytes(16)] * count, pa.binary(16)),
            "none": pa.nulls(count),
        }
    )
    stream = io.BytesIO()
    if form == "parquet":
        pq.write_table(table, stream, compression=packed or "none", row_group_size=5_000)
    else:
        opener = pa.ipc.new_file if form == "arrow file" else pa.ipc.new_stream
        options = pa.ipc.IpcWriteOptions(compression=packed)
        with opener(stream, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=5_000)
    rows = [
        {**row, "day": str(row["day"]), "map": [["k", n]], "mark": str(row["mark"])}
        for n, row in enumerate(table.to_pylist())
    ]
    assert rows == read(f".{form.split()[0]}", stream.getvalue())


@pytest.mark.parametrize("form", ["file", "stream"])
def test_an_arrow_file_that_points_beyond_its_end(read: Read, form: str) -> None:
    """Its rows would be memory of the process, keys of servers with them."""
    pa = pytest.importorskip("pyarrow")
    table, stream = pa.table({"q": pa.array([[7] * 64], pa.list_(pa.uint8()))}), io.BytesIO()
    with getattr(pa.ipc, f"new_{form}")(stream, table.schema) as writer:
        writer.write_table(table)
    raw = bytearray(stream.getvalue())
    # Where the list ends, and how long its values are: 100,000 in place of 64.
    offsets = raw.rfind((0).to_bytes(4, "little") + (64).to_bytes(4, "little"))
    raw[offsets + 4 : offsets + 8] = (100_000).to_bytes(4, "little")
    values = raw.find((64).to_bytes(8, "little") + bytes(8))
    raw[values : values + 8] = (100_000).to_bytes(8, "little")
    with pytest.raises(InputError, match="a.arrow: damaged, or too large .*too small"):
        read(".arrow", bytes(raw))


# What `write_ipc` of polars 2.1 makes of two rows: views of texts, and a schema that stands in the index alone.
OF_POLARS = (
    "eNrtVL1OwlAUPoWqKNVU1IQ4dXRwQR0YSADjTkJMjKMhTSDRFi0ERx7DB/EBGHgWJybD4GBSv3N6a5qj/Lh7yOnp952/y+m9t9lu"
    "t24qRDYRvcdxfEj8buG5Q0Uq4GnTB3gHTAE/9nLsBNqF1ijJrSHmBNaVOCIrRyJz8A3Gwm8jtiDvAbQPXzmbU05ymN+EvQuikf9E"
    "9AJ8ZXpJ3FFSj/u+LqjBPPt7A/+B8RR4C7bTDXsdP6IZ8CmwBy2bPJdKqOnSvlRypM6n1LGFeRz60aAX8tIJdPxsJWvgWmMr6ZvM"
    "L4/sA6nnAL3Bb8ZBc2jVxBHtobeNGFeYvJnTIiku8XnGNow9Nnas4lJsxiTfMSsTVefHgizVT/lT7Ga4DWhOldHYXuHXeBfaCnwv"
    "i69HoZe+rxLO7d8PIy8M/DonChiMwjr9SXIL1r9KeEwVhc8UPlf4QuHLJXid/r/NdV3h/Z/+75k549Xv/c+np4Q9wOfGkV5V03Cs"
    "bCr/d4y6Y27RvSmX8xc/Y6J7"
)


def test_an_arrow_file_of_polars(read: Read) -> None:
    """As it writes them unless told otherwise."""
    pytest.importorskip("pyarrow")
    raw = zlib.decompress(base64.b64decode(OF_POLARS))
    first = {"question": "One plus one?", "choices": ["1", "2"], "answer": "B", "n": 1}
    second = {"question": "Two plus two?", "choices": ["3", "4"], "answer": "B", "n": 2}
    assert [first, second] == read(".arrow", raw)
    # Cut short, its index is gone; what the index says of places is not taken at its word.
    for changed in (
        raw[:-1],
        raw.replace(b"question", b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        raw[:8] + raw[-600:],
    ):
        with pytest.raises(InputError, match="a.arrow: damaged, or too large"):
            read(".arrow", changed)


def test_what_has_no_plain_value_comes_as_text(read: Read) -> None:
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


def test_a_part_that_holds_fewer_rows_than_it_states(read: Read) -> None:
    """A million are stated, and five are there."""
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match=r"states 1,000,000 rows and holds 5"):
        read(".parquet", hostile_tables.unpacked(hostile_tables.FEWER_ROWS))


def test_numbers_of_few_bits_are_the_decimals_that_they_stand_for(read: Read) -> None:
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
