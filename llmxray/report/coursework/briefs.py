"""Assessment A: the two-page analysis for the student to fill in."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from llmxray.report.analysis import Analysis, ConditionResults, address, right
from llmxray.report.coursework.answer_key import Blank, compared, draw, key, on_sheet
from llmxray.report.links import question_href
from llmxray.report.widgets import frame
from llmxray.report.widgets.table import Cell, Column, Line, Table
from llmxray.types import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(frame.Framed):
    """The model of ``brief.html``.

    Attributes:
        blanks: what the student fills in.
        worksheet: the student's own questions with confidence and outcome.
        cassette: piece of the recording's hash, so that a hand-in names the data it is about.
    """

    student: str
    experiment: str
    hypothesis: str
    cassette: str
    worksheet: Table | None
    blanks: tuple[Blank, ...]


def brief(analysis: Analysis, student: str, *, cassette: str) -> Brief | None:
    """The brief of one student; None where there are no two conditions to compare."""
    pair = compared(analysis)
    if pair is None:
        return None
    best, data = pair[0], analysis.data
    rows = draw(analysis, best, student)
    whose = f" --student {shlex.quote(student)}" if student else ""
    return Brief(
        title="Analysis brief",
        nav=frame.paper(data, "Brief"),
        footer=frame.footer(data, f"llmxray brief {data.name}{whose}"),
        student=student,
        experiment=data.name,
        hypothesis=data.experiment.hypothesis or "",
        cassette=cassette,
        worksheet=_worksheet(best, rows) if rows else None,
        blanks=key(analysis, student),
    )


def _worksheet(view: ConditionResults, rows: tuple[Row, ...]) -> Table:
    lines = tuple(
        Line(
            address(row),
            (
                Cell(f"{100 * on_sheet(row):.0f}%"),
                Cell("right" if right(row) else "wrong", numeric=False),
            ),
            href=question_href(address(row)),
        )
        for row in rows
    )
    columns = (Column("question", numeric=False), Column("confidence"), Column("answer", numeric=False))
    caption = f"Your questions: answers of {view.label}, drawn by your name. Work with these per cents."
    return Table(caption, columns, lines)
