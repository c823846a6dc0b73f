"""Is confidence worth anything? Reliability, every estimator by name, bands, the module's scatter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from llmxray.experiment.model import AnalysisSettings
from llmxray.metrics.bands import band, difference
from llmxray.metrics.binning import Bin, reliability_bins
from llmxray.metrics.evidence import WaldEvidence, two_sided
from llmxray.metrics.smooth import reliability_curve
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, Corrected, confidence, corrected
from llmxray.report.analysis.applies import people_can_answer
from llmxray.report.pages.calibration import threshold, yourself
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
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
from llmxray.report.wording.calibration import differ_in_kind, pooled_questions, without_confidence
from llmxray.types import Estimate

# A headline on fewer sure answers would hang on one or two.
_ENOUGH = 20


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the page, and the one on which a reader answers."""
    name = analysis.data.name
    renderer.page(f"{name}/calibration.html", "pages/calibration/page.html", page_values(analysis))
    if people_can_answer(analysis.data):
        person = yourself.yourself_values(renderer, analysis.data)
        renderer.page(f"{name}/yourself.html", "pages/calibration/yourself.html", person)


def page_values(analysis: Analysis) -> TemplateValues:
    """The calibration page of an experiment."""
    # Those with an option confidence, best first; some condition has one, or there is no such page.
    views = [view for view in analysis.ranked if confidence.columns(view).n]
    reasons = without_confidence([view for view in analysis.views if view not in views])
    cornered = tuple((view, corners(analysis, view)) for view in views)
    # Who is most often sure and wrong.
    worst = max(cornered, key=lambda each: each[1][-1].share)
    return framed(
        analysis.data,
        "calibration",
        "Calibration",
        headline=_headline(views[0]),
        other=_other(analysis, views[1:]),
        calibrated=calibrated(analysis),
        warnings=tuple(filter(None, (_several(views), _few(views), differ_in_kind(views)))),
        n_bins=_FIRST_BINS if (own := analysis.data.experiment.analysis.bins) == _DEFAULT_BINS else own,
        bins=bin_counts(analysis),
        diagrams=tuple(diagram(analysis, view) for view in views),
        absent=[Finding("calibration.none", names=names, why=why) for why, names in reasons.items()],
        estimators=_estimators(analysis, views),
        bands=bands(analysis, views),
        corners=cornered,
        worst=Finding(
            "calibration.corners", view=worst[0], n=worst[1][-1].n, of=confidence.columns(worst[0]).n
        ),
        by_hand=tuple(sheet for view in views if (sheet := by_hand(view)) is not None),
        threshold=threshold.threshold_values(analysis),
        yourself=analysis.contents.href("yourself"),
    )


def _headline(view: ConditionView) -> Finding:
    """What the confidence of the most accurate is worth: where it is sure, or on average where it never is."""
    answers = confidence.columns(view).answers
    sure = [(each, hit) for each, hit in answers if each > confidence.SURE]
    if len(sure) < _ENOUGH:
        mean, right = averages(view)
        return Finding("calibration.average", view=view, sure=mean, right=right)
    mean, right = (sum(column) / len(sure) for column in zip(*sure, strict=True))
    return Finding("calibration.sure", view=view, sure=mean, right=right, n=len(sure))


def _other(analysis: Analysis, views: Sequence[ConditionView]) -> Finding | None:
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
    way = tests[view.id].claim("overconfident" if gaps[view.id] > 0 else "underconfident")
    return Finding("calibration.other", view=view, way=way, sure=mean, right=right)


def _several(views: Sequence[ConditionView]) -> Finding | None:
    """That several answers are about one question, and what was done about it."""
    data = next((each for view in views if (each := confidence.columns(view)).clusters), None)
    if data is None:
        return None
    kind = "grouped" if data.unit_name == "group" else "repeated"
    return Finding(f"calibration.{kind}", counted=" ".join(data.counted))


def _few(views: Sequence[ConditionView]) -> Finding | None:
    few = [
        f"{view.label} ({numbers.plural(data.n_questions, data.unit_name)})"
        for view in views
        if (data := confidence.columns(view)).n_questions < confidence.FEW_ITEMS
    ]
    return Finding("calibration.few", names=few, fewest=confidence.FEW_ITEMS) if few else None


