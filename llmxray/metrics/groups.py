"""Accuracy of categories and groups: the best and the worst, tests of differences, and unevenness.

*Probability of a place.* The accuracy of a category with s right of n is redrawn from Beta(s + ½, n − s + ½),
Jeffreys' posterior; the share of redraws in which the category is among the top k (or bottom k) is the probability of
its place. Plain resampling would call a category with 3 of 3 right certain, because it never draws a wrong answer.

*Differences between groups.* Permutation test: answers are dealt to the groups at random, group sizes kept, and p is
the share of deals whose between-group sum of squares Σ n_g(m_g − m)² is at least the observed one, the observed
deal counted (Phipson and Smyth 2010). The same deals test whether the k-th best category differs from the k-th worst
(`extremes_differ`). `uneven` deals within strata, such as suites, and adds their sums of squares, so that differences
between strata do not count. Each pair of groups has Newcombe's interval and Fisher's exact test
(Welch's interval and test where repeats were averaged to fractions), Holm-adjusted.

*Spread*, "specialist or balanced": the standard deviation of the true accuracies of the axes, by the method of
moments: variance of the observed ones (C − 1) minus their mean sampling variance; 0 when that is negative.
Interval: basic bootstrap within axes, on the variance, where a replicate's expectation is the observed variance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import FEWEST, averaged_share, is_whole, newcombe
from llmxray.metrics.distributions import fisher_exact, t_quantile, t_tail
from llmxray.metrics.missing_values import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.paired import holm
from llmxray.types import Estimate

# Together with the observed deal these are 10,000; the observed one counts, so p is never 0.
_DEALS = 9_999


@dataclass(frozen=True, slots=True)
class RankedCategory:
    """One category in the order of accuracy.

    Attributes:
        in_top, in_bottom: probability that it is among the k best, or the k worst; None without answers.
    """

    name: str
    accuracy: Estimate
    in_top: float | None
    in_bottom: float | None


@dataclass(frozen=True, slots=True)
class GroupPair:
    """Two groups: accuracy of a − accuracy of b.

    Attributes:
        p_value: two-sided; None where a group is too small for it. p_holm: adjusted over all pairs.
    """

    a: str
    b: str
    difference: Estimate
    p_value: float | None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Test of accuracy differences between groups.

    Attributes:
        accuracies: by group, 0–1.
        p_value: permutation test over all groups; None with fewer than two groups that have answers.
        pairs: every two groups, in the order given.
    """

    accuracies: Mapping[str, Estimate]
    p_value: float | None
    pairs: tuple[GroupPair, ...]


def places(
    categories: Mapping[str, Column],
    rng: np.random.Generator,
    *,
    k: int = 3,
    n_draws: int = 4000,
) -> tuple[RankedCategory, ...]:
    """Return the categories from most to least accurate, with probabilities of being among the ``k`` best or worst.

    Args:
        categories: name → correctness of its answers, 0–1 (fractions where repeats were averaged).
        rng: source of the redraws from Jeffreys' posterior.
        k: number of best and of worst categories, at least 1.
        n_draws: number of redraws.

    Raises:
        InputError: ``k`` is below 1, or a value is NaN or infinite.
    """
    if k < 1:
        raise InputError(f"k must be at least 1, got {k}")
    columns = {name: complete_rows(column) for name, column in categories.items()}
    answered = [name for name, rows in columns.items() if rows.n]
    draws = np.array([_redraw(columns[name].columns[0], rng, n_draws) for name in answered])
    top, bottom = _membership(draws, k), _membership(-draws, k)
    categories_placed = []
    for name, rows in columns.items():
        index = answered.index(name) if rows.n else None
        probabilities = (None, None) if index is None else (float(top[index]), float(bottom[index]))
        categories_placed.append(RankedCategory(name, averaged_share(categories[name]), *probabilities))
    return tuple(
        sorted(
            categories_placed,
            key=lambda place: -(-1.0 if place.accuracy.value is None else place.accuracy.value),
        )
    )


