"""The course's papers as whole tasks: briefs, grading a folder of hand-ins, and the grades in a class list.

The table that a gradebook exported comes back with the points of each student, so any gradebook takes it that takes its
own export: Canvas, Moodle, nbgrader, a spreadsheet.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmxray import experiment as experiments
from llmxray import limits, names, spreadsheets
from llmxray.errors import InputError, LlmxrayError
from llmxray.regular_files import open_regular_file
from llmxray.report.site import build
from llmxray.workflow.preparation import Prepared, Workspace, prepare
from llmxray.workflow.reading import read_results
from llmxray.workflow.report import report_data

if TYPE_CHECKING:
    from llmxray.experiment import Experiment
    from llmxray.report.analysis.data import ExperimentData
    from llmxray.report.coursework.papers import Grade

FORMAT, VERSION = "llmxray-brief", 1
_LONGEST_ANSWER, _SHOWN = 500, 40
_FEWEST_SUITES = 2
# The second line of a Canvas export is not a student.
_POINTS_POSSIBLE = "points possible"


@dataclass(frozen=True, slots=True)
class HandIn:
    """One file of a folder.

    Attributes:
        grade: None if the file could not be graded.
        remark: oddities of the file, or why it could not be graded; "" for none.
    """

    file: str
    experiment: str
    grade: Grade | None
    remark: str = ""


def recorded_data(prepared: Prepared) -> ExperimentData:
    """The data of the report, read from the cassette alone."""
    return report_data(prepared, read_results(prepared))


def write_brief(prepared: Prepared, out: Path, student: str) -> Path:
    """Write a brief; returns its path.

    Raises:
        InputError: it has fewer than two conditions or two suites to compare.
    """
    suites = list(prepared.plan.suites)
    _require_benchmark(prepared.experiment)
    if len(suites) < _FEWEST_SUITES:
        raise InputError(
            f"{prepared.experiment.experiment} asks one suite, {suites[0]}: a brief compares on two or more, for no "
            "model is best at everything"
        )
    path = build.write_brief(recorded_data(prepared), out, student)
    if path is None:
        raise InputError(
            f"{prepared.experiment.experiment} has one condition only: there is nothing to compare"
        )
    return path


def grade_folder(folder: Path, workspace: Workspace) -> list[HandIn]:
    """Grade every hand-in of a folder, in the order of file names; one that cannot be graded carries the reason.

    Raises:
        InputError: the folder does not exist, or holds no hand-ins.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of hand-ins")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError(f"no hand-ins (*.json, saved from a brief) in {folder}")
    # A class hands in many briefs of few experiments, so each experiment is scored once.
    by_experiment: dict[str, ExperimentData | str] = {}
    return [_grade_file(path, workspace, by_experiment) for path in files]


def grade_key(prepared: Prepared, students: Iterable[str]) -> list[HandIn]:
    """The right answers of each of these students, as hand-ins without answers."""
    data = recorded_data(prepared)
    return [HandIn("", data.name, build.grade(data, student, {})) for student in students]


def grades_csv(hand_ins: Iterable[HandIn], *, key: bool = False) -> bytes:
    """CSV with a line per hand-in: points, then each blank's answer and whether it is right.

    Args:
        key: write the right answers instead, without points.
    """
    hand_ins = list(hand_ins)
    blanks = list(
        dict.fromkeys(
            blank.id for hand_in in hand_ins if hand_in.grade for blank, _, _ in hand_in.grade.answers
        )
    )
    about = ["student"] if key else ["student", "file", "points", "of", "remark"]
    marks = [] if key else [f"{blank} right" for blank in blanks]
    line = _key_line if key else _line
    rows: list[Sequence[object]] = [
        [*about, *blanks, *marks],
        *(line(hand_in, blanks) for hand_in in hand_ins),
    ]
    return spreadsheets.csv_bytes(rows, line_end="\n")


def _line(hand_in: HandIn, blanks: Iterable[str]) -> list[object]:
    grade = hand_in.grade
    answers = {blank.id: (answer, good) for blank, answer, good in grade.answers} if grade else {}
    given = [answers[name][0] if name in answers else "" for name in blanks]
    right = [("yes" if answers[name][1] else "no") if name in answers else "" for name in blanks]
    points: list[object] = [grade.points, len(answers)] if grade else ["", ""]
    return [grade.student if grade else "", hand_in.file, *points, hand_in.remark, *given, *right]


