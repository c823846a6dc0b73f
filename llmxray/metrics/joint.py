"""Many conditions on the same questions, resampled together: one draw of questions serves every condition.

Each of R resamples is a row of how often every question was drawn. A mean and a binned error are functions of sums
over questions, so the counts times the questions' values give all of them at once. As all conditions share the draw,
ranks of them are paired. Repeats and wordings of a question are resampled with it, never apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmxray.errors import InputError
from llmxray.metrics.binning import assign, bin_edges
from llmxray.metrics.columns import FloatArray, IntArray
from llmxray.metrics.discrimination import auroc_replicates
from llmxray.metrics.resampling import cluster_draws

# One byte per count takes an eighth of the memory, and no item is drawn more than 255 times.
type Counts = NDArray[np.uint8]

_BINS = 15
# Counts become floats this many rows at a time, so that twelve thousand items take a few megabytes.
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class Sheet:
    """One condition on the n items; NaN where an item has no value.

    Attributes:
        correct: shape (n,), 0–1, averaged over repeats.
        latency_s: shape (n,), seconds, averaged over repeats.
        items, bins, gaps: of each repeat with a confidence its item, ECE bin, and confidence − correct.
    """

    correct: FloatArray
    latency_s: FloatArray
    items: IntArray
    bins: IntArray
    gaps: FloatArray

    @property
    def residual(self) -> FloatArray:
        """Per item and ECE bin the sum over repeats of confidence − correct; shape (n, 15), made anew."""
        found = np.zeros((self.correct.size, _BINS))
        # Repeats may share a cell, of which `found[cells] +=` would add only one.
        np.add.at(found, (self.items, self.bins), self.gaps)
        return found

    @property
    def counted(self) -> FloatArray:
        """The number of repeats with a confidence of each item, shape (n,)."""
        return np.bincount(self.items, minlength=self.correct.size).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Replicates:
    """One condition's numbers: on the data first, then on each of R resamples; shape (1 + R,) each."""

    accuracy: FloatArray
    latency_s: FloatArray
    ece: FloatArray


def sheet(
    correct: Sequence[Sequence[float]],
    latency_s: Sequence[Sequence[float]],
    confident: Sequence[Sequence[tuple[float, float]]],
) -> Sheet:
    """Return the sheet of one condition from the values of each item's repeats.

    Args:
        correct: per item the correctness of its repeats, 0 or 1; empty when unknown.
        latency_s: per item the seconds of its repeats; empty when unknown.
        confident: per item (confidence, correct) of the repeats that have both, each 0–1.

    Raises:
        InputError: the columns differ in length.
    """
    if not len(correct) == len(latency_s) == len(confident):
        raise InputError("the columns of a sheet must be joined on the same items first")
    items = np.repeat(np.arange(len(confident)), list(map(len, confident)))
    sure, hit = np.array([pair for pairs in confident for pair in pairs], dtype=np.float64).reshape(-1, 2).T
    bins = assign(sure, bin_edges(sure, _BINS, "equal-width")) if sure.size else items
    return Sheet(_means(correct), _means(latency_s), items, bins, sure - hit)


class Joint:
    """Resamples of n items, shared by all conditions, and the numbers of conditions on them.

    Args:
        units: shape (n,), the question of each item, numbered from 0 without gaps.
        rng: source of the resamples.
        n_resamples: R.

    Attributes:
        times: how often each item is drawn, the data first, then resamples; shape (1 + R, n).
    """

    def __init__(self, units: IntArray, rng: np.random.Generator, n_resamples: int) -> None:
        n_units = int(units.max(initial=-1)) + 1
        # The data itself is the draw that has every item once, so that value and replicates are one sum.
        drawn = [np.ones((1, n_units), dtype=np.uint8)]
        drawn += (
            [times.astype(np.uint8) for times in cluster_draws(n_units, n_resamples, rng)] if n_units else []
        )
        self.times: Counts = np.concatenate(drawn)[:, units]

    def replicates(self, sheet: Sheet) -> Replicates:
        """Return one condition's numbers on the data and on every resample; NaN where it has no value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            residual = np.abs(self._sums(sheet.residual)).sum(axis=1)
            ece: FloatArray = residual / self._sums(sheet.counted[:, None])[:, 0]
            return Replicates(self._mean(sheet.correct), self._mean(sheet.latency_s), ece)

    def _sums(self, columns: FloatArray) -> FloatArray:
        """Counts times columns (n, k): shape (R + 1, k), the data itself first."""
        chunks = range(0, self.times.shape[0], _CHUNK)
        return np.concatenate(
            [self.times[start : start + _CHUNK].astype(np.float64) @ columns for start in chunks]
        )

    def _mean(self, values: FloatArray) -> FloatArray:
        known = np.isfinite(values)
        sums = self._sums(np.stack([np.where(known, values, 0.0), known.astype(np.float64)], axis=1))
        mean: FloatArray = sums[:, 0] / sums[:, 1]
        return mean


def auroc_on_draws(
    times: Counts,
    items: IntArray,
    confidence: FloatArray,
    correct: FloatArray,
    strata: Sequence[Hashable],
) -> FloatArray:
    """Return the AUROC of some answers on each of R draws of their items, see `discrimination.auroc_replicates`.

    Args:
        times: shape (R, n), how often each item is drawn: `Joint.times`.
        items: shape (answers,), the item of each answer.
        confidence: shape (answers,), 0–1.
        correct: shape (answers,), 0 or 1.
        strata: shape (answers,), answers with the same value are compared.

    Returns:
        Shape (R,), 0–1; NaN where a draw has no pair to compare.
    """
    chunks = [times[start : start + _CHUNK, items] for start in range(0, times.shape[0], _CHUNK)]
    return np.concatenate(
        [auroc_replicates(chunk.astype(np.float64), confidence, correct, strata) for chunk in chunks]
    )


def _means(values: Sequence[Sequence[float]]) -> FloatArray:
    return np.array(
        [sum(repeats) / len(repeats) if repeats else np.nan for repeats in values], dtype=np.float64
    )
