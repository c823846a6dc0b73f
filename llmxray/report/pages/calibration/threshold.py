"""How would I deploy it? Answer only when sure enough, or ask a small model first and a larger one when unsure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from llmxray.charts import cascade
from llmxray.charts import selective as chart
from llmxray.metrics import selective
from llmxray.metrics.decision import Cascade, CascadePoint
from llmxray.metrics.selective import Threshold
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence, operating_points
from llmxray.report.analysis.operating_points import OPTION, Confidences, OperatingPoint
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Figure,
    Line,
    Table,
    auroc_cell,
    of_conditions,
    share_cell,
    value_cell,
)
from llmxray.types import Estimate

# Fewer answers than this make the left end of a curve jump about.
LEAST_ANSWERS = 5
_AIM = 0.8
_TARGETS = (0.5, 0.7, 0.8, 0.9)
# Sparing the larger model of a cascade fewer questions than these is no way to deploy anything.
_FEWEST_SPARED = 10

type Known = tuple[ConditionResults, Confidences, tuple[OperatingPoint, ...]]


def make(analysis: Analysis) -> Values:
    """The part on thresholds; without any confidence only ``empty`` says something."""
    found = [(view, operating_points.confidences(view)) for view in analysis.ranked]
    known = [(view, data, operating_points.points(data)) for view, data in found if data.n]
    if not known:
        return Values(
            lede="Whether to answer or to stay silent needs a confidence, and these recordings hold none.",
            empty="No answer here has a confidence, so nothing can be refused by it.",
        )
    ten = tuple((view, _ten(analysis, view, data, points)) for view, data, points in known)
    return Values(
        lede=_lede(known),
        empty="",
        notes=_notes(analysis, known),
        has_options=any(data.measure == operating_points.OPTION for _, data, _ in known),
        # Conditions that can be refused by confidence, best first, and the ten thresholds of each.
        ten=ten,
        leads=any(line.cells[-1].href for _, table in ten for line in table.lines),
        figure=_figure(analysis, known),
        targets=_targets(known),
        cascade=_best_cascade(analysis),
        no_cascade="A cascade needs two conditions."
        if len(analysis.views) < 2
        else "No condition here is slower, and shown to be more accurate, than one with a confidence.",
    )


def _lede(known: Sequence[Known]) -> str:
    reached = [
        (view, data, selective.threshold_for(data.cut, data.correct, _AIM, n_silent=data.n_silent))
        for view, data, _ in known
    ]
    able = [
        (view, data, found)
        for view, data, found in reached
        if found is not None and found.accuracy.n >= LEAST_ANSWERS
    ]
    aim = numbers.percent(_AIM)
    if not able:
        return (
            f"No threshold that leaves {LEAST_ANSWERS} answers or more makes any condition right in {aim} of the "
            "answers it gives: what it is most sure of is wrong too often."
        )
    view, data, found = max(able, key=lambda each: each[2].coverage.value or 0.0)
    silent = 1 - (found.coverage.value or 0.0)
    right, of = _accuracy_from(data, found), data.pool.which
    must = f"must stay silent on {numbers.percent(silent)} of the {of}" if silent else "need not stay silent"
    sentence = (
        f"To be right in {aim} of the answers it gives, {view.label} {must}: the {found.accuracy.n} answers whose "
        f"confidence is {numbers.percent(found.threshold)} or more are {numbers.percent(right.value)} right "
        f"(95% {numbers.interval(right, threshold=_AIM)})."
    )
    if right.low is not None and right.low < _AIM:
        sentence += f" The interval reaches below {aim}: on new questions it may fall short."
    return sentence


def _notes(analysis: Analysis, known: Sequence[Known]) -> tuple[str, ...]:
    notes = [
        note
        for note in (
            confidence.pooled_note([data.pool for _, data, _ in known]),
            confidence.differ_in_kind([view for view, _, _ in known]),
        )
        if note
    ]
    # Of answers with an option confidence the page says so at its top.
    if any(data.clusters and data.measure == operating_points.SEQUENCE for _, data, _ in known):
        notes.append(
            "Each question was asked several times: answers are counted, and intervals are over questions."
        )
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
            f"{analysis.label_of_suite(suite)} is left out for {names}: its answers have no such confidence."
        )
    by_sequence = [view.label for view, data, _ in known if data.measure == operating_points.SEQUENCE]
    if by_sequence:
        whose = f"{numbers.listed(by_sequence)}:" if len(by_sequence) < len(known) else "Confidence here is"
        notes.append(
            f"{whose} sequence confidence, the probability of the answer as it was written. "
            "Open answers have no options."
        )
        if len(analysis.suites) - len(left_out) > 1:
            notes.append(
                "The longer an answer, the lower its sequence confidence: over several suites, a threshold also parts "
                "short answers from long ones."
            )
    silent = [view.label for view in analysis.ranked if view.id not in {each.id for each, _, _ in known}]
    if silent:
        notes.append(f"{numbers.listed(silent)}: no answer has a confidence, so no threshold can be set.")
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
        else "Refusing when unsure clearly helps no condition"
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


def _targets(known: Sequence[Known]) -> Table:
    """Share of questions that can be answered at each target accuracy, and what confidence is worth for refusing."""
    rows = []
    for view, data, _ in known:
        half = selective.accuracy_at_coverage(data.confidence, data.correct, 0.5, n_silent=data.n_silent)
        if data.clusters is not None:
            # A tie may cut through a question's answers, so they have no effective count.
            half = Estimate(half.value, n=half.n, n_missing=half.n_missing, method="accuracy at coverage")
        area = selective.aurc(data.confidence, data.correct)
        cells = [
            *(_target(data, target) for target in _TARGETS),
            share_cell(half),
            value_cell(area, numbers.unit),
            auroc_cell(confidence.auroc_of(data.everything)),
            Cell(text=numbers.count(len(data.confidence))),
        ]
        rows.append((view, cells))
    columns = (
        *(
            ColumnHead(text=f"{numbers.percent(each)} right", small="of those answered", anchor="threshold")
            for each in _TARGETS
        ),
        ColumnHead(text="surer half", small="accuracy"),
        ColumnHead(text="area", small="risk–coverage, lower is better", anchor="risk-coverage"),
        ColumnHead(text="AUROC", small="all questions, each size by itself", anchor="auroc"),
        ColumnHead(text="n"),
    )
    caption = (
        "How many questions each can answer and still be right that often. Below: from which confidence on, and the "
        "95% interval of the accuracy there. All of it is in-sample: the threshold was chosen on these same "
        "answers, so expect somewhat less on new ones."
    )
    return of_conditions(caption, columns, rows, sortable=True)


def _target(data: Confidences, target: float) -> Cell:
    """The share answered where a target accuracy is reached."""
    found = selective.threshold_for(data.cut, data.correct, target, n_silent=data.n_silent)
    if found is None:
        # Sorted below a target that is reached for no question at all.
        return Cell(text=numbers.MISSING, small="never reached", sort="-1")
    right, share = _accuracy_from(data, found), found.coverage.value
    ends = f"{numbers.percent(right.low)}–{numbers.percent(right.high)}"
    return value_cell(share, numbers.percent, f"from {numbers.percent(found.threshold)}; {ends}")


def _accuracy_from(data: Confidences, found: Threshold) -> Estimate:
    """The accuracy from a threshold on, its interval over questions where they have several answers."""
    if data.clusters is None:
        return found.accuracy
    return data.accuracy_from(found.threshold, data.clusters)


def _ten(
    analysis: Analysis, view: ConditionResults, data: Confidences, points: Sequence[OperatingPoint]
) -> Table:
    """Ten thresholds of one condition."""
    lines = tuple(
        Line(
            head=f"{point.percent}%",
            cells=(
                Cell(text=numbers.percent(point.coverage.value), small=f"n = {point.accuracy.n}"),
                share_cell(point.accuracy),
                Cell(text=numbers.count(point.refused), href=_refused_href(analysis, view, data, point)),
            ),
        )
        for point in points[:-1:10]
    )
    columns = (
        ColumnHead(text="threshold", numeric=False),
        ColumnHead(text="answered", small="of all replies"),
        ColumnHead(text="right", small="of those answered"),
        ColumnHead(text="refused"),
    )
    return Table(caption="", columns=columns, lines=lines)


def _refused_href(
    analysis: Analysis, view: ConditionResults, data: Confidences, point: OperatingPoint
) -> str:
    """The way to what a threshold refuses, "" where there is none to the questions themselves."""
    # The page of questions filters by option confidence only, not by the number of options; what has no confidence is
    # in no range.
    if data.measure != OPTION or data.pool.options is not None or point.refused <= data.n_silent:
        return ""
    # It compares thousandths, both ends included: half of one below the threshold leaves that out.
    return analysis.contents.questions(
        condition=view.id, conf=f"0-{max(0.0, point.percent / 100 - 0.0005):.4f}"
    )


def _best_cascade(analysis: Analysis) -> Values | None:
    """The cascade worth asking about: a quicker model with a confidence before a slower, more accurate one.

    Returns:
        A sentence on what it comes to, its curve, and the curve as a table.
    """
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
    return None if best is None else _cascade_shown(*best)


def _cascade_shown(
    small: ConditionResults, large: ConditionResults, found: Cascade, alone: tuple[CascadePoint, CascadePoint]
) -> Values:
    ends = [
        cascade.ModelPoint(view.label, view.css, point.latency_s, _value(point))
        for view, point in zip((small, large), alone, strict=True)
    ]
    curve = [(point.latency_s, _value(point)) for point in found.points]
    sentence = _cascade_sentence(small, large, found, alone[1])
    if found.n_always:
        n, of = numbers.count(found.n_always), numbers.plural(found.n, "question")
        sentence += f" On {n} of {of} the first gives no confidence: these always go on to the second."
    svg = cascade.draw(
        curve,
        *ends,
        name=f"cascade-{small.css}-{large.css}",
        description=f"Accuracy against mean time. {sentence}",
    )
    missing = f", {found.n_missing} without a time" if found.n_missing else ""
    figure = Figure(
        title=f"{small.label} first, then {large.label}",
        caption=f"Each dot is a threshold; n = {found.n}{missing}.",
        svg=svg,
    )
    shown: list[CascadePoint] = []
    for tenth in range(1, 10):
        # A point without a threshold lies beyond every target.
        near = min(found.points, key=lambda each: abs((each.threshold or 2.0) - tenth / 10))
        if near not in shown:
            shown.append(near)
    columns = (
        ColumnHead(text="escalated", numeric=False, anchor="cascade"),
        ColumnHead(text="asked of both"),
        ColumnHead(text="accuracy"),
        ColumnHead(text="mean time", small="a question"),
    )
    lines = (
        _cascade_line(f"{small.label} alone", alone[0]),
        *(_cascade_line(f"below {_threshold(point)}", point) for point in shown),
        _cascade_line(f"{large.label} alone", alone[1]),
    )
    return Values(sentence=sentence, figure=figure, table=Table(caption="", columns=columns, lines=lines))


def _cascade_sentence(
    small: ConditionResults, large: ConditionResults, found: Cascade, alone: CascadePoint
) -> str:
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
        f"Where {large.label} is spared {_FEWEST_SPARED} questions or more, its accuracy is not reached: at best "
        f"{numbers.percent(_value(best), digits)} "
        f"(95% {numbers.interval(best.accuracy)}) in {numbers.seconds(best.latency_s, alone.latency_s)} a question, "
        f"against {numbers.percent(_value(alone), digits)} in {numbers.seconds(alone.latency_s, best.latency_s)} for "
        f"{large.label} alone."
    )


def _threshold(point: CascadePoint) -> str:
    return "any confidence" if point.threshold is None else numbers.percent(point.threshold)


def _cascade_line(name: str, point: CascadePoint) -> Line:
    alone = point.threshold is None
    cells = (
        Cell(text=numbers.MISSING if alone else numbers.percent(point.escalated)),
        share_cell(point.accuracy),
        Cell(text=numbers.seconds(point.latency_s)),
    )
    return Line(head=name, cells=cells)


def _value(point: CascadePoint) -> float:
    return point.accuracy.value or 0.0
