"""Calibration errors of confidence, each convention under its own name.

With bins b of n_b rows out of N, gap_b = mean confidence − accuracy in b:

- `ece`: Σ (n_b/N)·|gap_b|, equal-width bins, B = 15 (Guo et al. 2017, arXiv:1706.04599); with
  ``scheme="equal-mass"``, B = 10, HELM's headline (Kumar et al. 2019, arXiv:1909.10155); with
  ``weighting="bin"`` the unweighted mean over non-empty bins.
- `module_bin_average`: five equal-width bins, unweighted: the course module's recipe, never "ECE".
- `mce`: max |gap_b|. `gap`: mean confidence − accuracy over all rows, positive is overconfident.
- `brier`: mean (confidence − correct)², 0–1 (Brier 1950). `brier_multiclass`: the mean over rows of
  the sum over options, 0–2.
- `smooth_ece` and `reliability_curve`: binless, see `smooth`.

Empty bins are omitted. No confidences, no number: None. `bootstrap` gives any of them an interval.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Literal

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.binning import Bin, Scheme, assign, bin_edges, reliability_bins
from llmxray.metrics.missing_values import Column, FloatArray, IntArray, Rows, complete_rows, scored_rows
from llmxray.metrics.resampling import (
    BinnedStatistic,
    basic_interval,
    clip_interval,
    cluster_draws,
    encode_clusters,
    resamples,
)
from llmxray.metrics.smooth import ReliabilityCurve, reliability_curve, smooth_ece
from llmxray.types import Estimate

__all__ = [
    "Bin",
    "ReliabilityCurve",
    "Statistic",
    "as_binned",
    "bootstrap",
    "bootstrap_multiclass",
    "brier",
    "brier_multiclass",
    "ece",
    "gap",
    "mce",
    "module_bin_average",
    "reliability_bins",
    "reliability_curve",
    "smooth_ece",
]

Weighting = Literal["count", "bin"]
type Statistic = Callable[[FloatArray, FloatArray], float | None]


def ece(
    confidence: Column,
    correct: Column,
    *,
    n_bins: int = 15,
    scheme: Scheme = "equal-width",
    weighting: Weighting = "count",
) -> float | None:
    """Return the expected calibration error, Σ weight_b·|mean confidence − accuracy| over non-empty bins.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        n_bins: number of bins, at least 1; 15 in Guo et al. (2017).
        scheme: ``equal-width`` or ``equal-mass`` bins, see `binning`.
        weighting: ``count`` weights a bin by its rows, ``bin`` weights all non-empty bins alike.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: ``n_bins`` is below 1, the columns differ in length, or a value is not a number in 0–1.

    >>> round(ece([0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0]), 3)
    0.1
    """
    rows = scored_rows(confidence, correct)
    return _ece(*rows.columns, n_bins=n_bins, scheme=scheme, weighting=weighting).value()


def module_bin_average(confidence: Column, correct: Column) -> float | None:
    """Return the mean |gap| over the non-empty of five equal-width bins, the recipe of the course module.

    It is `ece` with ``n_bins=5`` and ``weighting="bin"``: 0–1, None without rows; the same errors.
    """
    return ece(confidence, correct, n_bins=5, weighting="bin")


def mce(
    confidence: Column, correct: Column, *, n_bins: int = 15, scheme: Scheme = "equal-width"
) -> float | None:
    """Return the maximum calibration error, the largest |gap| of a non-empty bin (Naeini et al. 2015).

    Parameters, range and errors are those of `ece`.
    """
    return _mce(*scored_rows(confidence, correct).columns, n_bins=n_bins, scheme=scheme).value()


def gap(confidence: Column, correct: Column) -> float | None:
    """Return mean confidence − accuracy over all rows.

    Returns:
        −1 to 1, positive is overconfident; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    return _gap(*scored_rows(confidence, correct).columns).value()


