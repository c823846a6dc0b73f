"""Grades for the gradebooks of schools, from rosters as they export them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from llmxray import workflow
from llmxray.cli import main
from llmxray.errors import InputError
from llmxray.report.coursework.answer_key import Grade
from llmxray.workflow import Workspace, coursework
from llmxray.workflow.coursework import HandIn
from llmxray.workflow.gradebooks import GradebookFormat, Student, gradebook, read_roster
from tests.packs.conftest import EXPERIMENT, record
from tests.workflow.hand_ins import hand_in

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (77)
    Points Possible,,,,,10
"Lovelace, Ada",11,S1,ada1,A,9
"Babbage, Charles",12,S2,cb2,A,
"""
MOODLE = (
    "\ufeffFirst name;Last name;ID number;Email address\n"
    "Ada;Lovelace;S1;ada@x.example\nCharles;Babbage;S2;cb@x.example\n"
)
NBGRADER = "id,first_name,last_name,email\n=1,Ada,Lovelace,ada@x.example\ncb2,Charles,Babbage,\n"
ROSTERS: dict[GradebookFormat, str] = {"canvas": CANVAS, "moodle": MOODLE, "nbgrader": NBGRADER}


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A recorded experiment, not to be changed."""
    return record(tmp_path_factory.mktemp("recorded"), EXPERIMENT)


@pytest.fixture(scope="module")
def grades(where: Workspace) -> dict[str, Grade]:
    """A grade with every point, and one with none, by the name that the hand-in gives."""
    prepared = workflow.prepare(where.find("tiny"), where)
    (key,) = coursework.grade_key(prepared, ["ada  LOVELACE"])
    assert key.grade is not None
    full = tuple((blank, "right", True) for blank, _, _ in key.grade.answers)
    none = tuple((blank, "", False) for blank, _, _ in key.grade.answers)
    return {"full": Grade(student="ada  LOVELACE", answers=full), "none": Grade(student="Eve", answers=none)}


def handed_in(
    grade: Grade | None, file: str = "a.json", student: str = "", experiment: str = "tiny"
) -> HandIn:
    """A graded file."""
    named = grade and Grade(student=student or grade.student, answers=grade.answers)
    return HandIn(file, experiment, named, "" if grade else "cannot be read")


def table(data: bytes) -> list[list[str]]:
    """The cells of a CSV."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("kind", ROSTERS)
def test_each_gradebook_gets_its_columns(kind: GradebookFormat, grades: dict[str, Grade]) -> None:
    """A student who handed in, and one who did not, from the roster that the gradebook exports."""
    students = read_roster(ROSTERS[kind].encode(), "roster.csv")
    book = gradebook(kind, students, [handed_in(grades["full"])], "Brief")
    most = str(len(grades["full"].answers))
    expected = {
        "canvas": [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Brief"],
            ["    Points Possible", "", "", "", "", most],
            ["Lovelace, Ada", "11", "S1", "ada1", "A", most],
            # Empty: a grade that is there stays.
            ["Babbage, Charles", "12", "S2", "cb2", "A", ""],
        ],
        "moodle": [
            ["First name", "Last name", "ID number", "Email address", "Brief"],
            ["Ada", "Lovelace", "S1", "ada@x.example", most],
            ["Charles", "Babbage", "S2", "cb@x.example", ""],
        ],
        "nbgrader": [
            ["assignment", "student_id", "last_name", "first_name", "email", "score", "max_score"],
            # A cell that a spreadsheet would run is guarded.
            ["Brief", "'=1", "Lovelace", "Ada", "ada@x.example", most, most],
            ["Brief", "cb2", "Babbage", "Charles", "", "0", most],
        ],
    }
    assert table(book.table) == expected[kind]
    assert (book.missing, book.remarks) == (["Charles Babbage"], [])


@pytest.mark.parametrize("name", ["Lovelace, Ada", "Ada Lovelace", "S1", "ADA1", " 11 "])
def test_a_student_is_found_by_any_name_of_the_roster(name: str, grades: dict[str, Grade]) -> None:
    """However the hand-in is signed."""
    book = gradebook("canvas", read_roster(CANVAS.encode(), "r"), [handed_in(grades["full"], student=name)])
    assert (book.remarks, len(book.missing)) == ([], 1)


def test_what_cannot_be_entered_is_a_remark(grades: dict[str, Grade]) -> None:
    """Somebody of no roster, two students of one name, a damaged file, two hand-ins: each is said, none is lost."""
    students = [*read_roster(NBGRADER.encode(), "r"), Student(first="Charles", last="Babbage", id="cb3")]
    book = gradebook(
        "nbgrader",
        students,
        [
            handed_in(grades["none"], "eve.json"),
            handed_in(grades["full"], "cb.json", "Charles Babbage"),
            handed_in(None, "bad.json"),
            handed_in(grades["none"], "one.json", "Ada Lovelace"),
            handed_in(grades["full"], "two.json", "Ada Lovelace"),
        ],
    )
    most = len(grades["full"].answers)
    assert book.remarks == [
        "eve.json: 'Eve': is not in the roster; 0 points not entered",
        f"cb.json: 'Charles Babbage': 2 students are called that; {most} points not entered",
        "bad.json: cannot be read",
        "two.json: Ada Lovelace has handed in one.json too; the better counts",
    ]
    assert [row[5] for row in table(book.table)[1:]] == [str(most), "0", "0"]


def test_hand_ins_of_less_than_half_are_no_assignment(grades: dict[str, Grade]) -> None:
    """Two of twelve neither stop the class's table nor give the others a 0."""
    students = [Student(name=f"Student {n}", id=str(n)) for n in range(12)]
    class_ = [handed_in(grades["full"], f"{n}.json", str(n)) for n in range(12)]
    evil = [handed_in(grades["none"], f"evil{n}.json", str(n), "other") for n in range(2)]
    book = gradebook("nbgrader", students, [*class_, *evil], "Brief")
    assert table(book.table) == table(gradebook("nbgrader", students, class_, "Brief").table)
    assert [remark.partition(":")[0] for remark in book.remarks] == ["evil0.json", "evil1.json"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no heading of a roster"),
        ("Student,ID\n    Points Possible,\n", "no students in it"),
        ("Name\nAda\n", "canvas tells students apart by student_id or sis user id or sis login id"),
    ],
)
def test_a_roster_that_cannot_be_used_is_one_line(text: str, why: str) -> None:
    """Before anything is graded."""
    with pytest.raises(InputError, match=why):
        gradebook("canvas", read_roster(text.encode(), "roster.csv"), [])


def test_the_command_writes_the_table(
    where: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With remarks and who is missing on standard error; options that do not go together are refused."""
    monkeypatch.chdir(where.cassettes.parent)
    folder, roster, out = tmp_path / "hand-ins", tmp_path / "roster.csv", tmp_path / "out.csv"
    folder.mkdir()
    hand_in(folder, "Eve")
    (folder / "ada.json").write_text(
        (folder / "eve.json").read_text("utf-8").replace(json.dumps("Eve"), json.dumps("ada1")), "utf-8"
    )
    roster.write_text(CANVAS, "utf-8")
    arguments = ["grade", str(folder), "--roster", str(roster), "-o", str(out)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--format", "canvas"])
    output = capsys.readouterr()
    assert (ended.value.code, output.out) == (0, f"{out}: 1 student of 2 graded\n")
    assert "'Eve': is not in the roster" in output.err
    assert "nothing handed in by Charles Babbage" in output.err
    assert table(out.read_bytes())[2][:2] == ["Lovelace, Ada", "11"]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert (ended.value.code, capsys.readouterr().err.count("\n")) == (2, 1)
