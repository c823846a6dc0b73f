"""Two conditions on the same items: every difference is a − b, item by item.

- `mcnemar_exact`: two-sided exact McNemar test, the binomial test of the discordant items at ½
  (McNemar 1947); its difference in accuracy has the Bonett–Price (2012) adjusted Wald interval,
  which adds one item to each discordant count.
- `paired_difference`: mean of the items' differences with Student's t interval, n − 1 degrees of freedom: honest
  where repeats are averaged and items are few, where a bootstrap is too narrow.
- `paired_bootstrap`: items are resampled once for both conditions, so that what is hard for both cancels.
  Basic interval, see `resampling`.
- `paired_ratio`: the same for a / b, percentile interval.
- `holm`: step-down adjustment of a family of p-values (Holm 1979).
- `minimum_detectable_effect`: from the sample size of McNemar's test (Miettinen 1968),
  √n·d = z_{1−α/2}·√ψ + z_{power}·√(ψ − d²), with ψ the share of discordant items.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import scipy

from llmxray.errors import InputError
from llmxray.metrics.accuracy import mean
from llmxray.metrics.calibration import binned
from llmxray.metrics.columns import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.resampling import basic_interval, percentile_interval, quotients, resamples
from llmxray.types import Estimate

type ColumnStatistic = Callable[..., float | None]


class Joined[T](NamedTuple):
    """Two tables joined on item id.

    Attributes:
        ids: ids in both, in the order of ``left``.
        left, right: their values, aligned with ``ids``.
        unmatched: ids in one table only, those of ``left`` first.
    """

    ids: tuple[str, ...]
    left: tuple[T, ...]
    right: tuple[T, ...]
    unmatched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Exact McNemar test of two conditions.

    Attributes:
        b_only, a_only: items that only that condition got right.
        both, neither: items both, or neither, got right.
        p_value: two-sided; None without items.
        difference: accuracy of a − accuracy of b, −1 to 1.
    """

    b_only: int
    a_only: int
    both: int
    neither: int
    p_value: float | None
    difference: Estimate


def join[T](left: Mapping[str, T], right: Mapping[str, T]) -> Joined[T]:
    """Align two tables on item id."""
    ids = tuple(id_ for id_ in left if id_ in right)
    unmatched = [id_ for id_ in left if id_ not in right] + [id_ for id_ in right if id_ not in left]
    return Joined(ids, tuple(left[i] for i in ids), tuple(right[i] for i in ids), tuple(unmatched))


def mcnemar_exact(a: Sequence[bool | None], b: Sequence[bool | None]) -> PairedTest:
    """Whether a and b differ in accuracy; pairs with a None are left out and counted."""
    rows = complete_rows(a, b)
    right_a, right_b = rows.columns[0] != 0, rows.columns[1] != 0
    a_only, b_only = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    discordant = a_only + b_only
    # Doubling the smaller tail counts the middle twice when both are equal, hence the cap.
    p_value = (
        min(1.0, 2 * float(scipy.stats.binom.cdf(min(a_only, b_only), discordant, 0.5))) if rows.n else None
    )
    return PairedTest(
        b_only=b_only,
        a_only=a_only,
        both=int((right_a & right_b).sum()),
        neither=int((~right_a & ~right_b).sum()),
        p_value=p_value,
        difference=_bonett_price(a_only, b_only, rows.n, rows.n_missing),
    )


def paired_difference(a: Column, b: Column) -> Estimate:
    """Mean of a − mean of b, scores 0–1 of the same items; t 95%, cut to −1 to 1.

    No interval below `accuracy.FEWEST` items, nor where all differ alike: there is then no spread to go by.
    """
    rows = complete_rows(a, b)
    left, right = rows.columns
    differences = left - right
    found = replace(mean(differences), n_missing=rows.n_missing, method="mean of paired differences, t 95%")
    if found.low is None or found.high is None or not np.ptp(differences):
        return replace(found, low=None, high=None)
    return replace(found, low=max(-1.0, found.low), high=min(1.0, found.high))


def paired_bootstrap(
    stat: ColumnStatistic,
    a: Sequence[Column],
    b: Sequence[Column],
    rng: np.random.Generator,
    n_resamples: int = 2000,
) -> Estimate:
    """stat(a) − stat(b), basic bootstrap 95% over items.

    Args:
        stat: takes the columns of one condition, such as (confidence, correct) for `calibration.ece`.
        a, b: the columns of each condition, all aligned on the same items.
        rng: source of the resamples.
        n_resamples: number of resamples.
    """
    return _paired(stat, a, b, rng, n_resamples, ratio=False)


