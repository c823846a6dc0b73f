"""How would I deploy it? Answer only when sure enough, or ask a small model first and a larger one when unsure.

Thresholds are whole per cent. A question is answered when its confidence is at or above the threshold, which is the
same as asking it of the confidence cut off to whole per cent. Where a question has several rows (wordings, rotations,
repeats) they are one cluster: intervals are at the effective number of questions. All of it is over questions with
equally many options (`confidence.Pool`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from llmxray.metrics.accuracy import clustered_share, share
from llmxray.metrics.decision import Answers, Cascade, CascadePoint, cascade
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, address, confidence, memoized, right
from llmxray.report.analysis.confidence import ConfidenceColumns, columns
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.wording.calibration import pool_name
from llmxray.types import Estimate, Row

# Fewer answers than this make the left end of a curve jump about.
LEAST_ANSWERS = 5
_AIM = 0.8
# Lines that begin nearer to one another than this leave no room for a name between them.
_APART = 0.1
# Sparing the larger model of a cascade fewer answers than these is no way to deploy anything.
_FEWEST_SPARED = 10

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


def points_of(found: ConfidenceColumns) -> tuple[OperatingPoint, ...]:
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


def asked_first(analysis: Analysis, small: ConditionView, large: ConditionView) -> Cascade:
    """Small model first, the large one where the small is unsure, on each prompt of its pool that both answered."""
    size, options = confidences(small).pool.options, analysis.design.options
    answers = {_asked(row): row for row in large.rows}
    pairs = [
        (row, answers[_asked(row)])
        for row in small.rows
        if _asked(row) in answers and (size is None or options.get(address(row)) == size)
    ]
    one, two = ([pair[place] for pair in pairs] for place in (0, 1))
    return cascade(
        Answers(
            [*map(right, one)],
            [row.latency_s for row in one],
            [cut_off(row.option_confidence) for row in one],
        ),
        Answers([*map(right, two)], [row.latency_s for row in two]),
        clusters=[analysis.design.unit(address(row)) for row in one],
    )


def _asked(row: Row) -> tuple[str, int, int | None]:
    return address(row), row.sample, row.rotation


def cut_off(confidence: float | None) -> float | None:
    """A confidence cut off to whole per cent; 0.29 stays 0.29, whatever binary makes of it."""
    # Above 1 by a rounding error it would lie above every threshold there is.
    return None if confidence is None else math.floor(100 * min(confidence, 1.0) + 1e-9) / 100


type Known = tuple[ConditionView, ConfidenceColumns, tuple[OperatingPoint, ...]]


def threshold_values(analysis: Analysis) -> TemplateValues:
    """The part on thresholds, of conditions with an option confidence; some condition has one."""
    found = [(view, confidences(view)) for view in analysis.ranked]
    known = [(view, data, points_of(data)) for view, data in found if data.n]
    able = [(view, point) for view, _, points in known if (point := _first_to_reach(points)) is not None]
    best = max(able, key=lambda each: each[1].coverage.value or 0.0, default=None)
    first = 80 if best is None else best[1].percent
    headline = Finding("calibration.never-80")
    why = Finding("calibration.never-why", fewest=LEAST_ANSWERS)
    if best is not None:
        silent, why = 1 - (best[1].coverage.value or 0.0), _reaches(best[1])
        headline = Finding(f"calibration.{'silent' if silent else 'not-silent'}", view=best[0], silent=silent)
    return TemplateValues(
        headline=headline,
        why=why,
        helps=_helps(known),
        notes=_notes(analysis, known),
        # The threshold that is shown first is that of the sentence.
        first=first,
        steps=tuple(
            TemplateValues(
                percent=percent,
                lines=[
                    (view, points[percent], _refused_href(analysis, view, data, points[percent]))
                    for view, data, points in known
                ],
            )
            # It takes the place of the ten that it is nearest to.
            for percent in sorted({*range(0, 100, 10)} - {min(90, round(first, -1))} | {first})
        ),
        curves=[(view, points) for view, _, points in known],
        labels=_labels(known),
        chance=_chance(analysis, known),
        fewest=LEAST_ANSWERS,
        cascade=_best_cascade(analysis),
    )


def _reaches(point: OperatingPoint) -> Finding:
    right = point.accuracy
    return Finding(
        "calibration.reaches",
        right=right,
        percent=point.percent,
        ends=numbers.interval(right, threshold=_AIM),
        short=Finding("calibration.reaches-short") if (right.low or _AIM) < _AIM else None,
    )


def _first_to_reach(points: Sequence[OperatingPoint]) -> OperatingPoint | None:
    """Of the thresholds that make it right often enough, one that refuses the fewest; None where it refuses too many.

    Of those that refuse the same the highest, which is the confidence of some answer.
    """
    reached = [each for each in points if (each.accuracy.value or 0.0) >= _AIM - 1e-9]
    if not reached or reached[0].accuracy.n < LEAST_ANSWERS:
        return None
    return [each for each in reached if each.accuracy.n == reached[0].accuracy.n][-1]


def _notes(analysis: Analysis, known: Sequence[Known]) -> tuple[Finding, ...]:
    unsaid = [
        f"{numbers.count(silent)} of {numbers.count(len(data.comparable.confidence))} of {view.label}"
        for view, data, _ in known
        if (silent := _silent(data))
    ]
    notes = [Finding("calibration.unsaid", unsaid=numbers.listed(unsaid))] if unsaid else []
    for suite in analysis.suites:
        names = [
            view.label
            for view, data, _ in known
            if suite not in {of for of, _ in data.strata}
            and any(right(row) is not None for row in view.of(suite=suite))
        ]
        if names:
            title = analysis.label_of_suite(suite)
            notes.append(Finding("calibration.left-out", suite=title, names=numbers.listed(names)))
    return tuple(notes)


def _silent(data: ConfidenceColumns) -> int:
    """How many answers have no confidence, and are refused at every threshold."""
    return len(data.comparable.confidence) - data.comparable.n


def _helps(known: Sequence[Known]) -> Finding:
    # Refusing helps where confidence sorts right from wrong, which is what AUROC measures.
    helped = confidence.informative([data for _, data, _ in known])
    rising = [view.label for (view, _, _), helps in zip(known, helped, strict=True) if helps]
    how = "-all" if len(rising) == len(known) > 1 else "" if rising else "-none"
    return Finding(f"calibration.helps{how}", names=numbers.listed(rising))


def _labels(known: Sequence[Known]) -> tuple[TemplateValues, ...]:
    """Names over the beginnings of the lines, the lowest below; none where two would overlap."""
    order = sorted(known, key=lambda each: -_value(each[2][0]))
    starts = [_value(points[0]) for _, _, points in order]
    fits = [True, *(above - start >= _APART for above, start in pairwise(starts))]
    if not all(fits[:-1]):
        return ()
    return tuple(
        TemplateValues(view=view, y=start, dy=-9 if fit else 20)
        for (view, _, _), start, fit in zip(order, starts, fits, strict=True)
    )


def _chance(analysis: Analysis, known: Sequence[Known]) -> float | None:
    """Level of blind guessing on the questions shown; None where the conditions are shown different ones."""
    sizes = {data.pool.options for _, data, _ in known}
    if sizes == {None}:
        return analysis.chance
    return 1 / size if len(sizes) == 1 and (size := sizes.pop()) else None


def _refused_href(
    analysis: Analysis, view: ConditionView, data: ConfidenceColumns, point: OperatingPoint
) -> str:
    """The way to what a threshold refuses, "" where there is none to the questions themselves."""
    # The page of questions does not filter by the number of options; what has no confidence is in no range.
    if data.pool.options is not None or point.refused <= _silent(data):
        return ""
    # It compares thousandths, both ends included: half of one below the threshold leaves that out.
    return analysis.contents.questions(
        condition=view.id, conf=f"0-{max(0.0, point.percent / 100 - 0.0005):.4f}"
    )


def _best_cascade(analysis: Analysis) -> Finding:
    """What the cascade worth asking about comes to: a quicker model before a slower, more accurate one."""
    useful: list[
        tuple[bool, float, float, int, tuple[ConditionView, ConditionView, Cascade, CascadePoint]]
    ] = []
    for large, small in combinations(analysis.ranked, 2):
        # A larger model that is not shown to be better would only cost time.
        if not analysis.pair(large, small).differs or not confidences(small).n:
            continue
        found = asked_first(analysis, small, large)
        # On the questions of both: over all of its own another one may be the better or the quicker of the two.
        one, two = found.small, found.large
        if (
            one
            and two
            and len(found.points) > 1
            and one.latency_s < two.latency_s
            and _value(one) < _value(two)
        ):
            # One that saves time first; of those the most accurate end, and the quickest beginning.
            wastes = _level(found, two) is None
            useful.append((wastes, -_value(two), one.latency_s, len(useful), (small, large, found, two)))
    return _cascade(*min(useful)[-1]) if useful else Finding("calibration.cascade-none")


def _spare(found: Cascade) -> list[CascadePoint]:
    return [each for each in found.points if round((1 - each.escalated) * found.n) >= _FEWEST_SPARED]


def _level(found: Cascade, alone: CascadePoint) -> CascadePoint | None:
    """The first point that is as accurate as the large model alone; None where that saves no time."""
    # Sums of averaged repeats differ in their last bits.
    level = next((each for each in _spare(found) if _value(each) >= _value(alone) - 1e-9), None)
    return level if level and level.latency_s < alone.latency_s else None


def _cascade(small: ConditionView, large: ConditionView, found: Cascade, alone: CascadePoint) -> Finding:
    if not (spare := _spare(found)):
        return Finding("calibration.cascade-few", large=large, fewest=_FEWEST_SPARED)
    best = _level(found, alone) or max(spare, key=lambda each: (_value(each), -each.latency_s))
    several = f"{numbers.count(found.n)} answers to " if found.n > alone.accuracy.n else ""
    always = Finding("calibration.cascade-always", n=found.n_always, of=found.n) if found.n_always else None
    return Finding(
        f"calibration.cascade{'-slow' if best.latency_s >= alone.latency_s else ''}",
        small=small,
        large=large,
        below="any confidence" if best.threshold is None else f"{numbers.percent(best.threshold)} confidence",
        best=Finding("calibration.right", accuracy=best.accuracy),
        asked=f"{several}{numbers.count(alone.accuracy.n)} {pool_name(confidences(small).pool)}",
        seconds=numbers.seconds(best.latency_s, alone.latency_s),
        escalated=best.escalated,
        alone=Finding("calibration.right", accuracy=alone.accuracy),
        alone_seconds=numbers.seconds(alone.latency_s, best.latency_s),
        fewest=_FEWEST_SPARED,
        always=always,
    )


def _value(point: CascadePoint | OperatingPoint) -> float:
    return point.accuracy.value or 0.0
