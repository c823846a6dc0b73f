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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import mean
from llmxray.metrics.calibration import as_binned
from llmxray.metrics.distributions import binomial_cdf, normal_quantile
from llmxray.metrics.missing_values import Column, FloatArray, IntArray, complete_rows
from llmxray.metrics.resampling import basic_interval, percentile_interval, quotients, resamples
from llmxray.types import Estimate, Row

type ColumnStatistic = Callable[..., float | None]


class JoinedRows(NamedTuple):
    """The rows of two conditions on the same questions.

    Attributes:
        questions: (suite, item id) of those that both answered, in the order of ``left``.
        left, right: their rows, aligned with ``questions``.
        unmatched: (suite, item id) of those that one side answered only, those of ``left`` first.
    """

    questions: tuple[tuple[str, str], ...]
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    unmatched: tuple[tuple[str, str], ...]


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


def join(left: Iterable[Row], right: Iterable[Row]) -> JoinedRows:
    """Align the rows of two conditions on suite and item: an item id may stand in several suites.

    Raises:
        InputError: a condition answered a question several times, which are not independent answers.
    """
    of_left, of_right = _by_question(left), _by_question(right)
    both = tuple(question for question in of_left if question in of_right)
    return JoinedRows(
        both,
        tuple(of_left[question] for question in both),
        tuple(of_right[question] for question in both),
        tuple(
            question for question in (*of_left, *of_right) if (question in of_left) != (question in of_right)
        ),
    )


