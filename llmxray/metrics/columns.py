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
type BoolArray = NDArray[np.bool_]
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
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    present = np.ones(size, dtype=bool)
    for column, array in zip(columns, arrays, strict=True):
        present &= ~_missing(column, array)
    kept = np.flatnonzero(present)
    return Rows(tuple(_finite(array[kept], kept) for array in arrays), kept, size - int(kept.size))


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


def _missing(column: Column, array: FloatArray) -> BoolArray:
    """Where the column has None, which numpy reads as NaN."""
    gaps = np.isnan(array)
    if isinstance(column, np.ndarray):
        return np.zeros_like(gaps)
    # A NaN of the caller's own is a mistake to be told, not a gap; only then is the column walked in Python.
    if gaps.any() and column.count(None) < gaps.sum():
        return np.fromiter((value is None for value in column), dtype=bool, count=len(column))
    return gaps


def _finite(array: FloatArray, kept: IntArray) -> FloatArray:
    if not np.isfinite(array).all():
        place = int(kept[np.argmin(np.isfinite(array))])
        raise InputError(f"value at position {place} is not a finite number: write None for a missing value")
    return array
