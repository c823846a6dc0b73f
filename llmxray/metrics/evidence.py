"""Evidence on a value: one-sided p-values against any value, and two-sided intervals at any level.

The interval leaves a value out exactly when its two-sided p-value, twice the smaller one-sided one, is at most one
minus the level, so the tests and the intervals of a verdict agree.

======================  ==============================================================================="""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy

from llmxray.metrics.columns import FloatArray, Interval
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
from llmxray.types import Estimate

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


def estimate(evidence: Evidence, n_missing: int = 0, level: float = 0.95) -> Estimate:
    """Return what pages show of the evidence: its value with the interval at ``level``."""
    method = f"{evidence.method}, {100 * level:.4g}%"
    return Estimate(evidence.value, *evidence.interval(level), evidence.n, n_missing, method)


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
        share = (1 + level) / 2
        reach = normal_quantile(share) if self.freedom is None else t_quantile(share, self.freedom)
        return cut_to_bounds(
            self.low[0] - reach * self.low[1], self.high[0] + reach * self.high[1], bounds=self.bounds
        )

    def _tail(self, distance: float) -> float:
        if self.freedom is None:
            return normal_tail(distance)
        return t_tail(distance, self.freedom)


@dataclass(frozen=True, slots=True)
class PairedSharesEvidence:
    """A difference of two shares on the same units, of several answers each.

    Student's t over units, with a pair of ±v added so that units that all agree are not taken for certain. ``near``
    adds v = 1/answers, the smallest step of a unit, and decides on differences beyond 0. ``far`` adds v = 1, the
    largest possible difference, and bounds the other end.

    """

    near: WaldEvidence
    far: WaldEvidence
    method: str

    @property
    def value(self) -> float:
        """The difference."""
        return self.near.value

    @property
    def n(self) -> int:
        """Independent units."""
        return self.near.n

    def above(self, at: float) -> float:
        """From 0 upwards that of ``near``; below 0 that of ``far``, at most the one at 0."""
        return self.near.above(at) if at >= 0 else min(self.far.above(at), self.near.above(0.0))

    def below(self, at: float) -> float:
        """The same mirrored."""
        return self.near.below(at) if at <= 0 else min(self.far.below(at), self.near.below(0.0))

    def interval(self, level: float) -> Interval:
        """The interval of ``near`` where it leaves 0 out, else that of ``far``, which then holds 0."""
        (low, high), (far_low, far_high) = self.near.interval(level), self.far.interval(level)
        if low is None or high is None or far_low is None or far_high is None:
            return None, None
        return low if low > 0 else min(0.0, far_low), high if high < 0 else max(0.0, far_high)


@dataclass(frozen=True, slots=True)
class CheckedEvidence:
    """Evidence with another test at one value, such as the exact one of guessing; elsewhere it agrees with that test.

    Attributes:
        p_above, p_below: one-sided p-values of that test, of a value above and below ``tested``.
    """

    evidence: Evidence
    tested: float
    p_above: float
    p_below: float

    @property
    def value(self) -> float:
        """The estimate."""
        return self.evidence.value

    @property
    def n(self) -> int:
        """Independent units."""
        return self.evidence.n

    @property
    def method(self) -> str:
        """Of the evidence."""
        return self.evidence.method

    def above(self, at: float) -> float:
        """That of the test at its value; beyond it no weaker, and before it no stronger."""
        if at == self.tested:
            return self.p_above
        return (max if at > self.tested else min)(self.evidence.above(at), self.p_above)

    def below(self, at: float) -> float:
        """The same mirrored."""
        if at == self.tested:
            return self.p_below
        return (max if at < self.tested else min)(self.evidence.below(at), self.p_below)

    def interval(self, level: float) -> Interval:
        """The evidence's, cut or widened where the test says otherwise of its value."""
        low, high = self.evidence.interval(level)
        tail = (1 - level) / 2 + _ROUNDING
        if low is None or high is None:
            return low, high
        return (
            (max if self.p_above <= tail else min)(low, self.tested),
            (min if self.p_below <= tail else max)(high, self.tested),
        )


