"""Evidence on a value: one-sided p-values against any value, and two-sided intervals at any level.

The interval leaves a value out exactly when its two-sided p-value, twice the smaller one-sided one, is at most one
minus the level, so the tests and the intervals of a verdict agree.

=====================  =======================================================================================
class                  what it is made from
=====================  =======================================================================================
`BinomialEvidence`     successes out of n: exact binomial tails, Clopper–Pearson (1934) interval
`WaldEvidence`         an estimate with its standard error: normal or Student's t
`WaldIntervalAndTest`  a `WaldEvidence` beside an exact test of no difference; excludes only what both exclude
`SignTestEvidence`     a median: sign test, order-statistic interval
`BootstrapEvidence`    bootstrap draws
`AurocEvidence`        an AUROC: the score equation of Newcombe (2006, method 5)
`ExtremeEvidence`      the smallest or the largest of several values with evidence
=====================  =======================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy

from llmxray.metrics.distributions import (
    binomial_cdf,
    binomial_tail,
    clopper_pearson,
    fair_coins_quantile,
    normal_quantile,
    normal_tail,
    t_quantile,
    t_tail,
)
from llmxray.metrics.missing_values import FloatArray, Interval
from llmxray.metrics.selective import newcombe_variance

# A p-value that equals its level but for rounding counts as equal.
_ROUNDING = 1e-12


class Evidence(Protocol):
    """An estimate with a p-value against any value and an interval at any level."""

    @property
    def value(self) -> float:
        """The estimate."""

    @property
    def n(self) -> int:
        """Number of independent units behind the estimate."""

    @property
    def method(self) -> str:
        """Name of the estimator and interval."""

    def above(self, at: float) -> float:
        """One-sided p-value: the probability of an estimate at least this high if the true value were ``at``."""

    def below(self, at: float) -> float:
        """One-sided p-value: the probability of an estimate at least this low if the true value were ``at``."""

    def interval(self, level: float) -> Interval:
        """Two-sided interval at a level above 0 and below 1; an end is None where the data set no bound."""


def two_sided(evidence: Evidence, at: float) -> float:
    """Return the two-sided p-value against ``at``: twice the smaller one-sided one, at most 1."""
    return min(1.0, 2 * min(evidence.above(at), evidence.below(at)))


@dataclass(frozen=True, slots=True)
class BinomialEvidence:
    """A share: successes out of n independent units."""

    successes: int
    n: int
    method: str = "exact binomial test, Clopper–Pearson interval"

    @property
    def value(self) -> float:
        """The share, 0–1."""
        return self.successes / self.n

    def above(self, at: float) -> float:
        """P(X ≥ successes), X ~ Binomial(n, at)."""
        # A share lies in 0–1, so a value outside is excluded whatever was counted.
        if not 0 <= at <= 1:
            return 0.0 if at < 0 else 1.0
        return binomial_tail(self.successes - 1, self.n, at)

    def below(self, at: float) -> float:
        """P(X ≤ successes), X ~ Binomial(n, at)."""
        if not 0 <= at <= 1:
            return 0.0 if at > 1 else 1.0
        return binomial_cdf(self.successes, self.n, at)

    def interval(self, level: float) -> Interval:
        """Clopper–Pearson."""
        return clopper_pearson(self.successes, self.n, level)


@dataclass(frozen=True, slots=True)
class WaldEvidence:
    """An estimate with its standard error.

    Attributes:
        low, high: centre and standard error behind either end of the interval. They differ where the estimate is
            biased: then each end starts from an estimate whose bias moves that end outwards.
        freedom: degrees of freedom of Student's t; None for the normal distribution.
        bounds: range of the true value.
    """

    value: float
    low: tuple[float, float]
    high: tuple[float, float]
    freedom: float | None
    bounds: Interval
    n: int
    method: str

    def above(self, at: float) -> float:
        """Upper tail of the distance from ``at`` in standard errors."""
        return self._tail((self.low[0] - at) / self.low[1])

    def below(self, at: float) -> float:
        """Lower tail of the same."""
        return self._tail((at - self.high[0]) / self.high[1])

    def interval(self, level: float) -> Interval:
        """Centre ± quantile · standard error, cut to ``bounds``."""
        reach = self._quantile((1 + level) / 2)
        return cut_to_bounds(
            self.low[0] - reach * self.low[1], self.high[0] + reach * self.high[1], bounds=self.bounds
        )

    def _tail(self, distance: float) -> float:
        if self.freedom is None:
            return normal_tail(distance)
        return t_tail(distance, self.freedom)

    def _quantile(self, share: float) -> float:
        if self.freedom is None:
            return normal_quantile(share)
        return t_quantile(share, self.freedom)


@dataclass(frozen=True, slots=True)
class WaldIntervalAndTest:
    """A difference beside an exact test of no difference; 0 is excluded where both exclude it.

    Attributes:
        p_zero: two-sided p-value of the exact test.
        method: of both together.
    """

    wald: WaldEvidence
    p_zero: float
    method: str

    @property
    def value(self) -> float:
        """The difference."""
        return self.wald.value

    @property
    def n(self) -> int:
        """Independent units."""
        return self.wald.n

    def above(self, at: float) -> float:
        """The estimate's; from 0 upwards at least half of ``p_zero``."""
        p_value = self.wald.above(at)
        # If the test does not exclude 0, the pair must not exclude any value beyond 0.
        return max(p_value, self.p_zero / 2) if at >= 0 else p_value

    def below(self, at: float) -> float:
        """The estimate's; from 0 downwards at least half of ``p_zero``."""
        p_value = self.wald.below(at)
        return max(p_value, self.p_zero / 2) if at <= 0 else p_value

    def interval(self, level: float) -> Interval:
        """The estimate's, widened to hold 0 where the exact test does not exclude it."""
        low, high = self.wald.interval(level)
        if self.p_zero <= 1 - level + _ROUNDING or low is None or high is None:
            return low, high
        return min(low, 0.0), max(high, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class SignTestEvidence:
    """A median of independent values, by their ranks alone.

    Attributes:
        ordered: shape (n,), ascending.
    """

    ordered: FloatArray
    method: str = "sign test, order-statistic interval"

    @property
    def value(self) -> float:
        """The median."""
        return float(np.median(self.ordered))

    @property
    def n(self) -> int:
        """Number of values."""
        return int(self.ordered.size)

    def above(self, at: float) -> float:
        """Probability of so few values at or below the median."""
        return binomial_cdf(int((self.ordered <= at).sum()), self.n, 0.5)

    def below(self, at: float) -> float:
        """Probability of so few values at or above the median."""
        return binomial_cdf(int((self.ordered >= at).sum()), self.n, 0.5)

    def interval(self, level: float) -> Interval:
        """The values of rank r and n + 1 − r, r the largest that covers at least ``level``."""
        rank = fair_coins_quantile((1 - level) / 2, self.n)
        if rank == 0:
            return None, None
        return float(self.ordered[rank - 1]), float(self.ordered[self.n - rank])


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapEvidence:
    """Bootstrap draws, of which a quantile is an end of the interval.

    Attributes:
        draws: shape (R,), ascending; infinite where a resample sets no bound.
        bounds: range of the true value.
    """

    value: float
    draws: FloatArray
    bounds: Interval
    n: int
    method: str

    def above(self, at: float) -> float:
        """Share of draws at or below ``at``, the data counted as one more (Phipson and Smyth 2010)."""
        return (1 + int((self.draws <= at).sum())) / (1 + self.draws.size)

    def below(self, at: float) -> float:
        """Share of draws at or above ``at``, likewise."""
        return (1 + int((self.draws >= at).sum())) / (1 + self.draws.size)

    def interval(self, level: float) -> Interval:
        """The draws of rank k and R + 1 − k, k the whole part of (R + 1)·(1 − level)/2; no bound for k = 0."""
        rank = math.floor((1 - level) / 2 * (self.draws.size + 1) + _ROUNDING)
        if rank == 0:
            return self.bounds
        low, high = float(self.draws[rank - 1]), float(self.draws[self.draws.size - rank])
        return cut_to_bounds(low, high, bounds=self.bounds)


@dataclass(frozen=True, slots=True)
class AurocEvidence:
    """An AUROC within strata.

    Attributes:
        strata: right and wrong answers of each stratum.
        effect: design effect, by which clusters multiply the variance, at least 1.
    """

    value: float
    strata: Sequence[tuple[float, float]]
    effect: float
    n: int
    method: str

    def above(self, at: float) -> float:
        """Upper normal tail of the distance from ``at``, in the standard error that ``at`` would have."""
        return normal_tail(self._distance(at))

    def below(self, at: float) -> float:
        """Lower normal tail of the same."""
        return normal_tail(-self._distance(at))

    def interval(self, level: float) -> Interval:
        """The values whose distance from the estimate is the normal quantile."""
        z, edge = normal_quantile((1 + level) / 2), 1e-12

        def excess(at: float) -> float:
            return (self.value - at) ** 2 - z * z * self._variance(at)

        low = 0.0 if self.value <= 0 else scipy.optimize.brentq(excess, 0.0, min(self.value, 1 - edge))
        high = 1.0 if self.value >= 1 else scipy.optimize.brentq(excess, max(self.value, edge), 1.0)
        return float(low), float(high)

    def _distance(self, at: float) -> float:
        inside = min(max(at, 1e-12), 1 - 1e-12)
        return (self.value - at) / math.sqrt(self._variance(inside))

    def _variance(self, at: float) -> float:
        pairs = [hits * misses for hits, misses in self.strata]
        parts = zip(pairs, self.strata, strict=True)
        return self.effect * sum(
            (n_pairs / sum(pairs)) ** 2 * newcombe_variance(at, hits, misses)
            for n_pairs, (hits, misses) in parts
        )


def cut_to_bounds(low: float, high: float, *, bounds: Interval) -> Interval:
    """Return the interval cut to ``bounds``; an infinite end without a bound becomes None."""
    lowest, highest = bounds
    if lowest is not None:
        low = max(low, lowest)
    if highest is not None:
        high = min(high, highest)
    return (low if math.isfinite(low) else None, high if math.isfinite(high) else None)


@dataclass(frozen=True, slots=True)
class ExtremeEvidence:
    """The smallest of several values, or the largest, each with its own evidence.

    The smallest is above a number only if every value is: the largest p-value counts, without a correction (Berger
    1982). It is below a number if any value is, whichever the data pick: Bonferroni's k times the smallest p-value.
    """

    parts: Sequence[Evidence]
    lowest: bool

    @property
    def place(self) -> int:
        """Index of the extreme part."""
        values = [part.value for part in self.parts]
        return values.index(min(values) if self.lowest else max(values))

    @property
    def value(self) -> float:
        """The smallest estimate, or the largest."""
        return self.parts[self.place].value

    @property
    def n(self) -> int:
        """Independent units of the extreme part."""
        return self.parts[self.place].n

    @property
    def method(self) -> str:
        """That of the extreme part."""
        which = "smallest" if self.lowest else "largest"
        return f"{self.parts[self.place].method}; the {which} of {len(self.parts)} values"

    def above(self, at: float) -> float:
        """Of the smallest: that every value is above; of the largest: that some value is."""
        return self._joined([part.above(at) for part in self.parts], every=self.lowest)

    def below(self, at: float) -> float:
        """Of the smallest: that some value is below; of the largest: that every value is."""
        return self._joined([part.below(at) for part in self.parts], every=not self.lowest)

    def interval(self, level: float) -> Interval:
        """From the parts' intervals: at ``level`` where every value counts, at Bonferroni's where some value does."""
        plain = [part.interval(level) for part in self.parts]
        strict = [part.interval(1 - (1 - level) / len(self.parts)) for part in self.parts]
        lows, highs = (plain, strict) if self.lowest else (strict, plain)
        # An unknown end is an infinite one.
        low = (min if self.lowest else max)(-math.inf if low is None else low for low, _ in lows)
        high = (min if self.lowest else max)(math.inf if high is None else high for _, high in highs)
        return cut_to_bounds(low, high, bounds=(None, None))

    def _joined(self, p_values: Sequence[float], *, every: bool) -> float:
        return max(p_values) if every else min(1.0, len(p_values) * min(p_values))
