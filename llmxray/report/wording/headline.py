"""What an experiment found, in the terms of the question it was made for, and the numbers that show it.

A benchmark asks who is more accurate. One with rotations asks whether the place of the right option matters, one
with paraphrases whether the wording does, and a comparison whether a setting changes what is written: a ranking by
accuracy answers none of these. The front page and the experiment's own first page both open with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.families import Corrected, member
from llmxray.report.analysis.paraphrases import ParaphraseAnswers, ParaphrasedSuites, paraphrased_suites
from llmxray.report.analysis.position import Audit, PositionGroup, groups
from llmxray.report.analysis.questions import shortened
from llmxray.report.analysis.similarity import (
    MOST_PROMPTS,
    Effect,
    Similarity,
    prompts_compared,
    seed_effect,
    setting_effect,
)
from llmxray.report.links import Link
from llmxray.report.sentences import Finding, Joined
from llmxray.report.wording.claim_words import claimed
from llmxray.report.wording.labels import named
from llmxray.report.wording.verdicts import verdict
from llmxray.types import LETTERS, Condition, Estimate

ONE_SEED = "deterministic-pair"
"""The variants of this preset differ in temperature, but what it asks about is the seed they share."""


type Row = tuple[str, str, Sequence[tuple[str, Estimate, str]]]
"""A condition with its colour class, or a prompt without one, and its measures: name, share, questions behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding.

    Attributes:
        short: it in a plain sentence, where another way of asking is what varies.
        caption: of how many questions, in words.
        by_variant: each condition has several numbers, and how they differ is the finding.
        ranked: rows are conditions by accuracy, and the first one is the best.
        chance: level of blind guessing, None where there is none.
        link: the page that has it in full; None where that is the experiment's first page.
    """

    sentences: tuple[Finding, ...]
    short: Finding | None = None
    rows: tuple[Row, ...] = ()
    caption: str = ""
    title: str = "Correct answers"
    by_variant: bool = False
    ranked: bool = False
    chance: float | None = None
    link: Link | None = None


def headline(analysis: Analysis) -> Headline:
    """The finding of an experiment."""
    if analysis.rotated:
        return _rotated(analysis)
    if analysis.data.experiment.kind == "compare":
        return _compared(analysis) or _ranked(analysis)
    return _reworded(analysis) or _ranked(analysis)


def _of(analysis: Analysis, view: ConditionResults, measures: Iterable[tuple[str, Estimate]]) -> Row:
    href = analysis.contents.questions(condition=view.id)
    return view.label, view.css, [(*measure, href) for measure in measures]


def _ranked(analysis: Analysis) -> Headline:
    of = analysis.common
    rows = tuple(
        _of(analysis, view, [("", of.accuracies[view.id])])
        for view in analysis.ranked
        if of.accuracies[view.id].value is not None
    )
    questions = numbers.plural(of.n_items, "question")
    which = f" that {of.all_answered}, of {numbers.count(analysis.n_items)}" if of is not analysis else ""
    alone = "" if analysis.is_comparable else f" {analysis.unlike}"
    return Headline(
        sentences=(verdict(analysis),),
        rows=rows,
        caption=f"{questions}{which}.{alone}",
        ranked=True,
        # Where each answered other questions, no one level is that of guessing.
        chance=of.chance if analysis.is_comparable else None,
        link=analysis.contents.link("All results", "results"),
    )


def _rotated(analysis: Analysis) -> Headline:
    # Questions of one size share their places; most questions, most said.
    group = max(groups(analysis), key=lambda each: each.n)
    names = [f"right is {letter}" for letter in LETTERS[: group.size]]
    n = numbers.plural(group.n, "question")
    return Headline(
        sentences=position_sentences(group),
        short=_favourite_letter(group),
        rows=tuple(_of(analysis, each.view, zip(names, each.places, strict=True)) for each in group.audits),
        caption=f"{n}, each asked with its right option at every position." if group.n else "",
        title="Correct answers by the position of the right option",
        by_variant=True,
        chance=1 / group.size,
        link=analysis.contents.link("Positions in full", "robustness", "position"),
    )


def _reworded(analysis: Analysis) -> Headline | None:
    found = [each for each in paraphrased_suites(analysis) if each.is_answered]
    if not found:
        return None
    first = found[0]
    suites = (first.first, first.second)
    one, other = map(analysis.label_of_suite, suites)
    return Headline(
        sentences=(rewording(first),),
        short=_most_reworded(first),
        rows=tuple(
            _of(analysis, each.view, [(one, each.first), (other, each.second)]) for each in first.conditions
        ),
        caption="The same questions in two wordings.",
        title="Correct answers in two wordings",
        by_variant=True,
        chance=analysis.chance_of(suites),
        link=analysis.contents.link("Paraphrases in full", "robustness", "rewording"),
    )


def _compared(analysis: Analysis) -> Headline | None:
    """Similarity of the answers to each prompt; None where nothing was repeated, or there is nothing to compare."""
    found = prompts_compared(analysis)
    if not found:
        return None
    by_seed = analysis.data.experiment.preset == ONE_SEED
    what = varied(analysis.plan.conditions)
    same, other = ("same seed", "other seeds") if by_seed else (f"same {what}", f"different {what}s")
    rows = []
    for name, each in found.items():
        href = analysis.contents.question(f"{PROMPTS}/{name}")
        within = each.all_same if by_seed else each.all_within
        rows.append((name, "", [(same, within, href), (other, each.all_between, href)]))
    finding = seed_in_short(seed_effect(analysis), len(found)) if by_seed else of_settings(analysis)
    return Headline(
        sentences=(finding,) if finding else (),
        short=finding if by_seed else None,
        rows=tuple(rows),
        caption="Share of their words that two answers to a prompt have in common; "
        f"{next(iter(found.values())).all_within.n} samples a {what}.",
        title="Words that two answers to a prompt share",
        link=analysis.contents.link("The answers side by side", "compare"),
        by_variant=by_seed,
    )


def _favourite_letter(group: PositionGroup) -> Finding:
    """The letter that a model picks most, of those whose answers depend on the position."""
    moved = [each for each, test in zip(group.audits, group.tests, strict=True) if test.is_significant]
    if not moved:
        tested = any(each.is_tested for each in group.audits)
        return Finding(f"findings.short-position-{'none' if tested else 'untested'}")
    audit = max(moved, key=_favourite)
    share, letter = _favourite(audit)
    return Finding(
        "findings.short-position", named=named(audit.view), letter=letter, share=share, even=1 / group.size
    )


def _favourite(audit: Audit) -> tuple[float, str]:
    return max((each.value or 0.0, letter) for each, letter in zip(audit.letters, LETTERS, strict=False))


def _most_reworded(paraphrases: ParaphrasedSuites) -> Finding:
    """The condition that other words change most."""
    changed = [each for each in paraphrases.conditions if each.differs]
    if not changed:
        return Finding("findings.short-reworded-none")
    most = max(changed, key=lambda each: abs(each.difference.value or 0.0))
    first, second = most.first.value, most.second.value
    return Finding("findings.short-reworded", named=named(most.view), first=first, second=second)


def of_settings(analysis: Analysis) -> Finding | None:
    """Of how many prompts the setting changes the answers; None without repeats."""
    names = {
        name: shortened(item.question) for (suite, name), item in analysis.items.items() if suite == PROMPTS
    }
    what = varied(analysis.plan.conditions)
    found = prompts_compared(analysis)
    prompts = sum(suite == PROMPTS for suite, _ in analysis.items)
    which = " without a right answer" if len(found) < min(prompts, MOST_PROMPTS) else ""
    return overview(setting_effect(analysis), found, names, what, which)


def varied(conditions: Sequence[Condition]) -> str:
    """What the conditions of a comparison differ in: "setting", "model", or "condition" for both."""
    models = {(each.endpoint, each.model) for each in conditions}
    settings = {(repr(sorted(each.sampling.items())), each.system) for each in conditions}
    return "setting" if len(models) == 1 else "model" if len(settings) == 1 else "condition"


def overview(
    effect: Effect, found: Mapping[str, Similarity], names: Mapping[str, str], what: str, which: str = ""
) -> Finding | None:
    """Of how many prompts a setting clearly changes the answers, and of which most; None without repeats.

    Args:
        found: by prompt. names: of the prompts.
        what: as `varied` says it.
        which: of all prompts these are, behind their number.
    """
    if not found:
        return None
    n, of = len(found), {"what": what, "n": len(found), "which": which}
    if effect.p_value is None:
        return Finding("findings.setting-few", what=what)
    if not effect.together.is_significant:
        return Finding("findings.setting-none", any="any of " if n > 1 else "", **of)
    clearly = claimed("clearly", effect.together)
    if not effect.clear and n > 1:
        return Finding("findings.setting-together", clearly=clearly, **of)
    return Finding(
        f"findings.setting-{'all' if len(effect.clear) == n else 'some'}",
        clear=len(effect.clear),
        most=names[most_changed(effect, found)] if n > 1 else None,
        clearly=clearly,
        **of,
    )


def most_changed(effect: Effect, found: Mapping[str, Similarity]) -> str:
    """The prompt whose answers a setting clearly changes, and changes most; "" for none."""
    return max(effect.clear, key=lambda name: (found[name].setting_effect.value or 0.0, name), default="")


def seed_in_short(effect: Effect, n: int) -> Finding:
    """Whether answers that share a seed are more alike, over ``n`` prompts."""
    if not effect.together.is_significant:
        return Finding("findings.seed-none")
    how = "" if len(effect.clear) == n else "some" if effect.clear else "together"
    return Finding(
        "findings.seed",
        measurably=claimed("measurably", effect.together),
        where=Finding(f"findings.seed-{how}", clear=len(effect.clear), n=n) if how else "",
    )


def position_sentences(group: PositionGroup) -> tuple[Finding, ...]:
    """What the place of the right option does to each condition."""
    return tuple(_of_position(*each) for each in zip(group.audits, group.tests, strict=True))


def _of_position(found: Audit, test: Corrected) -> Finding:
    values = [each.value for each in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return Finding("findings.position-silent", view=found.view)
    share, letter = _favourite(found)
    picks = Finding("findings.position-picks", letter=letter, share=share) if share else None
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


def rewording(paraphrases: ParaphrasedSuites) -> Finding:
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
