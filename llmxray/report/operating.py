"""Operating points: what refusing, or escalating, below a confidence would have given, percent by percent.

Thresholds are whole per cent. A question is answered when its confidence is at or above the threshold, which is the
same as asking it of the confidence cut off to whole per cent; so the curves of `llmxray.metrics` on cut-off
confidences have a point at each of these thresholds, and nothing is computed twice. Where a question has several rows
(rotations, repeats) they are one cluster: intervals are at the effective number of questions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from llmxray.metrics import decision, selective
from llmxray.metrics.accuracy import clustered_share, share
from llmxray.report.analysis import Analysis, View, kept, right
from llmxray.types import Estimate, Row

STEPS = 101
OPTION, SEQUENCE = "option confidence", "sequence confidence"


@dataclass(frozen=True, slots=True)
class Point:
    """A threshold in whole per cent, and the answers at or above it.

    Attributes:
        coverage: share of the questions answered; accuracy: share of those that is right, None when there are none.
    """

    percent: int
    coverage: Estimate
    accuracy: Estimate

    @property
    def refused(self) -> int:
        """Questions that would not be answered."""
        return self.coverage.n - self.accuracy.n


@dataclass(frozen=True)
class Confidences:
    """The confidence that a condition can be refused by, one row per scored trial.

    Attributes:
        measure: which confidence: option confidence, or for open answers sequence confidence.
        clusters: the question of each row, where some question has several; else None.
    """

    measure: str
    confidence: tuple[float | None, ...]
    correct: tuple[bool | None, ...]
    clusters: tuple[str, ...] | None = None

    @cached_property
    def n(self) -> int:
        """Rows that have one."""
        return sum(each is not None for each in self.confidence)


@kept
def confidences(view: View) -> Confidences:
    """Option confidence where the condition has any, else sequence confidence, which open answers have."""
    rows = [row for row in view.rows if right(row) is not None]
    measure = OPTION if any(row.option_confidence is not None for row in rows) else SEQUENCE
    items = tuple(f"{row.suite}/{row.item_id}" for row in rows)
    return Confidences(
        measure,
        tuple(_of(row, measure) for row in rows),
        tuple(right(row) for row in rows),
        items if len(set(items)) < len(items) else None,
    )


def points(data: Confidences) -> tuple[Point, ...]:
    """The operating point of every whole per cent from 0 to 100."""
    if data.clusters is not None:
        return tuple(_clustered_point(data, data.clusters, percent) for percent in range(STEPS))
    cut = [cut_off(each) for each in data.confidence]
    curve = selective.risk_coverage(cut, data.correct)
    at = {
        round(100 * threshold): (accepted, accepted * (1 - risk))
        for threshold, accepted, risk in zip(curve.threshold, curve.accepted, curve.risk, strict=True)
    }
    n, missing = data.n, len(data.confidence) - data.n
    found, accepted, hits = [], 0, 0.0
    for percent in range(STEPS - 1, -1, -1):
        accepted, hits = at.get(percent, (accepted, hits))
        found.append(Point(percent, share(accepted, n, missing), share(round(hits, 6), accepted)))
    return tuple(reversed(found))


def _clustered_point(data: Confidences, clusters: Sequence[str], percent: int) -> Point:
    rows = [
        (sure, hit, item)
        for sure, hit, item in zip(data.confidence, data.correct, clusters, strict=True)
        if sure is not None
    ]
    taken = [(cut_off(sure) or 0.0) >= percent / 100 for sure, _, _ in rows]
    coverage = clustered_share(taken, [item for _, _, item in rows])
    kept = [row for row, is_in in zip(rows, taken, strict=True) if is_in]
    accuracy = clustered_share([hit for _, hit, _ in kept], [item for _, _, item in kept])
    missing = len(data.confidence) - data.n
    return Point(percent, replace(coverage, n_missing=missing), accuracy)


def cascade(analysis: Analysis, small: View, large: View) -> decision.Cascade:
    """Small model first, the large one where the small is unsure, on the questions that both answered."""
    measure = confidences(small).measure
    columns = [analysis.means(view, name) for view in (small, large) for name in ("right", "latency_s")]
    sure = analysis.means(small, "option_confidence" if measure == OPTION else "sequence_confidence")
    keys = [key for key in columns[0] if all(key in column for column in columns)]
    small_right, small_s, large_right, large_s = ([column[key] for key in keys] for column in columns)
    return decision.cascade(
        decision.Answers(small_right, small_s, [cut_off(sure.get(key)) for key in keys]),
        decision.Answers(large_right, large_s),
    )


def cut_off(confidence: float | None) -> float | None:
    """A confidence cut off to whole per cent; 0.29 stays 0.29, whatever binary makes of it."""
    return None if confidence is None else math.floor(100 * min(confidence, 1.0) + 1e-9) / 100


def best_point(curve: Sequence[decision.CascadePoint]) -> decision.CascadePoint | None:
    """The quickest of the points with the highest accuracy."""
    return max(curve, key=lambda each: (each.accuracy.value or 0.0, -each.latency_s), default=None)


def _of(row: Row, measure: str) -> float | None:
    return row.option_confidence if measure == OPTION else row.sequence_confidence
