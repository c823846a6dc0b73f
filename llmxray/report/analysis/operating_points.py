"""Operating points: what refusing, or escalating, below a confidence would have given, percent by percent.

Thresholds are whole per cent. A question is answered when its confidence is at or above the threshold, which is the
same as asking it of the confidence cut off to whole per cent. Where a question has several rows (wordings, rotations,
repeats) they are one cluster: intervals are at the effective number of questions. All of it is over questions with
equally many options (`confidence.Pool`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from llmxray.metrics import decision
from llmxray.metrics.accuracy import clustered_share, share
from llmxray.report.analysis import Analysis, ConditionView, memoized, right
from llmxray.report.analysis.confidence import ConfidenceColumns, columns
from llmxray.types import Estimate

STEPS = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """A threshold in whole per cent, and the answers at or above it.

    Attributes:
        coverage: share of the questions answered, of all with a whole reply; accuracy: share of those that is right,
            None when there are none.
    """

    percent: int
    coverage: Estimate
    accuracy: Estimate

    @property
    def refused(self) -> int:
        """Questions that would not be answered, those without a confidence among them."""
        return self.coverage.n - self.accuracy.n


@memoized
def confidences(view: ConditionView) -> ConfidenceColumns:
    """The confidences of a condition, of the suites that have any: elsewhere there is nothing to set a threshold on."""
    having = {row.suite for row in view.rows if right(row) is not None and row.option_confidence is not None}
    return columns(replace(view, rows=tuple(row for row in view.rows if row.suite in having)))


def points(found: ConfidenceColumns) -> tuple[OperatingPoint, ...]:
    """The operating point of every whole per cent from 0 to 100, over the questions of the pool."""
    data = found.comparable
    percents = np.array([-1 if sure is None else round(100 * sure) for sure in map(cut_off, data.confidence)])
    hits, items = np.array(data.correct, dtype=np.float64), np.array(data.items)
    several = len(set(data.items)) < len(data.items)

    def point(percent: int) -> OperatingPoint:
        is_kept = percents >= percent
        if several:
            coverage = clustered_share(is_kept.tolist(), data.items)
            accuracy = clustered_share(hits[is_kept].tolist(), items[is_kept].tolist())
        else:
            n = int(is_kept.sum())
            coverage, accuracy = share(n, len(percents)), share(float(hits[is_kept].sum()), n)
        return OperatingPoint(percent=percent, coverage=coverage, accuracy=accuracy)

    return tuple(map(point, range(STEPS)))


def cascade(analysis: Analysis, small: ConditionView, large: ConditionView) -> decision.Cascade:
    """Small model first, the large one where the small is unsure, on the questions of its pool that both answered."""
    values = [view.means(name) for view in (small, large) for name in ("right", "latency_s")]
    sure = small.means("option_confidence")
    size, options = confidences(small).pool.options, analysis.design.options
    keys = [
        key
        for key in values[0]
        if all(key in column for column in values) and (size is None or options.get(key) == size)
    ]
    small_right, small_s, large_right, large_s = ([column[key] for key in keys] for column in values)
    return decision.cascade(
        decision.Answers(small_right, small_s, [cut_off(sure.get(key)) for key in keys]),
        decision.Answers(large_right, large_s),
        clusters=[analysis.design.unit(key) for key in keys],
    )


def cut_off(confidence: float | None) -> float | None:
    """A confidence cut off to whole per cent; 0.29 stays 0.29, whatever binary makes of it."""
    # Above 1 by a rounding error it would lie above every threshold there is.
    return None if confidence is None else math.floor(100 * min(confidence, 1.0) + 1e-9) / 100
