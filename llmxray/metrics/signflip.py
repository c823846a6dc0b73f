"""Paired sign-flip test: whether two conditions differ on the same items, however often each item was asked.

Answers to one item are averaged first, so an item has one difference d_i = a_i − b_i, and items are the independent
units. If the conditions were exchangeable within an item, d_i could as well be −d_i; p is the share of all 2ᵐ
assignments of signs, m the items that differ, whose |Σ ±d_i| is at least the observed one (Fisher 1935, §21; Pitman
1937). With one answer an item the d_i are −1, 0 and 1, the sum is a binomial of the discordant items, and the test *is*
the exact McNemar test. Where the conditions differ in more than their mean it still holds asymptotically, since
flipping keeps Σ d_i² (Janssen 1997). Dror et al. (2018, ACL P18-1128) recommend the test for scores of language
systems.

Averages of few answers lie on a grid (fifths, for five samples), so the distribution of the sum is counted exactly, a
convolution of one binomial per distinct |d| (as Pagano and Tritchler 1983 do by its Fourier transform). Where the grid
is too fine (many answers, some of them missing) the sums are counted one by one where they are few, as those of sixteen
items are. Else signs are drawn, 99,999 times or, of more than 2,000 items that differ, down to 9,999 times; p counts
the observed ones too: (1 + hits) / (1 + draws) (Phipson and Smyth 2010).

Where several items are wordings of one question, the question is the unit: the differences of its items are added up
and change their sign together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from llmxray.metrics.accuracy import clustered, nearest_ratio
from llmxray.metrics.distributions import fair_coins
from llmxray.metrics.missing_values import BoolArray, Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.paired import mcnemar_exact, minimum_detectable_effect, paired_difference
from llmxray.metrics.resampling import encode_clusters, sums_of_clusters
from llmxray.types import Estimate

# A grid finer than 1/360 (all of 2 to 6, 8, 9 and 10 answers together) is not worth looking for.
_FINEST_GRID = 360
# 2¹⁷ sums take less time than drawing signs does.
_BITS_OF_SUMS = 17
# Up to so many grid steps the convolutions take less than a second.
_MOST_STEPS = 40_000
# Together with the observed signs these are 100,000; the observed ones count, so p is never 0.
_DRAWS = 99_999
# Fewer are drawn for very many items, where each pair of conditions would otherwise take seconds.
_FEWEST_DRAWS, _MOST_SIGNS = 9_999, 200_000_000
# Drawing how many of a size are positive takes as long as drawing so many signs.
_SIGNS_A_BINOMIAL = 64
# Blocks of this size fit into a processor's cache.
_DRAWS_AT_ONCE, _ITEMS_AT_ONCE = 10_000, 512
_SIGNS = np.unpackbits(np.arange(256, dtype=np.uint8)[np.newaxis], axis=0)
# This many sizes rule out almost every grid that does not hold all of them.
_SIZES_FIRST = 16
# Averages of fewer than a million answers do not differ by less, unless by rounding.
_EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class ItemTest:
    """Sign-flip test of two conditions on the same items.

    Attributes:
        a_ahead, b_ahead: items on which that condition has the higher share of right answers; with one answer an item
            those that only it got right.
        p_value: two-sided; None without items.
        exact: whether all signs were counted; else they were drawn.
        difference: mean of a − mean of b, −1 to 1; Bonett–Price where each item is all right or all wrong under both
            conditions, else Student's t over items.
        detectable: minimum detectable effect of these items, power 0.8, for one comparison.
    """

    a_ahead: int
    b_ahead: int
    p_value: float | None
    exact: bool
    difference: Estimate
    detectable: float | None


def sign_flip(
    a: Column, b: Column, rng: np.random.Generator, clusters: Sequence[Hashable] | None = None
) -> ItemTest:
    """Return the sign-flip test of whether a and b differ in accuracy.

    Args:
        a, b: shape (n,), share of right answers of each item, 0–1, aligned; items with a None are left out and counted.
        rng: source of the signs where they cannot all be counted.
        clusters: shape (n,), the question of each item, where some are wordings of one question; questions are then the
            units that are counted.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    rows = complete_rows(a, b)
    shares_a, shares_b = rows.columns
    # Equal thirds and sevenths that were computed differently differ in their last bit.
    differences = np.round(shares_a - shares_b, 9)
    if clusters is not None:
        codes = encode_clusters([clusters[position] for position in rows.kept])
        if codes.max(initial=-1) + 1 < rows.n:
            # Unrounded differences are added up, because rounded sevenths that sum to 0 would leave a remainder.
            return _test_questions(shares_a - shares_b, codes, len(set(clusters)), rng)
    p_value, exact = _p_value(differences, rng) if rows.n else (None, True)
    is_single = bool(np.isin(np.concatenate(rows.columns), (0.0, 1.0)).all())
    return ItemTest(
        a_ahead=int((differences > 0).sum()),
        b_ahead=int((differences < 0).sum()),
        p_value=p_value,
        exact=exact,
        difference=_difference(a, b) if is_single else _exactly(paired_difference(a, b)),
        detectable=_detectable_effect(differences) if rows.n else None,
    )


