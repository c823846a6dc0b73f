"""What becomes of predictions that were made together: held, did not hold, inconclusive.

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

type Outcome = Literal["held", "did not hold", "inconclusive"]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Claim:
    """That the true value lies above ``at``, or with ``above`` false, below it."""

    evidence: Evidence
    at: float
    above: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a claim.

    Attributes:
        level: of the interval, 0–1, as Holm's rule gives it.
        low, high: ends of the interval of the value; None where the data set no bound.
        p_value: two-sided, against ``at``; p_holm: adjusted over the family.
        family: number of claims that were judged together.
    """

    outcome: Outcome
    level: float
    low: float | None
    high: float | None
    p_value: float
    p_holm: float
    family: int


def judge(claims: Sequence[Claim], alpha: float = ALPHA) -> tuple[Judgement, ...]:
    """The judgements of claims that were made together, in their order."""
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
    outcome: Outcome = "inconclusive"
    if p_holm <= alpha:
        is_above = claim.evidence.above(claim.at) < claim.evidence.below(claim.at)
        outcome = "held" if is_above == claim.above else "did not hold"
    return Judgement(outcome, level, low, high, p_value, p_holm, family)


def _levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """The level at which Holm's rule decides on each p-value."""
    levels = [0.0] * len(p_values)
    rest = len(p_values)
    for place in sorted(range(len(p_values)), key=lambda each: p_values[each]):
        levels[place] = 1 - alpha / rest
        # After the first that is not significant nothing is compared with a larger share of alpha.
        if p_values[place] <= alpha / rest:
            rest = max(1, rest - 1)
    return levels
