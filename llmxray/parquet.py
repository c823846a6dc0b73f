"""A table as a Parquet file: flat columns that may have gaps, dictionary-coded where that is shorter. Pure.

Sites hold such a file beside every table, and the same results give the same bytes on every machine. So it depends on
no version of a library: one row group, pages of version 1, nothing compressed (format: parquet-format 2.x; structures
in Thrift's compact protocol). Reading Parquet is left to pyarrow, polars, DuckDB and the like.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

type Kind = Literal["string", "int64", "float64"]
type Cell = str | int | float | None

_MAGIC = b"PAR1"
_PHYSICAL = {"string": 6, "int64": 2, "float64": 5}
_FORMATS = {"int64": "<q", "float64": "<d"}
# Numbers of the format's enumerations.
_OPTIONAL, _UTF8, _UNCOMPRESSED = 1, 0, 0
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
# Types of Thrift's compact protocol.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_MOST_PLAIN_LISTED = 15


@dataclass(frozen=True, slots=True)
class Column:
    """A column; None is a missing cell."""

    name: str
    kind: Kind
    cells: Sequence[Cell]


def parquet_bytes(columns: Iterable[Column], created_by: str) -> bytes:
    """The file.

    Args:
        columns: equally long, each taken when the one before it is written: a large table need not be in memory
            whole. Half a character, which no file can hold, becomes a question mark.
        created_by: name of the writer, as the file states it.
    """
    parts, at, chunks, schemas, n_rows = [_MAGIC], len(_MAGIC), list[bytes](), list[bytes](), 0
    for column in columns:
        pages, chunk = _chunk(column, at)
        parts.append(pages)
        chunks.append(chunk)
        schemas.append(_schema(column))
        at += len(pages)
        n_rows = len(column.cells)
    group = _struct((1, _list(_STRUCT, chunks)), (2, _long(at - len(_MAGIC))), (3, _long(n_rows)))
    root = _struct((4, _text("schema")), (5, _int(len(schemas))))
    footer = _struct(
        (1, _int(1)),
        (2, _list(_STRUCT, [root, *schemas])),
        (3, _long(n_rows)),
        (4, _list(_STRUCT, [group])),
        (6, _text(created_by)),
    )
    return b"".join([*parts, footer, struct.pack("<I", len(footer)), _MAGIC])


def _schema(column: Column) -> bytes:
    fields = [(1, _int(_PHYSICAL[column.kind])), (3, _int(_OPTIONAL)), (4, _text(column.name))]
    if column.kind == "string":
        # Once for old readers, once for new ones: UTF-8 text.
        fields += [(6, _int(_UTF8)), (10, (_STRUCT, _struct((1, (_STRUCT, _struct())))))]
    return _struct(*fields)


def _chunk(column: Column, at: int) -> tuple[bytes, bytes]:
    """The pages of a column, which begin at byte ``at`` of the file, and their description."""
    n, known = len(column.cells), [cell for cell in column.cells if cell is not None]
    present = np.array([cell is not None for cell in column.cells], dtype=np.uint64)
    levels = _hybrid(present, 1)
    levels = struct.pack("<I", len(levels)) + levels
    codes = {cell: code for code, cell in enumerate(dict.fromkeys(known))}
    # Measured values hardly repeat, and −0.0 and 0.0 are one key.
    coded = column.kind == "string" or (column.kind == "int64" and 2 * len(codes) <= len(known))
    pages, encoding = b"", _PLAIN
    if coded:
        encoding = _RLE_DICTIONARY
        width = max(1, (len(codes) - 1).bit_length())
        body = _plain(column.kind, list(codes))
        head = _struct((1, _int(len(codes))), (2, _int(_PLAIN)))
        pages = _page(_DICTIONARY_PAGE, (7, (_STRUCT, head)), body)
        indexes = np.array([codes[cell] for cell in known], dtype=np.uint64)
        values = bytes([width]) + _hybrid(indexes, width)
    else:
        values = _plain(column.kind, known)
    head = _struct((1, _int(n)), (2, _int(encoding)), (3, _int(_RLE)), (4, _int(_RLE)))
    data_at = at + len(pages)
    pages += _page(_DATA_PAGE, (5, (_STRUCT, head)), levels + values)
    encodings = [_PLAIN, _RLE, _RLE_DICTIONARY] if coded else [_PLAIN, _RLE]
    described = [
        (1, _int(_PHYSICAL[column.kind])),
        (2, _list(_I32, [_zigzag(each) for each in encodings])),
        (3, _list(_BINARY, [_bare(column.name.encode("utf-8", "replace"))])),
        (4, _int(_UNCOMPRESSED)),
        (5, _long(n)),
        (6, _long(len(pages))),
        (7, _long(len(pages))),
        (9, _long(data_at)),
        *([(11, _long(at))] if coded else []),
    ]
    return pages, _struct((2, _long(at)), (3, (_STRUCT, _struct(*described))))


def _page(kind: int, head: tuple[int, tuple[int, bytes]], body: bytes) -> bytes:
    size = _int(len(body))
    return _struct((1, _int(kind)), (2, size), (3, size), head) + body


def _plain(kind: Kind, cells: Sequence[Cell]) -> bytes:
    if kind == "string":
        texts = (str(cell).encode("utf-8", "replace") for cell in cells)
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return b"".join(struct.pack(_FORMATS[kind], cell) for cell in cells)


def _hybrid(values: NDArray[np.uint64], width: int) -> bytes:
    """Whole numbers of ``width`` bits, as one run where all are alike, else packed in groups of eight."""
    if values.size and not np.ptp(values):
        return _varint(values.size << 1) + int(values[0]).to_bytes((width + 7) // 8, "little")
    groups = -(-values.size // 8)
    padded = np.zeros(groups * 8, dtype=np.uint64)
    padded[: values.size] = values
    bits = (padded[:, None] >> np.arange(width, dtype=np.uint64)) & np.uint64(1)
    return _varint(groups << 1 | 1) + np.packbits(bits.astype(np.uint8).ravel(), bitorder="little").tobytes()


def _struct(*fields: tuple[int, tuple[int, bytes]]) -> bytes:
    """A structure of (number, (type, content)), by ascending number less than 16 apart."""
    return b"".join(_fields(fields)) + b"\0"


def _fields(fields: Sequence[tuple[int, tuple[int, bytes]]]) -> Iterator[bytes]:
    before = 0
    for number, (kind, content) in fields:
        yield bytes([(number - before) << 4 | kind]) + content
        before = number


def _list(kind: int, entries: Sequence[bytes]) -> tuple[int, bytes]:
    n = len(entries)
    head = bytes([n << 4 | kind]) if n < _MOST_PLAIN_LISTED else bytes([0xF0 | kind]) + _varint(n)
    return _LIST, head + b"".join(entries)


def _int(value: int) -> tuple[int, bytes]:
    return _I32, _zigzag(value)


def _long(value: int) -> tuple[int, bytes]:
    return _I64, _zigzag(value)


def _text(value: str) -> tuple[int, bytes]:
    return _BINARY, _bare(value.encode("utf-8", "replace"))


def _bare(raw: bytes) -> bytes:
    return _varint(len(raw)) + raw


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
