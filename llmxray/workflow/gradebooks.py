"""Grades as the gradebooks of schools read them: a roster and a folder of graded hand-ins become one table.

| format | a line is | who has handed in nothing |
|---|---|---|
| nbgrader | a student and an assignment | 0, as its own exporter has it |
| canvas | a student; an assignment is a column | empty: Canvas leaves the grade as it is |
| moodle | a student; an assignment is a column | empty: Moodle leaves the grade as it is |

The columns are those that `nbgrader export` writes and that the gradebooks of Canvas and Moodle export and import.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from llmxray import tables
from llmxray.errors import InputError

if TYPE_CHECKING:
    from llmxray.workflow.coursework import HandIn

GradebookFormat = Literal["nbgrader", "canvas", "moodle"]

# Headings of rosters, in small letters: of nbgrader, of what Canvas and Moodle export, and of what people write.
_HEADINGS = {
    "name": ("student", "name", "full name", "student name"),
    "first": ("first_name", "first name", "firstname", "given name"),
    "last": ("last_name", "last name", "lastname", "surname", "family name"),
    "id": ("student_id", "id", "id number", "student id", "matriculation number"),
    "sis": ("sis user id",),
    "login": ("sis login id", "login", "login id", "username"),
    "email": ("email", "email address", "e-mail"),
    "section": ("section",),
}
_FIELDS = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
# What tells students apart for each gradebook: one of these must be there.
_NEEDED = {"nbgrader": ("id", "login", "email"), "canvas": ("id", "sis", "login"), "moodle": ("id", "email")}
_POINTS_POSSIBLE = "points possible"
_LARGEST_BYTES, _DIGITS = 10_000_000, 2
# Empty ones take fifty bytes for one.
_MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Student:
    """A line of a roster; what it does not state is empty.

    Attributes:
        id, sis, login: the school's, Canvas's and the account's name for the student.
    """

    name: str = ""
    first: str = ""
    last: str = ""
    id: str = ""
    sis: str = ""
    login: str = ""
    email: str = ""
    section: str = ""

    @property
    def first_and_last(self) -> tuple[str, str]:
        """Both names, from "Lovelace, Ada" where the roster has one column for them."""
        last, comma, first = self.name.partition(",")
        return (
            (self.first or first.strip(), self.last or last)
            if comma
            else (self.first, self.last or self.name)
        )

    @property
    def shown(self) -> str:
        """The name as people write it, or what stands for it."""
        return " ".join(filter(None, self.first_and_last)) or self.login or self.email or self.id

    def called(self) -> Iterator[str]:
        """What a hand-in may call this student, plainly written."""
        first, last = self.first_and_last
        for text in (f"{first} {last}", f"{last}, {first}", self.id, self.sis, self.login, self.email):
            if plain := _plain(text).strip(", "):
                yield plain


@dataclass(slots=True)
class Gradebook:
    """The table for a gradebook.

    Attributes:
        table: CSV, UTF-8.
        remarks: what whoever grades must look at, one line each.
        missing: names of students of the roster without a hand-in.
    """

    table: bytes
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read_roster(data: bytes, name: str) -> list[Student]:
    """The students of a roster: CSV with headings, separated by commas, semicolons or tabs.

    Raises:
        InputError: it is not one; names the file.
    """
    if len(data) > _LARGEST_BYTES:
        raise InputError(f"{name}: too large to be a roster")
    try:
        # Spreadsheets put a byte order mark in front.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; save the file with UTF-8 encoding") from None
    first = text.partition("\n")[0]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
        rows = list(islice(reader, _MOST_LINES + 1))
    except csv.Error as error:
        raise InputError(f"{name}: not a table ({error})") from None
    if len(rows) > _MOST_LINES:
        raise InputError(f"{name}: too large to be a roster: more than {_MOST_LINES:,} lines")
    places = {
        place: _FIELDS[heading.strip().lower()]
        for place, heading in reversed([*enumerate(rows[0] if rows else [])])
        if heading.strip().lower() in _FIELDS
    }
    if not places:
        known = ", ".join(headings[0] for headings in _HEADINGS.values())
        raise InputError(f"{name}: no heading of a roster in its first line, such as: {known}")
    found = [
        Student(**{places[at]: tables.unguarded(cell).strip() for at, cell in enumerate(row) if at in places})
        for row in rows[1:]
    ]
    # The second line of what Canvas exports says how many points there are.
    students = [each for each in found if each.shown and each.name.lower() != _POINTS_POSSIBLE]
    if not students:
        raise InputError(f"{name}: there are no students in it")
    return students


def gradebook(
    kind: GradebookFormat, students: Sequence[Student], hand_ins: Iterable[HandIn], assignment: str = ""
) -> Gradebook:
    """The grades of a class for one of the gradebooks.

    Args:
        assignment: what the gradebook calls it; by default the name of the experiment.

    Raises:
        InputError: the roster lacks what this gradebook tells students apart by, or ``assignment`` would stand for
            several experiments.
    """
    if not all(any(getattr(each, name) for name in _NEEDED[kind]) for each in students):
        needed = " or ".join(_HEADINGS[name][0] for name in _NEEDED[kind])
        raise InputError(f"{kind} tells students apart by {needed}: the roster has none for some of them")
    remarks: list[str] = []
    scores = _scores(students, hand_ins, remarks)
    experiments = sorted({experiment for experiment, _ in scores})
    if assignment and len(experiments) > 1:
        raise InputError(f"--assignment names one, and the hand-ins are of {', '.join(experiments)}")
    titles = {each: assignment or each for each in experiments}
    lines = _LINES[kind](students, titles, scores)
    handed_in = {place for _, place in scores}
    missing = [each.shown for place, each in enumerate(students) if place not in handed_in]
    return Gradebook(tables.write(lines, line_end="\n"), remarks, missing)


@dataclass(frozen=True, slots=True)
class _Score:
    points: int
    of: int
    file: str


type _Scores = Mapping[tuple[str, int], _Score]
"""By experiment and place of the student in the roster."""


def _scores(students: Sequence[Student], hand_ins: Iterable[HandIn], remarks: list[str]) -> _Scores:
    by_name: defaultdict[str, set[int]] = defaultdict(set)
    for place, student in enumerate(students):
        for name in student.called():
            by_name[name].add(place)
    scores: dict[tuple[str, int], _Score] = {}
    for each in hand_ins:
        if each.remark:
            remarks.append(f"{each.file}: {each.remark}")
        if each.grade is None:
            continue
        places = by_name.get(_plain(each.grade.student), set())
        place = next(iter(places), -1)
        if len(places) != 1:
            why = f"{len(places)} students are called that" if places else "is not in the roster"
            remarks.append(
                f"{each.file}: {each.grade.student!r}: {why}; {each.grade.points} points not entered"
            )
            continue
        key = (each.experiment, place)
        found, other = _Score(each.grade.points, len(each.grade.answers), each.file), scores.get(key)
        if other is not None:
            remarks.append(
                f"{each.file}: {students[place].shown} has handed in {other.file} too; the better counts"
            )
        if other is None or found.points > other.points:
            scores[key] = found
    return scores


def _nbgrader(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["assignment", "student_id", "last_name", "first_name", "email", "score", "max_score"]
    for experiment, title in titles.items():
        most = _most(experiment, scores)
        for place, student in enumerate(students):
            found = scores.get((experiment, place))
            first, last = student.first_and_last
            about = [title, student.id or student.login or student.email, last, first, student.email]
            yield [*about, found.points if found else 0, found.of if found else most]


def _canvas(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles.values()]
    yield ["    Points Possible", "", "", "", "", *(_most(each, scores) for each in titles)]
    for place, student in enumerate(students):
        first, last = student.first_and_last
        name = ", ".join(filter(None, (last, first)))
        about = [name, student.id, student.sis, student.login, student.section]
        yield [*about, *(_scaled(each, place, scores) for each in titles)]


def _moodle(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["First name", "Last name", "ID number", "Email address", *titles.values()]
    for place, student in enumerate(students):
        yield [
            *student.first_and_last,
            student.id,
            student.email,
            *(_scaled(each, place, scores) for each in titles),
        ]


_LINES = {"nbgrader": _nbgrader, "canvas": _canvas, "moodle": _moodle}


def _most(experiment: str, scores: _Scores) -> int:
    """Points possible: of the student with most questions, for a question without a number is not asked."""
    return max(score.of for (each, _), score in scores.items() if each == experiment)


def _scaled(experiment: str, place: int, scores: _Scores) -> float | int | None:
    """The points of a student out of those that are possible for the column; None without a hand-in."""
    found = scores.get((experiment, place))
    if found is None or not found.of:
        return None
    points = round(found.points * _most(experiment, scores) / found.of, _DIGITS)
    return int(points) if points == int(points) else points


def _plain(text: str) -> str:
    """As the questions are drawn: without regard to case and spaces."""
    return " ".join(text.casefold().split())
