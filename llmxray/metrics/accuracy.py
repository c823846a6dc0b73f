"""Proportions and means with their intervals.

Wilson (1927) score interval for a proportion p = k/n, z the normal quantile:
``(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)``. Means have a Student t interval with n − 1
degrees of freedom. Where items share a passage they are not independent, and the standard error is
the cluster-robust one with C clusters (as in inspect_ai): ``√(Σ_c(Σ_{i∈c}(s_i−s̄))²·C/(C−1)) / n``. A share of
clustered rows, or of averaged repeats, takes Student's t over the clusters after two right and two wrong ones are added
(Agresti and Coull 1998), so that few or unanimous clusters are not taken for certain. `contrasts.shares` tests with the
same numbers, so that no interval holds what its test rules out.

===============  ======================================================================  =========
function         takes                                                                   n counts
===============  ======================================================================  =========
share            a number of successes and of trials                                     trials
proportion       a column of true and false, one row a question                          questions
clustered_share  the same, with several rows a question; each row weighs alike           rows
averaged_share   a column of shares, one row a question, averaged over its repeats       questions
mean             a column of numbers, one row a question                                 questions
clustered        the same, with several rows a question; each row weighs alike           rows
===============  ======================================================================  =========

The first four give intervals within 0–1; `within_unit` cuts those of the last two, where their numbers are shares.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.columns import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.distributions import t_quantile
from llmxray.types import Estimate

LEVEL = 0.95
AGRESTI_COULL = (1.0, 1.0, 0.0, 0.0)
"""The two right and the two wrong questions that Agresti and Coull (1998) add."""
FEWEST = 6
"""No interval of Student's t from fewer independent units: two questions gave −64 to +100 points."""
# The ratio next to one of these lies 10⁻¹⁴ away, a hundred times the rounding error of a mean.
_LARGEST_DENOMINATOR = 10**7
# scipy's normal quantile at LEVEL: a live view takes Wilson intervals while replies stream in, and loading scipy then
# would hold them up.
_Z = 1.959963984540054