@dataclass(frozen=True, slots=True)
class DiscordantEvidence:
    """A difference of two shares of n questions, one answer each.

    At 0 the exact McNemar test; elsewhere the larger p-value of Bonett and Price's (2012) adjusted Wald and of Tango's
    (1998) score test, as Bonett–Price alone is wrong too often at a margin (up to 5.9% a side instead of 2.5%).

    Attributes:
        a_only, b_only: questions that only that condition got right.
    """

    a_only: int
    b_only: int
    n: int
    method: str = "difference of paired shares, exact McNemar test, Bonett–Price and Tango interval"

    @property
    def value(self) -> float:
        """The difference."""
        return (self.a_only - self.b_only) / self.n

    def above(self, at: float) -> float:
        """Upper tails; on either side of 0 no stronger, or no weaker, than the exact test at 0."""
        return self._above(self.a_only, self.b_only, at)

    def below(self, at: float) -> float:
        """The same with the conditions exchanged."""
        return self._above(self.b_only, self.a_only, -at)

    def interval(self, level: float) -> Interval:
        """The values that both one-sided tests leave in."""
        high = self._bound(self.b_only, self.a_only, level)
        return self._bound(self.a_only, self.b_only, level), -high

    def _above(self, more: int, less: int, at: float) -> float:
        at_zero = binomial_cdf(less, more + less, 0.5)
        centre, error = self._adjusted(more, less)
        p_value = max(normal_tail((centre - at) / error), _tango(more, less, self.n, at))
        if at > 0:
            return max(p_value, at_zero)
        return min(p_value, at_zero) if at < 0 else at_zero

    def _adjusted(self, more: int, less: int) -> tuple[float, float]:
        """Difference and standard error with one question added to either side."""
        p, q = (more + 1) / (self.n + 2), (less + 1) / (self.n + 2)
        return p - q, math.sqrt((p + q - (p - q) ** 2) / (self.n + 2))

    def _bound(self, more: int, less: int, level: float) -> float:
        """The largest value that the difference is shown to be above."""
        tail = (1 - level) / 2
        centre, error = self._adjusted(more, less)
        wald = centre - normal_quantile((1 + level) / 2) * error
        low, high = -1.0, (more - less) / self.n
        # Tango's p-value rises with the value; sixty halvings reach the last bit.
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _tango(more, less, self.n, middle) <= tail else (low, middle)
        bound = min(wald, low)
        if binomial_cdf(less, more + less, 0.5) > tail + _ROUNDING:
            return max(-1.0, min(bound, 0.0))
        return max(bound, 0.0)


def _tango(more: int, less: int, n: int, at: float) -> float:
    """One-sided p-value of a paired difference above ``at``, score test (Tango 1998, eq. 3)."""
    b = -more - less + (2 * n - more + less) * at
    q = (math.sqrt(max(0.0, b * b + 8 * n * less * at * (1 - at))) - b) / (4 * n)
    variance = n * (2 * q + at * (1 - at))
    distance = more - less - n * at
    return normal_tail(distance / math.sqrt(variance)) if variance > _ROUNDING else float(distance <= 0)


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
            (n_pairs / sum(pairs)) ** 2 * _newcombe_variance(at, hits, misses)
            for n_pairs, (hits, misses) in parts
        )


def _newcombe_variance(at: float, n_hits: float, n_misses: float) -> float:
    """Return the variance of an AUROC whose true value is ``at`` (Newcombe 2006, method 5).

    Args:
        at: true AUROC, above 0 and below 1.
        n_hits, n_misses: number of right and of wrong answers, above 0.
    """
    weight = (n_hits + n_misses) / 2 - 1
    return at * (1 - at) * (1 + weight * ((1 - at) / (2 - at) + at / (1 + at))) / (n_hits * n_misses)


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
