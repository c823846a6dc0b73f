"""Small model first, the larger one only where the small one is unsure: accuracy against time."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.charts import cascade as chart
from llmxray.metrics.decision import Cascade, CascadePoint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, mean_latency, operating_points
from llmxray.report.widgets.table import Cell, ColumnHead, Figure, Line, Table, share_cell

# Sparing the larger model fewer questions than these is no way to deploy anything.
_FEWEST_SPARED = 10


@dataclass(frozen=True, slots=True)
class CascadeView:
    """What a cascade comes to, its curve, and the curve as a table."""

    sentence: str
    figure: Figure
    table: Table


def best_cascade(analysis: Analysis) -> CascadeView | None:
    """The cascade worth asking about: a quicker model with a confidence before a slower, more accurate one."""
    found = [
        (small, large, operating_points.cascade(analysis, small, large))
        for small, large in _candidates(analysis)
    ]
    useful = [each for each in found if each[2].small and each[2].large and len(each[2].points) > 1]
    # The most accurate end first, and of those the one that saves most time on the way.
    best = min(useful, key=lambda each: (-_value(each[2].large), _seconds(each[2].small)), default=None)
    return None if best is None else _view(*best)


def no_cascade(analysis: Analysis) -> str:
    """Why there is nothing to show."""
    if len(analysis.views) < 2:
        return "A cascade needs two conditions."
    if not any(operating_points.confidences(view).n for view in analysis.views):
        return "A cascade needs a first model that says how sure it is; none of these does."
    return "No condition here is slower, and shown to be more accurate, than one with a confidence."


def _candidates(analysis: Analysis) -> list[tuple[ConditionResults, ConditionResults]]:
    means = {view.id: mean_latency(view) for view in analysis.views}
    found = []
    for place, large in enumerate(analysis.ranked):
        for small in analysis.ranked[place + 1 :]:
            quick, slow = means[small.id], means[large.id]
            # A larger model that is not shown to be better would only cost time.
            if (
                quick
                and slow
                and quick < slow
                and analysis.pair(large, small).differs
                and operating_points.confidences(small).n
            ):
                found.append((small, large))
    return found


def _view(small: ConditionResults, large: ConditionResults, found: Cascade) -> CascadeView:
    assert found.small is not None
    assert found.large is not None
    ends = (
        chart.ModelPoint(small.label, small.css, found.small.latency_s, _value(found.small)),
        chart.ModelPoint(large.label, large.css, found.large.latency_s, _value(found.large)),
    )
    curve = [(point.latency_s, _value(point)) for point in found.points]
    name = f"cascade-{small.css}-{large.css}"
    sentence = _sentence(small, large, found)
    if found.n_always:
        n, of = numbers.count(found.n_always), numbers.plural(found.n, "question")
        sentence += f" On {n} of {of} the first gives no confidence: these always go on to the second."
    svg = chart.draw(curve, *ends, name=name, description=f"Accuracy against mean time. {sentence}")
    figure = Figure(
        f"{small.label} first, then {large.label}",
        f"Each dot is a threshold; n = {found.n}"
        + (f", {found.n_missing} without a time" if found.n_missing else "")
        + ".",
        svg,
    )
    return CascadeView(sentence, figure, _table(small, large, found))


def _sentence(small: ConditionResults, large: ConditionResults, found: Cascade) -> str:
    alone = found.large
    assert alone is not None
    spare = [each for each in found.points if round((1 - each.escalated) * found.n) >= _FEWEST_SPARED]
    # Sums of averaged repeats differ in their last bits.
    level = next((each for each in spare if _value(each) >= _value(alone) - 1e-9), None)
    if level is not None and level.latency_s < alone.latency_s:
        saved = 1 - level.latency_s / alone.latency_s
        return (
            f"Asking {small.label} first and {large.label} only below {_threshold(level)} is as accurate as "
            f"{large.label} alone "
            f"({numbers.percent(_value(level))}, 95% {numbers.interval(level.accuracy)}) in "
            f"{numbers.percent(saved)} less time ({numbers.seconds(level.latency_s, alone.latency_s)} instead of "
            f"{numbers.seconds(alone.latency_s)} a question)."
        )
    if level is not None:
        return (
            f"Asking {small.label} first and {large.label} only below {_threshold(level)} is as accurate as "
            f"{large.label} alone, and saves no time: {numbers.seconds(level.latency_s)} a question instead of "
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


def _table(small: ConditionResults, large: ConditionResults, found: Cascade) -> Table:
    assert found.small is not None
    assert found.large is not None
    lines = [_line(f"{small.label} alone", found.small)]
    wanted = [each / 10 for each in range(1, 10)]
    shown: list[CascadePoint] = []
    for target in wanted:
        # A point without a threshold lies beyond every target.
        near = min(found.points, key=lambda each: abs((each.threshold or 2.0) - target))
        if near not in shown:
            shown.append(near)
    lines += [_line(f"below {_threshold(point)}", point) for point in shown]
    lines.append(_line(f"{large.label} alone", found.large))
    columns = (
        ColumnHead("escalated", numeric=False, anchor="cascade"),
        ColumnHead("asked of both"),
        ColumnHead("accuracy"),
        ColumnHead("mean time", "a question"),
    )
    return Table("", columns, tuple(lines))


def _line(name: str, point: CascadePoint) -> Line:
    alone = point.threshold is None
    cells = (
        Cell(numbers.MISSING if alone else numbers.percent(point.escalated)),
        share_cell(point.accuracy),
        Cell(numbers.seconds(point.latency_s)),
    )
    return Line(name, cells)


def _value(point: CascadePoint | None) -> float:
    return point.accuracy.value or 0.0 if point is not None else 0.0


def _seconds(point: CascadePoint | None) -> float:
    return point.latency_s if point is not None else 0.0
