"""Are sure answers more often right than unsure ones? The module's two bands of confidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmxray.metrics.bands import Band, band, difference
from llmxray.metrics.evidence import WaldEvidence, two_sided
from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.analysis.families import Corrected, corrected
from llmxray.report.widgets.frame import Values
from llmxray.types import Estimate


def bands(views: Sequence[ConditionResults]) -> Values:
    """The module's bands: above 80% and below 50%.

    Returns:
        The answer for each condition that has answers in both bands, and who has none in one; a note on which answers
        are in them, where these are not all.
    """
    sentences = []
    never: tuple[list[str], list[str]] = ([], [])
    sides = []
    for view in views:
        data = confidence.columns(view)
        # The module asks about >80% and <50%: an answer at an edge is in neither band.
        sure = _band(data.comparable, lambda each: each > confidence.SURE)
        unsure = _band(data.comparable, lambda each: each < confidence.UNSURE)
        for each, names in zip((sure, unsure), never, strict=True):
            if not each.accuracy.n:
                names.append(view.label)
        sides.append((sure, unsure))
    gaps = [difference(*pair) for pair in sides]
    tests = corrected("condition", [None if gap is None else two_sided(gap, 0.0) for gap in gaps])
    for view, (sure, unsure), gap, test in zip(views, sides, gaps, tests, strict=True):
        if sure.accuracy.n and unsure.accuracy.n:
            right = f"{_right(sure)} above 80% confidence, {_right(unsure)} below 50%"
            said = f"{view.label}: {_told(gap, test)}. Right are {right}"
            if gap is not None:
                ends = Estimate(gap.value, *gap.interval(0.95))
                said += f" ({numbers.in_points(gap.value)} apart, 95% {numbers.points_interval(ends)}; {test.doubt})"
            sentences.append(f"{said}.")
    absent = [
        f"{numbers.listed(names)} never {'claims' if len(names) == 1 else 'claim'} {claim}"
        for names, claim in zip(never, ("more than 80%", "less than 50%"), strict=True)
        if names
    ]
    if absent:
        sentences.append(f"{', and '.join(absent)}: the question cannot be asked there.")
    pooled = confidence.pooled_questions([confidence.columns(view).pool for view in views])
    return Values(
        sentences=sentences,
        note=pooled and f"Only {pooled}: with more options an answer is both less sure and less often right.",
    )


def _band(data: confidence.ConfidenceColumns, keep: Callable[[float], bool]) -> Band:
    return band(data.confidence, data.correct, keep, data.clusters)


def _right(found: Band) -> str:
    """How many answers are right; and of how many questions they are where that is fewer."""
    n = found.accuracy.n
    asked = "" if found.n_clusters == n else f" to {numbers.plural(found.n_clusters, 'question')}"
    return f"{numbers.percent(found.accuracy.value)} of {numbers.plural(n, 'answer')}{asked}"


def _told(gap: WaldEvidence | None, test: Corrected) -> str:
    """Whether the upper band is more often right, as far as these answers tell."""
    if gap is None or not test.is_significant:
        # All answers may tell what the few in two bands do not.
        return "not clear from these two bands"
    return "yes" if gap.value > 0 else "no, less often"
