"""Whether two conditions differ on the same items, however often each item was asked: the paired sign-flip test.

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
import scipy

from llmxray.metrics.accuracy import clustered
from llmxray.metrics.columns import BoolArray, Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.paired import mcnemar_exact, minimum_detectable_effect, paired_difference
from llmxray.metrics.resampling import numbered, sums_of_clusters
from llmxray.types import Estimate

# A grid finer than 1/360 (all of 2 to 6, 8, 9 and 10 answers together) is not worth looking for.
_FINEST = 360
# 2¹⁷ sums take less time than drawing signs does.
_BITS_OF_SUMS = 17
# Up to so many grid steps the convolutions take less than a second.
_MOST_STEPS = 40_000
# With the signs observed 100,000; as they count, p is never 0.
_DRAWS = 99_999
# Of very many items fewer are drawn, or each pair of conditions would take seconds.
_FEWEST_DRAWS, _MOST_SIGNS = 9_999, 200_000_000
# Drawing how many of a size are positive takes as long as drawing so many signs.
_SIGNS_A_BINOMIAL = 64
# So many fit into a processor's cache.
_DRAWS_AT_ONCE, _ITEMS_AT_ONCE = 10_000, 512
_SIGNS = np.unpackbits(np.arange(256, dtype=np.uint8)[np.newaxis], axis=0)
# As many sizes tell almost every grid that does not hold them all.
_SIZES_FIRST = 16
# Averages of fewer than a million answers do not differ by less, unless by rounding.
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class ItemTest:
    """Two conditions on the same items.

    Attributes:
        a_ahead, b_ahead: items on which that condition has the higher share of right answers; with one answer an item
            those that only it got right.
        p_value: two-sided; None without items.
        exact: all signs were counted; else they were drawn.
        difference: mean of a − mean of b, −1 to 1; Bonett–Price where each item is all right or all wrong under both
            conditions, else Student's t over items.
        detectable: smallest true difference these items would have shown with power 0.8, for one comparison.
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
    """Whether a and b differ in accuracy.

    Args:
        a, b: share of right answers of each item, 0–1, aligned; items with a None are left out and counted.
        rng: source of the signs where they cannot all be counted.
        clusters: the question of each item, where some are wordings of one question; questions are counted then.
    """
    rows = complete_rows(a, b)
    left, right = rows.columns
    # Thirds and sevenths differ in their last bit by how they were come to.
    differences = np.round(left - right, 9)
    if clusters is not None:
        codes = numbered([clusters[place] for place in rows.kept])
        if codes.max(initial=-1) + 1 < rows.n:
            # Not rounded yet: sevenths that add up to nothing would leave a difference.
            return _of_questions(left - right, codes, len(set(clusters)), rng)
    p_value, exact = _p_value(differences, rng) if rows.n else (None, True)
    whole = bool(np.isin(np.concatenate(rows.columns), (0.0, 1.0)).all())
    return ItemTest(
        a_ahead=int((differences > 0).sum()),
        b_ahead=int((differences < 0).sum()),
        p_value=p_value,
        exact=exact,
        difference=_difference(a, b) if whole else paired_difference(a, b),
        detectable=_detectable(differences) if rows.n else None,
    )


def _difference(a: Column, b: Column) -> Estimate:
    sides = ([None if value is None else value == 1 for value in column] for column in (a, b))
    return mcnemar_exact(*sides).difference


def _of_questions(
    differences: FloatArray, codes: IntArray, n_asked: int, rng: np.random.Generator
) -> ItemTest:
    """The test where questions have several items each."""
    sums = np.round(sums_of_clusters(differences, codes), 9)
    p_value, exact = _p_value(sums, rng)
    found = clustered(differences, codes.tolist())
    low, high = found.low, found.high
    if low is None or high is None or not np.ptp(sums):
        low = high = None
    else:
        low, high = max(-1.0, low), min(1.0, high)
    difference = replace(
        found,
        low=low,
        high=high,
        n=sums.size,
        n_missing=n_asked - sums.size,
        method="mean of paired differences, t 95% over questions",
    )
    # In the size of a mean over items, of which a question has so many.
    scaled = sums * sums.size / differences.size
    return ItemTest(
        int((sums > 0).sum()), int((sums < 0).sum()), p_value, exact, difference, _detectable(scaled)
    )


def _detectable(differences: FloatArray) -> float | None:
    sizes = np.abs(differences)
    # Flips keep the mean square, which with one answer an item is the share of discordant items; and no signs
    # give a larger mean than the mean size.
    # Questions of more items than others may count for more than one.
    square, mean_size = (min(1.0, float(each.mean())) for each in (sizes**2, sizes))
    return minimum_detectable_effect(differences.size, square, largest=mean_size)


