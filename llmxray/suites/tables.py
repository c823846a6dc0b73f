"""Rows from the bytes of Parquet and Arrow files. ``pyarrow`` is imported here only, and only when it is needed."""

from __future__ import annotations

import io
from typing import Any

from llmxray.errors import MissingExtraError, SuiteError

_NAMES = {".parquet": "Parquet", ".arrow": "Arrow"}
SUFFIXES = tuple(_NAMES)
_FILE_MARK = b"ARROW1"
_MOST_ROWS = 2_000_000


def read(name: str, suffix: str, raw: bytes) -> list[dict[str, Any]]:
    """The rows of a table.

    Args:
        name: of the file, for messages.
        suffix: one of `SUFFIXES`. Arrow comes as a file or, as `datasets` writes it, as a stream.

    Raises:
        SuiteError: the bytes are not what the suffix says.
        MissingExtraError: ``pyarrow`` is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(f"reading {_NAMES[suffix]}", "hub") from None
    try:
        if suffix == ".parquet":
            file = pq.ParquetFile(io.BytesIO(raw))
            groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
            _refuse_too_many(name, sum(group.num_rows for group in groups))
            table = file.read()
        elif raw.startswith(_FILE_MARK):
            table = pa.ipc.open_file(pa.BufferReader(raw)).read_all()
        else:
            table = pa.ipc.open_stream(pa.BufferReader(raw)).read_all()
        _refuse_too_many(name, table.num_rows)
        rows: list[dict[str, Any]] = table.to_pylist()
    # One that is cut off is an OSError; a time that Python does not know, or a text that is none, a ValueError.
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).split(".")[0][:120]
        raise SuiteError(f"{name}: not a {_NAMES[suffix]} file, or not a whole one ({reason})") from None
    return rows


def _refuse_too_many(name: str, rows: int) -> None:
    """A few bytes can say that a row is there a billion times."""
    if rows > _MOST_ROWS:
        raise SuiteError(
            f"{name}: {rows:,} rows; at most {_MOST_ROWS:,} are read, and a suite needs a part of them"
        )
