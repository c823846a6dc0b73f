"""Cascade: ask a small model first and escalate when unsure.

Every item goes to the small model; where its confidence is below a threshold, the large
model is asked as well and its answer counts, so the time of both is spent. The curve has one point
per threshold that changes anything, in-sample.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import share
from llmxray.metrics.columns import Column, FloatArray, complete_rows
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True)
class Answers:
    """One model's answers to the items, in an order that both models of a cascade share.

    Attributes:
        correct: 0 or 1 per item, or a fraction where repeats were averaged.
        latency_s: seconds per item.
        confidence: 0–1 per item; only the small model's is looked at.
    """

    correct: Column
    latency_s: Column
    confidence: Column = ()


@dataclass(frozen=True, slots=True)
class CascadePoint:
    """One operating point.

    Attributes:
        threshold: items with a small-model confidence below it are escalated; None for an end of
            the range that no threshold expresses (a model alone, or everything escalated).
        escalated: share of items the large model answers, 0–1.
        accuracy: share of right answers, Wilson 95%.
        latency_s: mean seconds per item.
    """

    threshold: float | None
    escalated: float
    accuracy: Estimate
    latency_s: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """Cascade curve, fewest escalations first, with each model alone for comparison.

    ``points`` is empty and both models None when no item is complete. An item without a confidence
    is always escalated; one without a correctness or latency is left out and counted.

    Attributes:
        n_always: items without a confidence, escalated at every threshold.
    """

    points: tuple[CascadePoint, ...]
    small: CascadePoint | None
    large: CascadePoint | None
    n: int
    n_missing: int
    n_always: int = 0


def cascade(
    small: Answers,
    large: Answers,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Cascade:
    """Return accuracy, mean time and share escalated of a cascade along its whole curve.

    Args:
        small, large: answers of both models to the same n items, aligned; items without a correctness or latency of
            either model are left out and counted.
        clusters: shape (n,), the question of each item, where some are wordings of one question. An accuracy then has
            the interval of as many answers as there are questions.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    if len(small.confidence) != len(small.correct):
        raise InputError("the columns of a cascade must be joined on the same items first")
    rows = complete_rows(small.correct, small.latency_s, large.correct, large.latency_s)
    if rows.n == 0:
        return Cascade((), None, None, 0, rows.n_missing)
    small_correct, small_s, large_correct, large_s = rows.columns
    n_questions = rows.n if clusters is None else len({clusters[position] for position in rows.positions})
    # A missing confidence is below every threshold, so its item is always escalated.
    confidences = [small.confidence[position] for position in rows.positions]
    order_keys = np.array([-np.inf if value is None else value for value in confidences], dtype=np.float64)
    # In order of confidence the escalated items are a prefix, so running sums give every point.
    order = np.argsort(order_keys, kind="stable")
    gained = _running_sum((large_correct - small_correct)[order])
    spent = _running_sum(large_s[order])

    def point(at: float | None) -> CascadePoint:
        moved = rows.n if at is None else int((order_keys < at).sum())
        hits, seconds = small_correct.sum() + gained[moved], small_s.sum() + spent[moved]
        return _point(at, moved, hits, seconds, rows.n, n_questions)

    thresholds = [float(value) for value in np.unique(order_keys) if np.isfinite(value)]
    return Cascade(
        points=tuple(point(at) for at in [*thresholds, None]),
        small=_point(None, 0, small_correct.sum(), small_s.sum(), rows.n, n_questions),
        large=_point(None, rows.n, large_correct.sum(), large_s.sum(), rows.n, n_questions),
        n=rows.n,
        n_missing=rows.n_missing,
        n_always=sum(value is None for value in confidences),
    )


def _running_sum(values: FloatArray) -> FloatArray:
    return np.concatenate(([0.0], np.cumsum(values)))


def _point(
    threshold: float | None, moved: int, hits: float, seconds: float, n: int, n_questions: int
) -> CascadePoint:
    accuracy = share(float(hits) * n_questions / n, n_questions)
    return CascadePoint(threshold, moved / n, accuracy, float(seconds) / n)