def _p_value(differences: FloatArray, rng: np.random.Generator) -> tuple[float, bool]:
    differences = differences[np.abs(differences) > _NOTHING]
    sizes, counts = np.unique(np.abs(differences), return_counts=True)
    steps = _steps(sizes)
    if steps is not None and int(steps @ counts) <= _MOST_STEPS:
        sum_ = int(np.rint(differences.sum() * steps[0] / sizes[0])) if sizes.size else 0
        return _counted(steps, counts, abs(sum_)), True
    observed = abs(float(differences.sum())) - _NOTHING
    if np.log2(counts + 1).sum() <= _BITS_OF_SUMS:
        sums, shares = _sums(sizes, counts)
        return _cut(float(shares[np.abs(sums) >= observed].sum())), True
    drawn = _drawn(sizes, counts, rng)
    return (1 + int((np.abs(drawn) >= observed).sum())) / (1 + drawn.size), False


def _sums(sizes: FloatArray, counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """The sums that ± sizes can come to, by how many of each have a plus, and the share of signs that give each."""
    sums, shares = np.zeros(1), np.ones(1)
    for size, n in zip(sizes.tolist(), counts.tolist(), strict=True):
        sums = np.add.outer(sums, size * (2 * np.arange(n + 1) - n)).ravel()
        shares = np.multiply.outer(shares, _of_pluses(n)).ravel()
    return sums, shares


@lru_cache(1024)
def _of_pluses(n: int) -> FloatArray:
    """Share of all signs of n items that have 0, 1, … n pluses, shape (n + 1,)."""
    shares: FloatArray = scipy.stats.binom.pmf(np.arange(n + 1), n, 0.5)
    return shares


def _cut(p_value: float) -> float:
    # So that 1/16 is 1/16 on every machine; sums of shares may exceed 1 by their rounding.
    return min(1.0, float(f"{p_value:.12g}"))


def _drawn(sizes: FloatArray, counts: IntArray, rng: np.random.Generator) -> FloatArray:
    """Σ ± sizes under random signs; ``counts`` items have each size. Memory does not grow with the sizes."""
    n, as_binomials = int(counts.sum()), _SIGNS_A_BINOMIAL * sizes.size
    draws = min(_DRAWS, max(_FEWEST_DRAWS, _MOST_SIGNS // min(n, as_binomials)))
    sums = np.zeros(draws)
    if n > as_binomials:
        for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
            sums += size * (2 * rng.binomial(count, 0.5, draws) - count)
        return sums
    each = np.repeat(sizes, counts)
    for start in range(0, n, _ITEMS_AT_ONCE):
        some = each[start : start + _ITEMS_AT_ONCE]
        for row in range(0, draws, _DRAWS_AT_ONCE):
            _add_positive(some, sums[row : row + _DRAWS_AT_ONCE], rng)
    return 2 * sums - each.sum()


def _add_positive(sizes: FloatArray, sums: FloatArray, rng: np.random.Generator) -> None:
    """Add to each sum the sizes that a draw of signs makes positive."""
    width = -(-sizes.size // 8)
    # What eight items add, by their 256 assignments of signs.
    pluses = np.pad(sizes, (0, 8 * width - sizes.size)).reshape(width, 8) @ _SIGNS
    eights = np.frombuffer(rng.bytes(width * sums.size), dtype=np.uint8).reshape(width, sums.size)
    for plus, drawn in zip(pluses, eights, strict=True):
        sums += plus[drawn]


def _steps(sizes: FloatArray) -> IntArray | None:
    """The sizes in steps of the coarsest grid 1/k that holds them all; None where none is coarse enough."""
    fit = _on_grid(np.outer(np.arange(1, _FINEST + 1), sizes[:_SIZES_FIRST]))
    for k in np.flatnonzero(fit) + 1:
        steps = sizes * k
        if _on_grid(steps):
            whole: IntArray = np.rint(steps).astype(np.intp)
            return whole
    return None


def _on_grid(steps: FloatArray) -> BoolArray:
    """Whether all in the last axis are whole."""
    # Nine decimals are kept, so that 360 times their rounding error is still below this.
    whole: BoolArray = (np.abs(steps - np.rint(steps)) <= 1e-6).all(axis=-1)
    return whole


def _counted(steps: IntArray, counts: IntArray, observed: int) -> float:
    """P(|Σ ± steps| ≥ observed), all signs equally likely; ``counts`` items have each step."""
    # Of all steps together, the part with a plus: the sum is twice that, minus the total.
    taken = np.ones(1)
    for step, n in zip(steps.tolist(), counts.tolist(), strict=True):
        part = np.zeros(step * n + 1)
        part[::step] = _of_pluses(n)
        taken = np.convolve(taken, part)
    tail = float(taken[: (int(steps @ counts) - observed) // 2 + 1].sum())
    # Doubling counts the middle twice when the sum is 0, hence a cap.
    return _cut(2 * tail)