def extremes_differ(
    categories: Mapping[str, Column], rng: np.random.Generator, *, k: int = 3, n_deals: int = _DEALS
) -> float | None:
    """Return the p-value of the gap between the k-th best and the k-th worst category, by a permutation test.

    Both categories are picked by the data, which a test of the two alone would ignore.

    Args:
        categories: name → correctness of its answers, 0–1.
        rng: source of the deals.
        k: rank from either end, at least 1.
        n_deals: number of random deals.

    Returns:
        Above 0 and at most 1; None with ``k`` below 1 or fewer than 2k categories that have answers.

    Raises:
        InputError: a value is NaN or infinite.
    """
    arrays = [complete_rows(column).columns[0] for column in categories.values()]
    filled = [array for array in arrays if array.size]
    if k < 1 or len(filled) < 2 * k:
        return None
    sizes = _sizes(filled)
    sorted_means = [np.sort(sums / sizes, axis=1) for sums in _deal(filled, rng, n_deals)]
    return _share_of_deals(
        np.concatenate([deal_means[:, -k] - deal_means[:, k - 1] for deal_means in sorted_means])
    )


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
    between = np.zeros(n_deals + 1)
    has_test = False
    for categories in strata:
        arrays = [complete_rows(column).columns[0] for column in categories.values()]
        filled = [array for array in arrays if array.size]
        if len(filled) < 2:
            continue
        has_test = True
        between += _between(filled, rng, n_deals)
    return _share_of_deals(between) if has_test else None


def differ(groups: Mapping[str, Column], rng: np.random.Generator, *, n_deals: int = _DEALS) -> GroupTest:
    """Return the test of whether accuracy differs between groups of different items.

    Args:
        groups: name → correctness of its items, 0–1 (fractions where repeats were averaged).
        rng: source of the deals.
        n_deals: number of random deals.

    Raises:
        InputError: a value is NaN or infinite.
    """
    accuracies = {name: averaged_share(column) for name, column in groups.items()}
    arrays = {name: complete_rows(column).columns[0] for name, column in groups.items()}
    filled = [array for array in arrays.values() if array.size]
    pairs = [
        _pair((a, arrays[a], accuracies[a]), (b, arrays[b], accuracies[b]))
        for a, b in itertools.combinations(groups, 2)
    ]
    adjusted = holm([pair.p_value for pair in pairs])
    return GroupTest(
        accuracies,
        _permutation(filled, rng, n_deals) if len(filled) > 1 else None,
        tuple(replace(pair, p_holm=p_holm) for pair, p_holm in zip(pairs, adjusted, strict=True)),
    )


