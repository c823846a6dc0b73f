"""Is confidence worth anything? Reliability, every estimator by name, bands, the module's scatter."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.charts import confidence_scatter, reliability
from llmxray.metrics.binning import Bin, reliability_bins
from llmxray.metrics.smooth import reliability_curve
from llmxray.report import confidence, numbers
from llmxray.report.analysis import Analysis, View, newcombe
from llmxray.report.pages.findings import findings
from llmxray.report.pages.frame import Nav, footer, nav
from llmxray.report.pages.table import (
    Cell,
    Column,
    Figure,
    Line,
    Table,
    best_of,
    head,
    questions_href,
    share_cell,
    sort_key,
)
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True)
class Diagram:
    """The reliability diagram of one condition with the table it came from."""

    id: str
    css: str
    figure: Figure
    table: Table
    scatter: Figure


@dataclass(frozen=True, slots=True)
class Absent:
    """Conditions without option confidence, and why."""

    names: str
    why: str


@dataclass(frozen=True, slots=True)
class CalibrationPage:
    """The page; without any confidence only ``absent`` is filled."""

    title: str
    nav: Nav
    lede: str
    warnings: tuple[str, ...]
    diagrams: tuple[Diagram, ...]
    absent: tuple[Absent, ...]
    estimators: Table | None
    bands: Table | None
    band_sentences: tuple[str, ...]
    footer: tuple[str, ...]


def make(analysis: Analysis) -> CalibrationPage:
    """The calibration page of an experiment."""
    views = [view for view in analysis.ranked if confidence.columns(view).n]
    few = [view for view in views if confidence.columns(view).n < confidence.FEW_ITEMS]
    warnings = tuple(
        f"{view.id}: {confidence.columns(view).n} answers with a confidence. Below "
        f"{confidence.FEW_ITEMS}, binned errors "
        "are mostly noise: read the intervals, not the values."
        for view in few
    )
    return CalibrationPage(
        "Calibration",
        nav(analysis.data, "calibration.html"),
        _lede(analysis, views),
        warnings,
        tuple(_diagram(analysis, view) for view in views),
        _absent([view for view in analysis.views if view not in views]),
        _estimators(analysis, views) if views else None,
        _bands(views) if views else None,
        _band_sentences(views),
        footer(analysis.data),
    )


def _lede(analysis: Analysis, views: list[View]) -> str:
    if not views:
        return "None of these conditions has an option confidence, so calibration cannot be shown."
    found = next((each for each in findings(analysis) if each.label.startswith("Accuracy is not")), None)
    if found is not None:
        return found.sentences[0]
    gap = confidence.estimate(analysis, views[0], confidence.ESTIMATORS[3])
    return f"{views[0].id} is {_lean(gap)}."


def _lean(gap: Estimate) -> str:
    """A signed gap in words, with its interval."""
    size = numbers.points(abs(gap.value)).lstrip("+") if gap.value is not None else numbers.MISSING
    doubt = f"95% {numbers.points_interval(gap)}"
    if gap.low is not None and gap.low > 0:
        return f"overconfident by {size} points ({doubt})"
    if gap.high is not None and gap.high < 0:
        return f"underconfident by {size} points ({doubt})"
    return f"neither over- nor underconfident on average as far as these answers can tell ({doubt} points)"


def _absent(views: list[View]) -> tuple[Absent, ...]:
    """Why there is nothing to show, conditions with the same reason together."""
    grouped: dict[str, list[str]] = {}
    for view in views:
        reasons = dict.fromkeys(row.missing_why for row in view.rows if row.missing_why)
        why = "; ".join(reasons) or "nothing was recorded"
        if view.condition.answer in ("number", "text"):
            why = "open answers have no options to share a probability between"
        grouped.setdefault(why, []).append(view.id)
    return tuple(
        Absent(numbers.listed(names), f"No option confidence: {why}.") for why, names in grouped.items()
    )


def _diagram(analysis: Analysis, view: View) -> Diagram:
    data = confidence.columns(view)
    n_bins = analysis.data.experiment.analysis.bins
    bins = reliability_bins(data.confidence, data.correct, n_bins=n_bins)
    curve = reliability_curve(data.confidence, data.correct)
    known = data.known()
    sure = sum(each for each, _ in known) / len(known)
    hit = sum(each for _, each in known) / len(known)
    gap = confidence.estimate(analysis, view, confidence.ESTIMATORS[3])
    said = "; ".join(
        f"{_range(each)}: {numbers.percent(each.accuracy.value)} of {each.n} right" for each in bins
    )
    svg = reliability.draw(
        bins,
        curve,
        css=view.css,
        mean_confidence=sure,
        accuracy=hit,
        name=f"reliability-{view.css}",
        description=f"Reliability diagram of {view.id}. {said}.",
    )
    figure = Figure(
        f"{view.id} is {_lean(gap)}",
        f"{len(bins)} of {n_bins} bins hold answers; n = {data.n}"
        + (f", {len(data.confidence) - data.n} without a confidence" if len(data.confidence) > data.n else "")
        + f". Below: mean confidence {numbers.percent(sure)} (line), "
        f"accuracy {numbers.percent(hit)} (dashed).",
        svg,
        css=f"k {view.css}",
    )
    return Diagram(view.id, view.css, figure, _bin_table(view, bins), _scatter(view))


def _range(each: Bin) -> str:
    return f"{numbers.percent(each.low)}–{numbers.percent(each.high)}"


def _bin_table(view: View, bins: tuple[Bin, ...]) -> Table:
    lines = [
        Line(
            _range(each),
            (
                Cell(numbers.percent(each.mean_confidence)),
                share_cell(each.accuracy),
                Cell(numbers.points(each.mean_confidence - (each.accuracy.value or 0.0))),
                Cell(str(each.n)),
            ),
            href=questions_href(condition=view.id, conf=f"{each.low:.4g}-{each.high:.4g}"),
        )
        for each in bins
    ]
    columns = (
        Column("bin", numeric=False),
        Column("mean confidence"),
        Column("accuracy"),
        Column("gap", "points"),
        Column("n"),
    )
    return Table(f"Bins of {view.id}; empty bins are left out.", columns, tuple(lines))


def _scatter(view: View) -> Figure:
    known = confidence.columns(view).known()
    corners = {
        "Calibrated": sum(sure > 0.5 and hit for sure, hit in known),
        "Overconfident": sum(sure > 0.5 and not hit for sure, hit in known),
        "Lucky": sum(sure <= 0.5 and hit for sure, hit in known),
        "Confused": sum(sure <= 0.5 and not hit for sure, hit in known),
    }
    said = ", ".join(f"{name} {n}" for name, n in corners.items())
    svg = confidence_scatter.draw(
        known,
        css=view.css,
        name=f"scatter-{view.css}",
        description=f"Confidence against correctness of {view.id}: {said} of {len(known)}.",
    )
    return Figure(view.id, f"{said}; n = {len(known)}.", svg, css=f"k {view.css}")


def _estimators(analysis: Analysis, views: list[View]) -> Table:
    made = {
        view.id: [confidence.estimate(analysis, view, each) for each in confidence.ESTIMATORS]
        for view in views
    }
    aurocs = {view.id: confidence.auroc(view) for view in views}
    best = [
        best_of([abs(made[view.id][place].value or 0.0) for view in views], high=False)
        for place in range(len(confidence.ESTIMATORS))
    ]
    best_auroc = best_of([aurocs[view.id].value for view in views])
    lines = []
    for view in views:
        cells = [
            _estimate_cell(each, estimator, each.value is not None and abs(each.value) == top)
            for each, estimator, top in zip(made[view.id], confidence.ESTIMATORS, best, strict=True)
        ]
        auroc = aurocs[view.id]
        small = numbers.interval(auroc, numbers.decimal)
        cells.append(
            Cell(numbers.decimal(auroc.value), small, auroc.value == best_auroc, sort=sort_key(auroc.value))
        )
        cells.append(Cell(numbers.count(auroc.n), f"{auroc.n_missing} missing" if auroc.n_missing else ""))
        lines.append(head(view, cells))
    columns = [Column("condition", numeric=False)]
    columns += [Column(each.name, each.note, anchor=each.anchor) for each in confidence.ESTIMATORS]
    columns += [Column("AUROC", "0.5 is no signal", anchor="auroc"), Column("n")]
    caption = (
        "Each convention under its own name, with its bootstrap 95% interval (AUROC: DeLong). "
        "Closest to perfect in bold. Every name leads to its definition."
    )
    return Table(caption, tuple(columns), tuple(lines), True)


def _estimate_cell(found: Estimate, estimator: confidence.Estimator, best: bool) -> Cell:
    if estimator.signed:
        return Cell(
            numbers.points(found.value), numbers.points_interval(found), best, sort=sort_key(found.value)
        )
    if estimator.anchor == "brier":
        return Cell(
            numbers.decimal(found.value, 3), numbers.interval(found, _three), best, sort=sort_key(found.value)
        )
    return Cell(numbers.percent(found.value, 1), numbers.interval(found), best, sort=sort_key(found.value))


def _three(value: float | None) -> str:
    return numbers.decimal(value, 3)


def _bands(views: list[View]) -> Table:
    lines = []
    for view in views:
        sure, unsure = _two_bands(view)
        gap = newcombe(sure, unsure)
        cells = (
            share_cell(sure, href=questions_href(condition=view.id, conf=f"{confidence.SURE}-1")),
            Cell(str(sure.n)),
            share_cell(unsure, href=questions_href(condition=view.id, conf=f"0-{confidence.UNSURE}")),
            Cell(str(unsure.n)),
            Cell(numbers.points(gap.value), numbers.points_interval(gap) if gap.low is not None else ""),
            Cell(_told(gap), numeric=False),
        )
        lines.append(head(view, cells))
    columns = (
        Column("condition", numeric=False),
        Column("above 80%", "accuracy"),
        Column("n"),
        Column("below 50%", "accuracy"),
        Column("n"),
        Column("difference", "points, 95%"),
        Column("more often right?", numeric=False),
    )
    return Table(
        "Answers by confidence band; 95% intervals (Wilson; difference: Newcombe).", columns, tuple(lines)
    )


def _two_bands(view: View) -> tuple[Estimate, Estimate]:
    return (
        confidence.band(view, lambda value: value > confidence.SURE),
        confidence.band(view, lambda value: value < confidence.UNSURE),
    )


def _told(gap: Estimate) -> str:
    if gap.low is None or gap.high is None:
        return "no such answers"
    return "yes" if gap.low > 0 else "no, less often" if gap.high < 0 else "cannot tell"


def _band_sentences(views: list[View]) -> tuple[str, ...]:
    bands = {view.id: _two_bands(view) for view in views}
    both = [view for view in views if bands[view.id][0].n and bands[view.id][1].n]
    sentences = [_band_sentence(view.id, *bands[view.id]) for view in both]
    for place, claim in ((0, "more than 80%"), (1, "less than 50%")):
        never = [view.id for view in views if not bands[view.id][place].n]
        if never:
            verb = "claims" if len(never) == 1 else "claim"
            sentences.append(
                f"{numbers.listed(never)} never {verb} {claim}: the question cannot be asked there."
            )
    return tuple(sentences)


def _band_sentence(name: str, sure: Estimate, unsure: Estimate) -> str:
    said = (
        f"{numbers.percent(sure.value)} of {numbers.plural(sure.n, 'answer')} above 80% right, "
        f"{numbers.percent(unsure.value)} of {numbers.plural(unsure.n, 'answer')} below 50%"
    )
    told = _told(newcombe(sure, unsure))
    return f"{name}: {'these answers cannot tell' if told == 'cannot tell' else told} ({said})."
