"""The reliability diagram of one condition in several numbers of bins, and the corners of the module's scatter."""

from __future__ import annotations

from llmxray.metrics.binning import reliability_bins
from llmxray.metrics.smooth import reliability_curve
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.wording.claim_words import claimed

# The corners of the scatter, by the original app's names: surer than a half, and right.
_CORNERS = (
    ("Calibrated", True, True),
    ("Lucky", False, True),
    ("Confused", False, False),
    ("Overconfident", True, False),
)


def bin_counts(analysis: Analysis) -> tuple[int, ...]:
    """The numbers of bins that a reader may choose: the module's five, the literature's fifteen, the file's own."""
    return tuple(sorted({5, 15, analysis.data.experiment.analysis.bins}))


def diagram(analysis: Analysis, view: ConditionResults) -> Values:
    """Reliability of a condition, in every number of bins."""
    data = confidence.columns(view)
    sure, right = averages(view)
    return Values(
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


def averages(view: ConditionResults) -> tuple[float, float]:
    """Mean confidence, and accuracy of the same answers."""
    known = confidence.columns(view).answers
    return sum(sure for sure, _ in known) / len(known), sum(hit for _, hit in known) / len(known)


def lean(analysis: Analysis, view: ConditionResults) -> Finding:
    """Whether a condition is over- or underconfident."""
    test = confidence.leanings(analysis)[view.id]
    if not test.is_significant:
        return Finding("calibration.even", view=view)
    gap = confidence.estimate(analysis, view, confidence.GAP).value or 0.0
    return Finding(
        "calibration.leans", view=view, way=claimed("overconfident" if gap > 0 else "underconfident", test)
    )


def _bins(analysis: Analysis, view: ConditionResults, n_bins: int) -> tuple[Values, ...]:
    data = confidence.columns(view)
    bins = reliability_bins(data.confidence, data.correct, n_bins=n_bins, clusters=data.clusters)
    most = max(each.n for each in bins)
    return tuple(
        Values(
            x=each.mean_confidence,
            y=each.accuracy.value or 0.0,
            low=each.accuracy.low,
            high=each.accuracy.high,
            left=each.low,
            width=each.high - each.low,
            n=each.n,
            height=each.n / most,
            href=analysis.contents.questions(condition=view.id, conf=f"{each.low:.4g}-{each.high:.4g}"),
            said=Finding("calibration.bin", low=each.low, high=each.high, n=each.n, accuracy=each.accuracy),
        )
        for each in bins
    )


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


def corners(analysis: Analysis, view: ConditionResults) -> tuple[Values, ...]:
    """How many answers lie in each corner of the scatter: the module splits at 50% confidence."""
    known = confidence.columns(view).answers
    found: list[Values] = []
    for name, is_sure, is_right in _CORNERS:
        n = sum((sure > 0.5) is is_sure and hit is is_right for sure, hit in known)
        # The page of questions compares thousandths and includes both ends, so a half itself counts below.
        half, side = "0.5005-1" if is_sure else "0-0.5", {"right" if is_right else "wrong": view.id}
        found.append(
            Values(
                name=name,
                css=f"{'right' if is_right else 'wrong'}{'' if is_sure else ' unsure'}",
                n=n,
                left=sum(each.share for each in found),
                share=n / len(known),
                href=analysis.contents.questions(condition=view.id, conf=half, **side) if n else "",
            )
        )
    return tuple(found)
