"""Is confidence worth anything? Reliability, every estimator by name, bands, the module's scatter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.analysis.applies import people_can_answer
from llmxray.report.pages.calibration import threshold, yourself
from llmxray.report.pages.calibration.against_accuracy import calibrated
from llmxray.report.pages.calibration.confidence_bands import bands
from llmxray.report.pages.calibration.diagrams import averages, bin_counts, corners, diagram
from llmxray.report.pages.calibration.worksheet import by_hand
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Table,
    measured_cell,
    of_conditions,
    points_cell,
    share_cell,
    sort_key,
)
from llmxray.report.wording.calibration import differ_in_kind, without_confidence
from llmxray.report.wording.claim_words import claimed
from llmxray.types import Estimate

# A headline on fewer sure answers would hang on one or two.
_ENOUGH = 20


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page, and the one on which a reader answers."""
    name = analysis.data.name
    renderer.page(f"{name}/calibration.html", "pages/calibration/page.html", make(analysis))
    if people_can_answer(analysis.data):
        person = yourself.make(renderer, analysis.data)
        renderer.page(f"{name}/yourself.html", "pages/calibration/yourself.html", person)


def make(analysis: Analysis) -> Values:
    """The calibration page of an experiment."""
    # Those with an option confidence, best first; some condition has one, or there is no such page.
    views = [view for view in analysis.ranked if confidence.columns(view).n]
    reasons = without_confidence([view for view in analysis.views if view not in views])
    cornered = tuple((view, corners(analysis, view)) for view in views)
    return framed(
        analysis.data,
        "calibration",
        "Calibration",
        headline=_headline(views[0]),
        other=_other(analysis, views[1:]),
        calibrated=calibrated(analysis),
        warnings=(*_several(views), *_few(views), *filter(None, [differ_in_kind(views)])),
        n_bins=analysis.data.experiment.analysis.bins,
        bins=bin_counts(analysis),
        diagrams=tuple(diagram(analysis, view) for view in views),
        absent=tuple(
            Finding("calibration.none", names=numbers.listed(names), why=why)
            for why, names in reasons.items()
        ),
        estimators=_estimators(analysis, views),
        bands=bands(analysis, views),
        corners=cornered,
        worst=_worst(cornered),
        by_hand=tuple(sheet for view in views if (sheet := by_hand(view)) is not None),
        threshold=threshold.make(analysis),
        yourself=analysis.contents.href("yourself"),
    )


def _headline(view: ConditionResults) -> Finding:
    """What the confidence of the most accurate is worth: where it is sure, or on average where it never is."""
    answers = confidence.columns(view).answers
    sure = [(each, hit) for each, hit in answers if each > confidence.SURE]
    if len(sure) < _ENOUGH:
        mean, right = averages(view)
        return Finding("calibration.average", view=view, sure=mean, right=right)
    return Finding(
        "calibration.sure",
        view=view,
        sure=sum(each for each, _ in sure) / len(sure),
        right=sum(hit for _, hit in sure) / len(sure),
        n=len(sure),
    )


def _other(analysis: Analysis, views: Sequence[ConditionResults]) -> Finding | None:
    """Which of the others is farthest from its word, where a test shows that it is."""
    tests = confidence.leanings(analysis)
    gaps = {
        view.id: confidence.estimate(analysis, view, confidence.GAP).value or 0.0
        for view in views
        if tests[view.id].is_significant
    }
    view = max((each for each in views if each.id in gaps), key=lambda each: abs(gaps[each.id]), default=None)
    if view is None:
        return None
    mean, right = averages(view)
    way = claimed("overconfident" if gaps[view.id] > 0 else "underconfident", tests[view.id])
    return Finding("calibration.other", view=view, way=way, sure=mean, right=right)


def _worst(cornered: Sequence[tuple[ConditionResults, Sequence[Values]]]) -> Finding:
    """Which condition is most often sure and wrong."""
    view, (*_, worst) = max(cornered, key=lambda each: each[1][-1].share)
    return Finding("calibration.corners", view=view, n=worst.n, of=confidence.columns(view).n)