def _estimators(analysis: Analysis, views: list[ConditionView]) -> Table:
    heads = [ColumnHead(text="Mean confidence", small="what the model claims", anchor="option-confidence")]
    columns = [[share_cell(confidence.mean_confidence(view)) for view in views]]
    multiclass = [confidence.brier_multiclass(analysis, view) for view in views]
    for each in confidence.ESTIMATORS:
        css = "" if each.plain else "stat"
        heads.append(ColumnHead(text=each.name, small=each.note, anchor=each.anchor, css=css))
        columns.append([_cell(analysis, each, view) for view in views])
        if each is confidence.BRIER and any(found.value is not None for found in multiclass):
            head = ColumnHead(
                text="Brier, all options", small="0 to 2", anchor="brier-multiclass", css="stat"
            )
            heads.append(head)
            columns.append(list(map(_multiclass_cell, multiclass)))
    small = "0.5 is no signal; each size by itself"
    heads += [ColumnHead(text="AUROC", small=small, anchor="auroc"), ColumnHead(text="n")]
    columns.append([measured_cell(confidence.auroc(view), numbers.unit, 0.5) for view in views])
    columns.append([_n_cell(confidence.columns(view)) for view in views])
    caption = Finding("calibration.estimators")
    return of_conditions(caption, heads, zip(views, zip(*columns, strict=True), strict=True), sortable=True)


def _n_cell(data: confidence.ConfidenceColumns) -> Cell:
    """How many answers there are, of how many questions where those are fewer, and how many are missing."""
    (text, what), missing = data.counted, len(data.confidence) - data.n
    small = filter(None, (what, f"{missing} missing" if missing else ""))
    return Cell(text=text, small=", ".join(small), sort=sort_key(data.n))


def _cell(analysis: Analysis, estimator: confidence.Estimator, view: ConditionView) -> Cell:
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


def calibrated(analysis: Analysis) -> Finding | None:
    """Whether the highest accuracy and the lowest ECE-15 go together; None where confidences cannot be compared."""
    # Of other questions, an accuracy or an error is no higher or lower.
    of = analysis.common
    # The few confidences of a condition whose answers were mostly cut off are not its calibration.
    views = [view for view in of.ranked if 2 * confidence.columns(view).n >= max(1, len(view.rows))]
    # Errors of confidences of two kinds are no two values of one thing.
    if len(views) < 2 or not of.is_comparable or len(confidence.kinds_of(views)) > 1:
        return None
    errors = {view.id: confidence.estimate(of, view, confidence.ECE_15).value or 0.0 for view in views}
    best, calm = views[0], min(views, key=lambda view: errors[view.id])
    other = best if calm is not best else min(views[1:], key=lambda view: errors[view.id])
    # Picked by the data as the extremes of so many conditions, so the interval is adjusted for every pair of them.
    n_pairs = math.comb(len(views), 2)
    difference = confidence.ece_difference(of, other, calm, n_pairs)
    differs = difference.low is not None and difference.low > 0
    found = Finding(
        "calibration.both" if calm is best else "calibration.two",
        which=f"On the {of.answered_questions}, " if of is not analysis else "",
        top=best.label,
        among="" if len(views) == len(of.ranked) else " among those with a confidence for most answers",
        calmest=calm.label,
        unclear="" if differs or difference.value is None else calm.label,
        other=other.label,
        errors=Finding(
            "calibration.errors",
            least=errors[calm.id],
            most=errors[other.id],
            other=other.label,
            difference=difference,
            adjusted=f", adjusted for {numbers.plural(n_pairs, 'pair')}" if n_pairs > 1 else "",
        ),
    )
    return Finding("calibration.another", two=found) if differs and calm is not best else found


N_ANSWERS = 20
_N_BINS = 5


