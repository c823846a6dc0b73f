"""How would I deploy it? Answer only when sure enough, or ask a small model first and a larger one when unsure."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.charts import selective as chart
from llmxray.metrics import selective
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence, operating_points
from llmxray.report.analysis.operating_points import Point
from llmxray.report.pages.calibration.cascade import best_cascade, no_cascade
from llmxray.report.pages.calibration.threshold_tables import Known, accuracy_from, targets, ten
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Figure

# Fewer answers than this make the left end of a curve jump about.
LEAST_ANSWERS = 5
_AIM = 0.8


def make(analysis: Analysis) -> Values:
    """The part on thresholds; without any confidence only ``empty`` says something."""
    known = _known(analysis)
    made = best_cascade(analysis) if known else None
    return Values(
        lede=_lede(known),
        empty="" if known else "No answer here has a confidence, so nothing can be refused by it.",
        notes=_notes(analysis, known),
        # Conditions that can be refused by confidence, best first, and the ten thresholds of each.
        views=tuple(view for view, _, _ in known),
        figure=_figure(analysis, known) if known else None,
        targets=targets(known) if known else None,
        ten=tuple(ten(*each) for each in known),
        cascade=made,
        no_cascade="" if made else no_cascade(analysis),
    )


def _known(analysis: Analysis) -> list[Known]:
    found = []
    for view in analysis.ranked:
        data = operating_points.confidences(view)
        if data.n:
            found.append((view, data, operating_points.points(data)))
    return found


def _lede(known: Sequence[Known]) -> str:
    if not known:
        return "Whether to answer or to stay silent needs a confidence, and these recordings hold none."
    reached = [
        (view, selective.threshold_for(data.cut, data.correct, _AIM, n_silent=data.n_silent))
        for view, data, _ in known
    ]
    able = [
        (view, found) for view, found in reached if found is not None and found.accuracy.n >= LEAST_ANSWERS
    ]
    aim = numbers.percent(_AIM)
    if not able:
        return (
            f"No threshold that leaves {LEAST_ANSWERS} answers or more makes any condition right in {aim} of the "
            "answers it gives: what it is most sure of is wrong too often."
        )
    view, found = max(able, key=lambda each: each[1].coverage.value or 0.0)
    silent = 1 - (found.coverage.value or 0.0)
    data = next(data for each, data, _ in known if each is view)
    right = accuracy_from(data, found)
    must = (
        f"must stay silent on {numbers.percent(silent)} of the {data.pool.which}"
        if silent
        else "need not stay silent"
    )
    sentence = (
        f"To be right in {aim} of the answers it gives, {view.label} {must}: the {found.accuracy.n} answers whose "
        f"confidence is {numbers.percent(found.threshold)} or more are {numbers.percent(right.value)} right "
        f"(95% {numbers.interval(right)})."
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
        notes.append(
            f"{numbers.listed(by_sequence)}: sequence confidence, the probability of the answer as it was written. "
            "Open answers have no options."
        )
    silent = [view.label for view in analysis.ranked if view.id not in {each.id for each, _, _ in known}]
    if silent and known:
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
        title,
        "Right among the answers given, from the surest alone (left) to all that have a confidence (right). If the "
        "line rises to the left, confidence is informative; the title says where AUROC shows that (Holm over "
        f"conditions). A line begins where {LEAST_ANSWERS} answers are left.",
        svg,
    )


def _chance(analysis: Analysis, known: Sequence[Known]) -> float | None:
    """Level of blind guessing on the questions shown; None where the conditions are shown different ones."""
    sizes = {data.pool.options for _, data, _ in known}
    if sizes == {None}:
        return analysis.chance
    return 1 / size if len(sizes) == 1 and (size := sizes.pop()) else None


def _at(points: Sequence[Point], percent: int) -> str:
    return numbers.percent(points[percent].accuracy.value)
