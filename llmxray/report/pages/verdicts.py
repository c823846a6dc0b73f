"""Who wins, and is it real: the verdict on an experiment and on any pair, each in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import ALPHA, Analysis, Pair, View
from llmxray.report.pages.table import Link


@dataclass(frozen=True, slots=True)
class Finding:
    """What one question comes to: a label in the margin, sentences, the way to the evidence."""

    label: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...] = ()


def verdict(analysis: Analysis) -> str:
    """The headline: best against baseline (or runner-up), or that the data cannot tell."""
    rival = rival_of(analysis)
    best = analysis.ranked[0]
    if analysis.accuracies[best.id].value is None:
        return "Nothing here is scored: no prompt states an expected answer."
    if rival is None:
        found = analysis.accuracies[best.id]
        return (
            f"{best.id} answers {numbers.percent(found.value)} of "
            f"{numbers.plural(found.n, 'question')} right "
            f"(95% {numbers.interval(found)})."
        )
    return compared(analysis, analysis.pair(best, rival))


def rival_of(analysis: Analysis) -> View | None:
    """Whom the best is compared with: the baseline, or the runner-up when the baseline is the best."""
    best = analysis.ranked[0]
    if analysis.baseline.id != best.id:
        return analysis.baseline
    return analysis.ranked[1] if len(analysis.ranked) > 1 else None


def compared(analysis: Analysis, pair: Pair) -> str:
    """One pair in a sentence."""
    n = numbers.plural(pair.difference.n, "question")
    # So few questions that they leave no interval.
    ends = "" if pair.difference.low is None else f"95% {numbers.points_interval(pair.difference)}; "
    doubt = f"{ends}{n}{_p(analysis, pair)}"
    gap = numbers.points(pair.difference.value).lstrip("+")
    if pair.differs:
        return f"{pair.a.id} beats {pair.b.id} by {gap} {_points(gap)} ({doubt})."
    if pair.p_value is not None and pair.p_value < ALPHA:
        return (
            f"{pair.a.id} is ahead of {pair.b.id} by {gap} {_points(gap)} ({doubt}), which among "
            f"{len(analysis.pairs)} pairs is not enough to tell the two apart."
        )
    sentence = f"These {n} cannot tell {pair.a.id} and {pair.b.id} apart: "
    sentence += "no difference" if gap == "0" else f"{gap} {_points(gap)}"
    sentence += f" ({doubt})"
    if (pair.difference.low or 0.0) > 0:
        sentence += (
            "; the interval leaves out 0, but it is an approximation, and the exact test decides: only "
            f"{pair.a_ahead + pair.b_ahead} of the questions differ"
        )
    if pair.detectable is not None:
        sentence += (
            f"; a gap under {numbers.points(pair.detectable).lstrip('+')} points would often be missed"
        )
    return sentence + "."


def categories_of(analysis: Analysis) -> list[tuple[str, str]]:
    """Every (suite, category) that is scored, suites in plan order, categories in the suite's order."""
    return [
        (suite, category)
        for suite in analysis.suites
        for category in dict.fromkeys(item.category for item in analysis.plan.suites[suite].items)
        if category
    ]


def _p(analysis: Analysis, pair: Pair) -> str:
    if pair.p_holm is None:
        return ""
    averaged = ", repeats averaged within each" if analysis.repeats else ""
    adjusted = "adjusted " if len(analysis.pairs) > 1 else ""
    return f"{averaged}, {adjusted}{numbers.p_value(pair.p_holm)}"


def _points(gap: str) -> str:
    return "point" if gap == "1" else "points"


def above_guessing(analysis: Analysis, view: View) -> bool | None:
    """Whether a choice among options is shown to be right more often than blind guessing; None where nothing tells."""
    chance = analysis.chance
    # Options that are not shown cannot be guessed among.
    if chance is None or view.condition.answer not in ("letter", "likelihood"):
        return None
    low = analysis.accuracies[view.id].low
    return low is not None and low > chance