def by_hand(view: ConditionView) -> TemplateValues | None:
    """Twenty answers of a condition, evenly spaced by confidence; None when it has fewer with a confidence.

    Both averages are in per cent with one decimal.
    """
    known = sorted(confidence.columns(view).answers)
    if len(known) < N_ANSWERS:
        return None
    steps = (len(known) - 1) / (N_ANSWERS - 1)
    chosen = [known[round(place * steps)] for place in range(N_ANSWERS)]
    answers = [(min(100, round(100 * sure)), hit) for sure, hit in chosen]
    bins, gaps = [], []
    for place in range(_N_BINS):
        # Whole per cents, (low, high]; 0% belongs to the first bin.
        low, high = place * 100 // _N_BINS + bool(place), (place + 1) * 100 // _N_BINS
        inside = [(percent, hit) for percent, hit in answers if low <= percent <= high]
        # What goes into each field: one decimal at most, nothing for a bin without answers.
        mean = right = gap = ""
        if inside:
            means = (
                sum(percent for percent, _ in inside) / len(inside),
                100 * sum(hit for _, hit in inside) / len(inside),
            )
            gaps.append((len(inside), abs(means[0] - means[1])))
            mean, right, gap = (numbers.decimal(each, 1) for each in (*means, gaps[-1][1]))
        bins.append(TemplateValues(range=f"{low}–{high}%", n=len(inside), mean=mean, accuracy=right, gap=gap))
    return TemplateValues(
        view=view,
        # Confidence in whole per cent, and whether the answer was right.
        answers=answers,
        bins=bins,
        ece=numbers.decimal(sum(n * gap for n, gap in gaps) / N_ANSWERS, 1),
        module=numbers.decimal(sum(gap for _, gap in gaps) / len(gaps), 1),
    )


# The corners of the scatter, by the original app's names: surer than a half, and right.
_CORNERS = (
    ("Calibrated", True, True),
    ("Lucky", False, True),
    ("Confused", False, False),
    ("Overconfident", True, False),
)


# In a drawing, the literature's fifteen leave few answers to each; a file that says nothing has them.
_FIRST_BINS, _DEFAULT_BINS = 10, AnalysisSettings().bins


def bin_counts(analysis: Analysis) -> tuple[int, ...]:
    """The numbers of bins that a reader may choose: the module's five, ten, and the file's own."""
    return tuple(sorted({5, _FIRST_BINS, analysis.data.experiment.analysis.bins}))


def diagram(analysis: Analysis, view: ConditionView) -> TemplateValues:
    """Reliability of a condition, in every number of bins."""
    data = confidence.columns(view)
    sure, right = averages(view)
    return TemplateValues(
        view=view,
        title=lean(analysis, view),
        averages=Finding(
            "calibration.averages",
            sure=sure,
            right=right,
            error=confidence.estimate(analysis, view, confidence.ECE_15),
        ),
        gap=Finding(
            "calibration.gap",
            gap=confidence.estimate(analysis, view, confidence.GAP),
            doubt=confidence.leanings(analysis)[view.id].doubt,
            n=" ".join(data.counted).rstrip(),
            missing=len(data.confidence) - data.n or None,
        ),
        runs=_runs(data),
        binned=tuple((n_bins, _bins(analysis, view, n_bins)) for n_bins in bin_counts(analysis)),
    )


def averages(view: ConditionView) -> tuple[float, float]:
    """Mean confidence, and accuracy of the same answers."""
    sure, hits = zip(*confidence.columns(view).answers, strict=True)
    return sum(sure) / len(sure), sum(hits) / len(hits)


def lean(analysis: Analysis, view: ConditionView) -> Finding:
    """Whether a condition is over- or underconfident."""
    test = confidence.leanings(analysis)[view.id]
    if not test.is_significant:
        return Finding("calibration.even", view=view)
    gap = confidence.estimate(analysis, view, confidence.GAP).value or 0.0
    return Finding(
        "calibration.leans", view=view, way=test.claim("overconfident" if gap > 0 else "underconfident")
    )


def _bins(analysis: Analysis, view: ConditionView, n_bins: int) -> list[tuple[Bin, str, Finding]]:
    """Each bin, with the way to its questions, and what it says."""
    data, questions = confidence.columns(view), analysis.contents.questions
    return [
        (
            of,
            questions(condition=view.id, conf=f"{of.low:.4g}-{of.high:.4g}"),
            Finding("calibration.bin", of=of),
        )
        for of in reliability_bins(data.confidence, data.correct, n_bins=n_bins, clusters=data.clusters)
    ]


