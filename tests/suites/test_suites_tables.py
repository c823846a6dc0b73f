"""Parquet and Arrow."""

from __future__ import annotations

import io
import sys
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from llmxray.cassette.bounds import Room
from llmxray.errors import MissingExtraError, SuiteError
from llmxray.suites import files, parquet_pages, tables

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


def read(name: str, suffix: str, raw: bytes) -> list[dict[str, Any]]:
    """The rows of a file of its own."""
    return tables.read(name, suffix, raw, files.ROWS.room(len(raw)))


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_rows_come_back_as_they_were(form: str) -> None:
    """Nested columns, missing values and truth values."""
    assert ROWS == read("a", f".{form.split()[0]}", written(form))


@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_files_that_are_cut_off(form: str) -> None:
    """One line, whatever the library raises."""
    raw = written(form)
    suffix = f".{form.split()[0]}"
    for part in (b"nothing", raw[: len(raw) // 3], raw[: len(raw) // 2]):
        with pytest.raises(SuiteError, match="^a: no (Parquet|Arrow) file, damaged, or too large") as caught:
            read("a", suffix, part)
        assert "\n" not in str(caught.value)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"reading Arrow needs an optional package: .*llmxray\[hub\]"):
        read("a", ".arrow", b"")


@pytest.mark.parametrize("packed", [None, "zstd", "lz4"])
@pytest.mark.parametrize("form", ["parquet", "arrow file", "arrow stream"])
def test_honest_tables_have_room(form: str, packed: str | None) -> None:
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
    assert table.to_pylist() == read("a", f".{form.split()[0]}", stream.getvalue())


def test_what_rows_take_is_never_counted_too_low() -> None:
    """Of every kind of value, against what Python takes for them."""
    pa = pytest.importorskip("pyarrow")
    count, many = 3_000, range(3_000)
    columns = {
        "int": pa.array([n * 2**40 for n in many]),
        "text": pa.array([f"{n}" for n in many]),
        "wide": pa.array([f"{'a' * 300}\U0001f600{n}" for n in many]),
        "bytes": pa.array([f"{n}".encode() for n in many]),
        "dictionary": pa.array(["ä" * 1_000] * count).dictionary_encode(),
        "lists": pa.array([[[], [n]] for n in many]),
        "fixed": pa.array([[n, n] for n in many], pa.list_(pa.int32(), 2)),
        "one": pa.array([{"a": n} for n in many]),
        "eleven": pa.array([{f"k{k}": n + 999 for k in range(11)} for n in many]),
        "maps": pa.array([[(n + 999, n + 999)] for n in many], pa.map_(pa.int64(), pa.int64())),
        "decimals": pa.array([Decimal(n + 10**30) for n in many]),
        "times": pa.array(many, pa.timestamp("s", "UTC")),
        "uuid": pa.array([n.to_bytes(16) for n in many], pa.binary(16)),
        "nulls": pa.nulls(count),
    }
    for name, column in columns.items():
        stream = io.BytesIO()
        table = pa.table({name: column})
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
        raw, room = stream.getvalue(), Room(1 << 30)
        tracemalloc.start()
        rows = tables.read("a", ".arrow", raw, room)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(rows) == count
        # What is not of the rows themselves: modules that are loaded on the way.
        assert taken - 300_000 < (1 << 30) - room.left, name


@pytest.mark.parametrize("form", ["file", "stream"])
def test_an_arrow_file_that_points_beyond_its_end(form: str) -> None:
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
    with pytest.raises(SuiteError, match="a: no Arrow file, damaged, or too large .*too small"):
        read("a", ".arrow", bytes(raw))


def test_types_whose_values_may_repeat_without_end() -> None:
    """Views of one text, uses of one list, runs of one value."""
    pa = pytest.importorskip("pyarrow")
    for column in (
        pa.array(["x"], pa.string_view()),
        pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([[1]])),
        pa.RunEndEncodedArray.from_arrays([2**31 - 1], pa.array([1])).slice(0, 1),
    ):
        table, stream = pa.table({"q": column}), io.BytesIO()
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
        with pytest.raises(SuiteError, match=r"columns of the type .+ are not read"):
            read("a", ".arrow", stream.getvalue())


@pytest.mark.parametrize("kind", ["text", "list", "fixed", "delta", "columns"])
def test_pages_are_counted_before_they_are_decoded(kind: str) -> None:
    """Whatever the footer states: text, values in a row, values of a fixed length, texts that continue one another."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column, options = {
        "text": (pa.array(["a" * (4 << 20)]), {"use_dictionary": False}),
        "list": (pa.array([[0] * 100_000], pa.list_(pa.int8())), {}),
        "fixed": (pa.array([b"a" * 40_000] * 200, pa.binary(40_000)), {}),
        "delta": (
            pa.array(["a" * 40_000] * 200),
            {"use_dictionary": False, "column_encoding": {"q": "DELTA_BYTE_ARRAY"}},
        ),
        "columns": (pa.array([None] * 100_000, pa.int8()), {}),
    }[kind]
    stream = io.BytesIO()
    pq.write_table(pa.table({"q": column}), stream, compression="zstd", store_schema=False, **options)
    raw = stream.getvalue()
    assert len(raw) < 2_000
    parquet_pages.check(raw, Room(64 << 20), 160)
    with pytest.raises(ValueError, match="grows to more than"):
        parquet_pages.check(raw, Room(4 << 20), 160)
