"""Who wins, and is it real: the verdict on an experiment and on any pair, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, significant
from llmxray.report.analysis.leaders import lead_pair, order
from llmxray.report.analysis.questions import labels
from llmxray.report.sentences import Finding
from llmxray.types import Estimate


def verdict(analysis: Analysis) -> Finding:
    """The headline: the leading pair, or that the data cannot tell."""
    pair = lead_pair(analysis)
    best = analysis.ranked[0]
    accuracy = analysis.accuracies[best.id]
    if accuracy.value is None:
        return Finding("findings.no-reply" if analysis.suites else "findings.unscored")
    if pair is None:
        return Finding("findings.alone", best=best, accuracy=accuracy)
    return compared(analysis, pair)


def doubt(estimate: Estimate, scale: Callable[..., str], threshold: float | None = 1.0) -> str:
    """What follows a number in brackets: "95% 1.2 to 3.4"; "no interval" where an end is unknown or has no bound.

    Args:
        threshold: what the ends are compared with: 1 for a ratio, 0 for a difference; None for nothing.
    """
    shown = numbers.interval(estimate, scale, threshold)
    return "no interval" if shown == numbers.MISSING else f"95% {shown}"


def averaged(analysis: Analysis) -> str:
    """What is brought to one number a question, as it follows "the same questions": ", repeats averaged …"."""
    repeats = ", repeats averaged within each" if analysis.repeats else ""
    wordings = ", wordings of one taken together" if analysis.design.wordings else ""
    return repeats + wordings + (", groups of questions as units" if analysis.design.groups else "")


def compared(analysis: Analysis, pair: Pair) -> Finding:
    """One pair in a sentence."""
    if pair.difference.value is None or pair.has_few:
        return Finding("findings.apart" if pair.difference.value is None else "findings.few", pair=pair)
    first, second, difference = order(pair)
    test, conditions = pair.among, analysis.plan.conditions
    names = dict(zip([condition.id for condition in conditions], labels(conditions), strict=True))
    said = {
        "first": names[first.id],
        "second": names[second.id],
        "difference": difference,
        "doubt": Finding(
            "findings.doubt",
            gap=difference,
            p="" if pair.p_holm is None else f"{averaged(analysis)}, {test.doubt}",
        ),
    }
    if pair.differs:
        return Finding("findings.leads", beats=test.claim("beats"), **said)
    if significant(pair.p_value):
        return Finding("findings.ahead", **said)
    hardly = numbers.in_points(difference.value) == "0 points"
    how = "equal" if not difference.value else "hardly" if hardly else "gap"
    gap = Finding(f"findings.{how}", value=difference.value)
    return Finding("findings.close", gap=gap, detectable=pair.test.detectable, **said)
