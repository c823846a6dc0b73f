"""Verdict on predictions that were made together: held, did not hold, inconclusive.

A claim says that a value lies above (or below) ``at``. The claims of a family are tested two-sided, and Holm's (1979)
step-down rule gives each its level: the smallest of K p-values is compared with α/K, the next with α/(K − 1), and so on
to the first that is not significant; all that remain share its level. A claim is *held* when its interval at that level
lies wholly on the predicted side of ``at``, *did not hold* when it lies wholly on the other, else *inconclusive*. Where
the true values lie exactly at their ``at``, the probability of any "held" in the family is at most α/2, and so is
that of any "did not hold".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmxray.metrics.evidence import Evidence, two_sided
from llmxray.metrics.paired import holm

type ClaimOutcome = Literal["held", "did not hold", "inconclusive"]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim that the true value lies above ``at``, or with ``above`` false, below it."""

    evidence: Evidence
    at: float
    above: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict on a claim.

    Attributes:
        outcome: held, did not hold or inconclusive.
        level: of the interval, 0–1, as Holm's rule gives it.
        low, high: ends of the interval of the value; None where the data set no bound.
        p_value: two-sided, against ``at``.
        p_holm: adjusted over the family.
        family: number of claims that were judged together.
    """

    outcome: ClaimOutcome
    level: float
    low: float | None
    high: float | None
    p_value: float
    p_holm: float
    family: int


def judge(claims: Sequence[Claim], alpha: float = ALPHA) -> tuple[Judgement, ...]:
    """Judge claims that were made together.

    Args:
        claims: the family.
        alpha: family-wise error rate of the two-sided tests, above 0 and below 1.

    Returns:
        One judgement per claim, in their order.
    """
    p_values = [two_sided(claim.evidence, claim.at) for claim in claims]
    adjusted = [1.0 if p is None else p for p in holm(p_values)]
    levels = _levels(p_values, alpha)
    return tuple(
        _judgement(claim, p_value, p_holm, level, alpha, len(claims))
        for claim, p_value, p_holm, level in zip(claims, p_values, adjusted, levels, strict=True)
    )


def _judgement(
    claim: Claim, p_value: float, p_holm: float, level: float, alpha: float, family: int
) -> Judgement:
    low, high = claim.evidence.interval(level)
    outcome: ClaimOutcome = "inconclusive"
    if p_holm <= alpha:
        is_above = claim.evidence.above(claim.at) < claim.evidence.below(claim.at)
        outcome = "held" if is_above == claim.above else "did not hold"
    return Judgement(outcome, level, low, high, p_value, p_holm, family)


def _levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """Confidence level at which Holm's rule decides on each p-value."""
    levels = [0.0] * len(p_values)
    n_remaining = len(p_values)
    for index in sorted(range(len(p_values)), key=lambda i: p_values[i]):
        levels[index] = 1 - alpha / n_remaining
        # Holm's rule stops at the first p-value that is not significant; the rest share its level.
        if p_values[index] <= alpha / n_remaining:
            n_remaining = max(1, n_remaining - 1)
    return levels
