"""Parts of a benchmark against each other: best and worst, whether groups differ, how uneven a model is.

*How sure a place is.* The accuracy of a category with s right of n is redrawn from Beta(s + ½, n − s + ½),
Jeffreys' posterior; the share of redraws in which the category is among the top k (or bottom k) is how sure
its place is. Plain resampling would call a category with 3 of 3 right certain, because it never draws a wrong.

*Whether groups differ.* Permutation test: answers are dealt to the groups at random, group sizes kept, and p is
the share of deals whose between-group sum of squares Σ n_g(m_g − m)² is at least the observed one, the observed
deal counted (Phipson and Smyth 2010). The same deals say whether the k-th best category differs from the k-th worst
(`extremes_differ`). `uneven` deals within strata, such as suites, and adds their sums of squares: whether categories
differ beside what the strata do. Each pair of groups has Newcombe's interval and Fisher's exact test
(Welch's interval and test where repeats were averaged to fractions), Holm-adjusted.

*Spread*, "specialist or balanced": the standard deviation of the true accuracies of the axes, by the method of
moments: variance of the observed ones (C − 1) minus their mean sampling variance; 0 when that is negative.
Interval: basic bootstrap within axes, on the variance, where a replicate's expectation is the observed variance.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from llmxray.errors import InputError
from llmxray.metrics.accuracy import FEWEST, averaged_share, is_whole, newcombe
from llmxray.metrics.columns import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.paired import holm
from llmxray.types import Estimate

# With the deal observed 10,000; as it counts, p is never 0.
_DEALS = 9_999


@dataclass(frozen=True, slots=True)
class Place:
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
    """Whether any of some groups differ.

    Attributes:
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
) -> tuple[Place, ...]:
    """Categories from most to least accurate, each with how sure a place among the best or worst ``k`` is.

    Args:
        categories: name → correctness of its answers, 0–1 (fractions where repeats were averaged).
    """
    if k < 1:
        raise InputError(f"k must be at least 1, got {k}")
    columns = {name: complete_rows(column) for name, column in categories.items()}
    known = [name for name, rows in columns.items() if rows.n]
    draws = np.array([_redrawn(columns[name].columns[0], rng, n_draws) for name in known])
    top, bottom = _membership(draws, k), _membership(-draws, k)
    found = []
    for name, rows in columns.items():
        at = known.index(name) if rows.n else None
        sure = (None, None) if at is None else (float(top[at]), float(bottom[at]))
        found.append(Place(name, averaged_share(categories[name]), *sure))
    return tuple(
        sorted(found, key=lambda each: -(-1.0 if each.accuracy.value is None else each.accuracy.value))
    )


def extremes_differ(
    categories: Mapping[str, Column], rng: np.random.Generator, *, k: int = 3, n_deals: int = _DEALS
) -> float | None:
    """p of the gap between the k-th best and the k-th worst category, against answers dealt to them at random.

    Both are picked by the data, which a test of the two alone would not know. None with fewer than 2k categories that
    have answers.
    """
    arrays = [complete_rows(column).columns[0] for column in categories.values()]
    filled = [array for array in arrays if array.size]
    if k < 1 or len(filled) < 2 * k:
        return None
    sizes = _sizes(filled)
    ordered = [np.sort(sums / sizes, axis=1) for sums in _dealt(filled, rng, n_deals)]
    return _share_of_deals(np.concatenate([means[:, -k] - means[:, k - 1] for means in ordered]))


def uneven(
    strata: Sequence[Mapping[str, Column]], rng: np.random.Generator, *, n_deals: int = _DEALS
) -> float | None:
    """p of the differences between categories of the same stratum, answers dealt at random within each stratum.

    Strata may differ from each other: that is no evidence here. None where no stratum has two categories with answers.

    Args:
        strata: of each, category → correctness of its answers, 0–1.
    """
    between = np.zeros(n_deals + 1)
    known = False
    for categories in strata:
        arrays = [complete_rows(column).columns[0] for column in categories.values()]
        filled = [array for array in arrays if array.size]
        if len(filled) < 2:
            continue
        known = True
        between += _between(filled, rng, n_deals)
    return _share_of_deals(between) if known else None