def _difference(a: Column, b: Column) -> Estimate:
    sides = ([None if value is None else value == 1 for value in column] for column in (a, b))
    return mcnemar_exact(*sides).difference


def _exactly(difference: Estimate) -> Estimate:
    return (
        difference if difference.value is None else replace(difference, value=nearest_ratio(difference.value))
    )


def _test_questions(
    differences: FloatArray, codes: IntArray, n_asked: int, rng: np.random.Generator
) -> ItemTest:
    """Sign-flip test over questions that have several items each."""
    sums = np.round(sums_of_clusters(differences, codes), 9)
    p_value, exact = _p_value(sums, rng)
    estimate = _exactly(clustered(differences, codes.tolist()))
    low, high = estimate.low, estimate.high
    if low is None or high is None or not np.ptp(sums):
        low = high = None
    else:
        low, high = max(-1.0, low), min(1.0, high)
    difference = replace(
        estimate,
        low=low,
        high=high,
        n=sums.size,
        n_missing=n_asked - sums.size,
        method="mean of paired differences, t 95% over questions",
    )
    # A question's sum is scaled to a mean over items, the unit of the reported difference.
    scaled = sums * sums.size / differences.size
    return ItemTest(
        int((sums > 0).sum()), int((sums < 0).sum()), p_value, exact, difference, _detectable_effect(scaled)
    )


def _detectable_effect(differences: FloatArray) -> float | None:
    sizes = np.abs(differences)
    # Flips keep the mean square, which with one answer an item is the share of discordant items; and no signs
    # give a larger mean than the mean size.
    # Questions with more items than others may exceed 1, hence the cap.
    square, mean_size = (min(1.0, float(values.mean())) for values in (sizes**2, sizes))
    return minimum_detectable_effect(differences.size, square, largest=mean_size)


def _p_value(differences: FloatArray, rng: np.random.Generator) -> tuple[float, bool]:
    differences = differences[np.abs(differences) > _EQUAL]
    sizes, counts = np.unique(np.abs(differences), return_counts=True)
    steps = _grid_steps(sizes)
    if steps is not None and int(steps @ counts) <= _MOST_STEPS:
        sum_ = int(np.rint(differences.sum() * steps[0] / sizes[0])) if sizes.size else 0
        return _exact_p_value(steps, counts, abs(sum_)), True
    observed = abs(float(differences.sum())) - _EQUAL
    if np.log2(counts + 1).sum() <= _BITS_OF_SUMS:
        sums, shares = _sums(sizes, counts)
        return _round_p_value(float(shares[np.abs(sums) >= observed].sum())), True
    sums_drawn = _draw_sums(sizes, counts, rng)
    return (1 + int((np.abs(sums_drawn) >= observed).sum())) / (1 + sums_drawn.size), False