def _by_question(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    by_question: dict[tuple[str, str], Row] = {}
    for row in rows:
        if by_question.setdefault((row.suite, row.item_id), row) is not row:
            raise InputError(
                f"question {row.item_id} of {row.suite} stands twice on one side: give one condition, and "
                "one of its repeats or rotations"
            )
    return by_question


def mcnemar_exact(a: Sequence[bool | None], b: Sequence[bool | None]) -> PairedTest:
    """Return the exact McNemar (1947) test of whether a and b differ in accuracy.

    Args:
        a, b: shape (n,), whether each item is right, aligned; pairs with a None are left out and counted.

    Raises:
        InputError: the columns differ in length.

    >>> mcnemar_exact([True] * 6 + [False], [False] * 6 + [True]).p_value
    0.125
    """
    rows = complete_rows(a, b)
    right_a, right_b = rows.columns[0] != 0, rows.columns[1] != 0
    a_only, b_only = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    discordant = a_only + b_only
    # Doubling the smaller tail counts the middle twice when both are equal, hence the cap.
    p_value = min(1.0, 2 * binomial_cdf(min(a_only, b_only), discordant, 0.5)) if rows.n else None
    return PairedTest(
        b_only=b_only,
        a_only=a_only,
        both=int((right_a & right_b).sum()),
        neither=int((~right_a & ~right_b).sum()),
        p_value=p_value,
        difference=_bonett_price(a_only, b_only, rows.n, rows.n_missing),
    )


def paired_difference(a: Column, b: Column) -> Estimate:
    """Return mean of a − mean of b with Student's t 95% interval, cut to −1 to 1.

    Args:
        a, b: shape (n,), scores 0–1 of the same items; items with a None in either are left out and counted.

    Returns:
        Estimate, −1 to 1. It has no interval below `accuracy.FEWEST` items, nor where all items differ by the same
        amount and so have no spread.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    rows = complete_rows(a, b)
    scores_a, scores_b = rows.columns
    differences = scores_a - scores_b
    estimate = replace(
        mean(differences), n_missing=rows.n_missing, method="mean of paired differences, t 95%"
    )
    if estimate.low is None or estimate.high is None or not np.ptp(differences):
        return replace(estimate, low=None, high=None)
    return replace(estimate, low=max(-1.0, estimate.low), high=min(1.0, estimate.high))


def paired_bootstrap(
    stat: ColumnStatistic,
    a: Sequence[Column],
    b: Sequence[Column],
    rng: np.random.Generator,
    n_resamples: int = 2000,
) -> Estimate:
    """Return stat(a) − stat(b) with its basic bootstrap 95% interval over items.

    Args:
        stat: takes the columns of one condition, such as (confidence, correct) for `calibration.ece`.
        a, b: the columns of each condition, shape (n,) each, all aligned on the same items; items with a None are left
            out and counted.
        rng: source of the resamples.
        n_resamples: number of resamples.

    Returns:
        Estimate; its value is None without items or where ``stat`` is None. It has no interval below `accuracy.FEWEST`
        items.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    return _paired_estimate(stat, a, b, rng, n_resamples, ratio=False)


def paired_ratio(
    stat: ColumnStatistic,
    a: Sequence[Column],
    b: Sequence[Column],
    rng: np.random.Generator,
    n_resamples: int = 2000,
) -> Estimate:
    """Return stat(a) / stat(b) with its percentile bootstrap 95% interval over items.

    Args:
        stat, a, b, rng, n_resamples: see `paired_bootstrap`.

    Returns:
        Estimate; its value is None as in `paired_bootstrap`, and when stat(b) is 0.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    return _paired_estimate(stat, a, b, rng, n_resamples, ratio=True)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return Holm-adjusted p-values (Holm 1979), in input order.

    Args:
        p_values: 0–1; a None stays None and does not count in the family.

    >>> holm([0.01, None, 0.04])
    (0.02, None, 0.04)
    """
    ranked = sorted((p, position) for position, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, position) in enumerate(ranked):
        largest = max(largest, min(1.0, (len(ranked) - rank) * p))
        adjusted[position] = largest
    return tuple(adjusted)


def holm_of_all(p_values: FloatArray) -> FloatArray:
    """Return `holm` of an array, shape (n,), in which every test has a p-value."""
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
    """Return the smallest true difference in accuracy that McNemar's test detects with this power (Miettinen 1968).

    Args:
        n: number of items, at least 1.
        discordant_rate: share of discordant items, 0–1; where answers are averaged within items, the mean square of the
            items' differences, which is the same for single answers.
        alpha: two-sided significance level.
        power: probability of detecting the difference.
        largest: upper limit of the difference, 0–1; ``discordant_rate`` unless given.

    Returns:
        0–1; None when the power is not reached even at ``largest``, or nothing is discordant.

    Raises:
        InputError: ``n`` is below 1 or ``discordant_rate`` outside 0–1.
    """
    limit = discordant_rate if largest is None else largest
    if n < 1 or not 0 <= discordant_rate <= 1:
        raise InputError(f"need n >= 1 and a discordant rate in 0–1, got {n} and {discordant_rate}")
    # The standard library suffices; loading scipy would double the time of `llmxray check`.
    normal = NormalDist()
    z_alpha, z_power = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)
    if discordant_rate == 0:
        return None
    if n < z_alpha**2:
        # With so few items ψ − d² falls to 0 first, which leaves only the first term of the formula.
        effect = z_alpha * math.sqrt(discordant_rate / n)
    else:
        # The larger root of the formula above, squared.
        slack = math.sqrt(discordant_rate * (n + z_power**2 - z_alpha**2))
        effect = (z_alpha * math.sqrt(n * discordant_rate) + z_power * slack) / (n + z_power**2)
    return effect if effect <= limit else None


def _bonett_price(a_only: int, b_only: int, n: int, n_missing: int) -> Estimate:
    method = "difference of paired proportions, Bonett–Price 95%"
    if n == 0:
        return Estimate(None, n=0, n_missing=n_missing, method=method)
    p_a, p_b = (a_only + 1) / (n + 2), (b_only + 1) / (n + 2)
    half = normal_quantile(0.975) * math.sqrt((p_a + p_b - (p_a - p_b) ** 2) / (n + 2))
    low, high = max(-1.0, p_a - p_b - half), min(1.0, p_a - p_b + half)
    return Estimate((a_only - b_only) / n, low, high, n, n_missing, method)


def _paired_estimate(
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
    chunks = [_replicates(stat, sides, index) for index in resamples(rows.n, n_resamples, rng)]
    of_a, of_b = (np.concatenate(replicates) for replicates in zip(*chunks, strict=True))
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
    fast_a, fast_b = (as_binned(stat, *side) if len(side) == 2 else None for side in sides)
    if fast_a is not None and fast_b is not None:
        return fast_a.at(index), fast_b.at(index)
    pairs = [[stat(*(column[row] for column in side)) for side in sides] for row in index]
    complete = np.array([pair for pair in pairs if None not in pair], dtype=np.float64).reshape(-1, 2)
    return complete[:, 0], complete[:, 1]
