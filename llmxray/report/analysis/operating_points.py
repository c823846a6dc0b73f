"""Operating points: what refusing, or escalating, below a confidence would have given, percent by percent.

Thresholds are whole per cent. A question is answered when its confidence is at or above the threshold, which is the
same as asking it of the confidence cut off to whole per cent. Where a question has several rows (wordings, rotations,
repeats) they are one cluster: intervals are at the effective number of questions. All of it is over questions with
equally many options (`confidence.Pool`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from llmxray.metrics import decision
from llmxray.metrics.accuracy import clustered_share, share
from llmxray.report.analysis import Analysis, ConditionResults, right
from llmxray.report.analysis.confidence import ConfidenceColumns, Pool, columns
from llmxray.report.analysis.memo import memoized
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


# No slots: `n` is kept in the instance's own dictionary.
@dataclass(frozen=True, kw_only=True)
class Confidences:
    """The option confidence that a condition can be refused by, one row per trial with a whole reply.

    Attributes:
        clusters: the question of each row, where some question has several; else None.
        left_out: suites in which no reply has this confidence: there is nothing to set a threshold on.
        pool: which questions the rows are about.
        everything: the rows of all questions, whatever their number of options: for what compares within it.
    """

    confidence: tuple[float | None, ...]
    correct: tuple[bool | None, ...]
    clusters: tuple[str, ...] | None
    left_out: tuple[str, ...]
    pool: Pool
    everything: ConfidenceColumns

    @cached_property
    def cut(self) -> tuple[float | None, ...]:
        """The confidences cut off to whole per cent, so that a threshold is the number that is written."""
        return tuple(map(cut_off, self.confidence))

    @cached_property
    def n(self) -> int:
        """Rows that have one."""
        return sum(each is not None for each in self.confidence)

    @property
    def n_silent(self) -> int:
        """Rows that have none, and are refused at every threshold."""
        return len(self.confidence) - self.n

    def accuracy_from(self, threshold: float, clusters: Sequence[str]) -> Estimate:
        """The accuracy from a threshold on, its interval over questions that have several answers."""
        rows = zip(self.cut, self.correct, clusters, strict=True)
        kept = [(hit, item) for sure, hit, item in rows if sure is not None and sure >= threshold]
        return clustered_share([hit for hit, _ in kept], [item for _, item in kept])


@memoized
def confidences(view: ConditionResults) -> Confidences:
    """The confidences of a condition, of the suites that have any."""
    rows = [row for row in view.rows if right(row) is not None]
    having = {row.suite for row in rows if row.option_confidence is not None}
    left_out = tuple(dict.fromkeys(row.suite for row in rows if row.suite not in having))
    everything = columns(replace(view, rows=tuple(row for row in rows if row.suite in having)))
    found = everything.comparable
    several = len(set(found.items)) < len(found.items)
    return Confidences(
        confidence=found.confidence,
        correct=found.correct,
        clusters=found.items if several else None,
        left_out=left_out,
        pool=everything.pool,
        everything=everything,
    )


def points(data: Confidences) -> tuple[OperatingPoint, ...]:
    """The operating point of every whole per cent from 0 to 100."""
    percents = np.array([-1 if sure is None else round(100 * sure) for sure in data.cut])
    hits = np.array(data.correct, dtype=np.float64)

    def point(percent: int) -> OperatingPoint:
        is_kept = percents >= percent
        if data.clusters is not None:
            coverage = clustered_share(is_kept.tolist(), data.clusters)
            accuracy = data.accuracy_from(percent / 100, data.clusters)
        else:
            n = int(is_kept.sum())
            coverage, accuracy = share(n, len(percents)), share(float(hits[is_kept].sum()), n)
        return OperatingPoint(percent=percent, coverage=coverage, accuracy=accuracy)

    return tuple(map(point, range(STEPS)))


def cascade(analysis: Analysis, small: ConditionResults, large: ConditionResults) -> decision.Cascade:
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