def brier(confidence: Column, correct: Column) -> float | None:
    """Return the mean of (confidence − correct)² (Brier 1950), of a binary outcome.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    return _brier(*scored_rows(confidence, correct).columns).value()


def brier_multiclass(probs: Sequence[Sequence[float] | None], answers: Sequence[int | None]) -> float | None:
    """Return the mean over rows of Σ over options (p − [option is right])² (Brier 1950).

    Args:
        probs: shape (n,), the probabilities of each row's options; rows may differ in their number of options.
        answers: shape (n,), index of the right option, from 0; rows with a None in either are left out.

    Returns:
        0–2 for probabilities that add up to at most 1, lower is better; None without rows.

    Raises:
        InputError: the inputs differ in length, or an answer is not the index of an option.
    """
    scores = _row_scores(probs, answers)
    complete = [score for score in scores if score is not None]
    return sum(complete) / len(complete) if complete else None


def bootstrap_multiclass(
    probs: Sequence[Sequence[float] | None],
    answers: Sequence[int | None],
    rng: np.random.Generator,
    n_resamples: int = 2000,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Estimate:
    """Return `brier_multiclass` with its basic bootstrap 95% interval, clipped to 0–2.

    Args:
        probs, answers: see `brier_multiclass`.
        rng: source of the resamples.
        n_resamples: number of resamples.
        clusters: shape (n,), the question of each row; whole clusters are drawn.

    Returns:
        Estimate, 0–2; ``n`` counts rows. It has no interval below `FEWEST` rows or clusters.

    Raises:
        InputError: the inputs differ in length, or an answer is not the index of an option.
    """
    rows = complete_rows(_row_scores(probs, answers))
    method = f"brier_multiclass, basic bootstrap 95% ({n_resamples} resamples)"
    statistic = _overall_mean(rows.columns[0])
    value = statistic.value()
    if value is None:
        return Estimate(None, n=0, n_missing=rows.n_missing, method=method)
    if clusters is None:
        replicates = statistic.replicates(rng, n_resamples)
    else:
        codes = encode_clusters([clusters[position] for position in rows.kept])
        replicates = statistic.cluster_replicates(codes, rng, n_resamples)
    n_units = rows.n if clusters is None else int(codes.max()) + 1
    low, high = clip_interval(basic_interval(value, replicates, n_units), 0.0, 2.0)
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


def bootstrap(
    stat: Statistic,
    confidence: Column,
    correct: Column,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    *,
    limits: tuple[float, float] | None = None,
    clusters: Sequence[Hashable] | None = None,
) -> Estimate:
    """Return a calibration statistic with its basic bootstrap 95% interval, see `resampling`.

    Statistics of this module that are sums over bins are resampled all at once; equal-mass edges then stay those of the
    data.

    Args:
        stat: takes (confidence, correct); set its parameters with `functools.partial`.
        confidence: shape (n,), 0–1; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        rng: source of the resamples.
        n_resamples: number of resamples.
        limits: least and greatest value that the statistic can have, to which the interval is clipped: mirrored at the
            value, it may reach beyond. (0, 1) for an error.
        clusters: shape (n,), the question of each row; whole clusters are drawn.

    Returns:
        Estimate; ``n`` counts rows. It has no interval below `FEWEST` rows or clusters, nor where all resamples are
        alike.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    name = getattr(stat, "func", stat).__name__
    codes = None if clusters is None else encode_clusters([clusters[position] for position in rows.kept])
    of_clusters = "" if codes is None else f" of {int(codes.max(initial=-1)) + 1} clusters"
    method = f"{name}, basic bootstrap 95% ({n_resamples} resamples{of_clusters})"
    value = stat(*rows.columns) if rows.n else None
    if value is None:
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    replicates = _replicates(stat, rows, rng, n_resamples, codes)
    # Identical resamples, as of seven right answers out of seven, do not show how far the value may be off.
    if replicates.size == 0 or not np.ptp(replicates):
        return Estimate(value, n=rows.n, n_missing=rows.n_missing, method=method)
    low, high = basic_interval(value, replicates, rows.n if codes is None else int(codes.max()) + 1)
    if limits is not None:
        low, high = clip_interval((low, high), *limits)
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


def as_binned(stat: Statistic, confidence: FloatArray, correct: FloatArray) -> BinnedStatistic | None:
    """Return ``stat`` as a statistic of bin sums; None when it is not one of this module's."""
    if isinstance(stat, functools.partial):
        make = _BINNED.get(stat.func)
        return make(confidence, correct, **stat.keywords) if make else None
    make = _BINNED.get(stat)
    return make(confidence, correct) if make else None


