"""Rows from the bytes of Parquet and Arrow files. ``pyarrow`` is imported here only, and only when it is needed.

A file may come from anybody. pyarrow takes the offsets and sizes of an Arrow file as they are: one that points beyond
the file reads the memory of the process. So every batch is validated before its values are made. What they take is
counted first too: a text may stand for a million others, and compressed bytes for a thousand times as many.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from llmxray.cassette.bounds import AMISS, Room
from llmxray.errors import MissingExtraError, SuiteError
from llmxray.suites import parquet_pages

_NAMES = {".parquet": "Parquet", ".arrow": "Arrow"}
SUFFIXES = tuple(_NAMES)
# A file is a stream between two marks, with an index behind it.
_FILE_MARK, _FILE_STARTS = b"ARROW1", 8
_MOST_ROWS = 2_000_000
_BATCH_ROWS = 1024
# What a value takes at most beside its text, with its place in a list or mapping; a byte of UTF-8, decoded.
_VALUE_BYTES, _WIDEST = 160, 4
# The table of a mapping, and what stands around a row.
_MAPPING_BYTES = 256
# Of the format: https://github.com/apache/arrow/blob/main/format/Message.fbs
_LENGTH_BYTES, _UNCOMPRESSED = 8, -1
# How version 0.17 of Arrow said so.
_COMPRESSED_MARK = b"ARROW:experimental_compression"


def read(name: str, suffix: str, raw: bytes, room: Room) -> list[dict[str, Any]]:
    """The rows of a table.

    Args:
        name: of the file, for messages.
        suffix: one of `SUFFIXES`. Arrow comes as a file or, as `datasets` writes it, as a stream.
        room: of which to take what the rows take.

    Raises:
        SuiteError: the bytes are not what the suffix says, or there is no room for the rows.
        MissingExtraError: ``pyarrow`` is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(f"reading {_NAMES[suffix]}", "hub") from None
    rows: list[dict[str, Any]] = []
    try:
        batches = _parquet(pa, name, raw, room) if suffix == ".parquet" else _arrow(pa, raw, room)
        for batch in batches:
            _refuse_too_many(name, len(rows) + batch.num_rows)
            rows += batch.to_pylist()
    # One that is cut off is an OSError; a time that Python does not know, or a text that is none, a ValueError.
    except (pa.ArrowException, OSError, ValueError, *AMISS) as error:
        reason = str(error).split(".")[0][:120]
        raise SuiteError(f"{name}: no {_NAMES[suffix]} file, damaged, or too large ({reason})") from None
    return rows


def _parquet(pa: Any, name: str, raw: bytes, room: Room) -> Iterator[Any]:
    file = pa.parquet.ParquetFile(io.BytesIO(raw))
    groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
    _refuse_too_many(name, sum(group.num_rows for group in groups))
    parquet_pages.check(raw, room, _VALUE_BYTES)
    columns = map(file.metadata.schema.column, range(file.metadata.num_columns))
    # A text that stands for many others is counted before it is repeated.
    texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    counted = pa.parquet.ParquetFile(io.BytesIO(raw), read_dictionary=texts)
    for group in range(file.num_row_groups):
        # One at a time: each has dictionaries of its own, and a batch may have one only.
        for batch in counted.iter_batches(_BATCH_ROWS, row_groups=[group], use_threads=False):
            # Values of plain texts are made three times as fast as those of a dictionary.
            yield _checked(batch, room).cast(file.schema_arrow)


def _arrow(pa: Any, raw: bytes, room: Room) -> Iterator[Any]:
    stream = pa.py_buffer(raw)
    if raw.startswith(_FILE_MARK):
        if not raw.endswith(_FILE_MARK):
            raise ValueError("it ends early")
        stream = stream.slice(_FILE_STARTS)
    grown = 0
    for message in pa.ipc.MessageReader.open_stream(stream):
        grown += _unpacked(message)
        room.fits(grown)
    for batch in pa.ipc.open_stream(stream):
        yield _checked(batch, room)


