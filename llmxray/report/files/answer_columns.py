"""First answers out of ``results.parquet``: the few columns that items need, as arrays and not as objects.

The file may come from elsewhere. pyarrow reads it in a process of its own (`llmxray.reading_process`), and what comes
back is bounded by its size on the disk (`llmxray.cassette.bounds`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmxray.cassette import bounds
from llmxray.errors import InputError, MissingExtraError
from llmxray.metrics.items import NO_ANSWER
from llmxray.plain import open_plain, refuse_too_large, stored_bytes
from llmxray.reading_process import ReadingError, ReadingProcess
from llmxray.report.analysis.items import Codebook, FirstAnswers
from llmxray.types import LETTERS, UNCOUNTED, Outcome

NAME = "results.parquet"
_TEXTS = ("condition", "suite", "item_id", "outcome", "answer", "expected", "order")
_NUMBERS = ("sample",)
# A cell takes a place in an array, a text its characters and what stands around them.
_CELL_BYTES, _TEXT_BYTES, _WIDEST = 8, 56, 4
_SHOWN = 200


def read(path: Path, process: ReadingProcess) -> list[AnswerColumns]:
    """What items need of a file, by row group.

    Raises:
        InputError: there is no such file, it is damaged, has other columns, or grows too much.
        MissingExtraError: ``pyarrow`` is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtraError(f"reading {NAME}", "hub")
    with _whole(path):
        with open_plain(path) as file:
            refuse_too_large(file)
            size = stored_bytes(file)
        groups = process.read(_groups, path, size, most_bytes=bounds.READING.most(size), size=size)
        return [AnswerColumns(*group) for group in groups]


def answers(
    path: Path, groups: Sequence[AnswerColumns], codebooks: Mapping[str, Codebook]
) -> Iterator[tuple[str, str, FirstAnswers]]:
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
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, ReadingError, *bounds.AMISS) as error:
        reason = " ".join(str(error).split())[:_SHOWN]
        raise InputError(
            f"{path}: not a Parquet file, or not a whole one ({reason}): build that experiment's pages again, or "
            "remove it"
        ) from None


type _Texts = tuple[bytes, list[str]]


def _groups(path: Path, size: int) -> Iterator[tuple[dict[str, _Texts], bytes]]:
    """(texts, samples) of each row group, as `AnswerColumns` takes them."""
    import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)

    room = bounds.UNPACKED.room(size)
    with open_plain(path) as raw:
        about = pa.parquet.ParquetFile(raw)
        _refuse_others(path, about.schema_arrow, pa)
        file = pa.parquet.ParquetFile(raw, metadata=about.metadata, read_dictionary=list(_TEXTS))
        for number in range(file.num_row_groups):
            stated = file.metadata.row_group(number).num_rows
            table = file.read_row_group(number, columns=[*_TEXTS, *_NUMBERS], use_threads=False)
            table.validate(full=True)
            if table.num_rows != stated:
                raise ValueError(f"part {number + 1} states {stated:,} rows and holds {table.num_rows:,}")
            room.take(_CELL_BYTES * table.num_rows * table.num_columns)
            samples = table.column("sample").fill_null(-1).to_numpy().astype(np.int64).tobytes()
            yield {name: _texts(table.column(name), room) for name in _TEXTS}, samples


def _refuse_others(path: Path, schema: Any, pa: Any) -> None:
    for name in (*_TEXTS, *_NUMBERS):
        if schema.names.count(name) != 1:
            raise InputError(f"{path}: there is no column {name!r}: it is no {NAME} of llmxray")
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (is_text if name in _TEXTS else pa.types.is_integer(kind)):
            raise InputError(f"{path}: the column {name!r} holds {kind}: it is no {NAME} of llmxray")


def _texts(column: Any, room: bounds.Room) -> _Texts:
    column = column.unify_dictionaries().combine_chunks()
    room.take(_TEXT_BYTES * len(column.dictionary) + _WIDEST * column.dictionary.nbytes)
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes.tobytes(), column.dictionary.to_pylist()


class AnswerColumns:
    """Columns of a row group: texts as numbers and the texts that they stand for; −1 for a missing one.

    Args:
        texts: of each column, the numbers as bytes, and what they stand for.
        samples: as bytes.
    """

    def __init__(self, texts: Mapping[str, _Texts], samples: bytes) -> None:
        self.codes = {name: np.frombuffer(codes, np.int64) for name, (codes, _) in texts.items()}
        self.texts: dict[str, Sequence[str]] = {name: found for name, (_, found) in texts.items()}
        self.sample = np.frombuffer(samples, np.int64)

    @cached_property
    def places(self) -> list[list[str]]:
        """Of each order its places, no more than there are letters: split once, for many answers share one."""
        return [order.split(maxsplit=len(LETTERS))[: len(LETTERS)] for order in self.texts["order"]]

    @cached_property
    def correct(self) -> list[int]:
        """What stands for a right answer in the column of outcomes."""
        return [place for place, outcome in enumerate(self.texts["outcome"]) if outcome == Outcome.CORRECT]


def _answers(
    columns: AnswerColumns, codebooks: Mapping[str, Codebook]
) -> Iterator[tuple[str, str, FirstAnswers]]:
    uncounted = [place for place, outcome in enumerate(columns.texts["outcome"]) if outcome in UNCOUNTED]
    first = (columns.sample == 0) & ~np.isin(columns.codes["outcome"], uncounted)
    for suite, codebook in codebooks.items():
        if suite not in columns.texts["suite"]:
            continue
        within = first & (columns.codes["suite"] == columns.texts["suite"].index(suite))
        # Each row is looked at once, however many conditions the file names.
        rows = np.flatnonzero(within & (columns.codes["condition"] >= 0))
        rows = rows[np.argsort(columns.codes["condition"][rows], kind="stable")]
        places, starts = np.unique(columns.codes["condition"][rows], return_index=True)
        for place, mine in zip(places, np.split(rows, starts[1:]), strict=False):
            yield columns.texts["condition"][place], suite, _of(columns, mine, codebook)


def _of(columns: AnswerColumns, rows: NDArray[np.intp], codebook: Codebook) -> FirstAnswers:
    ids, at = np.unique(columns.codes["item_id"][rows], return_index=True)
    # Rotations of the options have a row each; the first one counts.
    rows, ids = rows[at[ids >= 0]], ids[ids >= 0]
    return FirstAnswers(
        ids=[columns.texts["item_id"][each] for each in ids],
        codes=_in_item(columns, "answer", rows, codebook),
        keys=_in_item(columns, "expected", rows, codebook),
        right=np.isin(columns.codes["outcome"][rows], columns.correct),
    )


def _in_item(
    columns: AnswerColumns, name: str, rows: NDArray[np.intp], codebook: Codebook
) -> NDArray[np.int32]:
    """Codes of answers, with letters as the item has them: options may be shown in another order to each model."""
    texts, orders = columns.texts[name], columns.places
    width = len(orders) + 1
    pairs, back = np.unique(
        columns.codes[name][rows] * width + columns.codes["order"][rows] + 1, return_inverse=True
    )
    codes = [
        NO_ANSWER
        if pair < 0
        else codebook.code(_moved(texts[pair // width], orders[pair % width - 1] if pair % width else ()))
        for pair in pairs.tolist()
    ]
    return np.array(codes, dtype=np.int32)[back]


def _moved(answer: str, places: Sequence[str]) -> str:
    """A letter of the options as shown, as the letter of the same option in the item."""
    shown = LETTERS.find(answer) if len(answer) == 1 else -1
    if not 0 <= shown < len(places):
        return answer
    return LETTERS[int(places[shown])]
