"""Are sure answers more often right than unsure ones? The module's two bands of confidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmxray.metrics.bands import Band, band, difference
from llmxray.metrics.evidence import WaldEvidence, two_sided
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.analysis.families import Corrected, corrected
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.wording.calibration import pooled_questions
from llmxray.types import Estimate

# The module asks about >80% and <50%: an answer at an edge is in neither band.
_BANDS: tuple[tuple[str, str, Callable[[float], bool]], ...] = (
    ("Above 80% sure", "0.8005-1", lambda each: each > confidence.SURE),
    ("50% to 80%", "0.5-0.8", lambda each: confidence.UNSURE <= each <= confidence.SURE),
    ("Below 50% sure", "0-0.4995", lambda each: each < confidence.UNSURE),
)


def bands(analysis: Analysis, views: Sequence[ConditionResults]) -> Values:
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
    # The page of questions does not filter by the number of options.
    is_whole = not pooled
    return Values(
        headline=Finding("calibration.bands-none")
        if named is None
        else Finding(
            "calibration.bands", view=named[0], sure=named[1][0].accuracy, unsure=named[1][2].accuracy
        ),
        groups=tuple(
            Values(
                label=label,
                lines=tuple(
                    _line(
                        view,
                        found[place],
                        analysis.contents.questions(condition=view.id, conf=conf) if is_whole else "",
                    )
                    for view, found in zip(views, parts, strict=True)
                ),
            )
            for place, (label, conf, _) in enumerate(_BANDS)
        ),
        answers=tuple(_answer(view, gap, test) for view, _, gap, test in told),
        note=Finding("calibration.pooled", which=pooled) if pooled else None,
    )


def _line(view: ConditionResults, found: Band, href: str) -> Values:
    """A bar; how many answers are in the band, and to how many questions where those are fewer."""
    n, n_questions = found.accuracy.n, found.n_clusters
    asked = "" if n_questions == n else f" to {numbers.plural(n_questions, 'question')}"
    return Values(view=view, share=found.accuracy, of=f"{numbers.count(n)}{asked}", href=href)


def _answer(view: ConditionResults, gap: WaldEvidence | None, test: Corrected) -> Finding:
    """Whether the upper band is more often right, as far as these answers tell."""
    # All answers may tell what the few in two bands do not.
    way = "open" if gap is None or not test.is_significant else "yes" if gap.value > 0 else "less"
    apart = gap and Finding(
        "calibration.band-apart", gap=Estimate(gap.value, *gap.interval(0.95)), doubt=test.doubt
    )
    return Finding(f"calibration.band-{way}", view=view, apart=apart or "")
