"""Better, equivalent, worse or inconclusive: two conditions, and a margin below which a difference does not matter.

Let d be the true difference, candidate − baseline, with its sign such that more is better, and m ≥ 0 the margin. The
first that applies is the verdict:

============  ==========================================================================================
equivalent    two one-sided tests, each at 5%, reject d ≤ −m and d ≥ m (Schuirmann 1987); the same as: the 90%
              interval lies inside (−m, m)
better        the two-sided test at 5% rejects d = 0 from above: the 95% interval lies above 0
worse         the same from below
inconclusive  the data decide none of these
============  ==========================================================================================

Equivalence comes first: a difference that is significant but shown to be smaller than the margin does not matter
(the "trivial difference" of Lakens, Scheel and Isager 2018). With a margin of 0 nothing is equivalent.

Where d = −m, the wrong verdicts are *equivalent* and *better*, and both need the lower end of the 90% interval above
−m: together they come in at most 5% of studies. Where d = m it is so for *equivalent* and *worse*, and where
−m < d < 0 for *better* and 0 < d < m for *worse*, each in at most 2.5%.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from llmxray.errors import InputError
from llmxray.metrics.columns import Interval
from llmxray.metrics.evidence import Evidence

type Verdict = Literal["better", "equivalent", "worse", "inconclusive"]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Verdict on a candidate against its baseline.

    Attributes:
        value: candidate − baseline, in the unit of the evidence.
        interval: 95%; an end is None where the data set no bound.
        equivalence_interval: 90%, as the two one-sided tests at 5% need it.
        levels: of both intervals, higher where the answers were looked at several times.
        p_equivalent: the larger p-value of the two one-sided tests.
        p_different: two-sided, of no difference.
        n: number of independent questions.
    """

    verdict: Verdict
    value: float
    interval: Interval
    equivalence_interval: Interval
    p_equivalent: float
    p_different: float
    n: int
    method: str
    levels: tuple[float, float] = (1 - ALPHA, 1 - 2 * ALPHA)


def compare(
    evidence: Evidence,
    margin: float,
    *,
    lower_is_better: bool = False,
    alphas: tuple[float, float] = (ALPHA, ALPHA),
) -> Comparison:
    """Return the verdict on a candidate.

    Args:
        evidence: on candidate − baseline.
        margin: largest difference that does not matter, in the unit of the evidence, finite and at least 0.
        lower_is_better: whether a negative difference is the better one.
        alphas: error of the two-sided test of a difference, and of each one-sided one of equivalence.

    Raises:
        InputError: the margin is negative or not finite.
    """
    # With an infinite margin everything would be equivalent.
    if not 0 <= margin < math.inf:
        raise InputError(f"a margin is a finite number of 0 or more, not {margin:g}")
    above, below = evidence.above(0.0), evidence.below(0.0)
    p_equivalent = max(evidence.above(-margin), evidence.below(margin)) if margin else 1.0
    better, worse = (below, above) if lower_is_better else (above, below)
    return Comparison(
        verdict=_verdict(p_equivalent, better, worse, alphas),
        value=evidence.value,
        interval=evidence.interval(1 - alphas[0]),
        equivalence_interval=evidence.interval(1 - 2 * alphas[1]),
        p_equivalent=p_equivalent,
        p_different=min(1.0, 2 * min(above, below)),
        n=evidence.n,
        method=evidence.method,
        levels=(1 - alphas[0], 1 - 2 * alphas[1]),
    )


def _verdict(p_equivalent: float, better: float, worse: float, alphas: tuple[float, float]) -> Verdict:
    different, equivalent = alphas
    if p_equivalent <= equivalent:
        return "equivalent"
    if better <= different / 2:
        return "better"
    return "worse" if worse <= different / 2 else "inconclusive"
