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
    """One reply; ``number`` is that of its sample or rotation, None where there is one only."""

    chip: frame.Chip
    row: Row
    number: int | None

    @property
    def said(self) -> str:
        """The reply as text, with the functions that it calls and what of it is not read; or what went wrong."""
        if self.row.outcome is Outcome.ERROR:
            return self.row.error
        unread = f"(not read: {self.row.unread})" if self.row.unread else ""
        return "\n".join(part for part in (self.row.text, self.row.calls, unread) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question with the answers to it, by condition and sample."""

    question: Question
    answers: tuple[Answer, ...]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The options with their letters."""
        return list(zip(LETTERS, self.question.item.choices, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersPage(frame.Framed):
    """The model of ``answers.html``."""

    lede: str
    entries: tuple[Entry, ...]
    footer: tuple[str, ...]


def write_printed(renderer: Renderer, data: ExperimentData, found: Sequence[Question]) -> None:
    """Write the page; none for an experiment with too much for one."""
    if data.has_printed:
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
    places = {name: place for place, name in enumerate(chips)}
    ordered = sorted(rows, key=lambda row: (places[row.condition], row.sample, row.rotation or 0))
    # On paper there is nothing to hover over: each answer says which sample it is.
    several = len(rows) > len({row.condition for row in rows})
    numbered = [(row, (row.sample if row.rotation is None else row.rotation) + 1) for row in ordered]
    answers = (
        Answer(chip=chips[row.condition], row=row, number=n if several else None) for row, n in numbered
    )
    return Entry(question=question, answers=tuple(answers))
