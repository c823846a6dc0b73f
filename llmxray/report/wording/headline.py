"""What an experiment found, in the terms of the question it was made for, and the numbers that show it.

A benchmark asks who is more accurate. One with rotations asks whether the place of the right option matters, one
with paraphrases whether the wording does, and a comparison whether a setting changes what is written: a ranking by
accuracy answers none of these. The front page and the experiment's own first page both open with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.paraphrases import paraphrased_suites
from llmxray.report.analysis.position import groups
from llmxray.report.analysis.questions import shortened
from llmxray.report.analysis.similarity import MOST_PROMPTS, prompts_compared, seed_effect, setting_effect
from llmxray.report.links import Link
from llmxray.report.sentences import Finding
from llmxray.report.wording import comparison as say
from llmxray.report.wording import robustness
from llmxray.report.wording.verdicts import verdict
from llmxray.types import LETTERS, Estimate

ONE_SEED = "deterministic-pair"
"""The variants of this preset differ in temperature, but what it asks about is the seed they share."""


type Row = tuple[str, str, Sequence[tuple[str, Estimate, str]]]
"""A condition with its colour class, or a prompt without one, and its measures: name, share, questions behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding.

    Attributes:
        caption: estimator and n, in words.
        by_variant: each condition has several numbers, and how they differ is the finding.
        ranked: rows are conditions by accuracy, and the first one is the best.
        chance: level of blind guessing, None where there is none.
        link: the page that has it in full; None where that is the experiment's first page.
    """

    sentences: tuple[Finding, ...]
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
    alone = "" if analysis.is_comparable else str(analysis.unlike)
    return Headline(
        sentences=(verdict(analysis),),
        rows=rows,
        caption=f"{questions}{which}; whiskers show the uncertainty (95% confidence interval of each). "
        f"{alone}".rstrip(),
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
    asked = f"{n}, each asked with its right option at every position; whiskers" if group.n else "Whiskers"
    return Headline(
        sentences=robustness.sentences(group),
        rows=tuple(_of(analysis, each.view, zip(names, each.places, strict=True)) for each in group.audits),
        caption=f"{asked} show the uncertainty (95% confidence interval).",
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
        sentences=(robustness.lede(first),),
        rows=tuple(
            _of(analysis, each.view, [(one, each.first), (other, each.second)]) for each in first.conditions
        ),
        caption="The same questions in two wordings; whiskers show the uncertainty (95% confidence interval).",
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
    prompts = sum(suite == PROMPTS for suite, _ in analysis.items)
    which = ", of prompts without a right answer" if len(found) < min(prompts, MOST_PROMPTS) else ""
    by_seed = analysis.data.experiment.preset == ONE_SEED
    what = say.varied(analysis.plan.conditions)
    same, other = ("same seed", "other seeds") if by_seed else (f"same {what}", f"different {what}s")
    rows = []
    for name, each in found.items():
        href = analysis.contents.question(f"{PROMPTS}/{name}")
        within = each.all_same if by_seed else each.all_within
        rows.append((name, "", [(same, within, href), (other, each.all_between, href)]))
    return Headline(
        sentences=tuple(filter(None, [of_seeds(analysis) if by_seed else of_settings(analysis)])),
        rows=tuple(rows),
        caption=f"Share of their words that two answers to a prompt have in common{which}; "
        f"{next(iter(found.values())).all_within.n} samples a {what} (95% intervals).",
        title="Words that two answers to a prompt share",
        link=analysis.contents.link("The answers side by side", "compare"),
        by_variant=by_seed,
    )


def of_seeds(analysis: Analysis) -> Finding:
    """Whether sharing a seed makes answers alike."""
    return say.seed_in_short(seed_effect(analysis), len(prompts_compared(analysis)))


def of_settings(analysis: Analysis) -> Finding | None:
    """Of how many prompts the setting changes the answers; None without repeats."""
    names = {
        name: shortened(item.question) for (suite, name), item in analysis.items.items() if suite == PROMPTS
    }
    what = say.varied(analysis.plan.conditions)
    found = prompts_compared(analysis)
    prompts = sum(suite == PROMPTS for suite, _ in analysis.items)
    which = " without a right answer" if len(found) < min(prompts, MOST_PROMPTS) else ""
    return say.overview(setting_effect(analysis), found, names, what, which)
