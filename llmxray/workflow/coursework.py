"""The course's papers as whole tasks: briefs, the committee, grading a folder of hand-ins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmxray import names, tables
from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.errors import InputError, LlmxrayError
from llmxray.plain import open_plain
from llmxray.workflow.preparation import Prepared, Workspace, prepare
from llmxray.workflow.reading import read_results

if TYPE_CHECKING:
    from llmxray.report import ExperimentData, Grade

FORMAT, VERSION = "llmxray-brief", 1
# A hand-in has a few thousand; the folder may hold anything.
_LARGEST_BYTES = 1_000_000
_LONGEST_ANSWER, _SHOWN = 500, 40
_FEWEST_SUITES = 2


@dataclass(frozen=True, slots=True)
class HandIn:
    """One file of a folder.

    Attributes:
        grade: None where the file could not be graded.
        remark: what is odd about it, or why it could not be graded; "" for nothing.
    """

    file: str
    experiment: str
    grade: Grade | None
    remark: str = ""


def data_of(prepared: Prepared) -> ExperimentData:
    """What the report is made from, from the cassette alone."""
    return report_room.ExperimentData(
        prepared.experiment, read_results(prepared), Cassette.existing(prepared.cassette)
    )


def write_brief(prepared: Prepared, out: Path, student: str) -> Path:
    """Write a brief; returns its path.

    Raises:
        InputError: there are no two conditions to compare, or no two suites to compare them on.
    """
    suites = list(prepared.plan.suites)
    _must_be_a_benchmark(prepared)
    if len(suites) < _FEWEST_SUITES:
        raise InputError(
            f"{prepared.experiment.experiment} asks one suite, {suites[0]}: a brief compares on two or more, for no "
            "model is best at everything"
        )
    return _written(prepared, report_room.write_brief(data_of(prepared), out, student))


def write_committee(prepared: Prepared, out: Path) -> Path:
    """Write the committee's papers; returns their path.

    Raises:
        InputError: there are no two conditions to choose from.
    """
    return _written(prepared, report_room.write_committee(data_of(prepared), out))


def write_slides(prepared: Prepared, out: Path) -> Path:
    """Write the slides of a comparison as one file to hand in; returns its path.

    Raises:
        InputError: the experiment is no comparison of prompts, its variants differ in more than one thing, or there is
            no place for such a file.
    """
    if out.is_dir() or out.is_symlink():
        raise InputError(f"{out} is a folder or a link: name the file to write with --out FILE")
    varies = report_room.varying(prepared.plan.conditions)
    if prepared.experiment.kind == "compare" and len(varies) > 1:
        raise InputError(
            f"the variants of {prepared.experiment.experiment} differ in {' and '.join(varies)}: slides are about "
            "one variable; give all of them the same of the others"
        )
    page = report_room.slides(data_of(prepared))
    if page is None:
        raise InputError(
            f"{prepared.experiment.experiment} has no prompts under two settings: slides are for `kind: compare`"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, "utf-8", newline="\n")
    return out


def grade_folder(folder: Path, where: Workspace) -> list[HandIn]:
    """Grade every hand-in of a folder, by name of the file; one that cannot be graded is listed with the reason.

    Raises:
        InputError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of hand-ins")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError(f"no hand-ins (*.json, saved from a brief) in {folder}")
    # A class hands in many briefs of few experiments: each is scored once.
    known: dict[str, ExperimentData | str] = {}
    return [_graded(path, where, known) for path in files]


def grade_key(prepared: Prepared, students: Iterable[str]) -> list[HandIn]:
    """What each of these students should have answered."""
    data = data_of(prepared)
    return [HandIn("", data.name, report_room.grade(data, student, {})) for student in students]


