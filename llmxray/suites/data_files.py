"""Rows from a local file, by its name: JSONL, JSON, CSV, TSV, these also as ``.gz`` or ``.zst``, Parquet, Arrow."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from llmxray.cassette.bounds import Limit, Room
from llmxray.errors import SuiteError
from llmxray.plain import open_plain, refuse_too_large, stored_bytes
from llmxray.reading_process import ReadingProcess
from llmxray.spreadsheets import opened
from llmxray.suites import arrow_tables
from llmxray.suites.data_rows import DataRow
from llmxray.wire.json_size import character_bytes, json_bytes

_TEXTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_PACKED = (".gz", ".zst")
# Limits on the memory of rows, and of the text of a compressed file, by the bytes on disk. The minimum fits a hundred
# thousand equal rows, which compress to almost nothing.
ROWS, _TEXT = Limit(512 << 20, 512), Limit(128 << 20, 64)
# Upper limit for any list of questions.
_MOST_BYTES = 2**30
_TOO_LARGE = (
    "larger than {:,} bytes once unpacked, the most that is read of it; a suite needs a part of it only"
)
# Bytes per character of a second copy of a text, in lines or for the CSV reader.
_COPY_BYTES = 4
# Memory of a line and of a row besides their contents.
_LINE_BYTES, _ROW_BYTES = 56, 128
# A kilobyte of zstd unpacks to 32 MiB at most, so the limit is checked in time.
_CHUNK_BYTES = 1024


def kind(path: Path) -> str:
    """Return the kind of a file by its name, ``.jsonl`` for ``rows.jsonl.gz`` too; "" when it is not read."""
    packed = path.suffix.lower() in _PACKED
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    return suffix if suffix in _TEXTS or (suffix in arrow_tables.SUFFIXES and not packed) else ""


def from_file(path: Path, room: Room | None = None, process: ReadingProcess | None = None) -> list[DataRow]:
    """Return the rows of a file, read by the kind that its name says.

    Args:
        room: memory left for the rows; None for what `ROWS` allows the file.
        process: reads Parquet and Arrow; None for one of this file's own.

    Raises:
        SuiteError: absent, of another kind, not UTF-8, not what its name says, or larger than ``room`` in memory.
        MissingExtraError: Parquet or Arrow without the extra that reads it.
    """
    suffix = kind(path)
    if not suffix:
        known = ", ".join((*arrow_tables.SUFFIXES, *_TEXTS))
        raise SuiteError(
            f"{path.name}: this kind of file is not read; there are: {known}; these as text also with "
            f"{' or '.join(_PACKED)}"
        )
    if suffix in arrow_tables.SUFFIXES:
        with _open_file(path) as file:
            refuse_too_large(file)
            size = stored_bytes(file)
        with nullcontext(process) if process else ReadingProcess() as reader:
            return rows_of(path.name, arrow_tables.read(path, suffix, size, room or ROWS.room(size), reader))
    raw = read_bytes(path)
    room = room or ROWS.room(len(raw))
    text = _decode(path, raw)
    if suffix in (".csv", ".tsv"):
        return rows_of(path.name, _cells(path.name, text, "," if suffix == ".csv" else "\t", room))
    lines = suffix != ".json" or _is_lines(text)
    # Only compressed JSON is counted: uncompressed JSON never takes as much as `ROWS` allows.
    json_room = room if path.suffix.lower() in _PACKED else None
    return rows_of(path.name, (_json_lines if lines else _json_list)(path.name, text, json_room))


def read_text(path: Path) -> str:
    """Return the text of a file, unpacked where its name ends in ``.gz`` or ``.zst``.

    Raises:
        SuiteError: absent, not a file, not what its name says, or not UTF-8.
    """
    return _decode(path, read_bytes(path))


def _decode(path: Path, raw: bytes) -> str:
    if path.suffix.lower() in _PACKED:
        room = ROWS.room(len(raw))
        raw = _unpack(path, raw)
        try:
            # Python stores all characters of a text as wide as its widest one.
            room.fits((1 + character_bytes(raw) + _COPY_BYTES) * len(raw))
        except ValueError as error:
            raise SuiteError(f"{path.name}: cannot be read ({error})") from None
    try:
        # Excel writes a byte order mark, which would become part of the first column's name.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{path.name}:{line}: not UTF-8; save the file with UTF-8 encoding") from None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        SuiteError: absent, not a file, or too large to be read at once, holes included.
    """
    with _open_file(path) as file:
        refuse_too_large(file)
        return file.read()


