"""What an experiment found, in the terms of the question it was made for, and the numbers that show it.

A benchmark asks who is more accurate. One with rotations asks whether the place of the right option matters, one
with paraphrases whether the wording does, and a comparison whether a setting changes what is written: a ranking by
accuracy answers none of these. The front page and the experiment's own first page both open with this.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.paraphrases import paraphrased_suites
from llmxray.report.analysis.position import groups
from llmxray.report.analysis.similarity import MOST_PROMPTS, similarity_of
from llmxray.report.links import Link, question_href, questions_href
from llmxray.report.wording import comparison as say
from llmxray.report.wording import robustness
from llmxray.report.wording.robustness import sentences
from llmxray.report.wording.verdicts import verdict
from llmxray.types import LETTERS, Estimate

# The variants of this preset differ in temperature, but what it asks about is the seed they share.
_ONE_SEED = "deterministic-pair"


@dataclass(frozen=True, slots=True)
class Shares:
    """A row of numbers: a condition, or a prompt, with a share for each measure.

    Attributes:
        css: colour class of a condition, "" for a prompt.
        href: the questions behind the row, from a page of the experiment.
    """

    name: str
    css: str
    href: str
    shares: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding.

    Attributes:
        sentences: the finding itself.
        measures: what each share of a row is.
        caption: estimator and n, in words.
        title: what the numbers are.
        by_variant: each condition has several numbers, and how they differ is the finding.
        ranked: rows are conditions by accuracy, and the first one is the best.
        chance: level of blind guessing, None where there is none.
        link: the page that has it in full; None where that is the experiment's first page.
    """

    sentences: tuple[str, ...]
    measures: tuple[str, ...] = ()
    rows: tuple[Shares, ...] = ()
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


def _of(view: ConditionResults, shares: tuple[Estimate, ...]) -> Shares:
    return Shares(view.label, view.css, questions_href(condition=view.id), shares)


def _ranked(analysis: Analysis) -> Headline:
    of = analysis.common
    rows = tuple(
        _of(view, (of.accuracies[view.id],))
        for view in analysis.ranked
        if of.accuracies[view.id].value is not None
    )
    questions = numbers.plural(of.n_items, "question")
    which = f" that {of.all_answered}, of {numbers.count(analysis.n_items)}" if of is not analysis else ""
    alone = "" if analysis.is_comparable else analysis.unlike
    return Headline(
        sentences=(verdict(analysis),),
        measures=("accuracy",),
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
    rows = tuple(_of(each.view, each.places) for each in group.audits)
    n = numbers.plural(group.n, "question")
    asked = f"{n}, each asked with its right option at every position; whiskers" if group.n else "Whiskers"
    return Headline(
        sentences=sentences(group),
        measures=tuple(f"right is {letter}" for letter in LETTERS[: group.size]),
        rows=rows,
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
    rows = tuple(_of(each.view, (each.first, each.second)) for each in first.conditions)
    suites = (first.first, first.second)
    return Headline(
        sentences=(robustness.lede(first),),
        measures=tuple(map(analysis.label_of_suite, suites)),
        rows=rows,
        caption="The same questions in two wordings; whiskers show the uncertainty (95% confidence interval).",
        title="Correct answers in two wordings",
        by_variant=True,
        chance=analysis.chance_of(suites),
        link=analysis.contents.link("Paraphrases in full", "robustness", "paraphrases"),
    )


def _compared(analysis: Analysis) -> Headline | None:
    """Similarity of the answers to each prompt; None where nothing was repeated, or there is nothing to compare."""
    data = analysis.data
    prompts = data.results.plan.suites[PROMPTS].items if PROMPTS in data.results.plan.suites else ()
    found = [
        (item.id, each)
        for item in prompts[:MOST_PROMPTS]
        if (each := similarity_of(analysis, item)) is not None
    ]
    if not found:
        return None
    alike = [each for _, each in found]
    by_seed = data.experiment.preset == _ONE_SEED
    rows = tuple(
        Shares(
            name,
            "",
            question_href(f"{PROMPTS}/{name}"),
            (each.all_same if by_seed else each.all_within, each.all_between),
        )
        for name, each in found
    )
    measures = ("same seed", "other seeds") if by_seed else ("same setting", "different settings")
    return Headline(
        sentences=(say.seeds_of(alike, len(prompts)) if by_seed else say.settings_of(alike, len(prompts)),),
        measures=measures,
        rows=rows,
        caption="Share of their words that two answers to a prompt have in common; "
        f"{alike[0].all_within.n} samples a setting (95% intervals).",
        title="Words that two answers to a prompt share",
        link=analysis.contents.link("The answers side by side", "compare"),
    )
