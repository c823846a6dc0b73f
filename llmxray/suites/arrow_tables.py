"""Rows of Parquet and Arrow files. ``pyarrow`` reads them in `llmxray.sandbox`.

pyarrow takes the offsets and sizes of an Arrow file as they are: one that points beyond the file reads the memory of
the process. So every batch is validated before its values are made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from llmxray import limits
from llmxray.errors import SuiteError

# An Arrow file is a stream between two marks, followed by an index.
_FILE_MARK = b"ARROW1"


def read_table(name: str, raw: bytes, suffix: str) -> list[dict[str, Any]]:
    """Return the rows of a table; dates, times and decimals are texts.

    Args:
        name: of the file, for errors.
        suffix: ``.parquet`` or ``.arrow``, which comes as a file or, as `datasets` writes it, as a stream.

    Raises:
        SuiteError: two columns have one name, or there are too many rows.
        Exception: of pyarrow's: the file is damaged.
    """
    import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)
    import pyarrow.parquet  # noqa: PLC0415

    if suffix == ".parquet":
        file = pa.parquet.ParquetFile(pa.BufferReader(raw))
        parts = map(file.metadata.row_group, range(file.num_row_groups))
        stated_rows, batches = sum(part.num_rows for part in parts), file.iter_batches(use_threads=False)
    else:
        is_file = raw.startswith(_FILE_MARK)
        file = pa.ipc.open_file(raw) if is_file else pa.ipc.open_stream(raw)
        stated_rows = None
        batches = map(file.get_batch, range(file.num_record_batches)) if is_file else iter(file)
    rows: list[dict[str, Any]] = []
    for batch in batches:
        # A row is a mapping, in which the last one would be the only one.
        for column, n in Counter(batch.schema.names).most_common(1):
            if n > 1:
                raise SuiteError(f"{name}: {n} columns are called {column!r}")
        batch.validate(full=True)
        if max(len(rows) + batch.num_rows, stated_rows or 0) > limits.TABLE_ROWS:
            raise SuiteError(f"{name}: more than {limits.TABLE_ROWS:,} rows; a suite needs a part of them")
        rows += with_short_floats(batch.to_pylist(), batch.schema)
    if stated_rows not in (None, len(rows)):
        raise ValueError(f"it states {stated_rows:,} rows and holds {len(rows):,}")
    plain: list[dict[str, Any]] = json.loads(json.dumps(rows, default=str))
    return plain


def with_short_floats(rows: Iterable[dict[str, Any]], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield rows with each number of 16 or 32 bits as the shortest decimal that it stands for.

    As a number of 64 bits 0.1 of 32 bits is 0.10000000149011612, which nobody answers.

    Args:
        schema: pyarrow's, of the columns of these rows.
    """
    kinds = {field.name: str(field.type) for field in schema}
    narrow = {
        name: np.float16 if "halffloat" in kind else np.float32
        for name, kind in kinds.items()
        if "float" in kind and "double" not in kind
    }
    for row in rows:
        yield {**row, **{name: _short(row[name], kind) for name, kind in narrow.items()}} if narrow else row


def _short(value: Any, kind: Any) -> Any:
    if isinstance(value, float):
        return float(str(kind(value)))
    if isinstance(value, list):
        return [_short(entry, kind) for entry in value]
    return {name: _short(entry, kind) for name, entry in value.items()} if isinstance(value, dict) else value
