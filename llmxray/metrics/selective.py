"""Selective prediction: answer only when sure enough, and see how often that is right.

Rows are accepted from the most confident down. Coverage is the share accepted, risk the share of
those that is wrong. No threshold separates equal confidences: curves have one point
per distinct confidence, and where a count cuts through a tie the tied rows enter in random order,
on average. Area under the risk–coverage curve (`aurc`): mean over k = 1…n of the risk among the k
most confident (Geifman and El-Yaniv 2017); HELM's coverage–accuracy area is 1 − aurc. All of it is in-sample.

More options make a question harder and its answer less sure at once, so a curve over questions of several sizes falls
even where confidence knows nothing: give these functions questions that all have equally many options. `discrimination`
has the AUROC, which compares within sizes.

Whoever deploys a threshold can accept no reply that has no confidence (cut off, unread, without log-probabilities), so
such *silent* replies are refused at every threshold: they count in coverage and never in risk. A curve then ends below
full coverage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import share
from llmxray.metrics.columns import Column, FloatArray, IntArray, scored_rows
from llmxray.types import Estimate


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


def newcombe_variance(at: float, n_hits: float, n_misses: float) -> float:
    """Variance of an AUROC whose true value is ``at``, if right and wrong answers had exponential scores."""
    more = (n_hits + n_misses) / 2 - 1
    return at * (1 - at) * (1 + more * ((1 - at) / (2 - at) + at / (1 + at))) / (n_hits * n_misses)


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
