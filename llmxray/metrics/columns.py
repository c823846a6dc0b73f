"""Columns with missing values: check them once, keep the complete rows, count the rest.

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
type Interval = tuple[float | None, float | None]
"""Low and high end; None where the data set no bound."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The complete rows of some columns.

    Attributes:
        columns: one array of shape (n,) per input column.
        positions: shape (n,), position of each row in the input.
        n_missing: rows left out because a value was None.
    """

    columns: tuple[FloatArray, ...]
    positions: IntArray
    n_missing: int

    @property
    def n(self) -> int:
        """Number of complete rows."""
        return int(self.positions.size)


def complete_rows(*columns: Column) -> Rows:
    """Return the rows in which no column is None.

    Args:
        columns: one or more, each of shape (n,); None is missing. A NaN in an array counts as a mistake.

    Raises:
        InputError: the columns differ in length, or a kept value is NaN or infinite.
    """
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise InputError(f"columns of one table must be equally long, got {sorted(lengths)} rows")
    size = lengths.pop()
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    present = np.ones(size, dtype=bool)
    for column, array in zip(columns, arrays, strict=True):
        present &= ~_is_missing(column, array)
    positions = np.flatnonzero(present)
    return Rows(
        tuple(_require_finite(array[positions], positions) for array in arrays),
        positions,
        size - int(positions.size),
    )


def scored_rows(confidence: Column, correct: Column) -> Rows:
    """Return the complete rows of (confidence, correct), both in 0–1.

    Args:
        confidence: shape (n,), 0–1; up to 1 + 1e-9 is rounded down to 1.
        correct: shape (n,), 0 or 1, or a fraction where repeats of an item were averaged.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = complete_rows(confidence, correct)
    for name, column in zip(("confidence", "correct"), rows.columns, strict=True):
        if column.size and (column.min() < 0 or column.max() > 1 + 1e-9):
            position = int(rows.positions[np.argmax(np.abs(column - 0.5))])
            raise InputError(f"{name} at position {position} is outside 0–1: give probabilities, not percent")
    # Softmax over options can sum to a hair above 1; that is rounding, not a mistake.
    columns = tuple(np.minimum(column, 1.0) for column in rows.columns)
    return Rows(columns, rows.positions, rows.n_missing)


def _is_missing(column: Column, array: FloatArray) -> BoolArray:
    """Where the column has None, which numpy reads as NaN."""
    is_nan = np.isnan(array)
    if isinstance(column, np.ndarray):
        return np.zeros_like(is_nan)
    # A NaN that the caller passed is an error, not a missing value; the column is walked in Python only then.
    if is_nan.any() and column.count(None) < is_nan.sum():
        return np.fromiter((value is None for value in column), dtype=bool, count=len(column))
    return is_nan


def _require_finite(array: FloatArray, positions: IntArray) -> FloatArray:
    if not np.isfinite(array).all():
        position = int(positions[np.argmin(np.isfinite(array))])
        raise InputError(
            f"value at position {position} is not a finite number: write None for a missing value"
        )
    return array
