"""Selective prediction: answer only when sure enough, and see how often that is right.

Rows are accepted from the most confident down. Coverage is the share accepted, risk the share of
those that is wrong. Equal confidences cannot be told apart by any threshold: curves have one point
per distinct confidence, and where a count cuts through a tie the tied rows enter in random order,
on average. Area under the risk–coverage curve (`aurc`): mean over k = 1…n of the risk among the k
most confident (Geifman and El-Yaniv 2017); HELM's coverage–accuracy area is 1 − aurc. `auroc`: the
chance that a right answer is more confident than a wrong one, ties counting half. All of it is in-sample.

The interval of an AUROC is Newcombe's (2006, Stat. Med. 25:559, method 5), which solves a score equation and stays
within 0–1. DeLong's (1988), value ± 1.96 standard errors, held the truth in 73 to 87 of 100 simulated samples of 5
right answers and 155 wrong ones, Newcombe's in 95 to 97; and it has no width where the two are separated perfectly.
Where rows come in clusters the two counts are divided by the design effect, Obuchowski's (1997) variance, which adds up
DeLong's components within each cluster first, over DeLong's own.

Whoever deploys a threshold can accept no reply that has no confidence (cut off, unread, without log-probabilities), so
such *silent* replies are refused at every threshold: they count in coverage and never in risk. A curve then ends below
full coverage.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from llmxray.errors import InputError
from llmxray.types import Estimate

from .accuracy import share
from .columns import Column, FloatArray, IntArray, scored_rows
from .resampling import numbered


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """One point per distinct confidence, most confident first; equal lengths.

    Attributes:
        threshold: rows with confidence >= threshold are accepted.
        accepted: number of accepted rows.
        coverage: share of rows accepted, 0–1, ascending; of silent replies too.
        risk: share of the accepted that is wrong, 0–1.
        n_missing: rows left out because a value was None.
    """

    threshold: tuple[float, ...]
    accepted: tuple[int, ...]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    n_missing: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A confidence threshold and what accepting at or above it gives, in-sample."""

    threshold: float
    coverage: Estimate
    accuracy: Estimate


def risk_coverage(confidence: Column, correct: Column, *, n_silent: int = 0) -> RiskCoverage:
    """The risk–coverage curve; empty without rows.

    Args:
        n_silent: replies without a confidence, which no threshold accepts.
    """
    rows = scored_rows(confidence, correct)
    thresholds, accepted, right = _accepted(*rows.columns)
    return RiskCoverage(
        threshold=tuple(thresholds.tolist()),
        accepted=tuple(accepted.tolist()),
        coverage=tuple((accepted / max(rows.n + n_silent, 1)).tolist()),
        risk=tuple((1 - right / accepted).tolist()),
        n_missing=rows.n_missing,
    )


def aurc(confidence: Column, correct: Column) -> float | None:
    """Area under the risk–coverage curve, 0–1, lower is better; None without rows."""
    rows = scored_rows(confidence, correct)
    if rows.n == 0:
        return None
    k = np.arange(1, rows.n + 1)
    return float(np.mean(1 - _right_among(k, *rows.columns) / k))


def accuracy_at_coverage(
    confidence: Column, correct: Column, coverage: float, *, n_silent: int = 0
) -> Estimate:
    """Accuracy among the ⌈coverage·n⌉ most confident rows, Wilson 95%; ``n`` is that count.

    The value is None where silent replies leave that coverage out of reach.

    Args:
        n_silent: replies without a confidence, which no threshold accepts; n counts them.
    """
    if not 0 < coverage <= 1:
        raise InputError(f"coverage must be above 0 and at most 1, got {coverage}")
    rows = scored_rows(confidence, correct)
    # 0.1 * 30 is a hair above 3 in binary, and must not be rounded up to 4.
    k = math.ceil(coverage * (rows.n + n_silent) - 1e-9)
    if rows.n == 0 or k > rows.n:
        return share(0, 0, rows.n_missing)
    right = float(_right_among(np.array([k]), *rows.columns)[0])
    return share(right, k, rows.n_missing)


def threshold_for(
    confidence: Column, correct: Column, accuracy: float, *, n_silent: int = 0
) -> Threshold | None:
    """The threshold that accepts most rows with at least ``accuracy`` among them; None if none does.

    Args:
        n_silent: replies without a confidence, which no threshold accepts; coverage counts them.
    """
    rows = scored_rows(confidence, correct)
    thresholds, accepted, right = _accepted(*rows.columns)
    # Sums of averaged repeats may fall a rounding error short of the target.
    reached = np.flatnonzero(right >= accuracy * accepted - 1e-9)
    if reached.size == 0:
        return None
    last = reached[-1]
    taken = int(accepted[last])
    return Threshold(
        threshold=float(thresholds[last]),
        coverage=share(taken, rows.n + n_silent, rows.n_missing - n_silent),
        accuracy=share(float(right[last]), taken, rows.n_missing),
    )


