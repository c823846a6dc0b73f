"""Verdicts on data that are still coming in: a claim may be decided at any of some planned looks, at stricter levels.

By the share t of the data, the share t of the error is spent (Lan and DeMets 1983; Kim and DeMets 1987, power 1), so
that all looks together err as often as the one test of `verdict.judge`. Holm's rule runs at each look over the claims
that are open: one that is decided passes its part of the error on. A study ends early when every claim is decided, or
when hardly any of the others would be with all of the data (futility).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import scipy

from llmxray.metrics.columns import FloatArray
from llmxray.metrics.distributions import normal_quantile, normal_tail
from llmxray.metrics.verdict import ALPHA, Claim, ClaimOutcome, Judgement

type End = Literal["decided", "futile", "all asked", "go on"]

# Points at which the density of the test statistic is kept: more move no level in its fifth digit.
_GRID = 400
# No p-value is so small, nor so large that its sign would turn.
_SMALLEST, _LARGEST = 1e-15, 0.5


class _Density(NamedTuple):
    """The density of a Brownian motion where no look has ended it: its points, their values and weights, the time."""

    at: FloatArray
    height: FloatArray
    weight: FloatArray
    time: float

    def beyond(self, bound: float, sd: float, drift: float = 0.0) -> float:
        """Probability of more than ``bound`` after a step of that standard deviation and drift."""
        return float((self.height * self.weight * scipy.special.ndtr((self.at + drift - bound) / sd)).sum())

    def moved(self, time: float, low: float, high: float, drift: float = 0.0) -> _Density:
        """The density at a later time between two bounds."""
        sd, at = math.sqrt(time - self.time), np.linspace(low, high, _GRID)
        distance = (at - (self.at + drift * (time - self.time))[:, None]) / sd
        normal = np.exp(-0.5 * distance * distance) / (sd * math.sqrt(2 * math.pi))
        weight = np.full(_GRID, at[1] - at[0])
        weight[[0, -1]] /= 2
        return _Density(at, ((self.height * self.weight)[:, None] * normal).sum(0), weight, time)


_START = _Density(np.zeros(1), np.ones(1), np.ones(1), 0.0)


@lru_cache(1024)
def levels(shares: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Return the one-sided level of each look, all together ``alpha``.

    Args:
        shares: of the data at each look, ascending, the last one 1.
        alpha: one-sided error of all looks.
    """
    density, found = _START, []
    for share in shares:
        sd, root = math.sqrt(share - density.time), math.sqrt(share)
        low, high = 0.0, 9.0
        for _ in range(50):
            z = (low + high) / 2
            low, high = (
                (z, high) if density.beyond(z * root, sd) > alpha * (share - density.time) else (low, z)
            )
        found.append(normal_tail(z))
        density = density.moved(share, -8 * root, z * root)
    return tuple(found)


class Decision(NamedTuple):
    """A claim that a look has decided: which look (from 0), at which one-sided level, and how."""

    look: int
    level: float
    outcome: ClaimOutcome


