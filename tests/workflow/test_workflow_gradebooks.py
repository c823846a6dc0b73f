"""Grades in the class list that a gradebook exported."""

import csv
import io

import pytest

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.report.coursework.papers import Grade
from llmxray.workflow import coursework
from llmxray.workflow.coursework import GradedClass, HandIn, grade_class
from tests.commands import llmxray
from tests.packs.conftest import EXPERIMENT, record
from tests.workflow.hand_ins import hand_in

CANVAS = """\
Student,ID,SIS Login ID,Quiz (77)
    Points Possible,,,10
"Lovelace, Ada",11,ada1,9
"Babbage, Charles",12,cb2,
"""
MOODLE = (
    "\ufeffFirst name;Last name;Email address\nAda;Lovelace;ada@x.example\nCharles;Babbage;cb@x.example\n"
)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """A recorded experiment, not to be changed."""
    return record(tmp_path_factory.mktemp("recorded"), EXPERIMENT)


@pytest.fixture(scope="module")
def full(where):
    """A grade with every point."""
    (key,) = coursework.grade_key(workflow.prepare(where.find("tiny"), where), ["ada  LOVELACE"])
    return Grade(
        student="ada  LOVELACE", answers=tuple((blank, "right", True) for blank, *_ in key.grade.answers)
    )


def handed_in(grade: Grade, file: str = "a.json", student: str = "", experiment: str = "tiny") -> HandIn:
    """A graded file."""
    return HandIn(file, experiment, Grade(student=student or grade.student, answers=grade.answers))


def cells(graded: GradedClass) -> list[list[str]]:
    """The cells of the table."""
    return list(csv.reader(io.StringIO(graded.table.decode(), newline="")))


def test_a_column_that_is_there_is_filled(full):
    """Of Canvas: nothing else changes, and who handed in nothing keeps the cell."""
    graded = grade_class(CANVAS.encode(), "class.csv", [handed_in(full)], "Quiz (77)")
    head, possible, ada, charles = cells(graded)
    assert head == ["Student", "ID", "SIS Login ID", "Quiz (77)"]
    assert possible[3] == "10"
    assert ada == ["Lovelace, Ada", "11", "ada1", str(full.points)]
    assert charles == ["Babbage, Charles", "12", "cb2", ""]
    assert (graded.graded, graded.missing, graded.remarks) == (1, ["Babbage, Charles"], [])


def test_a_new_column_is_named_by_its_experiment(full):
    """Of Moodle, which parts names and separates by semicolons; two experiments have two columns."""
    papers = [handed_in(full), handed_in(full, "b.json", "cb@x.example", "other")]
    graded = grade_class(MOODLE.encode(), "class.csv", papers)
    assert cells(graded) == [
        ["First name", "Last name", "Email address", "other", "tiny"],
        ["Ada", "Lovelace", "ada@x.example", "", str(full.points)],
        ["Charles", "Babbage", "cb@x.example", str(full.points), ""],
    ]
    assert graded.missing == []


@pytest.mark.parametrize("name", ["Lovelace, Ada", "Ada Lovelace", "ADA1", " 11 "])
def test_a_student_is_found_by_any_name_of_the_list(name, full):
    """However the hand-in is signed."""
    graded = grade_class(CANVAS.encode(), "r", [handed_in(full, student=name)])
    assert (graded.remarks, graded.graded) == ([], 1)


def test_what_cannot_be_entered_is_a_remark(full):
    """Somebody of no list, two of one name, a damaged file: each is said. Of two hand-ins the better counts."""
    none = Grade(student="Eve", answers=tuple((blank, "", False) for blank, *_ in full.answers))
    papers = [
        handed_in(none, "eve.json"),
        handed_in(full, "cb.json", "Charles Babbage"),
        HandIn("bad.json", "tiny", None, "cannot be read"),
        handed_in(full, "one.json", "Ada Lovelace"),
        handed_in(none, "two.json", "Ada Lovelace"),
    ]
    graded = grade_class(f"{CANVAS}Charles Babbage,13,cb3,\n".encode(), "r", papers)
    most = len(full.answers)
    assert graded.remarks == [
        f"eve.json: 'Eve': is not in the list; 0 of {most} points not entered",
        f"cb.json: 'Charles Babbage': 2 students are called that; {most} of {most} points not entered",
        "bad.json: cannot be read",
    ]
    assert cells(graded)[2][-1] == str(most)


@pytest.mark.parametrize("data", [b"", b"Student,ID\n", b"Student\n\xff\n"])
def test_what_is_no_class_list_is_refused(data):
    """In one line."""
    with pytest.raises(InputError, match=r"^r: (no class list|not a table in UTF-8)"):
        grade_class(data, "r", [])


def test_a_formula_of_a_list_stays_text(full):
    """It is guarded again where it was guarded, and where it was not."""
    graded = grade_class(b"Student,ID\nAda Lovelace,=1+1\nBob,'=2\n", "r", [handed_in(full)])
    assert [row[1] for row in cells(graded)[1:]] == ["'=1+1", "'=2"]


def test_from_the_command_line(where, tmp_path):
    """A folder of hand-ins and a list give the list again."""
    (tmp_path / "in").mkdir()
    hand_in(tmp_path / "in", "Ada Lovelace")
    (tmp_path / "class.csv").write_text(CANVAS)
    files = (
        str(tmp_path / "in"),
        "--roster",
        str(tmp_path / "class.csv"),
        "-o",
        str(tmp_path / "graded.csv"),
    )
    done = llmxray("-C", str(where.cassettes.parent), "grade", *files, at=tmp_path)
    assert (done.returncode, "1 student graded" in done.stdout) == (0, True), done.stderr
    first, *_ = (tmp_path / "graded.csv").read_text().splitlines()
    assert first == "Student,ID,SIS Login ID,Quiz (77),tiny"
