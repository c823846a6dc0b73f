"""Cascade: ask a small model first and escalate when unsure.

Every item goes to the small model; where its confidence is below a threshold, the large
model is asked as well and its answer counts, so the time of both is spent. The curve has one point
per threshold that changes anything, in-sample.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from llmxray.errors import InputError
from llmxray.metrics.accuracy import averaged_share
from llmxray.metrics.columns import Column, complete_rows
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
        accuracy: share of right answers, 95%.
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
        clusters: shape (n,), the question of each item, where some are of one; intervals are over questions.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    if len(small.confidence) != len(small.correct):
        raise InputError("the columns of a cascade must be joined on the same items first")
    rows = complete_rows(small.correct, small.latency_s, large.correct, large.latency_s)
    if rows.n == 0:
        return Cascade((), None, None, 0, rows.n_missing)
    small_correct, small_s, large_correct, large_s = rows.columns
    units = None if clusters is None else [clusters[position] for position in rows.positions]
    # A missing confidence is below every threshold, so its item is always escalated.
    confidences = [small.confidence[position] for position in rows.positions]
    sure = np.array([-np.inf if value is None else value for value in confidences], dtype=np.float64)

    def point(threshold: float | None, moved: NDArray[np.bool_]) -> CascadePoint:
        right = np.where(moved, large_correct, small_correct)
        seconds = small_s.mean() + np.where(moved, large_s, 0.0).mean()
        return CascadePoint(threshold, float(moved.mean()), averaged_share(right, units), float(seconds))

    every = np.ones(rows.n, dtype=np.bool_)
    alone = point(None, every)
    thresholds = [float(value) for value in np.unique(sure) if np.isfinite(value)]
    return Cascade(
        points=(*(point(at, sure < at) for at in thresholds), alone),
        small=point(None, ~every),
        # Alone, the large one waits for no other.
        large=replace(alone, latency_s=float(large_s.mean())),
        n=rows.n,
        n_missing=rows.n_missing,
        n_always=sum(value is None for value in confidences),
    )
