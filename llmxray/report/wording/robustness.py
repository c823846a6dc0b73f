"""Sentences about another way of asking: the right option at another place, the same questions in other words."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis.families import Corrected, member
from llmxray.report.analysis.paraphrases import ParaphraseAnswers, ParaphrasedSuites
from llmxray.report.analysis.position import Audit, PositionGroup
from llmxray.types import LETTERS


def sentences(group: PositionGroup) -> tuple[str, ...]:
    """What the place of the right option does to each condition."""
    return tuple(_sentence(*each) for each in zip(group.audits, group.tests, strict=True))


def _sentence(found: Audit, test: Corrected) -> str:
    values = [each.value for each in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return f"{found.view.label} has no whole reply."
    best, worst = max(known), min(known)
    high, low = LETTERS[values.index(best)], LETTERS[values.index(worst)]
    favourite = max(range(len(found.letters)), key=lambda place: found.letters[place].value or 0.0)
    share = found.letters[favourite].value
    said = f" It picks {LETTERS[favourite]} in {numbers.percent(share)} of its answers." if share else ""
    if not found.is_tested:
        n = numbers.plural(found.test.n, "question")
        few = f"the position decides in {found.test.n_telling} of {n}, too few for a test"
        none = "no question has an answer at every position, so there is no test"
        return f"{found.view.label}: {few if found.test.n else none}.{said}"
    if not test.is_significant:
        return (
            f"{found.view.label}: no place is shown to be favoured "
            f"({numbers.percent(worst)} to {numbers.percent(best)}; {_doubt(found, test)}).{said}"
        )
    return (
        f"{found.view.label} is right in {numbers.percent(best)} where the right option is {high} and in "
        f"{numbers.percent(worst)} where it is {low} ({_doubt(found, test)}).{said}"
    )


def _doubt(found: Audit, test: Corrected) -> str:
    n = numbers.plural(found.test.n, "question")
    return n if test.p_holm is None else f"{n}, {test.doubt}"


def lede(paraphrases: ParaphrasedSuites) -> str:
    """Whether the wording makes a difference, for each condition."""
    told = [each for each in paraphrases.conditions if each.differs]
    n = max((each.n for each in paraphrases.conditions), default=0)
    if not told:
        return (
            f"The same {numbers.plural(n, 'question')}, reworded: for no condition is the difference clear."
        )
    parts = [
        f"{each.view.label} {_change(each, member('condition', each, paraphrases.conditions))}"
        for each in told
    ]
    # Who answered no question in both wordings was not tested.
    rest = [
        each.view.label for each in paraphrases.conditions if each.p_value is not None and not each.differs
    ]
    other = f" For {numbers.listed(rest)} the difference is not clear." if rest else ""
    return f"The same {numbers.plural(n, 'question')}, reworded: {'; '.join(parts)}.{other}"


def _change(each: ParaphraseAnswers, test: Corrected) -> str:
    value, low = each.difference.value or 0.0, each.difference.low
    ends = "no interval" if low is None else f"95% {numbers.points_interval(each.difference)}"
    return f"gets {numbers.in_points(value)} {'fewer' if value > 0 else 'more'} right ({ends}; {test.doubt})"