def _several(views: Sequence[ConditionResults]) -> tuple[Finding, ...]:
    """That several answers are about one question, and what was done about it."""
    data = [each for view in views if (each := confidence.columns(view)).clusters]
    if not data:
        return ()
    # Named by a condition whose count is even (“60 × 4”), where there is one.
    text, what = max((each.counted for each in data), key=lambda counted: "×" in counted[0])
    ways = {"rotations": "once for every rotation of its options", "wordings": "in several wordings"}
    kind = "grouped" if data[0].unit_name == "group" else "repeated"
    how = ways.get(data[0].several, "several times")
    return (Finding(f"calibration.{kind}", text=text, what=what, how=how),)


def _few(views: Sequence[ConditionResults]) -> tuple[Finding, ...]:
    few = [
        f"{view.label} ({numbers.plural(data.n_questions, data.unit_name)})"
        for view in views
        if (data := confidence.columns(view)).n_questions < confidence.FEW_ITEMS
    ]
    return (
        (Finding("calibration.few", names=numbers.listed(few), fewest=confidence.FEW_ITEMS),) if few else ()
    )


def _estimators(analysis: Analysis, views: list[ConditionResults]) -> Table:
    # Of other questions the one closest to perfect is no better: all need the same confidences, of one kind.
    asked = {frozenset(item for item, *_ in confidence.columns(view).known) for view in views}
    is_like = len(asked) == 1 and not differ_in_kind(views)

    def best(cells: list[Cell], pick: Callable[[list[float]], float] | None) -> list[Cell]:
        """The cells of a column, the best in weight where there are several to choose from."""
        known = [float(cell.sort) for cell in cells if cell.sort]
        if pick is None or not is_like or len(known) < 2:
            return cells
        return [replace(cell, best=bool(cell.sort) and float(cell.sort) == pick(known)) for cell in cells]

    heads = [
        ColumnHead(text="Mean confidence", small="what the model claims", anchor="option-confidence"),
    ]
    columns = [[share_cell(confidence.mean_confidence(view)) for view in views]]
    multiclass = [confidence.brier_multiclass(analysis, view) for view in views]
    for each in confidence.ESTIMATORS:
        css = "" if each.plain else "stat"
        heads.append(ColumnHead(text=each.name, small=each.note, anchor=each.anchor, css=css))
        columns.append(best([_cell(analysis, each, view) for view in views], each.best))
        if each is confidence.BRIER and any(found.value is not None for found in multiclass):
            heads.append(
                ColumnHead(text="Brier, all options", small="0 to 2", anchor="brier-multiclass", css="stat")
            )
            columns.append(best(list(map(_multiclass_cell, multiclass)), min))
    small = "0.5 is no signal; each size by itself"
    heads += [ColumnHead(text="AUROC", small=small, anchor="auroc"), ColumnHead(text="n")]
    columns.append(best([measured_cell(confidence.auroc(view), numbers.unit, 0.5) for view in views], max))
    columns.append([_n_cell(confidence.columns(view)) for view in views])
    bold = "Closest to perfect in bold" if is_like else "Each over its own answers"
    caption = Finding("calibration.estimators", bold=bold)
    return of_conditions(caption, heads, zip(views, zip(*columns, strict=True), strict=True), sortable=True)


def _n_cell(data: confidence.ConfidenceColumns) -> Cell:
    """How many answers there are, of how many questions where those are fewer, and how many are missing."""
    text, what = data.counted
    missing = len(data.confidence) - data.n
    small = [part for part in (what, f"{missing} missing" if missing else "") if part]
    return Cell(text=text, small=", ".join(small), sort=sort_key(data.n))


def _cell(analysis: Analysis, estimator: confidence.Estimator, view: ConditionResults) -> Cell:
    found = confidence.estimate(analysis, view, estimator)
    if estimator.signed:
        return points_cell(found)
    return measured_cell(found, _three if estimator is confidence.BRIER else numbers.percent)


def _multiclass_cell(found: Estimate) -> Cell:
    made = measured_cell(found, _three)
    if found.value is None or not found.n_missing:
        return made
    return replace(made, small=f"{numbers.count(found.n_missing)} missing")


_three = partial(numbers.decimal, digits=3)
