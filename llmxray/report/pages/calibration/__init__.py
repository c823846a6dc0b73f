"""Is confidence worth anything? Reliability, every estimator by name, bands, the module's scatter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.links import Link
from llmxray.report.pages.calibration import threshold, yourself
from llmxray.report.pages.calibration.confidence_bands import bands
from llmxray.report.pages.calibration.diagrams import bin_counts, diagram, lean
from llmxray.report.pages.calibration.worksheet import by_hand
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import (
    Best,
    Cell,
    ColumnHead,
    ColumnOf,
    Table,
    auroc_cell,
    by_condition,
    measured_cell,
    n_cell,
    points_cell,
    share_cell,
)
from llmxray.report.wording.calibration import calibrated, without_confidence
from llmxray.types import Estimate


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page and the questions of its last part."""
    page = make(analysis, yourself.write(renderer, analysis.data))
    renderer.page(f"{analysis.data.name}/calibration.html", "pages/calibration/page.html", page)


def make(analysis: Analysis, person: Values | None = None) -> Values:
    """The calibration page of an experiment; ``person`` is the part in which a reader answers."""
    # Those with an option confidence, best first; some condition has one, or there is no such page.
    views = [view for view in analysis.ranked if confidence.columns(view).n]
    reasons = without_confidence([view for view in analysis.views if view not in views])
    sheets = tuple(sheet for view in views if (sheet := by_hand(view)) is not None)
    parts = [
        ("Reliability", "reliability", True),
        ("Every estimator", "estimators", True),
        ("Sure and unsure answers", "bands", True),
        ("Question by question", "scatter", True),
        ("ECE by hand", "by-hand", sheets),
        ("Answer only when sure", "thresholds", True),
        ("Calibrate yourself", "calibrate-yourself", person),
    ]
    return framed(
        analysis.data,
        "calibration",
        "Calibration",
        lede=_lede(analysis, views),
        parts=[Link(text=text, href=f"#{anchor}") for text, anchor, is_there in parts if is_there],
        warnings=(*_several(views), *_few(views), *filter(None, [confidence.differ_in_kind(views)])),
        bins=bin_counts(analysis),
        n_bins=analysis.data.experiment.analysis.bins,
        diagrams=tuple(diagram(analysis, view) for view in views),
        absent=tuple(
            (numbers.listed(names), f"No option confidence: {why}.") for why, names in reasons.items()
        ),
        estimators=_estimators(analysis, views),
        bands=bands(views),
        by_hand=sheets,
        threshold=threshold.make(analysis),
        yourself=person,
    )


def _several(views: list[ConditionResults]) -> tuple[str, ...]:
    """That several answers are about one question, and what was done about it."""
    data = [each for view in views if (each := confidence.columns(view)).clusters]
    if not data:
        return ()
    # Named by a condition whose count is even (“60 × 4”), where there is one.
    text, what = max((each.counted for each in data), key=lambda counted: "×" in counted[0])
    ways = {"rotations": "once for every rotation of its options", "wordings": "in several wordings"}
    how = ways.get(data[0].several, "several times")
    if data[0].unit_name == "group":
        return (
            f"The questions stand in groups ({text} {what}), such as those on one passage. The answers within a group "
            "resemble each other, so every interval here is over groups, whose answers are drawn together or share "
            "one effective count.",
        )
    return (
        f"Each question was asked {how} ({text} {what}). The answers to one question resemble each other, so they "
        "are not counted as so many questions: every interval here is over questions, whose answers are drawn "
        "together or share one effective count.",
    )


def _few(views: list[ConditionResults]) -> tuple[str, ...]:
    made = []
    for view in views:
        data = confidence.columns(view)
        if data.n_questions < confidence.FEW_ITEMS:
            of = f"answers to {numbers.plural(data.n_questions, data.unit_name)}"
            n = numbers.plural(data.n, "answer") if data.clusters is None else of
            made.append(
                f"{view.label}: {n} with a confidence. Below {confidence.FEW_ITEMS}, binned errors are mostly noise: "
                "read the intervals, not the values."
            )
    return tuple(made)


def _lede(analysis: Analysis, views: list[ConditionResults]) -> str:
    if found := calibrated(analysis):
        return found
    return f"{views[0].label} is {lean(analysis, views[0])}."


def _estimators(analysis: Analysis, views: list[ConditionResults]) -> Table:
    # Of other questions the one closest to perfect is no better: all need the same confidences, of one kind.
    asked = {frozenset(item for item, *_ in confidence.columns(view).known) for view in views}
    is_like = len(asked) == 1 and not confidence.differ_in_kind(views)

    def head(name: str, note: str, *, anchor: str, best: Best = None, css: str = "") -> ColumnHead:
        return ColumnHead(text=name, small=note, anchor=anchor, best=best if is_like else None, css=css)

    columns: list[ColumnOf] = [
        (
            head("Mean confidence", "what the model claims", anchor="option-confidence"),
            lambda view: share_cell(confidence.mean_confidence(view)),
        )
    ]
    multiclass = {view.id: confidence.brier_multiclass(analysis, view) for view in views}
    for each in confidence.ESTIMATORS:
        css = "" if each.plain else "stat"
        columns.append(
            (
                head(each.name, each.note, anchor=each.anchor, best=each.best, css=css),
                partial(_cell, analysis, each),
            )
        )
        if each is confidence.BRIER and any(found.value is not None for found in multiclass.values()):
            columns.append(
                (
                    head("Brier, all options", "0 to 2", anchor="brier-multiclass", best=min, css="stat"),
                    lambda view: _multiclass_cell(multiclass[view.id]),
                )
            )
    columns += [
        (
            head("AUROC", "0.5 is no signal; each size by itself", anchor="auroc", best=max),
            lambda view: auroc_cell(confidence.auroc(view)),
        ),
        (ColumnHead(text="n"), lambda view: n_cell(confidence.columns(view))),
    ]
    bold = "Closest to perfect in bold" if is_like else "Each over its own answers"
    caption = (
        f"Each convention under its own name. {bold}. Every name leads to its definition. "
        "With 95% intervals over questions; MCE and smooth ECE have none that could be trusted."
    )
    return by_condition(caption, views, columns)


def _cell(analysis: Analysis, estimator: confidence.Estimator, view: ConditionResults) -> Cell:
    found = confidence.estimate(analysis, view, estimator)
    if estimator.signed:
        return points_cell(found)
    return measured_cell(found, _three if estimator is confidence.BRIER else numbers.percent)


def _multiclass_cell(found: Estimate) -> Cell:
    made = measured_cell(found, _three)
    if found.value is None or not found.n_missing:
        return made
    return replace(made, small=f"{made.small or numbers.MISSING}, {numbers.count(found.n_missing)} missing")


_three = partial(numbers.decimal, digits=3)
