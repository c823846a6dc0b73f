"""Sentences about the place of the right option."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis import ALPHA
from llmxray.report.analysis.position import Audit, PositionGroup
from llmxray.types import LETTERS


def sentences(group: PositionGroup) -> tuple[str, ...]:
    """What the place of the right option does to each condition."""
    return tuple(_sentence(*each) for each in zip(group.audits, group.p_holm, strict=True))


def _sentence(found: Audit, p_holm: float | None) -> str:
    values = [each.value for each in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return f"{found.view.label} has no whole reply."
    best, worst = max(known), min(known)
    high, low = LETTERS[values.index(best)], LETTERS[values.index(worst)]
    favourite = max(range(len(found.letters)), key=lambda place: found.letters[place].value or 0.0)
    share = found.letters[favourite].value
    said = f" It answers {LETTERS[favourite]} in {numbers.percent(share)} of its answers." if share else ""
    if p_holm is None or p_holm >= ALPHA:
        return (
            f"{found.view.label}: no clear effect of the position "
            f"({numbers.percent(worst)} to {numbers.percent(best)}; {_doubt(found, p_holm)}).{said}"
        )
    return (
        f"{found.view.label} is right in {numbers.percent(best)} where the right option is {high} and in "
        f"{numbers.percent(worst)} where it is {low} ({_doubt(found, p_holm)}).{said}"
    )


def _doubt(found: Audit, p_holm: float | None) -> str:
    n = numbers.plural(found.test.n, "question")
    return n if p_holm is None else f"{n}, adjusted {numbers.p_value(p_holm)}"
