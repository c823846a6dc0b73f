"""Percentile rank among the models at hand, with ties: no ladder of reference scores is invented.

The percentile rank of a score in a population of m scores, itself included, is
100·(number below + ½·number equal)/m, its own score among the equal ones (the "mean" kind of Roscoe 1975 and of
scipy's ``percentileofscore``). A lone model has percentile rank 50: there is nobody to compare it with. Ranks are
competition ranks: equal scores share the best rank, and the next one counts them all (1, 2=, 2=, 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a score stands.

    Attributes:
        rank: from 1, the highest score.
        tied: how many others have the same score.
        percentile: percentile rank, 0–100.
        population: scores compared, this one included.
    """

    rank: int
    tied: int
    percentile: float
    population: int

    @property
    def text(self) -> str:
        """The rank as people write it: ``2=`` when shared."""
        return f"{self.rank}=" if self.tied else str(self.rank)


def ranks(scores: Mapping[str, float | None]) -> dict[str, Rank | None]:
    """Rank of each score among all that are known, higher is better; None stays None and is in no population."""
    known = [score for score in scores.values() if score is not None]
    return {name: None if score is None else _rank(score, known) for name, score in scores.items()}


def _rank(score: float, population: list[float]) -> Rank:
    above = sum(other > score for other in population)
    equal = sum(other == score for other in population)
    below = len(population) - above - equal
    percentile = 100 * (below + equal / 2) / len(population)
    return Rank(above + 1, equal - 1, percentile, len(population))