def _runs(data: confidence.ConfidenceColumns) -> tuple[str, ...]:
    """The smoothed curve, in points of a square of 100 by 100: a line for each stretch that has confidences.

    Bins can mislead, as their edges are arbitrary; the curve has none (Błasiok and Nakkiran 2023).
    """
    curve = reliability_curve(data.confidence, data.correct)
    sure = [each for each, _ in data.answers]
    runs: list[list[str]] = [[]]
    for x, y in zip(curve.grid, curve.accuracy, strict=True):
        if y is None or not min(sure) <= x <= max(sure):
            runs.append([])
        else:
            runs[-1].append(f"{100 * x:.1f},{100 * (1 - y):.1f}")
    return tuple(" ".join(run) for run in runs if run)


def corners(analysis: Analysis, view: ConditionView) -> tuple[TemplateValues, ...]:
    """How many answers lie in each corner of the scatter: the module splits at 50% confidence."""
    known = confidence.columns(view).answers
    found: list[TemplateValues] = []
    for name, is_sure, is_right in _CORNERS:
        n = sum((sure > 0.5) is is_sure and hit is is_right for sure, hit in known)
        # The page of questions compares thousandths and includes both ends, so a half itself counts below.
        half, side = "0.5005-1" if is_sure else "0-0.5", {"right" if is_right else "wrong": view.id}
        found.append(
            TemplateValues(
                name=name,
                css=f"{'right' if is_right else 'wrong'}{'' if is_sure else ' unsure'}",
                n=n,
                left=sum(each.share for each in found),
                share=n / len(known),
                href=analysis.contents.questions(condition=view.id, conf=half, **side) if n else "",
            )
        )
    return tuple(found)


# The module asks about >80% and <50%: an answer at an edge is in neither band.
_BANDS: tuple[tuple[str, str, Callable[[float], bool]], ...] = (
    ("Above 80% sure", "0.8005-1", lambda each: each > confidence.SURE),
    ("50% to 80%", "0.5-0.8", lambda each: confidence.UNSURE <= each <= confidence.SURE),
    ("Below 50% sure", "0-0.4995", lambda each: each < confidence.UNSURE),
)


def bands(analysis: Analysis, views: Sequence[ConditionView]) -> TemplateValues:
    """The accuracy of each condition in each band, and whether its surest are more often right than its least sure."""
    data = [confidence.columns(view).comparable for view in views]
    parts = [
        [band(each.confidence, each.correct, keep, each.clusters) for _, _, keep in _BANDS] for each in data
    ]
    gaps = [difference(sure, unsure) for sure, _, unsure in parts]
    tests = corrected("condition", [None if gap is None else two_sided(gap, 0.0) for gap in gaps])
    told = [
        (view, found, gap, test)
        for view, found, gap, test in zip(views, parts, gaps, tests, strict=True)
        if found[0].accuracy.n and found[2].accuracy.n
    ]
    named = next((each for each in told if each[3].is_significant), told[0] if told else None)
    pooled = pooled_questions([confidence.columns(view).pool for view in views])
    return TemplateValues(
        headline=Finding("calibration.bands-none")
        if named is None
        else Finding(
            "calibration.bands", view=named[0], sure=named[1][0].accuracy, unsure=named[1][2].accuracy
        ),
        groups=tuple(
            TemplateValues(
                label=label,
                lines=tuple(
                    TemplateValues(
                        view=view,
                        found=found[place],
                        # The page of questions does not filter by the number of options.
                        href="" if pooled else analysis.contents.questions(condition=view.id, conf=conf),
                    )
                    for view, found in zip(views, parts, strict=True)
                ),
            )
            for place, (label, conf, _) in enumerate(_BANDS)
        ),
        answers=tuple(_answer(view, gap, test) for view, _, gap, test in told),
        note=Finding("calibration.pooled", which=pooled) if pooled else None,
    )


def _answer(view: ConditionView, gap: WaldEvidence | None, test: Corrected) -> Finding:
    """Whether the upper band is more often right, as far as these answers tell."""
    # All answers may tell what the few in two bands do not.
    way = "open" if gap is None or not test.is_significant else "yes" if gap.value > 0 else "less"
    apart = gap and Finding(
        "calibration.band-apart", gap=Estimate(gap.value, *gap.interval(0.95)), doubt=test.doubt
    )
    return Finding(f"calibration.band-{way}", view=view, apart=apart or "")