def auroc(confidence: Column, correct: Column, clusters: Sequence[Hashable] | None = None) -> Estimate:
    """Area under the ROC curve of confidence as a detector of right answers.

    The value is None when all rows are right or all wrong. InputError for fractional ``correct``.

    Args:
        clusters: one per row, where some come from one question; ``n`` still counts rows.
    """
    rows = scored_rows(confidence, correct)
    sure, right = rows.columns
    method = "AUROC, Newcombe 95%" + ("" if clusters is None else " at the effective numbers of answers")
    if not np.isin(right, (0.0, 1.0)).all():
        raise InputError("AUROC needs each row to be right or wrong: give single samples, not averages")
    hits, misses = sure[right == 1], sure[right == 0]
    if hits.size == 0 or misses.size == 0:
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    over_misses = placements(hits, misses)
    value, counts = float(over_misses.mean()), (float(hits.size), float(misses.size))
    if clusters is not None:
        codes = numbered([clusters[place] for place in rows.kept])
        # Of a miss the share of hits above it.
        parts = over_misses, 1 - placements(misses, hits)
        counts = _effective(parts, (codes[right == 1], codes[right == 0]), value)
    low, high = _newcombe(value, *counts)
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


type Pair[T] = tuple[T, T]


def _effective(parts: Pair[FloatArray], clusters: Pair[IntArray], value: float) -> Pair[float]:
    """How many independent hits and misses those in clusters are worth, by DeLong's components of an AUROC."""
    hits, misses = parts
    having = np.unique(clusters[0]).size, np.unique(clusters[1]).size
    alone = (hits.var() / hits.size + misses.var() / misses.size) if min(having) > 1 else 0.0
    if alone == 0:
        # No variance to go by, so the clusters are counted.
        return float(having[0]), float(having[1])
    together = _obuchowski(hits, misses, *clusters, value)
    effect = max(1.0, together / float(hits.var(ddof=1) / hits.size + misses.var(ddof=1) / misses.size))
    return hits.size / effect, misses.size / effect


def _obuchowski(
    hits: FloatArray, misses: FloatArray, of_hits: IntArray, of_misses: IntArray, value: float
) -> float:
    """Variance of an AUROC ``value`` from the components of hits and misses and the clusters they are in."""
    size = int(max(of_hits.max(), of_misses.max())) + 1
    sums = [
        np.bincount(codes, weights=parts - value, minlength=size)
        for parts, codes in ((hits, of_hits), (misses, of_misses))
    ]
    having = [np.unique(codes).size for codes in (of_hits, of_misses)]
    own = sum(
        n / (n - 1) * float(each @ each) / parts.size**2
        for each, n, parts in zip(sums, having, (hits, misses), strict=True)
    )
    both = np.union1d(of_hits, of_misses).size
    shared = both / (both - 1) * float(sums[0] @ sums[1]) / (hits.size * misses.size)
    return own + 2 * shared


def newcombe_variance(at: float, n_hits: float, n_misses: float) -> float:
    """Variance of an AUROC whose true value is ``at``, if right and wrong answers had exponential scores."""
    more = (n_hits + n_misses) / 2 - 1
    return at * (1 - at) * (1 + more * ((1 - at) / (2 - at) + at / (1 + at))) / (n_hits * n_misses)


def _newcombe(value: float, n_hits: float, n_misses: float) -> tuple[float, float]:
    """Score interval of an AUROC, from the variance that exponential scores would give it."""
    z = float(scipy.stats.norm.ppf(0.975))

    def excess(at: float) -> float:
        return (value - at) ** 2 - z * z * newcombe_variance(at, n_hits, n_misses)

    # At 0 and 1 themselves the spread is 0; just inside them the equation still has its sign.
    edge = 1e-12
    low = 0.0 if value <= 0 else float(scipy.optimize.brentq(excess, 0.0, min(value, 1 - edge)))
    high = 1.0 if value >= 1 else float(scipy.optimize.brentq(excess, max(value, edge), 1.0))
    return low, high


def _accepted(confidence: FloatArray, correct: FloatArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """Distinct confidences, descending, with the cumulative counts of rows and of right rows."""
    # Negated, because numpy sorts upwards and the most confident come first.
    distinct, group = np.unique(-confidence, return_inverse=True)
    size = np.bincount(group, minlength=distinct.size)
    right = np.bincount(group, weights=correct, minlength=distinct.size)
    return -distinct, np.cumsum(size), np.cumsum(right)


def _right_among(k: IntArray, confidence: FloatArray, correct: FloatArray) -> FloatArray:
    """Expected number of right rows among the ``k`` most confident, ties in random order."""
    _, accepted, right = _accepted(confidence, correct)
    return np.interp(k, np.concatenate(([0], accepted)), np.concatenate(([0.0], right)))


def placements(of: FloatArray, among: FloatArray) -> FloatArray:
    """For each value the share of ``among`` below it, equal ones counting half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, of, side="left")
    up_to = np.searchsorted(ordered, of, side="right")
    placed: FloatArray = (below + up_to) / (2 * ordered.size)
    return placed
