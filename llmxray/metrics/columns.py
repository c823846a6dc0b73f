"""Columns of numbers with gaps: check them once, keep the complete rows, count the rest.

Missing values come in as None and never leave this module as NaN: a row that lacks any of its
values is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmxray.errors import InputError

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.intp]
type Column = Sequence[float | None] | FloatArray


@dataclass(frozen=True, slots=True)
class Rows:
    """The complete rows of some columns.

    Attributes:
        columns: one array of shape (n,) per input column.
        kept: shape (n,), position of each row in the input.
        n_missing: rows left out because a value was None.
    """

    columns: tuple[FloatArray, ...]
    kept: IntArray
    n_missing: int

    @property
    def n(self) -> int:
        """Number of complete rows."""
        return int(self.kept.size)


def complete_rows(*columns: Column) -> Rows:
    """Rows in which no column is None; InputError for unequal lengths, NaN or infinity."""
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise InputError(f"columns of one table must be equally long, got {sorted(lengths)} rows")
    size = lengths.pop()
    present = np.ones(size, dtype=bool)
    for column in columns:
        # A numpy column has no None; walking it in Python would cost the bootstrap its speed.
        if not isinstance(column, np.ndarray):
            present &= np.fromiter((value is not None for value in column), dtype=bool, count=size)
    kept = np.flatnonzero(present)
    arrays = tuple(_array(column, kept) for column in columns)
    return Rows(arrays, kept, size - int(kept.size))


def scored_rows(confidence: Column, correct: Column) -> Rows:
    """Complete rows of (confidence, correct), both checked to lie in 0–1.

    ``correct`` is 0 or 1, or a fraction where repeats of an item were averaged.
    """
    rows = complete_rows(confidence, correct)
    for name, column in zip(("confidence", "correct"), rows.columns, strict=True):
        if column.size and (column.min() < 0 or column.max() > 1 + 1e-9):
            place = int(rows.kept[np.argmax(np.abs(column - 0.5))])
            raise InputError(f"{name} at position {place} is outside 0–1: give probabilities, not percent")
    # Softmax over options can sum to a hair above 1; that is rounding, not a mistake.
    columns = tuple(np.minimum(column, 1.0) for column in rows.columns)
    return Rows(columns, rows.kept, rows.n_missing)


def column_mean(values: FloatArray) -> float | None:
    """Mean of a complete column; None without rows."""
    return float(values.mean()) if values.size else None


def _array(column: Column, kept: IntArray) -> FloatArray:
    if isinstance(column, np.ndarray):
        array = column.astype(np.float64, copy=False)[kept]
    else:
        array = np.array([column[place] for place in kept], dtype=np.float64)
    if not np.isfinite(array).all():
        place = int(kept[np.argmin(np.isfinite(array))])
        raise InputError(f"value at position {place} is not a finite number: write None for a missing value")
    return array
