"""Selective prediction: risk and coverage when only confident answers are accepted.

Rows are accepted from the most confident down. Coverage is the share accepted, risk the share of
those that is wrong. No threshold separates equal confidences: curves have one point
per distinct confidence, and where a count cuts through a tie the tied rows enter in random order,
on average. Area under the risk–coverage curve (`aurc`): mean over k = 1…n of the risk among the k
most confident (Geifman and El-Yaniv 2017); HELM's coverage–accuracy area is 1 − aurc. All of it is in-sample.

More options make a question harder and its answer less confident at once, so a curve over questions of several sizes
falls even where confidence is uninformative: give these functions questions that all have equally many options.
`discrimination` has the AUROC, which compares within sizes.

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
from llmxray.metrics.missing_values import Column, FloatArray, IntArray, scored_rows
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
    """Confidence threshold, with coverage and accuracy of the rows at or above it, in-sample."""

    threshold: float
    coverage: Estimate
    accuracy: Estimate


def risk_coverage(confidence: Column, correct: Column, *, n_silent: int = 0) -> RiskCoverage:
    """Return the risk–coverage curve; empty without rows.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        n_silent: replies without a confidence, which no threshold accepts.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    thresholds, accepted, hits = _cumulative_counts(*rows.columns)
    return RiskCoverage(
        threshold=tuple(thresholds.tolist()),
        accepted=tuple(accepted.tolist()),
        coverage=tuple((accepted / max(rows.n + n_silent, 1)).tolist()),
        risk=tuple((1 - hits / accepted).tolist()),
        n_missing=rows.n_missing,
    )


def aurc(confidence: Column, correct: Column) -> float | None:
    """Return the area under the risk–coverage curve (Geifman and El-Yaniv 2017).

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.

    >>> aurc([0.9, 0.5], [1, 0])
    0.25
    """
    rows = scored_rows(confidence, correct)
    if rows.n == 0:
        return None
    k = np.arange(1, rows.n + 1)
    return float(np.mean(1 - _expected_hits(k, *rows.columns) / k))


def accuracy_at_coverage(
    confidence: Column, correct: Column, coverage: float, *, n_silent: int = 0
) -> Estimate:
    """Return the accuracy among the ⌈coverage·n⌉ most confident rows.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        coverage: share of replies to accept, above 0 and at most 1.
        n_silent: replies without a confidence, which no threshold accepts; coverage is a share of all replies.

    Returns:
        Estimate, 0–1, Wilson 95%; ``n`` counts accepted rows. Its value is None where silent replies leave that
        coverage out of reach.

    Raises:
        InputError: ``coverage`` is out of range, the columns differ in length, or a value is not a number in 0–1.
    """
    if not 0 < coverage <= 1:
        raise InputError(f"coverage must be above 0 and at most 1, got {coverage}")
    rows = scored_rows(confidence, correct)
    # 0.1 * 30 is a hair above 3 in binary, and must not be rounded up to 4.
    k = math.ceil(coverage * (rows.n + n_silent) - 1e-9)
    if rows.n == 0 or k > rows.n:
        return share(0, 0, rows.n_missing)
    hits = float(_expected_hits(np.array([k]), *rows.columns)[0])
    return share(hits, k, rows.n_missing)


def threshold_for(
    confidence: Column, correct: Column, accuracy: float, *, n_silent: int = 0
) -> Threshold | None:
    """Return the threshold that accepts the most rows with at least this accuracy among them.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        accuracy: target, 0–1.
        n_silent: replies without a confidence, which no threshold accepts; coverage counts them.

    Returns:
        None if no threshold reaches the target.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    thresholds, accepted, hits = _cumulative_counts(*rows.columns)
    # Sums of averaged repeats may fall a rounding error short of the target.
    reached = np.flatnonzero(hits >= accuracy * accepted - 1e-9)
    if reached.size == 0:
        return None
    last = reached[-1]
    n_accepted = int(accepted[last])
    return Threshold(
        threshold=float(thresholds[last]),
        coverage=share(n_accepted, rows.n + n_silent, rows.n_missing - n_silent),
        accuracy=share(float(hits[last]), n_accepted, rows.n_missing),
    )


def newcombe_variance(at: float, n_hits: float, n_misses: float) -> float:
    """Return the variance of an AUROC whose true value is ``at`` (Newcombe 2006, method 5).

    Args:
        at: true AUROC, above 0 and below 1.
        n_hits, n_misses: number of right and of wrong answers, above 0.
    """
    weight = (n_hits + n_misses) / 2 - 1
    return at * (1 - at) * (1 + weight * ((1 - at) / (2 - at) + at / (1 + at))) / (n_hits * n_misses)


def _cumulative_counts(
    confidence: FloatArray, correct: FloatArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Distinct confidences, descending, with the cumulative counts of rows and of right rows."""
    # Confidences are negated, because numpy sorts ascending and the most confident come first.
    distinct, group = np.unique(-confidence, return_inverse=True)
    size = np.bincount(group, minlength=distinct.size)
    hits = np.bincount(group, weights=correct, minlength=distinct.size)
    return -distinct, np.cumsum(size), np.cumsum(hits)


def _expected_hits(k: IntArray, confidence: FloatArray, correct: FloatArray) -> FloatArray:
    """Expected number of right rows among the ``k`` most confident, ties in random order."""
    _, accepted, hits = _cumulative_counts(confidence, correct)
    return np.interp(k, np.concatenate(([0], accepted)), np.concatenate(([0.0], hits)))


def placements(of: FloatArray, among: FloatArray) -> FloatArray:
    """Return for each value the share of ``among`` below it, equal ones counting half (DeLong et al. 1988).

    Args:
        of: shape (n,).
        among: shape (m,), m at least 1.

    Returns:
        Shape (n,), 0–1.

    >>> placements(np.array([0.5]), np.array([0.1, 0.5])).tolist()
    [0.75]
    """
    sorted_among = np.sort(among)
    below = np.searchsorted(sorted_among, of, side="left")
    up_to = np.searchsorted(sorted_among, of, side="right")
    placement: FloatArray = (below + up_to) / (2 * sorted_among.size)
    return placement
