"""Every question of a small experiment with every answer to it, as text: to read with scripts off, and to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.report import numbers
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question
from llmxray.report.analysis.rows import address, grouped, has_no_reply
from llmxray.report.links import Link
from llmxray.report.widgets import frame
from llmxray.types import LETTERS, Row


def make(data: ExperimentData, found: Sequence[Question]) -> frame.Values:
    """The page of an experiment."""
    rows = grouped(data.results.rows, address)
    chips = {chip.id: chip for chip in frame.chips(data)}
    n, them = numbers.plural(len(found), "question"), "it" if len(found) == 1 else "them"
    return frame.framed(
        data,
        "answers",
        "Answers",
        (Link("Answers", "answers.html"), Link("All as text", "")),
        lede=f"{n} with every answer to {them}, as text.",
        entries=tuple(_entry(question, rows.get(question.address, ()), chips) for question in found),
    )


def _entry(question: Question, rows: Sequence[Row], chips: Mapping[str, frame.Values]) -> frame.Values:
    """One question with its lettered options and the answers to it, by condition and sample."""
    places = {name: place for place, name in enumerate(chips)}
    ordered = sorted(rows, key=lambda row: (places[row.condition], row.sample, row.rotation or 0))
    # On paper there is nothing to hover over: each answer says which sample it is.
    several = len(rows) > len({row.condition for row in rows})
    return frame.Values(
        question=question,
        choices=list(zip(LETTERS, question.item.choices, strict=False)),
        answers=[
            frame.Values(
                chip=chips[row.condition],
                row=row,
                said=_said(row),
                number=(row.sample if row.rotation is None else row.rotation) + 1 if several else None,
            )
            for row in ordered
        ],
    )


def _said(row: Row) -> str:
    """A reply as text, with the functions that it calls and what of it is not read; or what went wrong."""
    if has_no_reply(row):
        return row.error
    unread = f"(not read: {row.unread})" if row.unread else ""
    return "\n".join(part for part in (row.text, row.calls, unread) if part)
