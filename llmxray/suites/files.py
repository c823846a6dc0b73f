"""Rows from a local file, by its name: JSONL, JSON, CSV, TSV, these also as ``.gz`` or ``.zst``, Parquet, Arrow."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import zstandard

from llmxray.errors import SuiteError
from llmxray.plain import open_plain
from llmxray.suites import tables
from llmxray.suites.rows import Row

_TEXTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_PACKED = (".gz", ".zst")
# A compressed file may unpack to anything; no list of questions is this large.
_MOST_BYTES = 2**30
_TOO_LARGE = "larger than 1 GiB once unpacked; a suite needs a part of it only"
# A kilobyte of zstd makes 32 MiB at most, so that the limit is noticed in time.
_PIECE_BYTES = 1024


def kind(path: Path) -> str:
    """What a file is by its name, ``.jsonl`` for ``rows.jsonl.gz`` too; "" when it is not read."""
    packed = path.suffix.lower() in _PACKED
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    return suffix if suffix in _TEXTS or (suffix in tables.SUFFIXES and not packed) else ""


def from_file(path: Path) -> list[Row]:
    """The rows of a file, by its name.

    Raises:
        SuiteError: absent, of another kind, not UTF-8, or not what its name says.
        MissingExtraError: Parquet or Arrow without the extra that reads it.
    """
    suffix = kind(path)
    if not suffix:
        known = ", ".join((*tables.SUFFIXES, *_TEXTS))
        raise SuiteError(
            f"{path.name}: this kind of file is not read; there are: {known}; these as text also with "
            f"{' or '.join(_PACKED)}"
        )
    if suffix in tables.SUFFIXES:
        return rows_of(path.name, tables.read(path.name, suffix, read_bytes(path)))
    text = read_text(path)
    if suffix in (".csv", ".tsv"):
        return rows_of(path.name, _cells(path.name, text, "," if suffix == ".csv" else "\t"))
    lines = suffix != ".json" or _is_lines(text)
    return rows_of(path.name, _json_lines(path.name, text) if lines else _json_list(path.name, text))


def read_text(path: Path) -> str:
    """The text of a file, unpacked where its name ends in ``.gz`` or ``.zst``.

    Raises:
        SuiteError: absent, not a file, not what its name says, or not UTF-8.
    """
    raw = read_bytes(path)
    if path.suffix.lower() in _PACKED:
        raw = _unpacked(path, raw)
    try:
        # Excel writes a byte order mark, which would become part of the first column's name.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{path.name}:{line}: not UTF-8; save the file with UTF-8 encoding") from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        SuiteError: absent, or not a file.
    """
    try:
        with open_plain(path) as file:
            return file.read()
    except FileNotFoundError:
        raise SuiteError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise SuiteError(f"{path} cannot be read: it is a folder; write 'source: {{folder: …}}'") from None
    # A name with a zero byte is no OSError.
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def parse_json(name: str, text: str, line: int | None = None) -> Any:
    """JSON in which no key stands twice.

    Raises:
        SuiteError: names file, line and column.
    """

    # json keeps the last of two equal keys in silence: of two answers, one would vanish.
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            double = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
            raise SuiteError(f"{name}{f':{line}' if line else ''}: the key {double!r} stands twice")
        return built

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        place = f"{name}:{line or error.lineno}:{error.colno}"
        raise SuiteError(f"{place}: not JSON ({error.msg})") from None
    # A whole number of thousands of digits.
    except ValueError as error:
        raise SuiteError(f"{name}{f':{line}' if line else ''}: cannot be read ({error})") from None
    # A file of nothing but opening brackets.
    except RecursionError:
        raise SuiteError(f"{name}: nested too deeply") from None


def _unpacked(path: Path, raw: bytes) -> bytes:
    try:
        text = _gunzip(raw) if path.suffix.lower() == ".gz" else _unzstd(raw)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise SuiteError(f"{path.name}: not a whole {path.suffix} file ({error}); fetch it again") from None
    if len(text) > _MOST_BYTES:
        raise SuiteError(f"{path.name}: {_TOO_LARGE}")
    return text


def _gunzip(raw: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
        return stream.read(_MOST_BYTES + 1)


def _unzstd(raw: bytes) -> bytes:
    """The text of one frame or several; what is over the limit is not unpacked."""
    text = bytearray()
    frame: zstandard.ZstdDecompressionObj | None = None
    for start in range(0, len(raw), _PIECE_BYTES):
        piece = raw[start : start + _PIECE_BYTES]
        while piece and len(text) <= _MOST_BYTES:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            text += frame.decompress(piece)
            piece = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    # The library says nothing of a frame that is cut off.
    if (frame is not None or not raw) and len(text) <= _MOST_BYTES:
        raise EOFError("it ends early")
    return bytes(text)


def _cells(name: str, text: str, delimiter: str) -> Iterator[Mapping[str, Any]]:
    # Line ends as they are: only the csv module can tell those of rows from those inside quoted cells.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = list(reader.fieldnames or ())
        double = next((column for i, column in enumerate(header) if column in header[:i]), None)
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
    """Whether a file that is called ``.json`` has an object a line, as many data sets' have."""
    first = text.lstrip().split("\n", 1)
    return (
        len(first) > 1
        and first[0].startswith("{")
        and first[0].rstrip().endswith("}")
        and bool(first[1].strip())
    )


def _json_lines(name: str, text: str) -> list[Any]:
    # Not splitlines(): JSON texts may hold U+2028 as it is.
    lines = enumerate(text.split("\n"), 1)
    return [parse_json(name, line, number) for number, line in lines if line.strip()]


def _json_list(name: str, text: str) -> list[Any]:
    value = parse_json(name, text)
    if isinstance(value, dict):
        # BIG-Bench Hard's own files keep their rows under 'examples', beside a notice.
        lists = [
            each for each in value.values() if isinstance(each, list) and each and isinstance(each[0], dict)
        ]
        value = lists[0] if len(lists) == 1 else value
    if not isinstance(value, list):
        raise SuiteError(f"{name}: must be a list of rows, [{{…}}, {{…}}], or hold one under a single key")
    return value


def rows_of(name: str, found: Iterable[Any]) -> list[Row]:
    """Entries as rows of a source of that name, numbered from 1.

    Raises:
        SuiteError: there are none, or one is no mapping of columns.
    """
    rows = []
    for number, data in enumerate(found, 1):
        if not isinstance(data, Mapping):
            raise SuiteError(f"{name}, row {number}: must be a mapping of columns, not {str(data)[:40]!r}")
        rows.append(Row(name, number, data))
    if not rows:
        raise SuiteError(f"{name}: there are no rows")
    return rows
