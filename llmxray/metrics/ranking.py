"""Percentile rank among the models at hand, with ties: no external reference scores are used.

The percentile rank of a score in a population of m scores, itself included, is
100·(number below + ½·number equal)/m, its own score among the equal ones (the "mean" kind of Roscoe 1975 and of
scipy's ``percentileofscore``). Under `LEAST` scores there is no percentile: of two, one would always be at 75. Ranks
are competition ranks: equal scores share the best rank, and the next one counts them all (1, 2=, 2=, 4).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 4
"""Scores that a percentile rank needs."""
# To so many significant digits scores are compared.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Rank:
    """Rank of a score in its population.

    Attributes:
        rank: from 1, the highest score.
        tied: how many others have the same score.
        percentile: percentile rank, 0–100; None in a population under `LEAST`.
        population: scores compared, this one included.
    """

    rank: int
    tied: int
    percentile: float | None
    population: int

    @property
    def text(self) -> str:
        """The rank as people write it: ``2=`` when shared."""
        return f"{self.rank}=" if self.tied else str(self.rank)


def ranks(scores: Mapping[str, float | None]) -> dict[str, Rank | None]:
    """Return the rank of each score among all that are known.

    Args:
        scores: name → score, higher is better; None stays None and is in no population.
    """
    # Equal scores that were computed in another order differ in their last bits.
    known = {name: float(f"{score:.{_DIGITS}g}") for name, score in scores.items() if score is not None}
    population = sorted(known.values())
    return {name: _rank(known[name], population) if name in known else None for name in scores}


def _rank(score: float, population: list[float]) -> Rank:
    below, not_above = bisect_left(population, score), bisect_right(population, score)
    above, equal = len(population) - not_above, not_above - below
    percentile = 100 * (below + equal / 2) / len(population) if len(population) >= LEAST else None
    return Rank(above + 1, equal - 1, percentile, len(population))