def paired_ratio(
    stat: ColumnStatistic,
    a: Sequence[Column],
    b: Sequence[Column],
    rng: np.random.Generator,
    n_resamples: int = 2000,
) -> Estimate:
    """stat(a) / stat(b), percentile bootstrap 95% over items; None when stat(b) is 0."""
    return _paired(stat, a, b, rng, n_resamples, ratio=True)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm-adjusted p-values in input order; a None stays None and does not count in the family."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        adjusted[place] = largest
    return tuple(adjusted)


def holm_of_all(p_values: FloatArray) -> FloatArray:
    """`holm` of an array, shape (n,), in which every test has a p-value."""
    order = np.argsort(p_values, kind="stable")
    ranked = (p_values.size - np.arange(p_values.size)) * p_values[order]
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, ranked))
    return adjusted


def minimum_detectable_effect(
    n: int,
    discordant_rate: float,
    alpha: float = 0.05,
    power: float = 0.8,
    *,
    largest: float | None = None,
) -> float | None:
    """Smallest true difference in accuracy (0–1) that McNemar's test finds with this power.

    None when not even the largest difference there can be would be found.

    Args:
        discordant_rate: share of discordant items; where answers are averaged within items, the mean square of the
            items' differences, which is the same thing for one answer an item.
        largest: the largest difference there can be; ``discordant_rate`` unless given.
    """
    most = discordant_rate if largest is None else largest
    if n < 1 or not 0 <= discordant_rate <= 1:
        raise InputError(f"need n >= 1 and a discordant rate in 0–1, got {n} and {discordant_rate}")
    # Not by scipy, whose loading would double the time of `llmxray check`.
    normal = NormalDist()
    z_alpha, z_power = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)
    if discordant_rate == 0:
        return None
    if n < z_alpha**2:
        # So few that ψ − d² has come to its end, 0, before the difference is found.
        found = z_alpha * math.sqrt(discordant_rate / n)
    else:
        # The larger root of the formula above, squared.
        slack = math.sqrt(discordant_rate * (n + z_power**2 - z_alpha**2))
        found = (z_alpha * math.sqrt(n * discordant_rate) + z_power * slack) / (n + z_power**2)
    return found if found <= most else None


def _bonett_price(a_only: int, b_only: int, n: int, n_missing: int) -> Estimate:
    method = "difference of paired proportions, Bonett–Price 95%"
    if n == 0:
        return Estimate(None, n=0, n_missing=n_missing, method=method)
    p_a, p_b = (a_only + 1) / (n + 2), (b_only + 1) / (n + 2)
    half = float(scipy.stats.norm.ppf(0.975)) * math.sqrt((p_a + p_b - (p_a - p_b) ** 2) / (n + 2))
    low, high = max(-1.0, p_a - p_b - half), min(1.0, p_a - p_b + half)
    return Estimate((a_only - b_only) / n, low, high, n, n_missing, method)


def _paired(
    stat: ColumnStatistic,
    a: Sequence[Column],
    b: Sequence[Column],
    rng: np.random.Generator,
    n_resamples: int,
    *,
    ratio: bool,
) -> Estimate:
    rows = complete_rows(*a, *b)
    sides = rows.columns[: len(a)], rows.columns[len(a) :]
    kind = "ratio, percentile" if ratio else "difference, basic"
    method = f"paired {kind} bootstrap 95% ({n_resamples} resamples)"
    value_a, value_b = (stat(*side) if rows.n else None for side in sides)
    if value_a is None or value_b is None or (ratio and value_b == 0):
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    value = value_a / value_b if ratio else value_a - value_b
    drawn = [_replicates(stat, sides, index) for index in resamples(rows.n, n_resamples, rng)]
    of_a, of_b = (np.concatenate(replicates) for replicates in zip(*drawn, strict=True))
    low, high = _interval(value, of_a, of_b, rows.n, ratio=ratio)
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


def _interval(
    value: float, of_a: FloatArray, of_b: FloatArray, n_units: int, *, ratio: bool
) -> tuple[float | None, float | None]:
    if not ratio:
        return basic_interval(value, of_a - of_b, n_units)
    return percentile_interval(quotients(of_a, of_b), n_units)


def _replicates(
    stat: ColumnStatistic, sides: tuple[tuple[FloatArray, ...], ...], index: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Both statistics on the same resamples, those left out where either is None."""
    # Only statistics of (confidence, correct) are known as bin sums.
    fast_a, fast_b = (binned(stat, *side) if len(side) == 2 else None for side in sides)
    if fast_a is not None and fast_b is not None:
        return fast_a.at(index), fast_b.at(index)
    both = [[stat(*(column[row] for column in side)) for side in sides] for row in index]
    known = np.array([pair for pair in both if None not in pair], dtype=np.float64).reshape(-1, 2)
    return known[:, 0], known[:, 1]
