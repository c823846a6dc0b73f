"""Accuracy of categories and groups: the best and the worst, tests of differences, and unevenness.

*Probability of a place.* The accuracy of a category with s right of n is redrawn from Beta(s + ½, n − s + ½),
Jeffreys' posterior; the share of redraws in which the category is among the top k (or bottom k) is the probability of
its place. Plain resampling would call a category with 3 of 3 right certain, because it never draws a wrong answer.

*Differences.* Permutation tests within strata, such as suites: answers are dealt to the categories of their stratum at
random, sizes kept, so that differences between strata are no evidence. p is the share of deals whose statistic is at
least the observed one, the observed deal counted (Phipson and Smyth 2010). `uneven`: the sum of squares between
categories, Σ n_g(m_g − m)², added over strata. `difference_within` is the size of a difference between two groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from llmxray.metrics.accuracy import is_whole
from llmxray.metrics.columns import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.distributions import normal_quantile
from llmxray.types import Estimate

# Together with the observed deal these are 10,000; the observed one counts, so p is never 0.
_DEALS = 9_999


def places(
    categories: Mapping[str, Column], rng: np.random.Generator, *, k: int = 3, n_draws: int = 4000
) -> dict[str, tuple[float, float]]:
    """Return the probability that a category is among the ``k`` best, and among the ``k`` worst, by its name.

    Args:
        categories: name → correctness of its answers, 0–1 (fractions where repeats were averaged).
        rng: source of the redraws from Jeffreys' posterior.
        k: number of best and of worst categories, at least 1.
        n_draws: number of redraws.

    Raises:
        InputError: a value is NaN or infinite.
    """
    columns = [complete_rows(column).columns[0] for column in categories.values()]
    hits = np.array([column.sum() for column in columns])[:, None]
    misses = np.array([column.size for column in columns])[:, None] - hits
    draws = rng.beta(hits + 0.5, misses + 0.5, size=(len(columns), n_draws))
    order = draws.argsort(axis=0).argsort(axis=0)
    top, bottom = (order >= len(columns) - k).mean(axis=1), (order < k).mean(axis=1)
    return dict(zip(categories, zip(top.tolist(), bottom.tolist(), strict=True), strict=True))


def uneven(
    strata: Sequence[Mapping[str, Column]], rng: np.random.Generator, *, n_deals: int = _DEALS
) -> float | None:
    """Return the p-value of differences between categories of the same stratum, by a permutation test within strata.

    Differences between strata do not count as evidence.

    Args:
        strata: one mapping per stratum, category → correctness of its answers, 0–1.
        rng: source of the deals.
        n_deals: number of random deals.

    Returns:
        Above 0 and at most 1; None where no stratum has two categories with answers.

    Raises:
        InputError: a value is NaN or infinite.
    """
    filled = (_answered(categories.values()) for categories in strata)
    tested = [arrays for arrays in filled if len(arrays) > 1]
    if not tested:
        return None
    # Σ n·m², as the rest of the sum of squares between categories is the same in every deal.
    deals = np.sum(
        [(_deal(arrays, rng, n_deals) ** 2 / _sizes(arrays)).sum(axis=1) for arrays in tested], axis=0
    )
    # Sums of fractions may differ in their last bit with the order of the deal; the data count as one.
    return float((deals >= deals[0] - 1e-9).mean())


def difference_within(strata: Sequence[tuple[Column, Column]]) -> Estimate:
    """Return the difference in accuracy of two groups of different items within strata, first − second.

    Differences between strata do not count. Strata have the weights of Mantel and Haenszel (1959), n·m/(n + m), and
    each share the standard error after one right and one wrong answer were added (Agresti and Caffo 2000).

    Args:
        strata: correctness of the answers of both groups, 0–1, per stratum.

    Returns:
        Estimate, −1 to 1; its value is None where no stratum has both groups.

    Raises:
        InputError: a value is NaN or infinite.
    """
    pairs = [arrays for pair in strata if len(arrays := _answered(pair)) == 2]
    n = sum(a.size + b.size for a, b in pairs)
    method = "difference within strata, Mantel–Haenszel weights, normal 95%"
    if not pairs:
        return Estimate(None, n=n, method=method)
    weights = np.array([a.size * b.size / (a.size + b.size) for a, b in pairs])
    weights /= weights.sum()
    value = float(weights @ [a.mean() - b.mean() for a, b in pairs])
    half = normal_quantile(0.975) * math.sqrt(weights**2 @ [_variance(a) + _variance(b) for a, b in pairs])
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half), n, 0, method)


def _variance(array: FloatArray) -> float:
    """Variance of a mean of values 0–1, at most that of whole ones."""
    p = (array.sum() + 1) / (array.size + 2)
    return float(p * (1 - p) / (array.size + 2))


def _answered(columns: Iterable[Column]) -> list[FloatArray]:
    arrays = [complete_rows(column).columns[0] for column in columns]
    return [array for array in arrays if array.size]


def _sizes(groups: Sequence[FloatArray]) -> IntArray:
    return np.array([group.size for group in groups], dtype=np.intp)


def _deal(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> FloatArray:
    """Sums of each group, shape (1 + n_deals, groups): those of the data, then of answers dealt at random."""
    observed = np.array([[group.sum() for group in groups]])
    pool, sizes = np.concatenate(groups), _sizes(groups)
    if is_whole(pool):
        # The number of right answers per group is drawn directly, 200 times faster than dealing the answers.
        return np.vstack([observed, rng.multivariate_hypergeometric(sizes, int(pool.sum()), size=n_deals)])
    # Chunks of eight megabytes bound the memory for dealt answers.
    starts, step = np.cumsum(sizes) - sizes, max(1, (1 << 20) // pool.size)
    deals = [
        np.add.reduceat(rng.permuted(np.tile(pool, (min(step, n_deals - at), 1)), axis=1), starts, axis=1)
        for at in range(0, n_deals, step)
    ]
    return np.vstack([observed, *deals])
