"""The experiment's first page: the question, the verdicts, one picture, three questions with their answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmxray.metrics import contrasts
from llmxray.metrics.evidence import ExtremeEvidence
from llmxray.metrics.missing_values import FloatArray
from llmxray.plan import item_address, recorded_fingerprint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, address, right, significant
from llmxray.report.analysis.questions import Question, QuestionCell, shortened
from llmxray.report.analysis.rows import means_of
from llmxray.report.analysis.telling import Kind, telling
from llmxray.report.sentences import Finding, Joined, terms
from llmxray.report.widgets.dots import dots
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.opening import badge, leading, picture
from llmxray.report.wording.asking import unseen_options
from llmxray.report.wording.headline import headline
from llmxray.report.wording.hypothesis import statement_of_hypothesis
from llmxray.report.wording.in_short import in_short
from llmxray.report.wording.labels import model_name, named
from llmxray.report.wording.predictions import tally, verdicts
from llmxray.report.wording.speed import cache_note, cut_warning, load_warning
from llmxray.types import LETTERS, Outcome

# So many answers to a question are read at a glance.
_MOST_SAID = 4


def make(analysis: Analysis) -> Values:
    """The first page of an experiment."""
    data, found, judged = analysis.data, headline(analysis), verdicts(analysis)
    short, lead = in_short(analysis), leading(analysis)
    stated = statement_of_hypothesis(data, sum(each.added_after for each in judged))
    # A prediction about answers is shown by questions of its suite.
    on = short.verdict.on if short.verdict is not None and short.verdict.metric == "accuracy" else ""
    told = telling(analysis, on if on in data.results.plan.suites else "")
    chart = dots(analysis) if found.ranked else None
    return framed(
        data,
        "index",
        data.title,
        kicker=_kicker(analysis),
        headline=short.sentence,
        more=short.more,
        description=data.experiment.description or "",
        chart=chart,
        caption=_caption(chart) if chart else None,
        picture=None if chart else picture(analysis),
        hypothesis=data.experiment.hypothesis or "",
        # When it was written.
        stated=stated[0] if stated else "",
        anchor=data.experiment.anchor,
        has_fingerprint=bool(recorded_fingerprint(data.cassette)),
        models=_models(analysis),
        # What a class guesses about before the verdicts are shown.
        guess=lead.claim if lead is not None and lead.shown else "",
        lead=None if lead is None else badge(analysis, lead),
        badges=tuple(badge(analysis, each) for each in judged),
        tally=tally(judged),
        habit=letter_habits(analysis),
        examples=tuple(_example(analysis, *each) for each in told.items()),
        not_shown=_not_shown(analysis),
        further=data.contents.links(
            ("Where each model is strong", "categories", ""),
            ("The answers side by side", "compare", ""),
            ("One answer, token by token", "xray", ""),
            (f"All {_asked(analysis)}", "answers", ""),
        ),
        # Of every suite, where the verdicts above may be about one.
        finding=tuple((found.ranked and len(analysis.suites) > 1, each) for each in found.sentences),
        link=found.link,
        # What is missing, and what lengthened times.
        notes=(
            *(_labelled(analysis, note) for note in data.results.notes),
            *filter(None, [cache_note(analysis), load_warning(analysis), cut_warning(analysis)]),
        ),
        # Hypotheses of recordings that were replaced.
        earlier=stated[1:],
        recordings=data.experiment.earlier,
    )


def _kicker(analysis: Analysis) -> Finding:
    """The question, and of how many questions the page speaks."""
    items = [item_address(suite, item) for suite, item in analysis.plan.items()]
    n = len({analysis.design.question(each) for each in items})
    if analysis.data.experiment.kind == "compare":
        return Finding("overview.kicker-prompts", title=analysis.data.title, n=n)
    asked = {kind for suite in analysis.suites for kind in analysis.kinds_of(suite)}
    way = str(Finding(f"ways.says-{asked.pop()}")) if len(asked) == 1 else ""
    return Finding("overview.kicker", title=analysis.data.title, n=n, way=way[:1].lower() + way[1:])


def _caption(chart: Values) -> Finding:
    return Finding(
        "overview.caption",
        guessing=Finding("overview.guessing", options=chart.options) if chart.has_chance else None,
        timed=Finding("overview.timed") if chart.timed else None,
        priced=Finding("overview.priced", price=chart.assumption)
        if chart.priced and chart.assumption
        else None,
    )


def _models(analysis: Analysis) -> str:
    """Which models were asked, where the labels do not say it, who sees no options, and what likelihood is."""
    names = dict.fromkeys(
        view.condition.model
        for view in analysis.views
        if not model_name(view) and view.condition.model not in (view.id, view.label)
    )
    said = [f"Asked: {numbers.listed(list(names))}."] if names else []
    said += filter(None, [unseen_options(analysis)])
    # A description may have said it.
    if "by likelihood:" not in (analysis.data.experiment.description or "").casefold() and any(
        view.condition.answer == "likelihood" for view in analysis.views
    ):
        said.append(f"By likelihood: {_lower(terms.said('Likelihood answer'))}")
    return " ".join(said)


_EXAMPLES: dict[Kind, str] = {
    "sure and wrong": "Sure, and wrong",
    "only one knew": "Only one knew",
    "all missed": "All missed it",
}


def _example(analysis: Analysis, kind: Kind, question: Question) -> Values:
    """A question to look at: who said what, and how sure."""
    shown = analysis.ranked[:_MOST_SAID]
    replies = tuple(
        Values(
            label=view.label,
            css=view.css,
            text=_answer(question, cell),
            right=bool(cell.mostly_right),
            confidence=cell.confidence,
        )
        for view, cell in zip(analysis.views, question.cells, strict=True)
        if view in shown
    )
    return Values(
        title=_EXAMPLES[kind],
        question=question.short,
        href=analysis.contents.question(question.address),
        replies=replies,
        others=len(analysis.views) - len(replies),
        right=question.right,
        is_missed=not any(each.right for each in replies),
    )


def _answer(question: Question, cell: QuestionCell) -> str:
    """The answer with the option that it names."""
    choices = question.item.choices
    place = LETTERS.find(cell.answer) if cell.answer else -1
    # Where the options stood in several orders a letter names no option of the page.
    if question.mixed and cell.n > 1:
        return f"right {cell.right} of {cell.n} times"
    if 0 <= place < len(choices) and not question.mixed:
        return f"{cell.answer}, {shortened(choices[place])}"
    # Of other tools' files the answer that a mark is of may not be known.
    nothing = (
        "an answer that is marked wrong" if cell.outcome is Outcome.WRONG else "nothing that could be read"
    )
    return shortened(cell.answer) or nothing


def _asked(analysis: Analysis) -> str:
    """What was asked, counted: "645 questions", "60 questions in 120 wordings"."""
    items = [item_address(suite, item) for suite, item in analysis.plan.items()]
    n = len({analysis.design.question(each) for each in items})
    what = numbers.plural(n, "prompt" if analysis.data.experiment.kind == "compare" else "question")
    return what + (f" in {numbers.plural(len(items), 'wording')}" if len(items) > n else "")


def _not_shown(analysis: Analysis) -> str:
    """That these are samples, of one way to ask."""
    chosen = " How they were chosen, the files do not say." if analysis.data.files else ""
    free = any(row.rule == "expected-text" for view in analysis.views for row in view.rows)
    contained = (
        " A free answer counts as right if it contains the expected words as whole words, whatever else it says."
        if free
        else ""
    )
    what = _asked(analysis)
    return f"How these models do on your task: a score is about these {what}, asked in this way.{chosen}{contained}"


def _lower(text: str) -> str:
    # A name or an acronym keeps its capital.
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _labelled(analysis: Analysis, note: str) -> str:
    """A note with the label of the condition whose id it begins with."""
    name, colon, said = note.partition(": ")
    return next((view.label for view in analysis.views if view.id == name), name) + colon + said


# Of the way from guessing, which names each letter equally often, to naming one letter always.
LEAST_WAY = 0.5
# With fewer questions the right ones may stand at one letter by chance.
LEAST_QUESTIONS = 30


def letter_habits(analysis: Analysis) -> Finding | None:
    """Conditions that name one letter to most questions, and how often it is right; None for none.

    A habit is a letter named at least `LEAST_WAY` from guessing to always, and significantly more often than by
    guessing, than it is right, and than a model of that accuracy names it whose wrong answers favour no letter.
    """
    # Rotated options have a story of their own, which the finding tells.
    if analysis.rotated or not any(habits := list(map(_habit, analysis.views))):
        return None
    return Finding("findings.habits", habits=Joined(*habits, between="; "))


def _habit(view: ConditionResults) -> Finding | None:
    counting = [row for row in view.rows if right(row) is not None]
    rows = [
        row for row in counting if row.expected in LETTERS and view.design.options.get(address(row), 0) > 1
    ]
    units = [view.unit(row) for row in rows]
    if len(set(units)) < LEAST_QUESTIONS:
        return None

    # Answers that could not be read name no letter, and count.
    shares = {
        letter: _share(units, [row.answer == letter for row in rows])
        for letter in dict.fromkeys(row.answer for row in rows if row.answer and row.answer in LETTERS)
    }
    if not shares:
        return None
    letter, found = max(shares.items(), key=lambda each: each[1].mean())
    right_at = float(_share(units, [row.expected == letter for row in rows]).mean())
    hits = float(_share(units, [bool(right(row)) for row in rows]).mean())
    guessing = sum(1 / view.design.options[address(row)] for row in rows) / len(rows)
    # Wrong answers spread evenly over the other options.
    explained = hits * right_at + (1 - hits) * (1 - right_at) * guessing / (1 - guessing)
    least = guessing + LEAST_WAY * (1 - guessing)
    # The letter is picked by the data, so its share is tested as the largest of all.
    questions = np.arange(found.size)
    most_named = ExtremeEvidence(
        [contrasts.shares([share], questions).evidence for share in shares.values()], lowest=False
    )
    if found.mean() < least or not significant(2 * most_named.above(max(guessing, right_at, explained))):
        return None
    return Finding(
        "findings.habit",
        named=named(view),
        letter=letter,
        share=float(found.mean()),
        which=None if len(rows) == len(counting) else "with options",
        right=right_at,
    )


def _share(units: Sequence[str], marks: Sequence[bool]) -> FloatArray:
    """The share of a question's answers that are marked, shape (questions,), 0–1."""
    return np.array(list(means_of(zip(units, marks, strict=True)).values()))
