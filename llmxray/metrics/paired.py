"""Two conditions on the same items: every difference is a − b, item by item.

- `compare_shares`: whether they differ in accuracy, with the evidence of `contrasts.shares`: with one answer an item
  the exact McNemar (1947) test, the binomial test of the discordant items at ½.
- `holm`: step-down adjustment of a family of p-values (Holm 1979).
- `minimum_detectable_effect`: from the sample size of McNemar's test (Miettinen 1968),
  √n·d = z_{1−α/2}·√ψ + z_{power}·√(ψ − d²), with ψ the share of discordant items.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import FEWEST, nearest_ratio
from llmxray.metrics.columns import Column, FloatArray, complete_rows
from llmxray.metrics.contrasts import shares
from llmxray.metrics.distributions import binomial_cdf
from llmxray.metrics.evidence import DiscordantEvidence, Evidence, estimate, two_sided
from llmxray.metrics.resampling import encode_clusters, sums_of_clusters
from llmxray.types import Estimate, Row


class JoinedRows(NamedTuple):
    """The rows of two conditions on the same questions.

    Attributes:
        questions: (suite, item id) of those that both answered, in the order of ``left``.
        left, right: their rows, aligned with ``questions``.
    """

    questions: tuple[tuple[str, str], ...]
    left: tuple[Row, ...]
    right: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two conditions on the same items.

    Attributes:
        a_ahead, b_ahead: units on which that condition has the higher share of right answers; with one answer an item
            those that only it got right.
        p_value: two-sided, of no difference; 1 below `FEWEST` units that were averaged, None without items.
        difference: accuracy of a − accuracy of b, −1 to 1; ``n`` counts units.
        detectable: minimum detectable effect, see `minimum_detectable_effect`.
        evidence: on the difference; None without items.
    """

    a_ahead: int
    b_ahead: int
    p_value: float | None
    difference: Estimate
    detectable: float | None
    evidence: Evidence | None


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


def mcnemar_exact(a_only: int, b_only: int) -> float:
    """Return the two-sided p-value of the exact McNemar (1947) test.

    Args:
        a_only, b_only: items that only that condition got right.

    >>> mcnemar_exact(6, 1)
    0.125
    """
    # Doubling the smaller tail counts the middle twice when both are equal, hence the cap.
    return min(1.0, 2 * binomial_cdf(min(a_only, b_only), a_only + b_only, 0.5))


def compare_shares(
    a: Column, b: Column, clusters: Sequence[Hashable] | None = None, answers: float = 1.0
) -> PairedTest:
    """Return the test of whether a and b differ in accuracy.

    Args:
        a, b: shape (n,), share of right answers of each item, 0–1, aligned; items with a None are left out and counted.
        clusters: shape (n,), the unit of each item, where some are wordings of one question.
        answers: of a side to each unit, on average: samples × rotations × wordings.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.

    >>> compare_shares([1, 1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0, 1]).p_value
    0.125
    """
    rows = complete_rows(a, b)
    labels: Sequence[Hashable] = range(len(a)) if clusters is None else clusters
    n_missing = len(set(labels))
    if not rows.n:
        nothing = Estimate(None, n=0, n_missing=n_missing, method="difference of paired shares")
        return PairedTest(0, 0, None, nothing, None, None)
    units = encode_clusters([labels[position] for position in rows.positions])
    evidence = shares(rows.columns, units, answers).evidence
    # Sums that ought to be equal differ in the last bit.
    gaps = np.round(sums_of_clusters(rows.columns[0] - rows.columns[1], units), 9)
    n_missing -= evidence.n
    enough = evidence.n >= FEWEST or isinstance(evidence, DiscordantEvidence)
    difference = estimate(evidence, n_missing)
    if not enough:
        difference = Estimate(evidence.value, n=evidence.n, n_missing=n_missing, method=evidence.method)
    return PairedTest(
        a_ahead=int((gaps > 0).sum()),
        b_ahead=int((gaps < 0).sum()),
        p_value=two_sided(evidence, 0.0) if enough else 1.0,
        difference=replace(difference, value=nearest_ratio(evidence.value)),
        detectable=_detectable_effect(gaps * evidence.n / rows.n),
        evidence=evidence,
    )


def _detectable_effect(differences: FloatArray) -> float | None:
    sizes = np.abs(differences)
    # The mean square is with one answer an item the share of discordant items, and no true difference exceeds the mean
    # size; units with more items than others may exceed 1, hence the cap.
    square, mean_size = (min(1.0, float(values.mean())) for values in (sizes**2, sizes))
    return minimum_detectable_effect(differences.size, square, largest=mean_size)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return Holm-adjusted p-values (Holm 1979), in input order.

    Args:
        p_values: 0–1; a None stays None and does not count in the family.

    >>> holm([0.01, None, 0.04])
    (0.02, None, 0.04)
    """
    adjusted = iter(holm_of_all(np.array([p for p in p_values if p is not None])).tolist())
    return tuple(None if p is None else next(adjusted) for p in p_values)


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
