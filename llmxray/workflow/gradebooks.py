"""Grades in a class list: the table that a gradebook exported comes back with the points of each student.

So any gradebook takes it that takes its own export: Canvas, Moodle, nbgrader, a spreadsheet.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmxray import names, spreadsheets
from llmxray.errors import InputError

if TYPE_CHECKING:
    from llmxray.workflow.coursework import HandIn

# The second line of a Canvas export is not a student.
_POINTS_POSSIBLE = "points possible"


@dataclass(slots=True)
class GradedClass:
    """A class list with points.

    Attributes:
        table: CSV, UTF-8.
        remarks: for the grader, one line each.
        missing: the first cell of each student without a hand-in.
    """

    table: bytes = b""
    graded: int = 0
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def grade_class(data: bytes, name: str, hand_ins: Iterable[HandIn], column: str = "") -> GradedClass:
    """Enter the points of hand-ins into a class list; of a student's hand-ins the better counts.

    Args:
        data: a CSV with headings, separated by commas, semicolons or tabs.
        name: of the file, for errors.
        hand_ins: graded. One belongs to the student in whose line its name stands, as a cell or as first and last name.
        column: to write into, added if missing; by default named after the experiment.

    Raises:
        InputError: the file is not such a table.
    """
    head, *students = _rows(data, name)
    graded, owners = GradedClass(), defaultdict[str, set[int]](set)
    for place, row in enumerate(students):
        for text in _names(head, row):
            owners[text].add(place)
    points: dict[tuple[int, str], int] = {}
    for hand_in in hand_ins:
        if hand_in.remark:
            graded.remarks.append(f"{hand_in.file}: {hand_in.remark}")
        if hand_in.grade is None:
            continue
        found = owners.get(names.plain(hand_in.grade.student), set())
        if len(found) != 1:
            why = f"{len(found)} students are called that" if found else "is not in the list"
            scored = f"{hand_in.grade.points} of {len(hand_in.grade.answers)} points not entered"
            graded.remarks.append(f"{hand_in.file}: {hand_in.grade.student!r}: {why}; {scored}")
            continue
        cell = (next(iter(found)), column or hand_in.experiment)
        points[cell] = max(points.get(cell, 0), hand_in.grade.points)
    titles = [*head, *sorted({title for _, title in points} - {*head})]
    lines: list[list[object]] = [[*row, *[""] * (len(titles) - len(row))] for row in students]
    for (place, title), n in points.items():
        lines[place][titles.index(title)] = n
    done = {place for place, _ in points}
    graded.graded, graded.table = len(done), spreadsheets.write([titles, *lines], line_end="\n")
    absent = [row[0] for place, row in enumerate(students) if place not in done]
    graded.missing = [name for name in absent if name.strip().lower() != _POINTS_POSSIBLE]
    return graded


def _rows(data: bytes, name: str) -> list[list[str]]:
    try:
        # Spreadsheets write a byte order mark at the beginning.
        text = data.decode("utf-8-sig")
        first = text.partition("\n")[0]
        reader = csv.reader(spreadsheets.open_csv(text), delimiter=max(",;\t", key=first.count))
        rows = [[spreadsheets.unescape_formula(cell) for cell in row] for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: not a table in UTF-8 ({error})") from None
    if len(rows) < 2:
        raise InputError(f"{name}: no class list: a line of headings, and a line for each student")
    return rows


def _names(head: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    """Normalised names of a student: each cell, "Lovelace, Ada" reversed, first and last name."""
    parts = {
        word: cell
        for title, cell in zip(head, row, strict=False)
        for word in ("first", "last")
        if word in title.lower()
    }
    turned = (" ".join(reversed(cell.split(", "))) for cell in row)
    for text in (*row, *turned, f"{parts.get('first', '')} {parts.get('last', '')}"):
        if plain := names.plain(text).strip(", "):
            yield plain