def _key_line(hand_in: HandIn, blanks: Iterable[str]) -> list[object]:
    grade = hand_in.grade
    expected = {blank.id: blank.expected for blank, _, _ in grade.answers} if grade else {}
    return [grade.student if grade else "", *(expected.get(name, "") for name in blanks)]


def _require_benchmark(experiment: Experiment) -> None:
    """Refuse an experiment that compares prompts."""
    if experiment.kind == "compare":
        raise InputError(f"{experiment.experiment} compares prompts: a brief is about a benchmark")


def _grade_file(path: Path, workspace: Workspace, by_experiment: dict[str, ExperimentData | str]) -> HandIn:
    try:
        content = _content(_bytes_of(path))
        name = content["experiment"]
        data = _data(name, workspace, by_experiment)
        # A class brief names no student; older files name the student they were drawn for.
        drawn_for = content.get("drawn_for", content["student"])
        grade = replace(build.grade(data, drawn_for, content["answers"]), student=content["student"])
    except InputError as error:
        return HandIn(path.name, "", None, " ".join(str(error).split()))
    # The numbers may be right for another recording, so the remark leaves the decision to the grader.
    is_other_recording = content.get("recording") not in ("", data.recording)
    return HandIn(path.name, name, grade, "made from another recording" if is_other_recording else "")


def _data(name: str, workspace: Workspace, by_experiment: dict[str, ExperimentData | str]) -> ExperimentData:
    """The experiment that a hand-in names, or its fault; each experiment is read once and kept in ``by_experiment``.

    Raises:
        InputError: the experiment cannot be used.
    """
    if name not in by_experiment:
        try:
            path = workspace.find(name)
            _require_benchmark(experiments.load(path))
            prepared = prepare(path, workspace, recorded=True)
            by_experiment[name] = recorded_data(prepared)
        # A missing, damaged or unreadable recording concerns one experiment and must not stop the whole class.
        except (LlmxrayError, OSError, UnicodeError) as error:
            by_experiment[name] = str(error)
    data_or_fault = by_experiment[name]
    if isinstance(data_or_fault, str):
        raise InputError(data_or_fault)
    return data_or_fault


def _bytes_of(path: Path) -> bytes:
    """The content of a plain file. A folder of hand-ins may hold pipes, devices and links: none of them is opened.

    Raises:
        InputError: the file is not plain, is too large, or cannot be read.
    """
    try:
        with open_regular_file(path, follow=False) as file:
            data = file.read(limits.HAND_IN_BYTES + 1)
    except OSError as error:
        why = "it is a link" if path.is_symlink() else error.strerror or error
        raise InputError(f"cannot be read ({why})") from None
    if len(data) > limits.HAND_IN_BYTES:
        raise InputError("too large to be a hand-in")
    return data


def _content(data: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot be read ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("not saved from a brief")
    if content.get("version") != VERSION:
        raise InputError(f"version {str(content.get('version'))[:_SHOWN]!a}; this llmxray reads {VERSION}")
    student, answers = content.get("student"), content.get("answers")
    if not isinstance(student, str) or not isinstance(answers, dict) or "experiment" not in content:
        raise InputError("its student, experiment or answers are missing")
    if content.get("drawn_for", student) not in ("", student):
        raise InputError("its questions were drawn for somebody else")
    complaint = names.EXPERIMENT.complaint(content["experiment"])
    if complaint:
        raise InputError(complaint)
    if not all(isinstance(answer, str | int | float | None) for answer in answers.values()):
        raise InputError("an answer is a list or a mapping")
    # Blanks hold less, and longer texts take long to search.
    if max(len(student), *(len(str(answer)) for answer in answers.values()), 0) > _LONGEST_ANSWER:
        raise InputError(f"its student or an answer has more than {_LONGEST_ANSWER} characters")
    return content


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
    graded.graded, graded.table = len(done), spreadsheets.csv_bytes([titles, *lines], line_end="\n")
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