def grades_csv(hand_ins: Iterable[HandIn], *, key: bool = False) -> bytes:
    """A line a hand-in: points first, then each blank's answer and whether it is right; with ``key`` the right ones."""
    hand_ins = list(hand_ins)
    blanks = list(
        dict.fromkeys(blank.id for each in hand_ins if each.grade for blank, _, _ in each.grade.answers)
    )
    about = ["student"] if key else ["student", "file", "points", "of", "remark"]
    marks = [] if key else [f"{blank} right" for blank in blanks]
    line = _line_of_key if key else _line
    rows: list[Sequence[object]] = [[*about, *blanks, *marks], *(line(each, blanks) for each in hand_ins)]
    return tables.write(rows, line_end="\n")


def _line(hand_in: HandIn, blanks: Iterable[str]) -> list[object]:
    found = hand_in.grade
    answers = {blank.id: (answer, good) for blank, answer, good in found.answers} if found else {}
    given = [answers[name][0] if name in answers else "" for name in blanks]
    right = [("yes" if answers[name][1] else "no") if name in answers else "" for name in blanks]
    points: list[object] = [found.points, len(answers)] if found else ["", ""]
    return [found.student if found else "", hand_in.file, *points, hand_in.remark, *given, *right]


def _line_of_key(hand_in: HandIn, blanks: Iterable[str]) -> list[object]:
    found = hand_in.grade
    expected = {blank.id: blank.expected for blank, _, _ in found.answers} if found else {}
    return [found.student if found else "", *(expected.get(name, "") for name in blanks)]


def _must_be_a_benchmark(prepared: Prepared) -> None:
    if prepared.experiment.kind == "compare":
        raise InputError(
            f"{prepared.experiment.experiment} compares prompts: a brief is about a benchmark; slides are about prompts"
        )


def _written(prepared: Prepared, path: Path | None) -> Path:
    if path is None:
        raise InputError(
            f"{prepared.experiment.experiment} has one condition only: there is nothing to compare"
        )
    return path


def _graded(path: Path, where: Workspace, known: dict[str, ExperimentData | str]) -> HandIn:
    try:
        content = _content(_bytes_of(path))
        name = content["experiment"]
        data = _data(name, where, known)
        grade = report_room.grade(data, content["student"], content["answers"])
    except InputError as error:
        return HandIn(path.name, "", None, " ".join(str(error).split()))
    # Numbers of another recording may be right for it: said, and left to whoever grades.
    other = content.get("recording") not in ("", report_room.recording_of(data))
    return HandIn(path.name, name, grade, "made from another recording" if other else "")


def _data(name: str, where: Workspace, known: dict[str, ExperimentData | str]) -> ExperimentData:
    """The experiment that a hand-in names; what is wrong with it is found out once and told of every such hand-in."""
    if name not in known:
        try:
            prepared = prepare(where.find(name), where)
            _must_be_a_benchmark(prepared)
            known[name] = data_of(prepared)
        # Not recorded, damaged, not readable: of one experiment, not of the class.
        except (LlmxrayError, OSError, UnicodeError) as error:
            known[name] = str(error)
    found = known[name]
    if isinstance(found, str):
        raise InputError(found)
    return found


def _bytes_of(path: Path) -> bytes:
    """The content of a plain file. A folder of hand-ins may hold pipes, devices and links: none of them is opened.

    Raises:
        InputError: it is none, is too large, or cannot be read.
    """

    try:
        with open_plain(path, follow=False) as file:
            data = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        why = "it is a link" if path.is_symlink() else error.strerror or error
        raise InputError(f"cannot be read ({why})") from None
    if len(data) > _LARGEST_BYTES:
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
    complaint = names.EXPERIMENT.complaint(content["experiment"])
    if complaint:
        raise InputError(complaint)
    if not all(isinstance(answer, str | int | float | None) for answer in answers.values()):
        raise InputError("an answer is a list or a mapping")
    # What a person writes into a blank; longer ones are no answers, and would be looked through for long.
    if max(len(student), *(len(str(answer)) for answer in answers.values()), 0) > _LONGEST_ANSWER:
        raise InputError(f"its student or an answer has more than {_LONGEST_ANSWER} characters")
    return content
