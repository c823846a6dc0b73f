"""The experiment's first page: the question, the verdicts, one picture, three questions with their answers."""

from __future__ import annotations

from llmxray.plan import item_address, recorded_fingerprint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, questions
from llmxray.report.analysis.course import course_of
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.opening import badge, dots, leading, picture
from llmxray.report.wording.asking import model_name, unseen_options
from llmxray.report.wording.headline import headline, main_finding
from llmxray.report.wording.predictions import statement_of_hypothesis, tally, verdicts
from llmxray.report.wording.speed import time_notes
from llmxray.types import Outcome

# So many answers to a question are read at a glance.
_MOST_SAID = 4


def page_values(analysis: Analysis) -> TemplateValues:
    """The first page of an experiment."""
    data, found, judged = analysis.data, headline(analysis), verdicts(analysis)
    short, lead, course = main_finding(analysis), leading(analysis), course_of(analysis)
    stated = statement_of_hypothesis(data, judged)
    # A prediction about answers is shown by questions of its suite.
    on = short.verdict.on if short.verdict is not None and short.verdict.metric == "accuracy" else ""
    told = questions.example_questions(analysis, on if on in data.results.plan.suites else "")
    chart = dots(analysis) if found.ranked else None
    return framed(
        data,
        "index",
        data.title,
        kicker=_kicker(analysis),
        headline=short.sentence,
        more=short.more,
        until=course and course.summary,
        description=data.experiment.description or "",
        chart=chart,
        caption=chart
        and Finding(
            "overview.caption",
            options=chart.options,
            timed=Finding("overview.timed") if chart.timed else None,
            price=chart.assumption,
        ),
        picture=None if chart else picture(analysis, found),
        hypothesis=data.experiment.hypothesis or "",
        # When it was written.
        hypothesis_note=stated[0] if stated else "",
        anchor=data.experiment.anchor,
        has_fingerprint=bool(recorded_fingerprint(data.cassette)),
        models=_models(analysis),
        # What a class guesses about before the verdicts are shown.
        guess=lead.claim if lead is not None and lead.shown else "",
        lead=None if lead is None else badge(analysis, lead),
        badges=tuple(badge(analysis, each) for each in judged),
        tally=tally(judged),
        examples=tuple(_example(analysis, *each) for each in told.items()),
        not_shown=_not_shown(analysis),
        further=data.contents.links(
            ("Where each model is strong", "categories", ""),
            ("The answers side by side", "compare", ""),
            ("One answer, token by token", "xray", ""),
            (f"All {_asked(analysis)}", "answers", ""),
        ),
        # Of every suite, where the verdicts above may be about one. What ended early was not made to rank.
        finding=()
        if data.results.stopped
        else tuple((found.ranked and len(analysis.suites) > 1, sentence) for sentence in found.sentences),
        link=found.link,
        # What is missing, and what lengthened times.
        notes=(*(_labelled(analysis, note) for note in data.results.notes), *time_notes(analysis)),
        # Hypotheses of recordings that were replaced.
        earlier=stated[1:],
        recordings=data.experiment.earlier,
    )


def _kicker(analysis: Analysis) -> Finding:
    """The question, and of how many questions the page speaks."""
    items = [item_address(suite, item) for suite, item in analysis.plan.items()]
    n = len(set(map(analysis.design.question, items)))
    if analysis.data.experiment.kind == "compare":
        return Finding("overview.kicker-prompts", title=analysis.data.title, n=n)
    asked = {kind for suite in analysis.suites for kind in analysis.kinds_of(suite)}
    way = str(Finding(f"ways.says-{asked.pop()}")) if len(asked) == 1 else ""
    return Finding("overview.kicker", title=analysis.data.title, n=n, way=way[:1].lower() + way[1:])


def _models(analysis: Analysis) -> str:
    """Which models were asked, where the labels do not say it, and who sees no options."""
    names = dict.fromkeys(
        view.condition.model
        for view in analysis.views
        if not model_name(view) and view.condition.model not in (view.id, view.label)
    )
    asked = f"Asked: {numbers.listed(list(names))}." if names else ""
    return " ".join(filter(None, (asked, unseen_options(analysis))))


_EXAMPLES: dict[questions.Kind, str] = {
    "sure and wrong": "Sure, and wrong",
    "only one knew": "Only one is right",
    "all missed": "All missed it",
}


def _example(analysis: Analysis, kind: questions.Kind, question: questions.Question) -> TemplateValues:
    """A question to look at: who said what, and how sure."""
    shown = analysis.ranked[:_MOST_SAID]
    cells = {view.id: cell for view, cell in zip(analysis.views, question.cells, strict=True)}
    replies = tuple(
        TemplateValues(
            label=view.label,
            css=view.css,
            text=_answer(question, cells[view.id]),
            right=bool(cells[view.id].mostly_right),
            confidence=cells[view.id].confidence,
        )
        for view in shown
    )
    return TemplateValues(
        title=_EXAMPLES[kind],
        question=question.short,
        href=analysis.contents.question(question.address),
        replies=replies,
        others=sum(
            cells[view.id].outcome is not Outcome.ERROR and not cells[view.id].mostly_right
            for view in analysis.ranked[_MOST_SAID:]
        ),
        right=question.right,
        is_missed=not any(reply.right for reply in replies),
    )


def _answer(question: questions.Question, cell: questions.QuestionCell) -> str:
    """The answer with the option that it names."""
    # Where the options stood in several orders a letter names no option of the page.
    if question.mixed and cell.n > 1:
        return f"right {cell.right} of {cell.n} times"
    if said := questions.shortened(cell.answer):
        return said if question.mixed else questions.with_option(said, question.item)
    # Of other tools' files the answer that a mark is of may not be known.
    return "an answer that is marked wrong" if cell.outcome is Outcome.WRONG else "nothing that could be read"


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
        " A free answer counts as right if it has one of the accepted spellings as whole words, whatever else it says."
        if free
        else ""
    )
    what = _asked(analysis)
    return f"How these models do on your task: a score is about these {what}, asked in this way.{chosen}{contained}"


def _labelled(analysis: Analysis, note: str) -> str:
    """A note with the label of the condition whose id it begins with."""
    name, colon, said = note.partition(": ")
    return next((view.label for view in analysis.views if view.id == name), name) + colon + said
