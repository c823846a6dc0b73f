"""Who wins, and is it real: the verdict on an experiment and on any pair, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, significant
from llmxray.report.analysis.leaders import order, rival_of
from llmxray.report.analysis.pairing import GroupGap
from llmxray.types import Estimate


def verdict(analysis: Analysis) -> str:
    """The headline: best against baseline (or runner-up), or that the data cannot tell."""
    rival = rival_of(analysis)
    best = analysis.ranked[0]
    if analysis.accuracies[best.id].value is None:
        if not analysis.suites:
            return "Nothing here is scored: no prompt states an expected answer."
        return "No trial has a whole reply, so nothing can be compared."
    if rival is None:
        found = analysis.accuracies[best.id]
        return (
            f"{best.label} answers {numbers.percent(found.value)} of "
            f"{numbers.plural(found.n, 'question')} right "
            f"(95% {numbers.interval(found)})."
        )
    return compared(analysis, analysis.pair(best, rival))


def doubt(estimate: Estimate, scale: Callable[..., str], threshold: float = 1.0) -> str:
    """What follows a number in brackets: "95% 1.2 to 3.4"; "no interval" where an end is unknown or has no bound.

    Args:
        threshold: what the ends are compared with: 1 for a ratio, 0 for a difference.
    """
    shown = numbers.interval(estimate, scale, threshold)
    return "no interval" if shown == numbers.MISSING else f"95% {shown}"


def compared(analysis: Analysis, pair: Pair) -> str:
    """One pair in a sentence."""
    if pair.difference.value is None:
        return f"{pair.a.label} and {pair.b.label} have no question in common that both answered."
    first, second, difference = order(pair)
    n = numbers.plural(difference.n, "question")
    # So few questions that they leave no interval.
    ends = "" if difference.low is None else f"95% {numbers.points_interval(difference)}; "
    about = f"{ends}{n}{_p(analysis, pair)}"
    terms = tuple(analysis.accuracies[view.id].value for view in (first, second))
    gap = numbers.in_points(difference.value, beside=(terms[0], terms[1]))
    if pair.differs:
        return f"{first.label} beats {second.label} by {gap} ({about})."
    if significant(pair.p_value):
        return (
            f"{first.label} is ahead of {second.label} by {gap} ({about}), which after "
            f"Holm correction over {len(analysis.pairs)} pairs is not significant."
        )
    sentence = f"No clear difference between {first.label} and {second.label}: "
    sentence += (
        "both are equal" if not difference.value else "half a point or less" if gap == "0 points" else gap
    )
    sentence += f" ({about})"
    if (difference.low or 0.0) > 0:
        differing = pair.a_ahead + pair.b_ahead
        sentence += (
            "; the interval excludes 0, but it is an approximation, and the exact test decides: only "
            f"{differing} of the questions {'differs' if differing == 1 else 'differ'}"
        )
    if pair.detectable is not None:
        sentence += f"; a gap under {numbers.in_points(pair.detectable)} would often be missed"
    return sentence + "."


def _p(analysis: Analysis, pair: Pair) -> str:
    if pair.p_holm is None:
        return ""
    adjusted = "adjusted " if len(analysis.pairs) > 1 else ""
    return f"{analysis.together}, {adjusted}{numbers.p_value(pair.p_holm)}"


# More groups than this are counted, not named.
_NAMED = 4


def group_sentences(pair: Pair, found: Sequence[GroupGap], one: str, many: str) -> tuple[str, ...]:
    """Where the less accurate of two matches the other or wins, and which differences are clear.

    Args:
        found: the groups, the loser's best first.
        one, many: what a group is called.
    """
    level = [each for each in found if (each.difference.value or 0.0) <= 0]
    total = numbers.plural(len(found), one, many)
    if not level:
        first = f"In none of {total} does {pair.b.label} match {pair.a.label}."
    else:
        named = [_named(each) for each in level[:_NAMED]]
        more = f", and {len(level) - _NAMED} more" if len(level) > _NAMED else ""
        first = (
            f"{pair.b.label} matches or beats {pair.a.label} in {len(level)} of {total}: "
            f"{numbers.listed(named) if not more else ', '.join(named)}{more}."
        )
    told = [each for each in found if each.differs]
    if not told:
        second = f"In none of these {many} is the difference clear."
    else:
        of_a = [each.name for each in told if (each.difference.value or 0) > 0]
        of_b = [each.name for each in told if (each.difference.value or 0) < 0]
        parts = [f"{pair.a.label} ahead in {numbers.listed(of_a)}"] if of_a else []
        parts += [f"{pair.b.label} ahead in {numbers.listed(of_b)}"] if of_b else []
        second = (
            f"Clear differences (significant after Holm correction over all of them): {'; '.join(parts)}."
        )
    return first, second


def _named(each: GroupGap) -> str:
    return f"{each.name} ({numbers.percent(each.b / each.n)} against {numbers.percent(each.a / each.n)}, n = {each.n})"
