"""The tables of the threshold part: what confidence is worth at targets of accuracy, and ten thresholds."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.metrics import selective
from llmxray.metrics.selective import Threshold
from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.analysis.operating_points import OPTION, Confidences, Point
from llmxray.report.links import questions_href
from llmxray.report.widgets.table import (
    Cell,
    Column,
    Line,
    Table,
    auroc_cell,
    of_conditions,
    share_cell,
    sort_key,
)
from llmxray.types import Estimate

TEN = range(0, 100, 10)
TARGETS = (0.5, 0.7, 0.8, 0.9)

type Known = tuple[ConditionResults, Confidences, tuple[Point, ...]]


def targets(known: Sequence[Known]) -> Table:
    """Share of questions that can be answered at each target accuracy, and what confidence is worth for refusing."""
    rows = []
    for view, data, _ in known:
        half = selective.accuracy_at_coverage(data.confidence, data.correct, 0.5, n_silent=data.n_silent)
        if data.clusters is not None:
            # A tie may cut through a question's answers, so they have no effective count.
            half = Estimate(half.value, n=half.n, n_missing=half.n_missing, method="accuracy at coverage")
        area = selective.aurc(data.confidence, data.correct)
        cells = [
            *(_target(data, target) for target in TARGETS),
            share_cell(half),
            Cell(numbers.unit(area), sort=sort_key(area)),
            auroc_cell(confidence.auroc_of(data.everything)),
            Cell(numbers.count(len(data.confidence))),
        ]
        rows.append((view, cells))
    columns = (
        *(
            Column(f"{numbers.percent(each)} right", "of those answered", anchor="threshold")
            for each in TARGETS
        ),
        Column("surer half", "accuracy"),
        Column("area", "risk–coverage, lower is better", anchor="risk-coverage"),
        Column("AUROC", "all questions, each size by itself", anchor="auroc"),
        Column("n"),
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
        return Cell(numbers.MISSING, "never reached", sort="-1")
    right = accuracy_from(data, found)
    ends = f"{numbers.percent(right.low)}–{numbers.percent(right.high)}"
    small = f"from {numbers.percent(found.threshold)}; {ends}"
    return Cell(numbers.percent(found.coverage.value), small, sort=sort_key(found.coverage.value))


def accuracy_from(data: Confidences, found: Threshold) -> Estimate:
    """The accuracy from a threshold on, its interval over questions where they have several answers."""
    if data.clusters is None:
        return found.accuracy
    return data.accuracy_from(found.threshold, data.clusters)


def ten(view: ConditionResults, data: Confidences, points: Sequence[Point]) -> Table:
    """Ten thresholds of one condition."""
    lines = tuple(_ten_line(view, data, points[percent]) for percent in TEN)
    columns = (
        Column("threshold", numeric=False),
        Column("answered", "of all replies"),
        Column("right", "of those answered"),
        Column("refused"),
    )
    return Table("", columns, lines)


def _ten_line(view: ConditionResults, data: Confidences, point: Point) -> Line:
    cells = (
        Cell(numbers.percent(point.coverage.value), f"n = {point.accuracy.n}"),
        share_cell(point.accuracy),
        Cell(numbers.count(point.refused), href=_refused_href(view, data, point)),
    )
    return Line(f"{point.percent}%", cells)


def _refused_href(view: ConditionResults, data: Confidences, point: Point) -> str:
    """The way to what a threshold refuses, "" where there is none to the questions themselves."""
    # The page of questions filters by option confidence only, not by the number of options; what has no confidence is
    # in no range.
    if data.measure != OPTION or data.pool.options is not None or point.refused <= data.n_silent:
        return ""
    # It compares thousandths, both ends included: half of one below the threshold leaves that out.
    return questions_href(condition=view.id, conf=f"0-{max(0.0, point.percent / 100 - 0.0005):.4f}")
