"""Rows from the bytes of Parquet and Arrow files. ``pyarrow`` is imported here only, and only when it is needed."""

from __future__ import annotations

import io
from typing import Any

from llmxray.errors import MissingExtraError, SuiteError

_NAMES = {".parquet": "Parquet", ".arrow": "Arrow"}
SUFFIXES = tuple(_NAMES)
_FILE_MARK = b"ARROW1"


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
            table = pq.read_table(io.BytesIO(raw))
        elif raw.startswith(_FILE_MARK):
            table = pa.ipc.open_file(pa.BufferReader(raw)).read_all()
        else:
            table = pa.ipc.open_stream(pa.BufferReader(raw)).read_all()
        rows: list[dict[str, Any]] = table.to_pylist()
    # One that is cut off is an OSError.
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split(".")[0][:120]
        raise SuiteError(f"{name}: not a {_NAMES[suffix]} file, or not a whole one ({reason})") from None
    return rows