def _replicates(
    stat: Statistic, rows: Rows, rng: np.random.Generator, n_resamples: int, clusters: IntArray | None
) -> FloatArray:
    fast = as_binned(stat, *rows.columns)
    if fast is not None:
        if clusters is not None:
            return fast.cluster_replicates(clusters, rng, n_resamples)
        return fast.replicates(rng, n_resamples)
    confidences, correctness = rows.columns
    draws = _draw_rows(rows.n, n_resamples, rng, clusters)
    values = [stat(confidences[index], correctness[index]) for index in draws]
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _draw_rows(
    n: int, n_resamples: int, rng: np.random.Generator, clusters: IntArray | None
) -> Iterator[IntArray]:
    """Row numbers of each resample, of rows or of whole clusters."""
    if clusters is None:
        for index in resamples(n, n_resamples, rng):
            yield from index
        return
    for chunk in cluster_draws(int(clusters.max()) + 1, n_resamples, rng):
        for times in chunk:
            yield np.repeat(np.arange(n), times[clusters].astype(np.intp))


def _ece(
    confidence: FloatArray,
    correct: FloatArray,
    *,
    n_bins: int = 15,
    scheme: Scheme = "equal-width",
    weighting: Weighting = "count",
) -> BinnedStatistic:
    reduce = _weighted_by_count if weighting == "count" else _mean_over_bins
    return BinnedStatistic(*_residuals(confidence, correct, n_bins, scheme), reduce)


def _module_bin_average(confidence: FloatArray, correct: FloatArray) -> BinnedStatistic:
    return _ece(confidence, correct, n_bins=5, weighting="bin")


def _mce(
    confidence: FloatArray, correct: FloatArray, *, n_bins: int = 15, scheme: Scheme = "equal-width"
) -> BinnedStatistic:
    return BinnedStatistic(
        *_residuals(confidence, correct, n_bins, scheme),
        # An empty bin has sum 0, and 0 / 1 cannot become the maximum.
        lambda counts, sums: (np.abs(sums) / np.maximum(counts, 1)).max(axis=1),
    )


def _gap(confidence: FloatArray, correct: FloatArray) -> BinnedStatistic:
    return _overall_mean(confidence - correct)


def _brier(confidence: FloatArray, correct: FloatArray) -> BinnedStatistic:
    return _overall_mean((confidence - correct) ** 2)


def _residuals(
    confidence: FloatArray, correct: FloatArray, n_bins: int, scheme: Scheme
) -> tuple[FloatArray, IntArray, int]:
    edges = bin_edges(confidence, n_bins, scheme)
    return confidence - correct, assign(confidence, edges), edges.size - 1


def _overall_mean(values: FloatArray) -> BinnedStatistic:
    one_bin = np.zeros(values.size, dtype=np.intp)
    return BinnedStatistic(values, one_bin, 1, lambda counts, sums: sums[:, 0] / counts[:, 0])


def _weighted_by_count(counts: FloatArray, sums: FloatArray) -> FloatArray:
    total: FloatArray = np.abs(sums).sum(axis=1) / counts.sum(axis=1)
    return total


def _mean_over_bins(counts: FloatArray, sums: FloatArray) -> FloatArray:
    gaps = np.abs(sums) / np.maximum(counts, 1)
    average: FloatArray = gaps.sum(axis=1) / (counts > 0).sum(axis=1)
    return average


def _row_scores(probs: Sequence[Sequence[float] | None], answers: Sequence[int | None]) -> list[float | None]:
    """Σ over options (p − [option is right])² of each row, None where either is missing."""
    if len(probs) != len(answers):
        raise InputError(f"{len(probs)} rows of probabilities but {len(answers)} answers")
    scores: list[float | None] = []
    for row, answer in zip(probs, answers, strict=True):
        if row is None or answer is None:
            scores.append(None)
            continue
        if not 0 <= answer < len(row):
            raise InputError(f"answer {answer} is outside the {len(row)} options of its row")
        scores.append(float(sum((p - (i == answer)) ** 2 for i, p in enumerate(row))))
    return scores


# The value and its bootstrap share one definition, so they cannot drift apart.
_BINNED: dict[Callable[..., float | None], Callable[..., BinnedStatistic]] = {
    ece: _ece,
    module_bin_average: _module_bin_average,
    mce: _mce,
    gap: _gap,
    brier: _brier,
}
