"""Many conditions on the same items, resampled together: one draw of items serves every pair and every number.

Each of R resamples is a row of how often every item was drawn. A mean, a ratio of means and a binned error are
functions of sums over items, so the counts times the items' values give all of them at once, for a few dozen
conditions and ten thousand items in about a second. As all conditions share the draw, any difference or ratio of
two of them is paired. Repeats of an item are resampled with it, never apart; so are the items that are wordings of one
question.

Intervals are those of `resampling`: basic for differences of calibration errors, percentile for ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmxray.errors import InputError
from llmxray.metrics.binning import assign, bin_edges
from llmxray.metrics.discrimination import auroc_replicates
from llmxray.metrics.missing_values import BoolArray, FloatArray, IntArray
from llmxray.metrics.resampling import basic_interval, percentile_interval, quotients, resamples
from llmxray.types import Estimate

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

    @property
    def sure(self) -> BoolArray:
        """Items with at least one confidence."""
        return np.asarray(self.counted > 0)


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
    """Resamples of n items, shared by all conditions, and the statistics of conditions on them.

    Args:
        n: number of items.
        rng: source of the resamples.
        n_resamples: R.
        units: shape (n,), the question of each item, numbered from 0 without gaps; None where each item is its own.
    """

    def __init__(
        self, n: int, rng: np.random.Generator, n_resamples: int = 2000, units: IntArray | None = None
    ) -> None:
        self.n_resamples = n_resamples
        self._units = np.arange(n) if units is None else units
        self.n = self._n(np.ones(n, dtype=bool))
        # Keyed by column and kept items. The value holds the column, so that no other object can get its id.
        self._replicates: dict[tuple[int, str, bytes], tuple[FloatArray, FloatArray]] = {}
        counts = np.zeros((n_resamples + 1, self.n), dtype=np.uint8)
        # The data itself is the draw that has every item once, so that value and replicates are one sum.
        counts[0] = 1
        row = 1
        for index in resamples(self.n, n_resamples, rng) if n else ():
            for drawn_rows in index:
                counts[row] = np.bincount(drawn_rows, minlength=self.n)
                row += 1
        self._counts = counts if self.n == n else counts[:, self._units]

    def times(self, n_resamples: int) -> Counts:
        """Return how often each item is drawn: the data first, then resamples; shape (1 + n_resamples, n)."""
        return self._counts[: 1 + n_resamples]

    def accuracy_ratio(self, a: Sheet, b: Sheet) -> Estimate:
        """Return accuracy of a / accuracy of b on the items that both have, with its percentile 95% interval."""
        keep = _is_known(a.correct, b.correct)
        of_a, of_b = (self._mean(side.correct, keep) for side in (a, b))
        return self._ratio(of_a, of_b, keep, "accuracy ratio")

    def latency_ratio(self, a: Sheet, b: Sheet) -> Estimate:
        """Return mean latency of a / mean latency of b, with its percentile 95% interval."""
        keep = _is_known(a.latency_s, b.latency_s)
        of_a, of_b = (self._mean(side.latency_s, keep) for side in (a, b))
        return self._ratio(of_a, of_b, keep, "latency ratio")

    def per_second_ratio(self, a: Sheet, b: Sheet) -> Estimate:
        """Return correct answers per second of waiting, a / b, with its percentile 95% interval."""
        keep = _is_known(a.correct, b.correct, a.latency_s, b.latency_s)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_a, of_b = (
                self._mean(side.correct, keep) / self._mean(side.latency_s, keep) for side in (a, b)
            )
        return self._ratio(of_a, of_b, keep, "ratio of right answers per second")

    def ece_difference(self, a: Sheet, b: Sheet, n_comparisons: int = 1) -> Estimate:
        """Return ECE-15 of a − ECE-15 of b, −1 to 1, on the items for which both have a confidence.

        Args:
            a, b: the two conditions.
            n_comparisons: number of comparisons from which this one was picked; the interval has Bonferroni's level,
                1 − 0.05/n_comparisons.
        """
        keep = a.sure & b.sure
        n, level = self._n(keep), 1 - 0.05 / n_comparisons
        method = (
            f"paired ECE-15 difference, basic bootstrap {100 * level:.4g}% ({self.n_resamples} resamples)"
        )
        if not n:
            return Estimate(None, n=0, n_missing=self.n, method=method)
        differences = self._ece(a, keep) - self._ece(b, keep)
        value, replicates = float(differences[0]), differences[1:][np.isfinite(differences[1:])]
        low, high = basic_interval(value, replicates, n, level)
        return Estimate(value, low, high, n, self.n - n, method)

    def replicates(self, sheet: Sheet) -> Replicates:
        """Return one condition's numbers on the data and on every resample; NaN where it has no value."""
        return Replicates(
            self._mean(sheet.correct, _is_known(sheet.correct)),
            self._mean(sheet.latency_s, _is_known(sheet.latency_s)),
            self._ece(sheet, sheet.sure),
        )

    def _n(self, keep: BoolArray) -> int:
        """Questions among the items kept."""
        return int(np.unique(self._units[keep]).size)

    def _sums(self, columns: FloatArray) -> FloatArray:
        """Counts times columns (n, k): shape (R + 1, k), the data itself first."""
        chunks = range(0, self._counts.shape[0], _CHUNK)
        products = [self._counts[start : start + _CHUNK].astype(np.float64) @ columns for start in chunks]
        return np.concatenate(products)

    def _mean(self, values: FloatArray, keep: BoolArray) -> FloatArray:
        return self._memoized("mean", values, keep, lambda: self._compute_mean(values, keep))

    def _ece(self, sheet: Sheet, keep: BoolArray) -> FloatArray:
        return self._memoized("ece", sheet.gaps, keep, lambda: self._compute_ece(sheet, keep))

    def _memoized(
        self, kind: str, column: FloatArray, keep: BoolArray, make: Callable[[], FloatArray]
    ) -> FloatArray:
        key = (id(column), kind, keep.tobytes())
        if key not in self._replicates:
            self._replicates[key] = (column, make())
        return self._replicates[key][1]

    def _compute_mean(self, values: FloatArray, keep: BoolArray) -> FloatArray:
        sums = self._sums(np.stack([np.where(keep, values, 0.0), keep.astype(np.float64)], axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums[:, 0] / sums[:, 1])

    def _compute_ece(self, sheet: Sheet, keep: BoolArray) -> FloatArray:
        residual = self._sums(sheet.residual * keep[:, None])
        counted = self._sums((sheet.counted * keep)[:, None])[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(residual).sum(axis=1) / counted)

    def _ratio(self, of_a: FloatArray, of_b: FloatArray, keep: BoolArray, name: str) -> Estimate:
        n = self._n(keep)
        method = f"{name}, paired percentile bootstrap 95% ({self.n_resamples} resamples)"
        if not n or not of_b[0] > 0 or not np.isfinite(of_a[0]):
            return Estimate(None, n=n, n_missing=self.n - n, method=method)
        low, high = percentile_interval(quotients(of_a[1:], of_b[1:]), n)
        return Estimate(float(of_a[0] / of_b[0]), low, high, n, self.n - n, method)


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


def _is_known(*columns: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(np.stack(columns)).all(axis=0))