def _sums(sizes: FloatArray, counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """The sums that ± sizes can come to, by how many of each have a plus, and the share of signs that give each."""
    sums, shares = np.zeros(1), np.ones(1)
    for size, n in zip(sizes.tolist(), counts.tolist(), strict=True):
        sums = np.add.outer(sums, size * (2 * np.arange(n + 1) - n)).ravel()
        shares = np.multiply.outer(shares, _plus_shares(n)).ravel()
    return sums, shares


@lru_cache(1024)
def _plus_shares(n: int) -> FloatArray:
    """Share of all signs of n items that have 0, 1, … n pluses, shape (n + 1,)."""
    return fair_coins(n)


def _round_p_value(p_value: float) -> float:
    # Twelve digits make 1/16 the same number on every machine; rounding may push sums of shares above 1.
    return min(1.0, float(f"{p_value:.12g}"))


def _draw_sums(sizes: FloatArray, counts: IntArray, rng: np.random.Generator) -> FloatArray:
    """Σ ± sizes under random signs; ``counts`` items have each size. Memory does not grow with the sizes."""
    n, as_binomials = int(counts.sum()), _SIGNS_A_BINOMIAL * sizes.size
    draws = min(_DRAWS, max(_FEWEST_DRAWS, _MOST_SIGNS // min(n, as_binomials)))
    sums = np.zeros(draws)
    if n > as_binomials:
        for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
            sums += size * (2 * rng.binomial(count, 0.5, draws) - count)
        return sums
    item_sizes = np.repeat(sizes, counts)
    for start in range(0, n, _ITEMS_AT_ONCE):
        sizes_part = item_sizes[start : start + _ITEMS_AT_ONCE]
        for row in range(0, draws, _DRAWS_AT_ONCE):
            _add_positive(sizes_part, sums[row : row + _DRAWS_AT_ONCE], rng)
    return 2 * sums - item_sizes.sum()


def _add_positive(sizes: FloatArray, sums: FloatArray, rng: np.random.Generator) -> None:
    """Add to each sum the sizes that a draw of signs makes positive."""
    width = -(-sizes.size // 8)
    # Sums of eight items for each of their 256 assignments of signs, so that one byte draws eight signs.
    pluses = np.pad(sizes, (0, 8 * width - sizes.size)).reshape(width, 8) @ _SIGNS
    eights = np.frombuffer(rng.bytes(width * sums.size), dtype=np.uint8).reshape(width, sums.size)
    for plus, signs in zip(pluses, eights, strict=True):
        sums += plus[signs]


def _grid_steps(sizes: FloatArray) -> IntArray | None:
    """The sizes in steps of the coarsest grid 1/k that holds them all; None where none is coarse enough."""
    fit = _is_on_grid(np.outer(np.arange(1, _FINEST_GRID + 1), sizes[:_SIZES_FIRST]))
    for k in np.flatnonzero(fit) + 1:
        steps = sizes * k
        if _is_on_grid(steps):
            grid_steps: IntArray = np.rint(steps).astype(np.intp)
            return grid_steps
    return None


def _is_on_grid(steps: FloatArray) -> BoolArray:
    """Whether all steps along the last axis are integers."""
    # Nine decimals are kept, so that 360 times their rounding error is still below this.
    is_whole_step: BoolArray = (np.abs(steps - np.rint(steps)) <= 1e-6).all(axis=-1)
    return is_whole_step


def _exact_p_value(steps: IntArray, counts: IntArray, observed: int) -> float:
    """P(|Σ ± steps| ≥ observed), all signs equally likely; ``counts`` items have each step."""
    # Distribution of the part with a plus; the signed sum is twice that part minus the total.
    distribution = np.ones(1)
    for step, n in zip(steps.tolist(), counts.tolist(), strict=True):
        step_distribution = np.zeros(step * n + 1)
        step_distribution[::step] = _plus_shares(n)
        distribution = np.convolve(distribution, step_distribution)
    tail = float(distribution[: (int(steps @ counts) - observed) // 2 + 1].sum())
    # Doubling counts the middle twice when the sum is 0, hence a cap.
    return _round_p_value(2 * tail)
