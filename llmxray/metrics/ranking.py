"""Percentile rank among the models at hand, with ties: no ladder of reference scores is invented.

The percentile rank of a score in a population of m scores, itself included, is
100·(number below + ½·number equal)/m, its own score among the equal ones (the "mean" kind of Roscoe 1975 and of
scipy's ``percentileofscore``). Under `LEAST` scores there is no percentile: of two, one would always be at 75. Ranks
are competition ranks: equal scores share the best rank, and the next one counts them all (1, 2=, 2=, 4).

Only like is ranked with like, and no model twice: `alike` ranks within groups, such as one way of answering, and takes
of each model the run with the most questions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

LEAST = 4
"""Scores that a percentile rank needs."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a score stands.

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
    """Rank of each score among all that are known, higher is better; None stays None and is in no population."""
    known = sorted(score for score in scores.values() if score is not None)
    return {name: None if score is None else _rank(score, known) for name, score in scores.items()}


def alike(
    scores: Mapping[str, float | None],
    groups: Mapping[str, Hashable],
    models: Mapping[str, str],
    sizes: Mapping[str, int],
) -> dict[str, Rank | str | None]:
    """Rank of each run among those of its group, one a model; where another run stands for its model, that one's name.

    Args:
        scores, groups, models, sizes: by run; size is the number of its questions.
    """
    stands: dict[tuple[Hashable, str], str] = {}
    for name, score in scores.items():
        if score is not None:
            first = stands.setdefault((groups[name], models[name]), name)
            if sizes[name] > sizes[first]:
                stands[groups[name], models[name]] = name
    found: dict[str, Rank | str | None] = {
        name: None if score is None else stands[groups[name], models[name]] for name, score in scores.items()
    }
    for group in set(groups.values()):
        found |= ranks({name: scores[name] for (of, _), name in stands.items() if of == group})
    return found


def _rank(score: float, population: list[float]) -> Rank:
    below, not_above = bisect_left(population, score), bisect_right(population, score)
    above, equal = len(population) - not_above, not_above - below
    percentile = 100 * (below + equal / 2) / len(population) if len(population) >= LEAST else None
    return Rank(above + 1, equal - 1, percentile, len(population))
