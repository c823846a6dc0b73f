"""Rows from a local file, by its name: JSONL, JSON, CSV, TSV, these also as ``.gz`` or ``.zst``, Parquet, Arrow.

They are read in `llmxray.sandbox`, for a small one may grow to gigabytes.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from llmxray import sandbox
from llmxray.errors import MissingExtraError, SuiteError
from llmxray.regular_files import open_regular_file, refuse_too_large
from llmxray.spreadsheets import open_csv
from llmxray.suites import arrow_tables
from llmxray.suites.data_rows import DataRow

_TEXTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_TABLES = {".parquet": "Parquet", ".arrow": "Arrow"}
_PACKED = (".gz", ".zst")
# Of a packed text, by its bytes on the disk: a hundred thousand equal rows compress to almost nothing.
_UNPACKED_BYTES, _UNPACKED_RATIO = 128 << 20, 64
# A kilobyte of zstd unpacks to 32 MiB at most, so the limit is checked in time.
_CHUNK_BYTES = 1024


def kind(path: Path) -> str:
    """Return the kind of a file by its name, ``.jsonl`` for ``rows.jsonl.gz`` too; "" when it is not read."""
    packed = path.suffix.lower() in _PACKED
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    return suffix if suffix in _TEXTS or (suffix in _TABLES and not packed) else ""


def from_file(path: Path) -> list[DataRow]:
    """Return the rows of a file, as `from_files` does."""
    return from_files([path])


def from_files(paths: Sequence[Path]) -> list[DataRow]:
    """Return the rows of some files, each read by the kind that its name says.

    Raises:
        SuiteError: absent, of another kind, not UTF-8, or not what its name says.
        InputError: damaged or too large.
        MissingExtraError: Parquet or Arrow without the extra that reads it.
    """
    for path in paths:
        suffix = kind(path)
        if not suffix:
            known = ", ".join((*_TABLES, *_TEXTS))
            raise SuiteError(
                f"{path.name}: this kind of file is not read; there are: {known}; these as text also with "
                f"{' or '.join(_PACKED)}"
            )
        if suffix in _TABLES and importlib.util.find_spec("pyarrow") is None:
            raise MissingExtraError(f"reading {_TABLES[suffix]}", "hub")
    files = [(path.name, kind(path), read_bytes(path)) for path in paths]
    return sandbox.call(paths[0].name, sum(len(raw) for *_, raw in files), _rows, files)


def _rows(files: Iterable[tuple[str, str, bytes]]) -> list[DataRow]:
    return [row for name, suffix, raw in files for row in rows_of(name, _entries(name, suffix, raw))]


def _entries(name: str, suffix: str, raw: bytes) -> list[Any]:
    if suffix in _TABLES:
        return arrow_tables.read_table(name, raw, suffix)
    text = _decode(name, _unpack(name, raw) if name.lower().endswith(_PACKED) else raw)
    if suffix in (".csv", ".tsv"):
        return list(_cells(name, text, "," if suffix == ".csv" else "\t"))
    if suffix == ".json" and not _is_lines(text):
        return _json_list(name, text)
    # splitlines() would also split at U+2028, which JSON texts may contain.
    return [parse_json(name, line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        SuiteError: absent, not a file, or not UTF-8.
    """
    return _decode(path.name, read_bytes(path))


def _decode(name: str, raw: bytes) -> str:
    try:
        # Excel writes a byte order mark, which would become part of the first column's name.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{name}:{line}: not UTF-8; save the file with UTF-8 encoding") from None


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
        with open_regular_file(path) as file:
            yield file
    except FileNotFoundError:
        raise SuiteError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise SuiteError(f"{path} cannot be read: it is a folder; write 'source: {{folder: …}}'") from None
    # A name with a zero byte raises ValueError, not OSError.
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def parse_json(name: str, text: str, line: int | None = None) -> Any:
    """Return the value of a JSON text in which no object has a key twice.

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
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        position = f"{name}:{line or error.lineno}:{error.colno}"
        raise SuiteError(f"{position}: not JSON ({error.msg})") from None
    # Numbers of thousands of digits raise ValueError, many opening brackets RecursionError.
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{name}{f':{line}' if line else ''}: cannot be read ({error})") from None


def _first_double(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _unpack(name: str, raw: bytes) -> bytes:
    limit = _UNPACKED_BYTES + _UNPACKED_RATIO * len(raw)
    try:
        if name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
                text = stream.read(limit + 1)
        else:
            text = _unzstd(raw, limit)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise SuiteError(
            f"{name}: not a whole {name[name.rindex('.') :]} file ({error}); fetch it again"
        ) from None
    if len(text) > limit:
        raise SuiteError(
            f"{name}: larger than {limit:,} bytes once unpacked; a suite needs a part of it only"
        )
    return text


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


def _cells(name: str, text: str, delimiter: str) -> Iterator[Mapping[str, Any]]:
    # Line ends stay unchanged: only the csv module can tell those of rows from those inside quoted cells.
    reader = csv.DictReader(open_csv(text), delimiter=delimiter)
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
            yield row
    except csv.Error as error:
        raise SuiteError(f"{name}:{reader.line_num + 1}: not a table ({error})") from None


def _is_lines(text: str) -> bool:
    """Return whether a ``.json`` file has one object per line, as many data sets do."""
    first, _, rest = text.lstrip().partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and bool(rest.strip())


def _json_list(name: str, text: str) -> list[Any]:
    value = parse_json(name, text)
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
