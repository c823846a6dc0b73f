"""Rows of Parquet and Arrow files. ``pyarrow`` reads them in a process of its own (`llmxray.reading_process`).

A file may come from anybody. pyarrow takes the offsets and sizes of an Arrow file as they are: one that points beyond
the file reads the memory of the process. So every batch is validated before its values are made. What these take here
is counted first: a text may stand for a million others.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from llmxray.cassette.bounds import READING, Room
from llmxray.errors import MissingExtraError, SuiteError
from llmxray.plain import open_plain
from llmxray.reading_process import ReadingError, ReadingProcess

_NAMES = {".parquet": "Parquet", ".arrow": "Arrow"}
SUFFIXES = tuple(_NAMES)
# An Arrow file is a stream between two marks, followed by an index.
_FILE_MARK, _FILE_STARTS = b"ARROW1", 8
# As pyarrow names them. Of the views of a text, polars' usual way to keep it, each is sixteen bytes: the first four are
# its length.
_VIEWS, _VIEW_NUMBERS = ("string_view", "binary_view"), 4
_NARROW = {"halffloat": np.float16, "float": np.float32}
_MOST_ROWS = 2_000_000
_BATCH_ROWS = 1024
# Upper bounds in bytes: of a value without its text but with its slot in a list or mapping; of a decoded UTF-8 byte.
_VALUE_BYTES, _WIDEST = 160, 4
# Bytes of an empty mapping, and of a row around its values.
_MAPPING_BYTES = 256


def read(path: Path, suffix: str, size: int, room: Room, process: ReadingProcess) -> list[dict[str, Any]]:
    """Return the rows of a table; dates, times and decimals are texts.

    Args:
        suffix: one of `SUFFIXES`. Arrow comes as a file or, as `datasets` writes it, as a stream.
        size: bytes of the file on the disk.
        room: memory left for the rows.

    Raises:
        SuiteError: the file is not what the suffix says, or there is no room for the rows.
        MissingExtraError: ``pyarrow`` is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtraError(f"reading {_NAMES[suffix]}", "hub")
    rows: list[dict[str, Any]] = []
    try:
        batches = process.read(_batches, path, suffix, room.left, most_bytes=READING.most(size), size=size)
        for room_left, batch in batches:
            room.take(room.left - room_left)
            rows += batch
    except ReadingError as error:
        raise SuiteError(f"{path.name}: no {_NAMES[suffix]} file, damaged, or too large ({error})") from None
    return rows


def _batches(path: Path, suffix: str, room_left: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield (room left, rows), batch by batch."""
    import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)

    room, count = Room(room_left), 0
    for batch in (_parquet if suffix == ".parquet" else _arrow)(pa, path):
        count += batch.num_rows
        _refuse_too_many(path.name, count)
        # A row is a mapping, in which the last one would be the only one.
        for name, n in Counter(batch.schema.names).most_common(1):
            if n > 1:
                raise SuiteError(f"{path.name}: {n} columns are called {name!r}")
        batch.validate(full=True)
        # Each batch repeats the names of the columns.
        names = _WIDEST * batch.schema.remove_metadata().serialize().size
        room.take(names + _MAPPING_BYTES * batch.num_rows + sum(map(_bytes_of, batch.columns)))
        yield room.left, [*with_short_floats(batch.to_pylist(), batch.schema)]


def with_short_floats(rows: Iterable[dict[str, Any]], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield rows with each number of 16 or 32 bits as the shortest decimal that it stands for.

    As a number of 64 bits 0.1 of 32 bits is 0.10000000149011612, which nobody answers.

    Args:
        schema: pyarrow's, of the columns of these rows.
    """
    narrow = [(field.name, field.type) for field in schema if _has_narrow_floats(field.type)]
    for row in rows:
        yield {**row, **{name: _short(row[name], kind) for name, kind in narrow}} if narrow else row


def _children(kind: Any) -> list[Any]:
    return [kind.field(place).type for place in range(kind.num_fields)]


def _has_narrow_floats(kind: Any) -> bool:
    return str(kind) in _NARROW or any(map(_has_narrow_floats, _children(kind)))


def _short(value: Any, kind: Any) -> Any:
    if value is None or not _has_narrow_floats(kind):
        return value
    if str(kind) in _NARROW:
        return float(str(_NARROW[str(kind)](value)))
    if isinstance(value, dict):
        named = {kind.field(place).name: kind.field(place).type for place in range(kind.num_fields)}
        return {name: _short(each, named[name]) for name, each in value.items()}
    # A list has one child; a map is a list of pairs, which no column of a suite is read from.
    return [_short(each, _children(kind)[0]) for each in value] if kind.num_fields == 1 else value


def _parquet(pa: Any, path: Path) -> Iterator[Any]:
    with open_plain(path) as raw:
        file = pa.parquet.ParquetFile(raw)
        stated_rows = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        _refuse_too_many(path.name, sum(stated_rows))
        for number, rows in enumerate(stated_rows):
            n_rows = 0
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[number], use_threads=False):
                n_rows += batch.num_rows
                yield batch
            if n_rows != rows:
                raise ValueError(f"part {number + 1} states {rows:,} rows and holds {n_rows:,}")


