"""Every question of a small experiment with every answer to it, as text: to read with scripts off, and to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report import numbers
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question
from llmxray.report.widgets import frame
from llmxray.types import LETTERS, Outcome, Row

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One reply.

    Attributes:
        css: colour class of its condition.
        name: the condition, with the number of the sample or rotation where there are several.
        outcome: of the taxonomy.
        given: the answer that was read from it, "" for none.
        sure: option confidence, "—" without one.
        text: the reply, or what went wrong. thinking: what it wrote before it.
    """

    css: str
    name: str
    outcome: str
    given: str
    sure: str
    text: str
    thinking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question: ``choices`` are letter, text, and whether it is right."""

    about: str
    question: str
    choices: tuple[tuple[str, str, bool], ...]
    right: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersPage:
    """The model of ``answers.html``."""

    title: str
    nav: frame.Nav
    lede: str
    entries: tuple[Entry, ...]
    footer: tuple[str, ...]


def write_printed(renderer: Renderer, data: ExperimentData, found: Sequence[Question]) -> None:
    """Write the page; none for an experiment with too many questions for one."""
    if not data.is_large:
        renderer.page(f"{data.name}/all-answers.html", "pages/answers/printed.html", make(data, found))


def make(data: ExperimentData, found: Sequence[Question]) -> AnswersPage:
    """The page of an experiment."""
    rows: Mapping[str, list[Row]] = defaultdict(list)
    for row in data.results.rows:
        rows[f"{row.suite}/{row.item_id}"].append(row)
    chips = {chip.id: chip for chip in frame.chips(data)}
    n = numbers.plural(len(found), "question")
    them = "it" if len(found) == 1 else "them"
    return AnswersPage(
        title="Answers",
        nav=frame.nav(data, "answers", (frame.Crumb("Answers", "answers.html"), frame.Crumb("All as text"))),
        lede=f"{n} with every answer to {them}, as text.",
        entries=tuple(_entry(question, rows[question.address], chips) for question in found),
        footer=frame.footer(data),
    )


def _entry(question: Question, rows: Sequence[Row], chips: Mapping[str, frame.Chip]) -> Entry:
    item = question.item
    about = (question.address, item.category, item.subcategory)
    places = {name: place for place, name in enumerate(chips)}
    ordered = sorted(rows, key=lambda row: (places[row.condition], row.sample, row.rotation or 0))
    # On paper there is nothing to hover over: each answer says which sample it is.
    several = len(rows) > len({row.condition for row in rows})
    return Entry(
        about=" · ".join(part for part in about if part),
        question=item.question,
        choices=tuple(
            (LETTERS[place], choice, choice == item.answer_text) for place, choice in enumerate(item.choices)
        ),
        # The list of options marks the right one itself.
        right="" if item.choices else question.right,
        answers=tuple(_answer(row, chips[row.condition], several=several) for row in ordered),
    )


def _answer(row: Row, chip: frame.Chip, *, several: bool) -> Answer:
    number = row.sample + 1 if row.rotation is None else row.rotation + 1
    return Answer(
        css=chip.css,
        name=f"{chip.label}, {number}" if several else chip.label,
        outcome=row.outcome.value,
        given=row.answer or "",
        sure=numbers.percent(row.option_confidence),
        text=_said(row),
        thinking=row.reasoning,
    )


def _said(row: Row) -> str:
    """The reply as text, with the functions that it calls and what of it is not read; or what went wrong."""
    if row.outcome is Outcome.ERROR:
        return row.error
    unread = f"(not read: {row.unread})" if row.unread else ""
    return "\n".join(part for part in (row.text, row.calls, unread) if part)
