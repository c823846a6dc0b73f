"""Who wins, and is it real: the verdict on an experiment and on any pair, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, significant
from llmxray.report.analysis.families import member
from llmxray.report.analysis.leaders import lead_pair, order
from llmxray.report.analysis.pairing import GroupGap
from llmxray.report.sentences import Finding
from llmxray.report.wording import labels
from llmxray.report.wording.claim_words import claimed
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


def compared(analysis: Analysis, pair: Pair) -> Finding:
    """One pair in a sentence."""
    if pair.difference.value is None or pair.has_few:
        return Finding("findings.apart" if pair.difference.value is None else "findings.few", pair=pair)
    first, second, difference = order(pair)
    test = member("pair", pair, analysis.pairs)
    said = {
        "first": first,
        "second": second,
        "difference": difference,
        "doubt": Finding(
            "findings.doubt",
            # So few questions that they leave no interval.
            ends=None if difference.low is None else difference,
            n=difference.n,
            p="" if pair.p_holm is None else f"{analysis.together}, {test.doubt}",
        ),
    }
    if pair.differs:
        return Finding("findings.leads", beats=claimed("beats", test), **said)
    if significant(pair.p_value):
        return Finding("findings.ahead", **said)
    hardly = numbers.in_points(difference.value) == "0 points"
    how = "equal" if not difference.value else "hardly" if hardly else "gap"
    gap = Finding(f"findings.{how}", value=difference.value)
    return Finding("findings.close", gap=gap, detectable=pair.test.detectable, **said)


# More categories than this are counted, not named.
_NAMED = 4


def category_sentences(analysis: Analysis, pair: Pair, found: Sequence[GroupGap]) -> tuple[str, ...]:
    """Where the less accurate of two matches the other or wins, and which differences are clear.

    Args:
        found: the categories, the loser's best first.
    """
    level = [each for each in found if (each.difference.value or 0.0) <= 0]
    total = numbers.plural(len(found), "category", "categories")
    if not level:
        first = f"In none of {total} is {pair.b.label} as accurate as {pair.a.label}."
    else:
        named = [_named(analysis, each) for each in level[:_NAMED]]
        more = f", and {len(level) - _NAMED} more" if len(level) > _NAMED else ""
        first = (
            f"{pair.b.label} is at least as accurate as {pair.a.label} in {len(level)} of {total}: "
            f"{numbers.listed(named) if not more else ', '.join(named)}{more}."
        )
    told = [each for each in found if each.differs]
    if not told:
        second = "In none of these categories is the difference clear."
    else:
        sides = (
            (pair.a.label, [each for each in told if (each.difference.value or 0) > 0]),
            (pair.b.label, [each for each in told if (each.difference.value or 0) < 0]),
        )
        parts = [f"{label} ahead in {_by_suite(analysis, of)}" for label, of in sides if of]
        second = (
            f"Clear differences (significant after Holm correction over all of them): {'; '.join(parts)}."
        )
    return first, second


def _by_suite(analysis: Analysis, found: Sequence[GroupGap]) -> str:
    """Names of categories; of several suites each with its categories in brackets."""
    by_suite: dict[str, list[str]] = {}
    for each in found:
        by_suite.setdefault(each.suite, []).append(each.name)
    if len(analysis.suites) < 2:
        return numbers.listed([each.name for each in found])
    return numbers.listed(
        [f"{analysis.label_of_suite(suite)} ({', '.join(of)})" for suite, of in by_suite.items()]
    )


def _named(analysis: Analysis, each: GroupGap) -> str:
    name = labels.of_category(analysis, each.suite, each.name)
    return f"{name} ({numbers.percent(each.b / each.n)} against {numbers.percent(each.a / each.n)}, n = {each.n})"