def _checked(batch: Any, room: Room) -> Any:
    batch.validate(full=True)
    room.take(_MAPPING_BYTES * batch.num_rows + sum(map(_held, batch.columns)))
    return batch


def _unpacked(message: Any) -> int:
    """Bytes of the buffers of an Arrow message once they are decompressed, which is done when it is read."""
    if message.type not in ("record batch", "dictionary"):
        return 0
    table = _Flat(message.metadata.to_pybytes()).follow(0).table(2)
    batch = table.table(1) if message.type == "dictionary" else table
    compressed = batch.field(3) is not None or _COMPRESSED_MARK in message.metadata.to_pybytes()
    body, grown = memoryview(message.body), 0
    for start, length in batch.pairs(2):
        stated = int.from_bytes(body[start : start + _LENGTH_BYTES], "little", signed=True)
        if not compressed or not length or stated == _UNCOMPRESSED:
            stated = length
        if stated < 0:
            raise ValueError("it states a size below zero")
        grown += stated
    return grown


class _Flat:
    """A place in a flatbuffer (https://flatbuffers.dev/internals): a table, or what leads to one."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self._at = data, at

    def _int(self, at: int, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self._data[at : at + size], "little", signed=signed)

    def follow(self, at: int) -> _Flat:
        """What the offset at a place leads to."""
        return _Flat(self._data, at + self._int(at, 4))

    def field(self, number: int) -> int | None:
        """Where a field of the table stands; None where it has none."""
        about = self._at - self._int(self._at, 4, signed=True)
        entry = 4 + 2 * number
        offset = self._int(about + entry, 2) if entry < self._int(about, 2) else 0
        return self._at + offset if offset else None

    def table(self, number: int) -> _Flat:
        """The table in a field."""
        at = self.field(number)
        if at is None:
            raise ValueError("a part of it is missing")
        return self.follow(at)

    def pairs(self, number: int) -> Iterator[tuple[int, int]]:
        """The pairs of 64-bit numbers in a field."""
        if self.field(number) is None:
            return
        start = self.table(number)._at
        for at in range(start + 4, start + 4 + 16 * self._int(start, 4), 16):
            yield self._int(at, 8, signed=True), self._int(at + 8, 8, signed=True)


def _held(array: Any) -> int:
    """Bytes that the values of an array take in Python, at most.

    Raises:
        ValueError: of a type that no data set needs, whose values may stand for others without end.
    """
    import pyarrow as pa  # noqa: PLC0415 (as above)
    from pyarrow import compute, types  # noqa: PLC0415

    if isinstance(array, pa.ExtensionArray):
        return _held(array.storage)
    kind, own = array.type, _VALUE_BYTES * len(array)
    lengths = None
    if types.is_dictionary(kind):
        kind = kind.value_type
        if _is_text(kind, types):
            lengths = compute.binary_length(array.dictionary).take(array.indices)
        # Of lists and mappings, each use makes new ones.
        elif types.is_nested(kind):
            raise ValueError(f"columns of the type {array.type} are not read")
    elif _is_text(kind, types):
        lengths = compute.binary_length(array)
    if lengths is not None:
        return own + _WIDEST * (compute.sum(lengths).as_py() or 0)
    if types.is_struct(kind):
        return own + _MAPPING_BYTES * len(array) + sum(map(_held, array.flatten()))
    if types.is_map(kind):
        return own + _VALUE_BYTES * len(array.keys) + _held(array.keys) + _held(array.items)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return own + _held(array.flatten())
    if types.is_fixed_size_binary(kind):
        return own + int(kind.byte_width) * len(array)
    if types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind):
        return own
    raise ValueError(f"columns of the type {kind} are not read")


def _is_text(kind: Any, types: Any) -> bool:
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )


def _refuse_too_many(name: str, rows: int) -> None:
    """A few bytes can say that a row is there a billion times."""
    if rows > _MOST_ROWS:
        raise SuiteError(
            f"{name}: {rows:,} rows; at most {_MOST_ROWS:,} are read, and a suite needs a part of them"
        )
