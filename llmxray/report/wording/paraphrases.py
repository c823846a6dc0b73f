"""Sentences about the same questions in other words."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis.paraphrases import ParaphraseAnswers, ParaphrasedSuites


def lede(paraphrases: ParaphrasedSuites) -> str:
    """Whether the wording makes a difference, for each condition."""
    told = [each for each in paraphrases.conditions if each.differs]
    n = max((each.n for each in paraphrases.conditions), default=0)
    if not told:
        return f"The same {numbers.plural(n, 'question')} in other words: for no condition is the difference clear."
    parts = [f"{each.view.label} {_change(each)}" for each in told]
    rest = [each.view.label for each in paraphrases.conditions if not each.differs]
    other = f" For {numbers.listed(rest)} the difference is not clear." if rest else ""
    return f"The same {numbers.plural(n, 'question')} in other words: {'; '.join(parts)}.{other}"


def _change(each: ParaphraseAnswers) -> str:
    value = each.difference.value or 0.0
    more = "fewer" if value > 0 else "more"
    return f"gets {numbers.in_points(value)} {more} right ({doubt(each)})"


def doubt(each: ParaphraseAnswers) -> str:
    """Interval and adjusted p of the difference between the two wordings."""
    ends = (
        f"95% {numbers.points_interval(each.difference)}"
        if each.difference.low is not None
        else "no interval"
    )
    return ends if each.p_holm is None else f"{ends}; adjusted {numbers.p_value(each.p_holm)}"