def wilson(successes: float, n: float) -> tuple[float, float]:
    """Return the Wilson (1927) score interval of a proportion, 95%.

    Args:
        successes: 0 to ``n``; fractional where ties were spread evenly.
        n: number of trials, above 0.

    Returns:
        Low and high end, 0–1.

    Raises:
        InputError: ``n`` is not positive, or ``successes`` lies outside 0 to ``n``.

    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if n <= 0 or not 0 <= successes <= n:
        raise InputError(f"a proportion needs 0 <= successes <= n and n > 0, got {successes} of {n}")
    p = successes / n
    scale = 1 + _Z * _Z / n
    centre = (p + _Z * _Z / (2 * n)) / scale
    half = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)) / scale
    # At the ends the interval touches 0 and 1 exactly; rounding must not move it.
    return (0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half)


def wilson_intervals(p: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return `wilson` 95% intervals of many shares at once.

    Args:
        p: shares, 0–1.
        n: number of trials behind each share; the same shape as ``p``.

    Returns:
        Low and high ends, of the same shape; NaN where ``n`` is 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 + _Z * _Z / n
        centre = (p + _Z * _Z / (2 * n)) / scale
        half = _Z * np.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)) / scale
    return np.where(p == 0, 0.0, centre - half), np.where(p == 1, 1.0, centre + half)


def proportion(correct: Sequence[bool | None]) -> Estimate:
    """Return the share of true values with its Wilson 95% interval.

    Args:
        correct: shape (n,); None is missing and counted in ``n_missing``.

    Returns:
        Estimate, 0–1; its value is None when no value is known.
    """
    values = [value for value in correct if value is not None]
    return share(sum(map(bool, values)), len(values), len(correct) - len(values))


def share(successes: float, n: int, n_missing: int = 0) -> Estimate:
    """Return the proportion ``successes / n`` with its Wilson 95% interval.

    Args:
        successes: 0 to ``n``, may be fractional. Values outside are cut to this range, as sums of fractions may pass
            its ends by a rounding error.
        n: number of trials.
        n_missing: trials left out because a value was missing; handed on.

    Returns:
        Estimate, 0–1; its value is None when ``n`` is 0.
    """
    method = "proportion, Wilson 95%"
    if n == 0:
        return Estimate(None, n=0, n_missing=n_missing, method=method)
    successes = min(max(successes, 0.0), float(n))
    low, high = wilson(successes, n)
    return Estimate(successes / n, low, high, n, n_missing, method)


def standard_error(values: Column) -> float | None:
    """Return the standard error of the mean, s/√n with n − 1 in the variance.

    Args:
        values: shape (n,); None is left out.

    Returns:
        In the unit of the values; None for fewer than two values.

    Raises:
        InputError: a value is NaN or infinite.
    """
    (array,) = complete_rows(values).columns
    return float(array.std(ddof=1)) / math.sqrt(array.size) if array.size > 1 else None


def mean(values: Column) -> Estimate:
    """Return the mean with Student's t 95% interval, n − 1 degrees of freedom.

    Args:
        values: shape (n,); None is left out and counted.

    Returns:
        Estimate in the unit of the values. Its value is None without values; it has no interval below `FEWEST` values.

    Raises:
        InputError: a value is NaN or infinite.
    """
    rows = complete_rows(values)
    (array,) = rows.columns
    centre = float(array.mean()) if rows.n else None
    return _t_estimate(centre, standard_error(array), rows.n - 1, rows.n, rows.n_missing, "mean, t 95%")


def within_unit(estimate: Estimate) -> Estimate:
    """Return the estimate with its interval cut to 0–1, since a t interval of a share can pass these bounds."""
    low = None if estimate.low is None else max(0.0, estimate.low)
    high = None if estimate.high is None else min(1.0, estimate.high)
    return replace(estimate, low=low, high=high)


def clustered_standard_error(values: Column, clusters: Sequence[Hashable]) -> float | None:
    """Return the cluster-robust standard error of the mean, as inspect_ai computes it.

    Args:
        values: shape (n,); None is left out.
        clusters: shape (n,), the cluster of each value.

    Returns:
        In the unit of the values; None without values. With a single cluster the residuals sum to 0, so the result
        is 0; it then says nothing about the error, and `clustered` gives no interval.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    array, codes, n_clusters, _ = _encode_clusters(values, clusters)
    if array.size == 0:
        return None
    if n_clusters == 1:
        return 0.0
    sums = np.bincount(codes, weights=array - array.mean(), minlength=n_clusters)
    return math.sqrt(float(sums @ sums) * n_clusters / (n_clusters - 1)) / array.size


def clustered(values: Column, clusters: Sequence[Hashable]) -> Estimate:
    """Return the mean with a t 95% interval from the cluster-robust standard error, C − 1 degrees of freedom.

    Args:
        values: shape (n,); None is left out and counted.
        clusters: shape (n,), the cluster of each value, such as its question.

    Returns:
        Estimate in the unit of the values; ``n`` counts values. It has no interval below `FEWEST` clusters.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    array, _, n_clusters, n_missing = _encode_clusters(values, clusters)
    centre = float(array.mean()) if array.size else None
    error = clustered_standard_error(values, clusters)
    method = f"mean, t 95% clustered ({n_clusters} clusters)"
    # Clusters, not items, are the independent units that degrees of freedom count.
    return _t_estimate(centre, error, n_clusters - 1, int(array.size), n_missing, method)


def clustered_share(correct: Sequence[bool | None], clusters: Sequence[Hashable]) -> Estimate:
    """Return the share of true values among clustered rows, Agresti–Coull 95% with Student's t over the clusters.

    Args:
        correct: shape (n,); None is left out and counted.
        clusters: shape (n,), the cluster of each row, such as its question.

    Returns:
        Estimate, 0–1; ``n`` counts rows. With one row per cluster the interval is that of `proportion`.

    Raises:
        InputError: the columns differ in length.
    """
    array, codes, n_clusters, n_missing = _encode_clusters(
        [None if value is None else float(value) for value in correct], clusters
    )
    estimate = _share_of(array, codes, n_clusters, n_missing)
    return replace(estimate, n=int(array.size))


def averaged_share(shares: Column, clusters: Sequence[Hashable] | None = None) -> Estimate:
    """Return the mean share of right answers of repeated items, Agresti–Coull 95% with Student's t over the items.

    Args:
        shares: shape (n,), 0–1, one per item. Where all are 0 or 1 and each item is its own cluster, the result is that
            of `share`.
        clusters: shape (n,), the question of each item, where some items are wordings of one question.

    Returns:
        Estimate, 0–1; ``n`` and ``n_missing`` count questions.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    questions = range(len(shares)) if clusters is None else clusters
    array, codes, n_clusters, _ = _encode_clusters(shares, questions)
    return _share_of(array, codes, n_clusters, len(set(questions)) - n_clusters)