def differ(groups: Mapping[str, Column], rng: np.random.Generator, *, n_deals: int = _DEALS) -> GroupTest:
    """Whether accuracy differs between groups of different items.

    Args:
        groups: name → correctness of its items, 0–1 (fractions where repeats were averaged).
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
    """Standard deviation of the axes' true accuracies, 0–1: near 0 balanced, large a specialist.

    Axes with fewer than two answers are left out and counted as missing; None with fewer than two axes.
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
    # Axis by axis: all draws of a large benchmark together would be hundreds of megabytes.
    drawn = [_moments(array[rng.integers(0, array.size, size=(n_resamples, array.size))]) for array in used]
    replicates = _true_variance(*(np.array(each) for each in zip(*drawn, strict=True)))
    low, high = (variance - (float(q) - observed) for q in np.quantile(replicates, (0.975, 0.025)))
    value, low, high = (float(np.sqrt(max(0.0, each))) for each in (variance, low, high))
    return Estimate(value, min(low, value), max(high, value), n, n_missing, method)


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean of each row, and the sampling variance of that mean."""
    return rows.mean(axis=1), rows.var(axis=1, ddof=1) / rows.shape[1]


def _redrawn(array: FloatArray, rng: np.random.Generator, n_draws: int) -> FloatArray:
    right = float(array.sum())
    return rng.beta(right + 0.5, array.size - right + 0.5, size=n_draws)


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
        table = [[int(x.sum()), int(x.size - x.sum())] for x in (in_a, in_b)]
        p_value = min(1.0, float(scipy.stats.fisher_exact(table).pvalue))
    return GroupPair(name_a, name_b, newcombe(of_a, of_b), p_value)


def _welch(a: FloatArray, b: FloatArray) -> tuple[Estimate, float | None]:
    n, method = int(a.size + b.size), "difference of means, Welch t 95%"
    if not a.size or not b.size:
        return Estimate(None, n=n, method=method), None
    value = float(a.mean() - b.mean())
    # Without any spread Welch's t divides by 0.
    if min(a.size, b.size) < FEWEST or a.var() + b.var() == 0:
        return Estimate(value, n=n, method=method), None
    test = scipy.stats.ttest_ind(a, b, equal_var=False)
    low, high = (float(end) for end in test.confidence_interval(0.95))
    return Estimate(value, max(-1.0, low), min(1.0, high), n, method=method), float(test.pvalue)


def _permutation(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> float:
    pool = np.concatenate(groups)
    if np.ptp(pool) == 0:
        return 1.0
    return _share_of_deals(_between(groups, rng, n_deals))


def _between(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> FloatArray:
    """Σ n_g·m_g² of the data and of each deal, shape (1 + n_deals,); the rest of the sum of squares is the same."""
    sizes = _sizes(groups)
    return np.concatenate([(sums**2 / sizes).sum(axis=1) for sums in _dealt(groups, rng, n_deals)])


def _sizes(groups: Sequence[FloatArray]) -> IntArray:
    return np.array([group.size for group in groups], dtype=np.intp)


def _dealt(groups: Sequence[FloatArray], rng: np.random.Generator, n_deals: int) -> Iterator[FloatArray]:
    """Sums of each group, shape (some, groups): those of the data first, then of answers dealt at random."""
    yield np.array([[group.sum() for group in groups]])
    pool, sizes = np.concatenate(groups), _sizes(groups)
    if is_whole(pool):
        # How many right answers a deal gives to each group, drawn without dealing: 200 times faster.
        yield rng.multivariate_hypergeometric(sizes, int(pool.sum()), size=n_deals).astype(np.float64)
        return
    # Eight megabytes of dealt answers at a time.
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
