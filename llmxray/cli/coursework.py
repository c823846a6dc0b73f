"""Commands of the course: brief, slides, committee, grade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli import options
from llmxray.cli.terminal import note, say, working
from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.workflow.gradebooks import GradebookFormat

_Experiment = Annotated[str, typer.Argument(help="An experiment file, or a name.")]


def brief(
    experiment: _Experiment,
    student: Annotated[
        str, typer.Option(help="The student's name; it determines which questions are drawn.")
    ] = "",
    out: options.Out = Path("site"),
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Write the two-page analysis of assessment A: a form for the student to fill in, on screen or on paper."""
    where = options.workspace(cassettes, folder)
    with working("writing the brief"):
        path = workflow.coursework.write_brief(workflow.prepare(where.find(experiment), where), out, student)
    say(path)


def committee(
    experiment: _Experiment,
    out: options.Out = Path("site"),
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Write the handouts of assessment C: a card for each advocate and the consensus form."""
    where = options.workspace(cassettes, folder)
    with working("writing the committee's papers"):
        path = workflow.coursework.write_committee(workflow.prepare(where.find(experiment), where), out)
    say(path)


def slides(
    experiment: _Experiment,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write; by default EXPERIMENT-slides.html, here."),
    ] = None,
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Write the slides of assessment B as one file to hand in; on the site they are a page under More."""
    where = options.workspace(cassettes, folder)
    with working("writing the slides"):
        prepared = workflow.prepare(where.find(experiment), where)
        path = out or Path(f"{prepared.experiment.experiment}-slides.html")
        workflow.coursework.write_slides(prepared, path)
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
        Path | None, typer.Option(help="CSV of the class; write the grades as --format says.", dir_okay=False)
    ] = None,
    gradebook: Annotated[
        GradebookFormat | None, typer.Option("--format", help="Gradebook that is to read the grades.")
    ] = None,
    assignment: Annotated[
        str, typer.Option(help="Name of the assignment in the gradebook; the experiment's by default.")
    ] = "",
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Grade a folder of hand-ins: each answer is checked against the questions drawn for that student."""
    where = options.workspace(cassettes, folder)
    if out.is_symlink():
        # In a folder from elsewhere it may lead to any file of this user.
        raise InputError(f"{out} is a link: remove it, or name another file with --out")
    if (roster is None) != (gradebook is None) or (key and roster) or (assignment and not roster):
        raise InputError("--roster and --format go together, --assignment with them, and --key without")
    if roster is not None and gradebook is not None:
        # Before the grading, which takes a while.
        students = workflow.gradebooks.read_roster(plain_bytes(roster), str(roster))
        found = workflow.gradebooks.gradebook(
            gradebook, students, workflow.coursework.grade_folder(hand_ins, where), assignment
        )
        out.write_bytes(found.table)
        for remark in found.remarks:
            note(remark)
        if found.missing:
            note(f"nothing handed in by {', '.join(found.missing)}")
        say(f"{out}: {_counted(len(students) - len(found.missing), 'student')} of {len(students)} graded")
        return
    if key:
        if not hand_ins.is_file():
            raise InputError(f"{hand_ins} is no file: with --key, name a list of students, one a line")
        # Lists of students come out of spreadsheets, with a byte order mark.
        names = [line.strip() for line in hand_ins.read_text("utf-8-sig").splitlines() if line.strip()]
        graded = workflow.coursework.grade_key(workflow.prepare(where.find(key), where), names)
    else:
        graded = workflow.coursework.grade_folder(hand_ins, where)
    out.write_bytes(workflow.coursework.grades_csv(graded, key=bool(key)))
    failed = sum(each.grade is None for each in graded)
    done = _counted(len(graded) - failed, "student")
    say(f"{out}: {done}" + (f"; {_counted(failed, 'file')} could not be graded" if failed else ""))


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