def _share_of(array: FloatArray, codes: IntArray, n_clusters: int, n_missing: int) -> Estimate:
    if n_clusters == array.size and is_whole(array):
        return share(float(array.sum()), n_clusters, n_missing)
    p = nearest_ratio(float(array.mean()))
    if n_clusters < 2 or not 0 < p < 1:
        # One cluster, or identical ones, show no spread between clusters, so each cluster counts as one answer.
        low, high = wilson(p * n_clusters, n_clusters)
    else:
        centre, error = adjusted_mean(array, codes, AGRESTI_COULL)
        half = t_quantile((1 + LEVEL) / 2, n_clusters - 1) * error
        low, high = max(0.0, centre - half), min(1.0, centre + half)
    method = f"share, Agresti–Coull 95% with Student's t over {n_clusters} questions"
    return Estimate(p, min(low, p), max(high, p), n_clusters, n_missing, method)


def nearest_ratio(mean_share: float) -> float:
    """Return the ratio of whole numbers that a mean of shares stands for, so that equal means compare as equal.

    Thirds and sevenths that are added up in another order differ in their last bits, and may pass 1.

    >>> nearest_ratio(sum([1 / 3, 1.0, 2 / 3]) / 3) == nearest_ratio(sum([2 / 3, 1 / 3, 1.0]) / 3) == 2 / 3
    True
    """
    return float(Fraction(mean_share).limit_denominator(_LARGEST_DENOMINATOR))


def is_whole(array: FloatArray) -> bool:
    """Return whether all shares are 0 or 1, so that none is an average of several answers."""
    return bool(np.isin(array, (0.0, 1.0)).all())


def adjusted_mean(values: FloatArray, units: IntArray, added: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the data, and of ``added`` units of average size, with its standard error.

    Args:
        values: shape (n,).
        units: shape (n,), number of the unit of each value, from 0 without gaps.
        added: value of each added unit, see `AGRESTI_COULL`.

    Returns:
        Mean and standard error, in the unit of the values.
    """
    sums = np.bincount(units, weights=values).astype(np.float64)
    sizes = np.bincount(units).astype(np.float64)
    size = float(sizes.mean())
    sums = np.concatenate([sums, size * np.asarray(added)])
    sizes = np.concatenate([sizes, np.full(len(added), size)])
    centre = float(sums.sum() / sizes.sum())
    error = math.sqrt(((sums - centre * sizes) ** 2).sum() * sums.size / (sums.size - 1)) / sizes.sum()
    return centre, float(error)


def _encode_clusters(values: Column, clusters: Sequence[Hashable]) -> tuple[FloatArray, IntArray, int, int]:
    if len(values) != len(clusters):
        raise InputError(f"{len(values)} values but {len(clusters)} clusters: give one cluster per value")
    rows = complete_rows(values)
    if isinstance(clusters, range):
        # Each value is its own cluster: no dictionary is needed, which a ledger of twelve million values would pay for.
        return rows.columns[0], np.arange(rows.n), rows.n, rows.n_missing
    codes: dict[Hashable, int] = {}
    row_codes = [codes.setdefault(clusters[position], len(codes)) for position in rows.positions]
    return rows.columns[0], np.array(row_codes, dtype=np.intp), len(codes), rows.n_missing


def _t_estimate(
    centre: float | None, error: float | None, freedom: int, n: int, n_missing: int, method: str
) -> Estimate:
    if centre is None or error is None or freedom < FEWEST - 1:
        return Estimate(centre, n=n, n_missing=n_missing, method=method)
    half = t_quantile((1 + LEVEL) / 2, freedom) * error
    return Estimate(centre, centre - half, centre + half, n, n_missing, method)