@contextmanager
def _open_file(path: Path) -> Iterator[BinaryIO]:
    try:
        with open_plain(path) as file:
            yield file
    except FileNotFoundError:
        raise SuiteError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise SuiteError(f"{path} cannot be read: it is a folder; write 'source: {{folder: …}}'") from None
    # A name with a zero byte raises ValueError, not OSError.
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def parse_json(name: str, text: str, line: int | None = None, room: Room | None = None) -> Any:
    """Return the value of a JSON text in which no object has a key twice.

    Args:
        room: memory left for the value; None for a text that is uncompressed on the disk.

    Raises:
        SuiteError: names file, line and column.
    """

    # json silently keeps the last of two equal keys, so one of two answers would be lost.
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            double = _first_double(key for key, _ in pairs)
            raise SuiteError(f"{name}{f':{line}' if line else ''}: the key {double!r} stands twice")
        return built

    try:
        if room is not None:
            room.take(json_bytes(text))
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        position = f"{name}:{line or error.lineno}:{error.colno}"
        raise SuiteError(f"{position}: not JSON ({error.msg})") from None
    # Numbers of thousands of digits raise ValueError, and so does a lack of room.
    except ValueError as error:
        raise SuiteError(f"{name}{f':{line}' if line else ''}: cannot be read ({error})") from None
    # A file of many opening brackets exceeds Python's recursion limit.
    except RecursionError:
        raise SuiteError(f"{name}: nested too deeply") from None


def _first_double(names: Iterable[str]) -> str | None:
    names_seen: set[str] = set()
    for name in names:
        if name in names_seen:
            return name
        names_seen.add(name)
    return None


def _unpack(path: Path, raw: bytes) -> bytes:
    limit = min(_MOST_BYTES, _TEXT.most(len(raw)))
    try:
        text = _gunzip(raw, limit) if path.suffix.lower() == ".gz" else _unzstd(raw, limit)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise SuiteError(f"{path.name}: not a whole {path.suffix} file ({error}); fetch it again") from None
    if len(text) > limit:
        raise SuiteError(f"{path.name}: {_TOO_LARGE.format(limit)}")
    return text


def _gunzip(raw: bytes, limit: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
        return stream.read(limit + 1)


def _unzstd(raw: bytes, limit: int) -> bytes:
    """Text of one frame or several; the rest after the limit is not unpacked."""
    text = bytearray()
    frame: zstandard.ZstdDecompressionObj | None = None
    for start in range(0, len(raw), _CHUNK_BYTES):
        chunk = raw[start : start + _CHUNK_BYTES]
        while chunk and len(text) <= limit:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            text += frame.decompress(chunk)
            chunk = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    # The library reports no error for a truncated frame.
    if (frame is not None or not raw) and len(text) <= limit:
        raise EOFError("it ends early")
    return bytes(text)


def _cells(name: str, text: str, delimiter: str, room: Room) -> Iterator[Mapping[str, Any]]:
    # Line ends stay unchanged: only the csv module can tell those of rows from those inside quoted cells.
    reader = csv.DictReader(opened(text), delimiter=delimiter)
    try:
        header = list(reader.fieldnames or ())
        double = _first_double(header)
        if double is not None:
            raise SuiteError(f"{name}: the column {double!r} stands twice; rename one of them")
        for number, row in enumerate(reader, 1):
            if None in row:
                raise SuiteError(
                    f"{name}, row {number}: more cells than the {len(header)} columns of the first line; "
                    "put cells that hold a separator in quotes"
                )
            # Each row is a dictionary of all columns, even if it has a single cell.
            room.take(_ROW_BYTES + sys.getsizeof(row) + sum(map(sys.getsizeof, row.values())))
            yield row
    # A lack of room raises ValueError.
    except (csv.Error, ValueError) as error:
        raise SuiteError(f"{name}:{reader.line_num + 1}: not a table ({error})") from None


def _is_lines(text: str) -> bool:
    """Return whether a ``.json`` file has one object per line, as many data sets do."""
    first_and_rest = text.lstrip().split("\n", 1)
    return (
        len(first_and_rest) > 1
        and first_and_rest[0].startswith("{")
        and first_and_rest[0].rstrip().endswith("}")
        and bool(first_and_rest[1].strip())
    )


def _json_lines(name: str, text: str, room: Room | None) -> list[Any]:
    if room is not None:
        try:
            room.take((_LINE_BYTES + _ROW_BYTES) * text.count("\n"))
        except ValueError as error:
            raise SuiteError(f"{name}: {error}") from None
    # splitlines() would also split at U+2028, which JSON texts may contain.
    lines = enumerate(text.split("\n"), 1)
    return [parse_json(name, line, number, room) for number, line in lines if line.strip()]


def _json_list(name: str, text: str, room: Room | None) -> list[Any]:
    value = parse_json(name, text, room=room)
    if isinstance(value, dict):
        # BIG-Bench Hard's own files keep their rows under 'examples', beside a notice.
        lists = [
            entry
            for entry in value.values()
            if isinstance(entry, list) and entry and isinstance(entry[0], dict)
        ]
        value = lists[0] if len(lists) == 1 else value
    if not isinstance(value, list):
        raise SuiteError(f"{name}: must be a list of rows, [{{…}}, {{…}}], or hold one under a single key")
    return value


def rows_of(name: str, entries: Iterable[Any]) -> list[DataRow]:
    """Return entries as rows of a source of that name, numbered from 1.

    Raises:
        SuiteError: there are none, or one is no mapping of columns.
    """
    rows = []
    for number, data in enumerate(entries, 1):
        if not isinstance(data, Mapping):
            raise SuiteError(f"{name}, row {number}: must be a mapping of columns, not {str(data)[:40]!r}")
        rows.append(DataRow(name, number, data))
    if not rows:
        raise SuiteError(f"{name}: there are no rows")
    return rows
