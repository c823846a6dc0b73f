"""Commands of the course: brief, grade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.terminal import note, say, working
from llmxray.errors import InputError
from llmxray.regular_files import check_target, read_regular_file
from llmxray.report.numbers import plural

_Experiment = Annotated[str, typer.Argument(help="An experiment file, or a name.")]


def brief(
    experiment: _Experiment,
    student: Annotated[
        str, typer.Option(help="The student's name; it determines which questions are drawn.")
    ] = "",
    out: arguments.Out = Path("site"),
) -> None:
    """Write the two-page analysis of assessment A: a form for the student to fill in, on screen or on paper."""
    workspace = arguments.workspace()
    with working("writing the brief"):
        path = workflow.coursework.write_brief(
            workflow.prepare(workspace.find(experiment), workspace, recorded=True), out, student
        )
    say(path)


def grade(
    hand_ins: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of files saved from briefs.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="CSV file to write the grades to.")] = Path(
        "grades.csv"
    ),
    key: Annotated[
        str,
        typer.Option(
            help="Write the answer key of this experiment instead; FOLDER is then a file with one name per line."
        ),
    ] = "",
    roster: Annotated[
        Path | None,
        typer.Option(
            help="CSV of the class, as a gradebook exports it; written with each student's points.",
            dir_okay=False,
        ),
    ] = None,
    assignment: Annotated[
        str, typer.Option(help="Column of --roster for the points; the experiment's name by default.")
    ] = "",
) -> None:
    """Grade a folder of hand-ins: each answer is checked against the questions drawn for that student."""
    workspace = arguments.workspace()
    check_target(out)
    if (key and roster) or (assignment and not roster):
        raise InputError("--roster goes without --key, and --assignment with --roster")
    if roster is not None:
        graded_class = workflow.coursework.grade_class(
            read_regular_file(roster),
            str(roster),
            workflow.coursework.grade_folder(hand_ins, workspace),
            assignment,
        )
        out.write_bytes(graded_class.table)
        for remark in graded_class.remarks:
            note(remark)
        if graded_class.missing:
            note(f"nothing handed in by {'; '.join(graded_class.missing)}")
        say(f"{out}: {plural(graded_class.graded, 'student')} graded")
        return
    if key:
        if not hand_ins.is_file():
            raise InputError(f"{hand_ins} is no file: with --key, name a list of students, one a line")
        # Lists of students exported from spreadsheets begin with a byte order mark.
        lines = read_regular_file(hand_ins).decode("utf-8-sig").splitlines()
        names = [line.strip() for line in lines if line.strip()]
        graded = workflow.coursework.grade_key(
            workflow.prepare(workspace.find(key), workspace, recorded=True), names
        )
    else:
        graded = workflow.coursework.grade_folder(hand_ins, workspace)
    out.write_bytes(workflow.coursework.grades_csv(graded, key=bool(key)))
    failed = sum(hand_in.grade is None for hand_in in graded)
    done = plural(len(graded) - failed, "student")
    say(f"{out}: {done}" + (f"; {plural(failed, 'file')} could not be graded" if failed else ""))
