"""What another way of asking does: the right option at another place, the same questions in other words."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis.families import Corrected, member
from llmxray.report.analysis.paraphrases import ParaphraseAnswers, ParaphrasedSuites
from llmxray.report.analysis.position import Audit, PositionGroup
from llmxray.report.sentences import Finding, Joined
from llmxray.types import LETTERS


def sentences(group: PositionGroup) -> tuple[Finding, ...]:
    """What the place of the right option does to each condition."""
    return tuple(_sentence(*each) for each in zip(group.audits, group.tests, strict=True))


def _sentence(found: Audit, test: Corrected) -> Finding:
    values = [each.value for each in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return Finding("findings.position-silent", view=found.view)
    favourite = max(range(len(found.letters)), key=lambda place: found.letters[place].value or 0.0)
    share = found.letters[favourite].value
    picks = Finding("findings.position-picks", letter=LETTERS[favourite], share=share) if share else None
    if not found.is_tested:
        how = "few" if found.test.n else "none"
        return Joined(Finding(f"findings.position-{how}", view=found.view, test=found.test), picks)
    best, worst = max(known), min(known)
    said = Finding(
        f"findings.position-{'moves' if test.is_significant else 'equal'}",
        view=found.view,
        best=best,
        worst=worst,
        high=LETTERS[values.index(best)],
        low=LETTERS[values.index(worst)],
        test=found.test,
        p=None if test.p_holm is None else test.doubt,
    )
    return Joined(said, picks)


def knew_more(group: PositionGroup) -> Finding | None:
    """Who answers better with the letters' probabilities averaged over the rotations; None where no one is shown to."""
    better = [
        found.view.label
        for found, test in zip(group.audits, group.gains, strict=True)
        if test.is_significant and (found.gain.difference.value or 0.0) > 0
    ]
    if not better:
        return None
    if len(better) > 2:
        return Finding("findings.position-knew-of", n=len(better), all=len(group.audits))
    return Finding("findings.position-knew", names=better, it="it" if len(better) == 1 else "they")


def averaged(found: Audit, test: Corrected) -> Finding:
    """The accuracy of a model's averaged probabilities beside that of its answers."""
    return Finding(
        "findings.position-averaged",
        view=found.view,
        single=found.single.value,
        averaged=found.averaged.value,
        gain=found.gain.difference,
        doubt=test.doubt,
    )


def lede(paraphrases: ParaphrasedSuites) -> Finding:
    """Whether the wording makes a difference, for each condition."""
    told = [each for each in paraphrases.conditions if each.differs]
    n = max((each.n for each in paraphrases.conditions), default=0)
    if not told:
        return Finding("findings.reworded-none", n=n)
    changes = [_change(each, member("condition", each, paraphrases.conditions)) for each in told]
    # Who answered no question in both wordings was not tested.
    rest = [
        each.view.label for each in paraphrases.conditions if each.p_value is not None and not each.differs
    ]
    return Finding(
        "findings.reworded", n=n, changes=Joined(*changes, between="; "), rest=numbers.listed(rest)
    )


def _change(each: ParaphraseAnswers, test: Corrected) -> Finding:
    value, low = each.difference.value or 0.0, each.difference.low
    return Finding(
        "findings.reworded-change",
        view=each.view,
        size=value,
        how="fewer" if value > 0 else "more",
        ends="no interval" if low is None else f"95% {numbers.points_interval(each.difference)}",
        p=test.doubt,
    )
