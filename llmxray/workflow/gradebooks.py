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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmxray import names, spreadsheets
from llmxray.errors import InputError

if TYPE_CHECKING:
    from llmxray.workflow.coursework import HandIn

GradebookFormat = Literal["nbgrader", "canvas", "moodle"]

# Headings of rosters, in small letters: those of nbgrader, of exports of Canvas and Moodle, and common ones.
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
# The columns by which each gradebook tells students apart; a roster needs one of them.
_NEEDED = {"nbgrader": ("id", "login", "email"), "canvas": ("id", "sis", "login"), "moodle": ("id", "email")}
_POINTS_POSSIBLE = "points possible"
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Student:
    """A line of a roster; missing values are empty.

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
        """First and last name; taken from "Lovelace, Ada" if the roster has one column for both."""
        last, comma, first = self.name.partition(",")
        return (
            (self.first or first.strip(), self.last or last)
            if comma
            else (self.first, self.last or self.name)
        )

    @property
    def display_name(self) -> str:
        """The name as people write it; without a name the login, address or id."""
        return " ".join(filter(None, self.first_and_last)) or self.login or self.email or self.id

    def possible_names(self) -> Iterator[str]:
        """Names and ids under which this student may hand in, normalised."""
        first, last = self.first_and_last
        for text in (f"{first} {last}", f"{last}, {first}", self.id, self.sis, self.login, self.email):
            if plain := names.plain(text).strip(", "):
                yield plain


@dataclass(slots=True)
class Gradebook:
    """The table for a gradebook.

    Attributes:
        table: CSV, UTF-8.
        remarks: what the grader must look at, one line each.
        missing: names of students of the roster without a hand-in.
    """

    table: bytes
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read_roster(data: bytes, name: str) -> list[Student]:
    """The students of a roster: CSV with headings, separated by commas, semicolons or tabs.

    Args:
        data: content of the file.
        name: of the file, for errors.

    Raises:
        InputError: the file is not such a table.
    """
    rows = _table(data, name)
    # Field by index of its column; of two columns for one field, the first counts.
    fields = {
        column: _FIELDS[heading.strip().lower()]
        for column, heading in reversed([*enumerate(rows[0] if rows else [])])
        if heading.strip().lower() in _FIELDS
    }
    if not fields:
        known = ", ".join(headings[0] for headings in _HEADINGS.values())
        raise InputError(f"{name}: no heading of a roster in its first line, such as: {known}")
    lines = [
        Student(
            **{
                fields[column]: spreadsheets.unguarded(cell).strip()
                for column, cell in enumerate(row)
                if column in fields
            }
        )
        for row in rows[1:]
    ]
    # The second line of a Canvas export holds the possible points and no student.
    students = [
        student for student in lines if student.display_name and student.name.lower() != _POINTS_POSSIBLE
    ]
    if not students:
        raise InputError(f"{name}: there are no students in it")
    return students


def _table(data: bytes, name: str) -> list[list[str]]:
    """The rows of a roster, its headings included."""
    try:
        # Spreadsheets write a byte order mark at the beginning.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; save the file with UTF-8 encoding") from None
    first = text.partition("\n")[0]
    try:
        reader = csv.reader(spreadsheets.opened(text), delimiter=max(",;\t", key=first.count))
        return list(reader)
    except csv.Error as error:
        raise InputError(f"{name}: not a table ({error})") from None


def gradebook(
    kind: GradebookFormat, students: Sequence[Student], hand_ins: Iterable[HandIn], assignment: str = ""
) -> Gradebook:
    """The grades of a class for one of the gradebooks.

    Args:
        kind: which gradebook.
        students: the roster.
        hand_ins: graded.
        assignment: its name in the gradebook; by default the name of the experiment. If it is the name of one that
            was handed in, that one is graded, and else the one of most hand-ins.

    Raises:
        InputError: the roster lacks the column by which this gradebook tells students apart, or ``assignment`` would
            name experiments of as many hand-ins.
    """
    if not all(any(getattr(student, name) for name in _NEEDED[kind]) for student in students):
        needed = " or ".join(_HEADINGS[name][0] for name in _NEEDED[kind])
        raise InputError(f"{kind} tells students apart by {needed}: the roster has none for some of them")
    remarks: list[str] = []
    scores = _without_strays(_scores(students, hand_ins, remarks), assignment, remarks)
    experiments = sorted({experiment for experiment, _ in scores})
    if assignment and len(experiments) > 1:
        raise InputError(
            f"--assignment names one, and as many hand-ins are of {' as of '.join(experiments)}: give the name of one"
        )
    titles = {experiment: assignment or experiment for experiment in experiments}
    lines = _LINES[kind](students, titles, scores)
    handed_in = {index for _, index in scores}
    missing = [student.display_name for index, student in enumerate(students) if index not in handed_in]
    return Gradebook(spreadsheets.write(lines, line_end="\n"), remarks, missing)


@dataclass(frozen=True, slots=True)
class _Score:
    points: int
    of: int
    file: str


type _Scores = Mapping[tuple[str, int], _Score]
"""By experiment and index of the student in the roster."""


def _scores(students: Sequence[Student], hand_ins: Iterable[HandIn], remarks: list[str]) -> _Scores:
    by_name: defaultdict[str, set[int]] = defaultdict(set)
    for index, student in enumerate(students):
        for name in student.possible_names():
            by_name[name].add(index)
    scores: dict[tuple[str, int], _Score] = {}
    for hand_in in hand_ins:
        if hand_in.remark:
            remarks.append(f"{hand_in.file}: {hand_in.remark}")
        if hand_in.grade is None:
            continue
        indices = by_name.get(names.plain(hand_in.grade.student), set())
        index = next(iter(indices), -1)
        if len(indices) != 1:
            why = f"{len(indices)} students are called that" if indices else "is not in the roster"
            remarks.append(
                f"{hand_in.file}: {hand_in.grade.student!r}: {why}; {hand_in.grade.points} points not entered"
            )
            continue
        key = (hand_in.experiment, index)
        score, other = _Score(hand_in.grade.points, len(hand_in.grade.answers), hand_in.file), scores.get(key)
        if other is not None:
            remarks.append(
                f"{hand_in.file}: {students[index].display_name} has handed in {other.file} too; the better counts"
            )
        if other is None or score.points > other.points:
            scores[key] = score
    return scores


def _without_strays(scores: _Scores, assignment: str, remarks: list[str]) -> _Scores:
    """The scores without hand-ins of another experiment than the class's: they would grade everybody on it.

    More than half of those who handed in make an experiment one of the class's; with ``assignment`` it has one.
    """
    handed_in = Counter(experiment for experiment, _ in scores)
    usual, most = max(handed_in.items(), key=lambda each: each[1], default=("", 0))
    enough = most if assignment else min(most, len({index for _, index in scores}) // 2 + 1)
    stray = {name for name, n in handed_in.items() if n < enough}
    if assignment in handed_in:
        usual, stray = assignment, {*handed_in} - {assignment}
    remarks += [
        f"{score.file}: is of {experiment}, and the class's are of {usual}; {score.points} points not entered"
        for (experiment, _), score in scores.items()
        if experiment in stray
    ]
    return {key: score for key, score in scores.items() if key[0] not in stray}


def _nbgrader(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["assignment", "student_id", "last_name", "first_name", "email", "score", "max_score"]
    for experiment, title in titles.items():
        possible_points = _points_possible(experiment, scores)
        for index, student in enumerate(students):
            score = scores.get((experiment, index))
            first, last = student.first_and_last
            about = [title, student.id or student.login or student.email, last, first, student.email]
            yield [*about, score.points if score else 0, score.of if score else possible_points]


def _canvas(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles.values()]
    yield [
        "    Points Possible",
        "",
        "",
        "",
        "",
        *(_points_possible(experiment, scores) for experiment in titles),
    ]
    for index, student in enumerate(students):
        first, last = student.first_and_last
        name = ", ".join(filter(None, (last, first)))
        about = [name, student.id, student.sis, student.login, student.section]
        yield [*about, *(_scaled_points(experiment, index, scores) for experiment in titles)]


def _moodle(
    students: Sequence[Student], titles: Mapping[str, str], scores: _Scores
) -> Iterator[list[object]]:
    yield ["First name", "Last name", "ID number", "Email address", *titles.values()]
    for index, student in enumerate(students):
        yield [
            *student.first_and_last,
            student.id,
            student.email,
            *(_scaled_points(experiment, index, scores) for experiment in titles),
        ]


_LINES = {"nbgrader": _nbgrader, "canvas": _canvas, "moodle": _moodle}


def _points_possible(experiment: str, scores: _Scores) -> int:
    """Possible points: those of the student with most questions. A question without a number is not asked."""
    return max(score.of for (other, _), score in scores.items() if other == experiment)


def _scaled_points(experiment: str, index: int, scores: _Scores) -> float | int | None:
    """A student's points, scaled to the possible points of the column; None without a hand-in."""
    score = scores.get((experiment, index))
    if score is None or not score.of:
        return None
    points = round(score.points * _points_possible(experiment, scores) / score.of, _DIGITS)
    return int(points) if points == int(points) else points