@dataclass(slots=True)
class Looks:
    """The looks at a family of claims so far.

    Attributes:
        shares: of the data at each look, ascending, the last one 1.
        family: number of claims; those without evidence yet count too.
        last_only: claims that only the last look may decide.
        futility: chance of a decision with all of the data below which a claim counts as lost.
        decided: decisions by the number of the claim.
    """

    shares: tuple[float, ...]
    family: int
    last_only: Collection[int] = ()
    futility: float = 0.05
    decided: dict[int, Decision] = field(default_factory=dict)

    def level(self, place: int, claim: int) -> float:
        """The one-sided level at which a look tests a claim, by the number of those that are open."""
        n, is_last = self._remaining, place == len(self.shares) - 1
        if claim in self.last_only:
            return ALPHA / 2 / n if is_last else 0.0
        return levels(self.shares, ALPHA / 2 / n)[place]

    @property
    def _remaining(self) -> int:
        return max(1, self.family - len(self.decided))

    def look(self, place: int, claims: Mapping[int, Claim]) -> End:
        """Judge the claims that are open, by the data of one look.

        Args:
            place: number of the look, from 0; looks come in order.
            claims: by number, where there is evidence.
        """
        while hits := [
            (each, claim)
            for each, claim in claims.items()
            if each not in self.decided and min(claim.p_held, claim.p_failed) <= self.level(place, each)
        ]:
            # One step of Holm's rule: those that pass together are decided at one level.
            decisions = {
                each: Decision(
                    place,
                    self.level(place, each),
                    "held" if claim.p_held < claim.p_failed else "did not hold",
                )
                for each, claim in hits
            }
            self.decided |= decisions
        if len(self.decided) == self.family:
            return "decided"
        if place == len(self.shares) - 1:
            return "all asked"
        open_claims = [each for each in range(self.family) if each not in self.decided]
        hopeless = all(self._hope(place, each, claims.get(each)) < self.futility for each in open_claims)
        return "futile" if hopeless else "go on"

    def _hope(self, place: int, number: int, claim: Claim | None) -> float:
        """Predictive probability that all of the data would decide a claim."""
        if claim is None or number in self.last_only:
            return 1.0
        z = -normal_quantile(min(max(min(claim.p_held, claim.p_failed), _SMALLEST), _LARGEST))
        return hope(self.shares[place], z, -normal_quantile(self.level(len(self.shares) - 1, number)))

    def judgement(self, number: int, claim: Claim, place: int) -> Judgement:
        """The verdict on a claim: that of the look which decided it, else as open at look ``place``.

        Args:
            claim: with the evidence of that look.
        """
        made = self.decided.get(number)
        level = made.level if made else self.level(place, number)
        p_value = min(1.0, 2 * min(claim.p_held, claim.p_failed))
        # A claim that only the last look may decide is shown at the level that it will have then.
        level = level or ALPHA / 2 / self._remaining
        interval = claim.evidence.interval(1 - 2 * level)
        # In units of the level: at most ALPHA where the claim is decided.
        adjusted = min(1.0, p_value / (2 * level) * ALPHA)
        return Judgement(
            made.outcome if made else "inconclusive", 1 - 2 * level, *interval, p_value, adjusted, self.family
        )


def hope(share: float, z: float, goal: float) -> float:
    """Predictive probability that a z of ``z`` at a share of the data is beyond ±``goal`` with all of them."""
    sd, mean = math.sqrt((1 - share) / share), z / math.sqrt(share)
    return normal_tail((goal - mean) / sd) + normal_tail((goal + mean) / sd)


class Expectation(NamedTuple):
    """What may be expected of a study: the share of the data that it takes, and how likely it is to decide."""

    share: float
    power: float


@lru_cache(1024)
def expected(shares: tuple[float, ...], alpha: float, drift: float, futility: float) -> Expectation:
    """Return the expected share of the data and the power of a study with one claim.

    Args:
        alpha: one-sided error.
        drift: expected z with all of the data: the true difference in standard errors.
        futility: see `Looks`.
    """
    at_looks = levels(shares, alpha)
    goal = -normal_quantile(at_looks[-1])
    density, share, power = _START, 0.0, 0.0
    for now, level in zip(shares, at_looks, strict=True):
        root, sd, step = math.sqrt(now), math.sqrt(now - density.time), drift * (now - density.time)
        bound = -normal_quantile(level) * root
        up = density.beyond(bound, sd, step)
        mirrored = density._replace(at=-density.at)
        down = mirrored.beyond(bound, sd, -step)
        power += up + down
        moved = density.moved(now, -bound, bound, drift)
        lost = np.array([now < 1 and hope(now, at / root, goal) < futility for at in moved.at])
        mass = moved.height * moved.weight
        share += now * (up + down + float(mass[lost].sum() if now < 1 else mass.sum()))
        density = moved._replace(height=np.where(lost, 0.0, moved.height))
    return Expectation(share, power)
