"""Assessment A: the two-page analysis for the student to fill in."""

from __future__ import annotations

import shlex

from llmxray.report.analysis import Analysis, ConditionResults, address, right
from llmxray.report.coursework.answer_key import compared, draw, key, on_sheet
from llmxray.report.links import question_href
from llmxray.report.widgets import frame
from llmxray.report.widgets.table import Cell, Column, Line, Table
from llmxray.types import Row


def brief(analysis: Analysis, student: str, *, cassette: str) -> frame.Values | None:
    """The brief of one student; None where there are no two conditions to compare.

    Args:
        cassette: piece of the recording's hash, so that a hand-in names the data it is about.
    """
    pair = compared(analysis)
    if pair is None:
        return None
    best, data = pair[0], analysis.data
    rows = draw(analysis, best, student)
    whose = f" --student {shlex.quote(student)}" if student else ""
    return frame.paper(
        data,
        "Brief",
        "Analysis brief",
        f"llmxray brief {data.name}{whose}",
        student=student,
        experiment=data.name,
        hypothesis=data.experiment.hypothesis or "",
        cassette=cassette,
        worksheet=_worksheet(best, rows) if rows else None,
        blanks=key(analysis, student),
    )


def _worksheet(view: ConditionResults, rows: tuple[Row, ...]) -> Table:
    """The student's own questions with confidence and outcome."""
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
