"""Small model first, the larger one only where the small one is unsure: accuracy against time."""

from __future__ import annotations

from itertools import combinations

from llmxray.charts import cascade as chart
from llmxray.metrics.decision import Cascade, CascadePoint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, mean_latency, operating_points
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Figure, Line, Table, share_cell

# Sparing the larger model fewer questions than these is no way to deploy anything.
_FEWEST_SPARED = 10


def best_cascade(analysis: Analysis) -> Values | None:
    """The cascade worth asking about: a quicker model with a confidence before a slower, more accurate one.

    Returns:
        A sentence on what it comes to, its curve, and the curve as a table.
    """
    means = {view.id: mean_latency(view) for view in analysis.views}
    useful = []
    for large, small in combinations(analysis.ranked, 2):
        quick, slow = means[small.id], means[large.id]
        if not (quick and slow and quick < slow and operating_points.confidences(small).n):
            continue
        # A larger model that is not shown to be better would only cost time.
        if not analysis.pair(large, small).differs:
            continue
        found = operating_points.cascade(analysis, small, large)
        if found.small and found.large and len(found.points) > 1:
            useful.append((small, large, found, (found.small, found.large)))
    # The most accurate end first, and of those the one that saves most time on the way.
    best = min(useful, key=lambda each: (-_value(each[3][1]), each[3][0].latency_s), default=None)
    return None if best is None else _shown(*best)


def _shown(
    small: ConditionResults, large: ConditionResults, found: Cascade, alone: tuple[CascadePoint, CascadePoint]
) -> Values:
    ends = [
        chart.ModelPoint(view.label, view.css, point.latency_s, _value(point))
        for view, point in zip((small, large), alone, strict=True)
    ]
    curve = [(point.latency_s, _value(point)) for point in found.points]
    sentence = _sentence(small, large, found, alone[1])
    if found.n_always:
        n, of = numbers.count(found.n_always), numbers.plural(found.n, "question")
        sentence += f" On {n} of {of} the first gives no confidence: these always go on to the second."
    svg = chart.draw(
        curve,
        *ends,
        name=f"cascade-{small.css}-{large.css}",
        description=f"Accuracy against mean time. {sentence}",
    )
    missing = f", {found.n_missing} without a time" if found.n_missing else ""
    figure = Figure(
        f"{small.label} first, then {large.label}", f"Each dot is a threshold; n = {found.n}{missing}.", svg
    )
    shown: list[CascadePoint] = []
    for tenth in range(1, 10):
        # A point without a threshold lies beyond every target.
        near = min(found.points, key=lambda each: abs((each.threshold or 2.0) - tenth / 10))
        if near not in shown:
            shown.append(near)
    columns = (
        ColumnHead("escalated", numeric=False, anchor="cascade"),
        ColumnHead("asked of both"),
        ColumnHead("accuracy"),
        ColumnHead("mean time", "a question"),
    )
    lines = (
        _line(f"{small.label} alone", alone[0]),
        *(_line(f"below {_threshold(point)}", point) for point in shown),
        _line(f"{large.label} alone", alone[1]),
    )
    return Values(sentence=sentence, figure=figure, table=Table("", columns, lines))


def _sentence(small: ConditionResults, large: ConditionResults, found: Cascade, alone: CascadePoint) -> str:
    spare = [each for each in found.points if round((1 - each.escalated) * found.n) >= _FEWEST_SPARED]
    # Sums of averaged repeats differ in their last bits.
    level = next((each for each in spare if _value(each) >= _value(alone) - 1e-9), None)
    if level is not None:
        alike = (
            f"Asking {small.label} first and {large.label} only below {_threshold(level)} is as accurate as "
            f"{large.label} alone"
        )
        if level.latency_s < alone.latency_s:
            saved = 1 - level.latency_s / alone.latency_s
            return (
                f"{alike} ({numbers.percent(_value(level))}, 95% {numbers.interval(level.accuracy)}) in "
                f"{numbers.percent(saved)} less time ({numbers.seconds(level.latency_s, alone.latency_s)} instead of "
                f"{numbers.seconds(alone.latency_s)} a question)."
            )
        return (
            f"{alike}, and saves no time: {numbers.seconds(level.latency_s)} a question instead of "
            f"{numbers.seconds(alone.latency_s, level.latency_s)}."
        )
    best = operating_points.best_point(spare)
    if best is None:
        return f"No threshold spares {large.label} as many as {_FEWEST_SPARED} questions."
    # Rounded to the same per cent, the two would contradict the sentence.
    digits = 1 if numbers.percent(_value(best)) == numbers.percent(_value(alone)) else 0
    return (
        f"No threshold that spares {large.label} {_FEWEST_SPARED} questions or more keeps its accuracy: at best "
        f"{numbers.percent(_value(best), digits)} "
        f"(95% {numbers.interval(best.accuracy)}) in {numbers.seconds(best.latency_s, alone.latency_s)} a question, "
        f"against {numbers.percent(_value(alone), digits)} in {numbers.seconds(alone.latency_s, best.latency_s)} for "
        f"{large.label} alone."
    )


def _threshold(point: CascadePoint) -> str:
    return "any confidence" if point.threshold is None else numbers.percent(point.threshold)


def _line(name: str, point: CascadePoint) -> Line:
    alone = point.threshold is None
    cells = (
        Cell(numbers.MISSING if alone else numbers.percent(point.escalated)),
        share_cell(point.accuracy),
        Cell(numbers.seconds(point.latency_s)),
    )
    return Line(name, cells)


def _value(point: CascadePoint) -> float:
    return point.accuracy.value or 0.0
