"""The course's papers as whole tasks: briefs, the committee, grading a folder of hand-ins."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.report import ExperimentData, Grade
from llmxray.workflow.prepare import Prepared, Workspace, prepare
from llmxray.workflow.report import read_results

FORMAT, VERSION = "llmxray-brief", 1
# A hand-in has a few thousand; the folder may hold anything.
_LARGEST_BYTES = 1_000_000
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
    return ExperimentData(prepared.experiment, read_results(prepared), Cassette.existing(prepared.cassette))


def write_brief(prepared: Prepared, out: Path, student: str, *, blank: bool) -> Path:
    """Write a brief; returns its path.

    Raises:
        InputError: there are no two conditions to compare, or no two suites to compare them on.
    """
    suites = list(prepared.plan.suites)
    if prepared.experiment.kind == "compare":
        raise InputError(
            f"{prepared.experiment.experiment} compares prompts: a brief is about a benchmark; slides are about prompts"
        )
    if len(suites) < _FEWEST_SUITES:
        raise InputError(
            f"{prepared.experiment.experiment} asks one suite, {suites[0]}: a brief compares on two or more, for no "
            "model is best at everything"
        )
    return _written(prepared, report_room.write_brief(data_of(prepared), out, student, blank=blank))


def write_committee(prepared: Prepared, out: Path) -> Path:
    """Write the committee's papers; returns their path.

    Raises:
        InputError: there are no two conditions to choose from.
    """
    return _written(prepared, report_room.write_committee(data_of(prepared), out))


def write_slides(prepared: Prepared, out: Path) -> Path:
    """Write the slides of a comparison; returns their path.

    Raises:
        InputError: the experiment is no comparison of prompts, or its variants differ in more than one thing.
    """
    varies = report_room.varying(prepared.plan.conditions)
    if prepared.experiment.kind == "compare" and len(varies) > 1:
        raise InputError(
            f"the variants of {prepared.experiment.experiment} differ in {' and '.join(varies)}: slides are about "
            "one variable; give all of them the same of the others"
        )
    path = report_room.write_slides(data_of(prepared), out)
    if path is None:
        raise InputError(
            f"{prepared.experiment.experiment} has no prompts under two settings: slides are for `kind: compare`"
        )
    return path


def grade_folder(folder: Path, where: Workspace) -> list[HandIn]:
    """Grade every hand-in of a folder, by name of the file; one that cannot be graded is listed with the reason.

    Raises:
        InputError: there is no such folder, or nothing in it.
    """
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise InputError(f"no hand-ins (*.json, saved from a blank brief) in {folder}")
    # A class hands in many briefs of few experiments: each is scored once.
    known: dict[str, ExperimentData] = {}
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
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    about = ["student"] if key else ["student", "file", "points", "of", "remark"]
    marks = [] if key else [f"{blank} right" for blank in blanks]
    writer.writerow([*about, *blanks, *marks])
    for each in hand_ins:
        answers = (
            {blank.id: (blank, answer, good) for blank, answer, good in each.grade.answers}
            if each.grade
            else {}
        )
        student = each.grade.student if each.grade else ""
        if key:
            writer.writerow(
                [_safe(student), *(answers[name][0].expected if name in answers else "" for name in blanks)]
            )
            continue
        told = [each.grade.points, len(answers)] if each.grade else ["", ""]
        given = [_safe(answers[name][1]) if name in answers else "" for name in blanks]
        right = [("yes" if answers[name][2] else "no") if name in answers else "" for name in blanks]
        writer.writerow([_safe(student), _safe(each.file), *told, each.remark, *given, *right])
    # JSON can spell half a character, which no file can hold; one hand-in must not cost all the others.
    return out.getvalue().encode("utf-8", "replace")


def _written(prepared: Prepared, path: Path | None) -> Path:
    if path is None:
        raise InputError(
            f"{prepared.experiment.experiment} has one condition only: there is nothing to compare"
        )
    return path


def _graded(path: Path, where: Workspace, known: dict[str, ExperimentData]) -> HandIn:
    try:
        content = _content(path)
        name = content["experiment"]
        if name not in known:
            known[name] = data_of(prepare(where.find(name), where))
        data = known[name]
        grade = report_room.grade(data, content["student"], content["answers"])
    except InputError as error:
        return HandIn(path.name, "", None, " ".join(str(error).split()))
    # Numbers of another recording may be right for it: said, and left to whoever grades.
    other = content.get("recording") not in ("", report_room.recording_of(data))
    return HandIn(path.name, name, grade, "made from another recording" if other else "")


def _content(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError("too large to be a hand-in")
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot be read ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("not saved from a blank brief")
    if content.get("version") != VERSION:
        raise InputError(f"version {content.get('version')}; this llmxray reads {VERSION}")
    answers = content.get("answers")
    named = isinstance(content.get("experiment"), str) and isinstance(content.get("student"), str)
    # A name, not a path: hand-ins come from anybody.
    if not named or not isinstance(answers, dict) or not content["experiment"].replace("-", "").isalnum():
        raise InputError("its student, experiment or answers are missing")
    return content


def _safe(text: str) -> str:
    # A spreadsheet runs a cell that begins with one of these.
    return (
        "'" + text
        if text[:1] in ("=", "+", "@", "\t") or (text[:2].startswith("-") and not text[1:2].isdigit())
        else text
    )