def _arrow(pa: Any, path: Path) -> Iterator[Any]:
    with open_plain(path) as file:
        raw = file.read()
    stream = pa.py_buffer(raw)
    if raw.startswith(_FILE_MARK):
        if not raw.endswith(_FILE_MARK):
            raise ValueError("it ends early")
        stream = stream.slice(_FILE_STARTS)
    try:
        batches: Iterable[Any] = pa.ipc.open_stream(stream)
    except (pa.ArrowInvalid, OSError):
        if not raw.startswith(_FILE_MARK):
            raise
        # polars says in the index alone which columns there are.
        file = pa.ipc.open_file(pa.py_buffer(raw))
        batches = map(file.get_batch, range(file.num_record_batches))
    yield from batches


def _bytes_of(array: Any) -> int:
    """Upper bound on the bytes that the values of an array take in Python.

    Raises:
        ValueError: of a type that no data set needs, whose values may stand for others without end.
    """
    import pyarrow as pa  # noqa: PLC0415 (as above)
    from pyarrow import compute, types  # noqa: PLC0415

    if isinstance(array, pa.ExtensionArray):
        return _bytes_of(array.storage)
    kind, cell_bytes = array.type, _VALUE_BYTES * len(array)
    lengths = None
    if types.is_dictionary(kind):
        kind = kind.value_type
        if _is_text(kind, types):
            lengths = compute.binary_length(array.dictionary).take(array.indices)
        # Each use of a list or mapping in a dictionary makes a new object.
        elif types.is_nested(kind):
            raise ValueError(f"columns of the type {array.type} are not read")
    elif _is_text(kind, types):
        lengths = compute.binary_length(array)
    if lengths is not None:
        return cell_bytes + _WIDEST * (compute.sum(lengths).as_py() or 0)
    if str(kind) in _VIEWS and len(array):
        numbers = np.frombuffer(array.buffers()[1], np.int32)[::_VIEW_NUMBERS][array.offset :][: len(array)]
        known = numbers[array.is_valid().to_numpy(zero_copy_only=False)]
        return cell_bytes + _WIDEST * int(known.sum(dtype=np.int64))
    if types.is_struct(kind):
        return cell_bytes + _MAPPING_BYTES * len(array) + sum(map(_bytes_of, array.flatten()))
    if types.is_map(kind):
        return cell_bytes + _VALUE_BYTES * len(array.keys) + _bytes_of(array.keys) + _bytes_of(array.items)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return cell_bytes + _bytes_of(array.flatten())
    if types.is_fixed_size_binary(kind):
        return cell_bytes + int(kind.byte_width) * len(array)
    if types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind) or str(kind) in _VIEWS:
        return cell_bytes
    raise ValueError(f"columns of the type {kind} are not read")


def _is_text(kind: Any, types: Any) -> bool:
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )


def _refuse_too_many(name: str, rows: int) -> None:
    """Refuse too many rows, since a few bytes can encode a row a billion times."""
    if rows > _MOST_ROWS:
        raise SuiteError(
            f"{name}: {rows:,} rows; at most {_MOST_ROWS:,} are read, and a suite needs a part of them"
        )
