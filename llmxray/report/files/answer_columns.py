"""First answers out of ``results.parquet``: the few columns that items need, as arrays and not as objects.

The file may come from elsewhere. Its columns are looked at before anything is read, and what it may unpack to is
bounded by its size on the disk (`llmxray.cassette.bounds`). Over some damage pyarrow ends its process: read such files
in one of their own. pyarrow is imported here when the first file is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from llmxray.cassette import bounds
from llmxray.errors import InputError, MissingExtraError
from llmxray.metrics.items import NO_ANSWER
from llmxray.plain import open_plain
from llmxray.report.analysis.items import Answers, Codebook
from llmxray.types import LETTERS, UNCOUNTED, Outcome

NAME = "results.parquet"
_TEXTS = ("condition", "suite", "item_id", "outcome", "answer", "expected", "order")
_NUMBERS = ("sample",)
# Those that let no text stand for a longer one.
_ENCODINGS = frozenset({"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"})
# A footer takes two hundred times its bytes when it is parsed; that of a table has some hundred bytes a column.
_FOOTER = 1 << 16, 64
# A cell that is read takes a place in an array, of eight bytes at most; texts are counted by the file.
_CELL_BYTES = 8


def read(path: Path) -> list[Columns]:
    """What items need of a file, by row group.

    Raises:
        InputError: it is damaged, has other columns, or grows too much.
        MissingExtraError: ``pyarrow`` is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(f"reading {NAME}", "hub") from None
    with _whole(path, pa.ArrowException), open_plain(path) as raw:
        size = raw.seek(0, 2)
        _refuse_footer(path, raw, size)
        metadata = pq.read_metadata(raw)
        _refuse(path, metadata, size, pa)
        file = pq.ParquetFile(raw, metadata=metadata, read_dictionary=list(_TEXTS))
        names = [*_TEXTS, *_NUMBERS]
        groups = range(file.num_row_groups)
        return [Columns(file.read_row_group(group, columns=names, use_threads=False)) for group in groups]


def answers(
    path: Path, groups: Sequence[Columns], codebooks: Mapping[str, Codebook]
) -> Iterator[tuple[str, str, Answers]]:
    """The first answer to every question, by condition and suite of ``codebooks``; none where no whole reply came.

    Args:
        groups: as `read` gives them for ``path``.

    Raises:
        InputError: they do not fit together.
    """
    with _whole(path):
        for group in groups:
            yield from _answers(group, codebooks)


@contextmanager
def _whole(path: Path, more: type[Exception] = OSError) -> Iterator[None]:
    try:
        yield
    # One that is cut off is an OSError, a text that is none a ValueError, one of a negative length a SystemError.
    except (OSError, ValueError, SystemError, *bounds.AMISS, more) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{path}: not a Parquet file, or not a whole one ({reason})") from None


def _refuse_footer(path: Path, raw: BinaryIO, size: int) -> None:
    """Nothing, where the footer is as small as that of a table; without a whole one the reader says so."""
    raw.seek(max(0, size - 8))
    stated = int.from_bytes(raw.read(4), "little")
    floor, share = _FOOTER
    if floor + size // share < stated <= size - 8:
        raise InputError(
            f"{path}: its footer has {stated:,} bytes, more than a {NAME} of llmxray: build that experiment's pages "
            "again"
        )
    raw.seek(0)


def _refuse(path: Path, metadata: Any, size: int, pa: Any) -> None:
    schema = metadata.schema.to_arrow_schema()
    for name in (*_TEXTS, *_NUMBERS):
        if name not in schema.names or schema.names.count(name) > 1:
            raise InputError(f"{path}: there is no column {name!r}: it is no {NAME} of llmxray")
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (is_text if name in _TEXTS else pa.types.is_integer(kind)):
            raise InputError(f"{path}: the column {name!r} holds {kind}: it is no {NAME} of llmxray")
    row = _CELL_BYTES * len((*_TEXTS, *_NUMBERS))
    grown = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        # pyarrow ends the whole process over a chunk that no column of the schema has.
        if group.num_columns != metadata.num_columns:
            raise ValueError(f"{group.num_columns} chunks for {metadata.num_columns} columns")
        grown += group.num_rows * row
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema not in (*_TEXTS, *_NUMBERS):
                continue
            # What compressed pages grow to is stated, and nothing keeps them to it.
            if column.compression != "UNCOMPRESSED" or not _ENCODINGS.issuperset(column.encodings):
                raise InputError(
                    f"{path}: compressed, which no {NAME} of llmxray is: build that experiment's pages again"
                )
            grown += max(0, column.total_compressed_size)
    bounds.UNPACKED.room(size).fits(grown)


class Columns:
    """Columns of a row group: texts as numbers and the texts that they stand for; −1 for a missing one."""

    def __init__(self, table: Any) -> None:
        self.codes: dict[str, NDArray[np.int64]] = {}
        self.texts: dict[str, Sequence[str]] = {}
        for name in _TEXTS:
            column = table.column(name).unify_dictionaries().combine_chunks()
            self.codes[name] = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            self.texts[name] = column.dictionary.to_pylist()
        self.sample = table.column("sample").fill_null(-1).to_numpy().astype(np.int64)


def _answers(columns: Columns, codebooks: Mapping[str, Codebook]) -> Iterator[tuple[str, str, Answers]]:
    uncounted = [place for place, outcome in enumerate(columns.texts["outcome"]) if outcome in UNCOUNTED]
    first = (columns.sample == 0) & ~np.isin(columns.codes["outcome"], uncounted)
    for suite, codebook in codebooks.items():
        if suite not in columns.texts["suite"]:
            continue
        within = first & (columns.codes["suite"] == columns.texts["suite"].index(suite))
        for place, condition in enumerate(columns.texts["condition"]):
            rows = np.flatnonzero(within & (columns.codes["condition"] == place))
            if rows.size:
                yield condition, suite, _of(columns, rows, codebook)


def _of(columns: Columns, rows: NDArray[np.intp], codebook: Codebook) -> Answers:
    ids, at = np.unique(columns.codes["item_id"][rows], return_index=True)
    # Rotations of the options have a row each; the first one counts.
    rows = rows[at[ids >= 0]]
    named = columns.texts["item_id"]
    correct = (
        columns.texts["outcome"].index(Outcome.CORRECT) if Outcome.CORRECT in columns.texts["outcome"] else -2
    )
    return Answers(
        [named[each] for each in ids[ids >= 0]],
        _in_item(columns, "answer", rows, codebook),
        _in_item(columns, "expected", rows, codebook),
        columns.codes["outcome"][rows] == correct,
    )


def _in_item(columns: Columns, name: str, rows: NDArray[np.intp], codebook: Codebook) -> NDArray[np.int32]:
    """Codes of answers, with letters as the item has them: options may be shown in another order to each model."""
    texts, orders = columns.texts[name], columns.texts["order"]
    width = len(orders) + 1
    pairs, back = np.unique(
        columns.codes[name][rows] * width + columns.codes["order"][rows] + 1, return_inverse=True
    )
    codes = [
        NO_ANSWER
        if pair < 0
        else codebook.code(_moved(texts[pair // width], orders[pair % width - 1] if pair % width else ""))
        for pair in pairs.tolist()
    ]
    return np.array(codes, dtype=np.int32)[back]


def _moved(answer: str, order: str) -> str:
    """A letter of the options as shown, as the letter of the same option in the item."""
    places = order.split()
    shown = LETTERS.find(answer) if len(answer) == 1 else -1
    if not 0 <= shown < len(places):
        return answer
    return LETTERS[int(places[shown])]