def spread(axes: Mapping[str, Column], rng: np.random.Generator, *, n_resamples: int = 2000) -> Estimate:
    """Return the standard deviation of the axes' true accuracies: near 0 is balanced, large is a specialist.

    Args:
        axes: name → correctness of its answers, 0–1. Axes with fewer than two answers are left out and counted.
        rng: source of the resamples.
        n_resamples: number of resamples.

    Returns:
        Estimate, at least 0; ``n`` counts axes. Its value is None with fewer than two axes.

    Raises:
        InputError: a value is NaN or infinite.
    """
    arrays = [complete_rows(column).columns[0] for column in axes.values()]
    used = [array for array in arrays if array.size > 1]
    n, n_missing = len(used), len(arrays) - len(used)
    method = f"spread of accuracies over axes, basic bootstrap 95% ({n_resamples} resamples)"
    if n < 2:
        return Estimate(None, n=n, n_missing=n_missing, method=method)
    means = np.array([[array.mean()] for array in used])
    noise = np.array([[array.var(ddof=1) / array.size] for array in used])
    observed = float(means.var(axis=0, ddof=1)[0])
    variance = float(_true_variance(means, noise)[0])
    # One axis at a time, because all draws of a large benchmark together would take hundreds of megabytes.
    moments = [_moments(array[rng.integers(0, array.size, size=(n_resamples, array.size))]) for array in used]
    replicates = _true_variance(*(np.array(number) for number in zip(*moments, strict=True)))
    low, high = (variance - (float(q) - observed) for q in np.quantile(replicates, (0.975, 0.025)))
    value, low, high = (float(np.sqrt(max(0.0, number))) for number in (variance, low, high))
    return Estimate(value, min(low, value), max(high, value), n, n_missing, method)


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean of each row, and the sampling variance of that mean."""
    return rows.mean(axis=1), rows.var(axis=1, ddof=1) / rows.shape[1]


def _redraw(array: FloatArray, rng: np.random.Generator, n_draws: int) -> FloatArray:
    hits = float(array.sum())
    return rng.beta(hits + 0.5, array.size - hits + 0.5, size=n_draws)


def _membership(draws: FloatArray, k: int) -> FloatArray:
    """Share of the draws (categories, draws) in which each category is among the ``k`` highest."""
    if draws.size == 0:
        return np.zeros(0)
    order = np.argsort(-draws, axis=0, kind="stable")
    places_of = np.argsort(order, axis=0, kind="stable")
    return np.asarray((places_of < k).mean(axis=1), dtype=np.float64)


def _pair(a: tuple[str, FloatArray, Estimate], b: tuple[str, FloatArray, Estimate]) -> GroupPair:
    (name_a, in_a, of_a), (name_b, in_b, of_b) = a, b
    if not (is_whole(in_a) and is_whole(in_b)):
        return GroupPair(name_a, name_b, *_welch(in_a, in_b))
    p_value = None
    if in_a.size and in_b.size:
        counts_a, counts_b = ((int(x.sum()), int(x.size - x.sum())) for x in (in_a, in_b))
        p_value = fisher_exact(counts_a, counts_b)
    return GroupPair(name_a, name_b, newcombe(of_a, of_b), p_value)


def _welch(a: FloatArray, b: FloatArray) -> tuple[Estimate, float | None]:
    n, method = int(a.size + b.size), "difference of means, Welch t 95%"
    if not a.size or not b.size:
        return Estimate(None, n=n, method=method), None
    value = float(a.mean() - b.mean())
    # Welch's t divides by the spread, which must not be 0.
    if min(a.size, b.size) < FEWEST or a.var() + b.var() == 0:
        return Estimate(value, n=n, method=method), None
    noise_a, noise_b = (float(each.var(ddof=1)) / each.size for each in (a, b))
    error = math.sqrt(noise_a + noise_b)
    freedom = error**4 / (noise_a**2 / (a.size - 1) + noise_b**2 / (b.size - 1))
    half = t_quantile(0.975, freedom) * error
    p_value = min(1.0, 2 * t_tail(abs(value) / error, freedom))
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half), n, method=method), p_value


def _permutation(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> float:
    pool = np.concatenate(groups)
    if np.ptp(pool) == 0:
        return 1.0
    return _share_of_deals(_between(groups, rng, n_deals))


def _between(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> FloatArray:
    """Σ n_g·m_g² of the data and of each deal, shape (1 + n_deals,); the rest of the sum of squares is the same."""
    sizes = _sizes(groups)
    return np.concatenate([(sums**2 / sizes).sum(axis=1) for sums in _deal(groups, rng, n_deals)])


def _sizes(groups: Sequence[FloatArray]) -> IntArray:
    return np.array([group.size for group in groups], dtype=np.intp)


def _deal(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> Iterator[FloatArray]:
    """Sums of each group, shape (some, groups): those of the data first, then of answers dealt at random."""
    yield np.array([[group.sum() for group in groups]])
    pool, sizes = np.concatenate(groups), _sizes(groups)
    if is_whole(pool):
        # The number of right answers per group is drawn directly, 200 times faster than dealing the answers.
        yield rng.multivariate_hypergeometric(sizes, int(pool.sum()), size=n_deals).astype(np.float64)
        return
    # Chunks of eight megabytes bound the memory for dealt answers.
    starts, step = np.cumsum(sizes) - sizes, max(1, (1 << 20) // pool.size)
    for start in range(0, n_deals, step):
        deals = rng.permuted(np.tile(pool, (min(step, n_deals - start), 1)), axis=1)
        yield np.add.reduceat(deals, starts, axis=1)


def _share_of_deals(values: FloatArray) -> float:
    """Share of the values at least as large as the first, that of the data, which counts as a deal."""
    # Sums of fractions may differ in their last bit with the order of the deal.
    return float((values >= values[0] - 1e-9).mean())


def _true_variance(means: FloatArray, noise: FloatArray) -> FloatArray:
    return np.asarray(means.var(axis=0, ddof=1) - noise.mean(axis=0), dtype=np.float64)
