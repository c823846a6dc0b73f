"""Two conditions group by group, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Pair
from llmxray.report.analysis.pairing import GroupGap

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
