"""How would I deploy it? Answer only when sure enough, or ask a small model first and a larger one when unsure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, groupby

from llmxray.charts import selective as chart
from llmxray.metrics.decision import Cascade, CascadePoint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence, operating_points
from llmxray.report.analysis.operating_points import Confidences, OperatingPoint
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Figure, Line, Table, share_cell

# Fewer answers than this make the left end of a curve jump about.
LEAST_ANSWERS = 5
_AIM = 0.8
# Sparing the larger model of a cascade fewer questions than these is no way to deploy anything.
_FEWEST_SPARED = 10

type Known = tuple[ConditionResults, Confidences, tuple[OperatingPoint, ...]]


def make(analysis: Analysis) -> Values:
    """The part on thresholds, of conditions with an option confidence; some condition has one."""
    found = [(view, operating_points.confidences(view)) for view in analysis.ranked]
    known = [(view, data, operating_points.points(data)) for view, data in found if data.n]
    ten = tuple((view, _ten(analysis, view, data, points)) for view, data, points in known)
    return Values(
        lede=_lede(known),
        notes=_notes(analysis, known),
        # Conditions that can be refused by confidence, best first, and the ten thresholds of each.
        ten=ten,
        leads=any(line.cells[-1].href for _, table in ten for line in table.lines),
        figure=_figure(analysis, known),
        cascade=_best_cascade(analysis),
    )


def _lede(known: Sequence[Known]) -> str:
    able = [
        (view, data, point) for view, data, points in known if (point := _first_to_reach(points)) is not None
    ]
    aim = numbers.percent(_AIM)
    if not able:
        return (
            f"No threshold that leaves {LEAST_ANSWERS} answers or more makes any condition right in {aim} of the "
            "answers it gives: what it is most sure of is wrong too often."
        )
    view, data, point = max(able, key=lambda each: each[2].coverage.value or 0.0)
    silent, right, of = 1 - (point.coverage.value or 0.0), point.accuracy, data.pool.which
    must = f"must stay silent on {numbers.percent(silent)} of the {of}" if silent else "need not stay silent"
    sentence = (
        f"To be right in {aim} of the answers it gives, {view.label} {must}: the {right.n} answers whose "
        f"confidence is {point.percent}% or more are {numbers.percent(right.value)} right "
        f"(95% {numbers.interval(right, threshold=_AIM)})."
    )
    if right.low is not None and right.low < _AIM:
        sentence += f" The interval reaches below {aim}: on new questions it may fall short."
    return sentence


def _first_to_reach(points: Sequence[OperatingPoint]) -> OperatingPoint | None:
    """Of the thresholds that make it right often enough, one that refuses the fewest; None where it refuses too many.

    Of those that refuse the same the highest, which is the confidence of some answer.
    """
    reached = [each for each in points if (each.accuracy.value or 0.0) >= _AIM - 1e-9]
    if not reached or reached[0].accuracy.n < LEAST_ANSWERS:
        return None
    return [each for each in reached if each.accuracy.n == reached[0].accuracy.n][-1]


def _notes(analysis: Analysis, known: Sequence[Known]) -> tuple[str, ...]:
    pooled = confidence.pooled_note([data.pool for _, data, _ in known])
    notes = [pooled] if pooled else []
    unsaid = [
        f"{numbers.count(data.n_silent)} of {numbers.count(len(data.confidence))} of {view.label}"
        for view, data, _ in known
        if data.n_silent
    ]
    if unsaid:
        notes.append(
            f"Refused at every threshold, for they have no confidence (cut off, unread, or without log-probabilities): "
            f"{numbers.listed(unsaid)}."
        )
    left_out = dict.fromkeys(suite for _, data, _ in known for suite in data.left_out)
    for suite in left_out:
        names = numbers.listed([view.label for view, data, _ in known if suite in data.left_out])
        notes.append(
            f"{analysis.label_of_suite(suite)} is left out for {names}: its answers have no option confidence."
        )
    return tuple(notes)


def _figure(analysis: Analysis, known: Sequence[Known]) -> Figure:
    curves = [
        chart.Curve(
            view.label,
            view.css,
            tuple(
                (point.coverage.value, point.accuracy.value)
                # From the surest alone, at the left, to all.
                for point in reversed(points)
                if point.accuracy.value is not None
                and point.coverage.value is not None
                and point.accuracy.n >= LEAST_ANSWERS
            ),
        )
        for view, _, points in known
    ]
    said = "; ".join(
        f"{view.label}: {_at(points, 0)} right of all answers with a confidence, {_at(points, 80)} of those from 80% on"
        for view, _, points in known
    )
    svg = chart.draw(
        curves,
        name="selective",
        description=f"Accuracy against share answered. {said}.",
        chance=_chance(analysis, known),
    )
    # Refusing helps where confidence sorts right from wrong, which is what AUROC measures.
    helped = confidence.informative([data.everything for _, data, _ in known])
    rising = [view.label for (view, _, _), helps in zip(known, helped, strict=True) if helps]
    title = (
        "Refusing when unsure helps every condition"
        if len(rising) == len(known) > 1
        else f"Refusing when unsure helps {numbers.listed(rising)}"
        if rising
        else "Refusing when unsure is not shown to help any condition"
    )
    return Figure(
        title=title,
        caption="Right among the answers given, from the surest alone (left) to all that have a confidence (right). "
        "If the line rises to the left, confidence is informative; the title says where AUROC shows that (Holm "
        f"over conditions). A line begins where {LEAST_ANSWERS} answers are left; equally sure answers are refused "
        "together, and make a straight stretch.",
        svg=svg,
    )


def _chance(analysis: Analysis, known: Sequence[Known]) -> float | None:
    """Level of blind guessing on the questions shown; None where the conditions are shown different ones."""
    sizes = {data.pool.options for _, data, _ in known}
    if sizes == {None}:
        return analysis.chance
    return 1 / size if len(sizes) == 1 and (size := sizes.pop()) else None


def _at(points: Sequence[OperatingPoint], percent: int) -> str:
    return numbers.percent(points[percent].accuracy.value)


def _ten(
    analysis: Analysis, view: ConditionResults, data: Confidences, points: Sequence[OperatingPoint]
) -> Table:
    """Ten thresholds of one condition; those that refuse the same share a row."""
    lines = []
    for _, group in groupby(points[:-1:10], key=lambda each: each.accuracy.n):
        first, *others = group
        # A word joiner: no line breaks after the dash.
        head = f"{first.percent}–\u2060{others[-1].percent}%" if others else f"{first.percent}%"
        cells = (
            Cell(text=numbers.percent(first.coverage.value), small=f"n = {first.accuracy.n}"),
            share_cell(first.accuracy),
            Cell(text=numbers.count(first.refused), href=_refused_href(analysis, view, data, first)),
        )
        lines.append(Line(head=head, cells=cells))
    columns = (
        ColumnHead(text="threshold", numeric=False, anchor="threshold"),
        ColumnHead(text="answered", small="of all replies"),
        ColumnHead(text="right", small="of those answered"),
        ColumnHead(text="refused"),
    )
    return Table(caption="", columns=columns, lines=tuple(lines))


def _refused_href(
    analysis: Analysis, view: ConditionResults, data: Confidences, point: OperatingPoint
) -> str:
    """The way to what a threshold refuses, "" where there is none to the questions themselves."""
    # The page of questions does not filter by the number of options; what has no confidence is in no range.
    if data.pool.options is not None or point.refused <= data.n_silent:
        return ""
    # It compares thousandths, both ends included: half of one below the threshold leaves that out.
    return analysis.contents.questions(
        condition=view.id, conf=f"0-{max(0.0, point.percent / 100 - 0.0005):.4f}"
    )


def _best_cascade(analysis: Analysis) -> str:
    """What the cascade worth asking about comes to: a quicker model before a slower, more accurate one."""
    useful = []
    for large, small in combinations(analysis.ranked, 2):
        # A larger model that is not shown to be better would only cost time.
        if not analysis.pair(large, small).differs or not operating_points.confidences(small).n:
            continue
        found = operating_points.cascade(analysis, small, large)
        if not (found.small and found.large and len(found.points) > 1):
            continue
        # On the questions of both: over all of its own another one may be the better or the quicker of the two.
        alone = (found.small, found.large)
        if alone[0].latency_s < alone[1].latency_s and _value(alone[0]) < _value(alone[1]):
            useful.append((small, large, found, alone))
    # The most accurate end first, and of those the one that saves most time on the way.
    best = min(useful, key=lambda each: (-_value(each[3][1]), each[3][0].latency_s), default=None)
    if best is None:
        return "No condition here is slower, and shown to be more accurate, than one with a confidence."
    return _cascade_said(best[0], best[1], best[2], best[3][1])


def _cascade_said(
    small: ConditionResults, large: ConditionResults, found: Cascade, alone: CascadePoint
) -> str:
    spare = [each for each in found.points if round((1 - each.escalated) * found.n) >= _FEWEST_SPARED]
    if not spare:
        return f"No threshold spares {large.label} as many as {_FEWEST_SPARED} questions."
    # The first that is as accurate as the large one alone: sums of averaged repeats differ in their last bits.
    level = next((each for each in spare if _value(each) >= _value(alone) - 1e-9), None)
    best = level or max(spare, key=lambda each: (_value(each), -each.latency_s))
    below = "any confidence" if best.threshold is None else f"{numbers.percent(best.threshold)} confidence"
    asked = f"{numbers.count(found.n)} {operating_points.confidences(small).pool.which}"
    if best.latency_s >= alone.latency_s:
        return (
            f"Asking {small.label} first saves no time: at most {_right(best)} of the {asked} are right, in "
            f"{numbers.seconds(best.latency_s, alone.latency_s)} each. {large.label} alone is right in "
            f"{_right(alone)}, in {numbers.seconds(alone.latency_s, best.latency_s)} each."
        )
    said = (
        f"Ask {small.label} first, and {large.label} where the first answer has less than {below}. Then "
        f"{_right(best)} of the {asked} are right, in {numbers.seconds(best.latency_s, alone.latency_s)} each. "
        f"{numbers.percent(best.escalated)} of the questions go on to the second. {large.label} alone is right in "
        f"{_right(alone)}, in {numbers.seconds(alone.latency_s, best.latency_s)} each. The threshold was chosen on "
        f"these same answers, among those that spare {large.label} {_FEWEST_SPARED} questions or more: expect less on "
        "new ones."
    )
    if found.n_always:
        n, of = numbers.count(found.n_always), numbers.plural(found.n, "question")
        said += f" On {n} of {of} the first gives no confidence: these always go on to the second."
    return said


def _right(point: CascadePoint) -> str:
    return f"{numbers.percent(_value(point))} (95% {numbers.interval(point.accuracy)})"


def _value(point: CascadePoint) -> float:
    return point.accuracy.value or 0.0
