"""Verdict on predictions that were made together: held, did not hold, inconclusive.

A claim says that a value lies in a range: above ``at``, below it, or within a distance of it. The claims of a family
are tested two-sided, and Holm's (1979) step-down rule gives each its level: the smallest of K p-values is compared with
α/K, the next with α/(K − 1), and so on to the first that is not significant; all that remain share its level. A claim
is *held* when its interval at that level lies wholly in the range, *did not hold* when it lies wholly outside, else
*inconclusive*. "Within" is thus two one-sided tests (Schuirmann 1987), each at half of what the level leaves. Where the
true values lie exactly at the end of their range, the probability of any "held" in the family is at most α/2, and so
is that of any "did not hold".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmxray.metrics.evidence import Evidence
from llmxray.metrics.paired import holm

type ClaimOutcome = Literal["held", "did not hold", "inconclusive"]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim that the true value lies between two ends; None for an end that it does not set, though not for both."""

    evidence: Evidence
    low: float | None = None
    high: float | None = None

    @property
    def p_held(self) -> float:
        """One-sided p-value of the opposite: both ends must be shown to hold."""
        low = 0.0 if self.low is None else self.evidence.above(self.low)
        return max(low, 0.0 if self.high is None else self.evidence.below(self.high))

    @property
    def p_failed(self) -> float:
        """One-sided p-value of the claim: either end may be shown to fail."""
        low = 1.0 if self.low is None else self.evidence.below(self.low)
        return min(low, 1.0 if self.high is None else self.evidence.above(self.high))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict on a claim.

    Attributes:
        outcome: held, did not hold or inconclusive.
        level: of the interval, 0–1, as Holm's rule gives it.
        low, high: ends of the interval of the value; None where the data set no bound.
        p_value: two-sided: twice the smaller of the claim's one-sided ones.
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
    p_values = [min(1.0, 2 * min(claim.p_held, claim.p_failed)) for claim in claims]
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
        outcome = "held" if claim.p_held < claim.p_failed else "did not hold"
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
