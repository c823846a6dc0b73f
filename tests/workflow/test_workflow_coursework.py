"""From briefs to a table of grades, on a recorded experiment."""

import csv
import io
import os
import time
from pathlib import Path

import pytest

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.report.coursework import papers
from llmxray.workflow import Workspace, coursework, github_pages
from tests.packs.conftest import EXPERIMENT, record
from tests.workflow.hand_ins import COMPARE, hand_in


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """A recorded experiment of two suites, not to be changed."""
    two = EXPERIMENT.replace("limit: 12}", "limit: 12}\n  - {suite: starter/hellaswag, limit: 6}")
    return record(tmp_path_factory.mktemp("recorded"), two)


def table(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_a_folder_becomes_a_table(where, tmp_path, monkeypatch):
    """Points, answers, marks; a file that cannot be graded keeps its line, with the reason."""
    monkeypatch.setattr(papers, "DRAW", 6)
    prepared = workflow.prepare(where.find("tiny"), where)
    (key,) = coursework.grade_key(prepared, ["Ada"])
    right = {
        blank.id: blank.words[0] if blank.words else f"{blank.number:.5g}"
        for blank, _, _ in key.grade.answers
    }
    hand_in(tmp_path, "Ada", answers=right, recording=coursework.recorded_data(prepared).recording)
    hand_in(tmp_path, "Bob", answers={**right, "accuracy-best": "=1+1"}, recording="another")
    (of_class,) = coursework.grade_key(prepared, [""])
    drawn = {blank.id: blank.expected for blank, _, _ in of_class.grade.answers}
    hand_in(tmp_path, "Liz", answers=drawn, drawn_for="")
    hand_in(tmp_path, "Tom", answers=drawn, drawn_for="Liz")
    hand_in(tmp_path, "Eve", experiment="../../etc/passwd")
    hand_in(tmp_path, "Max", experiment="gone")
    (tmp_path / "zed.json").write_text("{")
    graded = coursework.grade_folder(tmp_path, where)
    rows = {row["file"]: row for row in table(coursework.grades_csv(graded))}
    assert rows["ada.json"]["points"] == rows["ada.json"]["of"] == str(len(right))
    assert rows["ada.json"]["remark"] == ""
    assert rows["bob.json"]["accuracy-best right"] == "no"
    assert rows["bob.json"]["accuracy-best"] == "'=1+1"
    assert rows["bob.json"]["remark"] == "made from another recording"
    # On the site's brief everybody has the questions that are drawn for nobody.
    assert drawn != {blank.id: blank.expected for blank, _, _ in key.grade.answers}
    assert (rows["liz.json"]["student"], rows["liz.json"]["points"]) == ("Liz", str(len(drawn)))
    assert "drawn for somebody else" in rows["tom.json"]["remark"]
    assert rows["eve.json"]["remark"] == "'../../etc/passwd' cannot be the name of an experiment"
    assert "no experiment 'gone'" in rows["max.json"]["remark"]
    assert "cannot be read" in rows["zed.json"]["remark"]


def bad_files(folder: Path) -> dict[str, str]:
    """Hand-ins that cannot be graded, and what the remark of each says."""
    hand_in(folder, "Long", experiment="t" * 5_000)
    hand_in(folder, "Label", student="s" * 5_000)
    hand_in(folder, "Spaces", answers={"category-best": "a" + " " * 900_000 + "b"})
    hand_in(folder, "Deep", answers={"category-best": [[[]]] * 500})
    # As deep as JSON is read, which is deeper than Python writes it.
    hand_in(folder, "Bottom", answers={"category-best": 1})
    bottom = (folder / "bottom.json").read_text()
    (folder / "bottom.json").write_text(bottom.replace("1}", "[" * 900 + "]" * 900 + "}"))
    hand_in(folder, "Bare", experiment="bare")
    hand_in(folder, "Again", experiment="bare")
    hand_in(folder, "Prompts", experiment="prompts")
    hand_in(folder, "Shell", experiment="$(touch owned)")
    hand_in(folder, "Number", experiment=7)
    hand_in(folder, "Future", version="9" * 5_000)
    os.mkfifo(folder / "pipe.json")
    (folder / "folder.json").mkdir()
    (folder / "link.json").symlink_to(folder / "ada.json")
    (folder / "circle.json").symlink_to("circle.json")
    (folder / "zero.json").symlink_to("/dev/zero")
    (folder / "large.json").write_bytes(b" " * 2_000_000)
    (folder / "-2+3+cmd|' C'!A0.json").write_text("[1]")
    (folder / "a\r=1+1.json").write_bytes(b"\xff\xfe")
    return {
        "long.json": "has 5000 characters", "label.json": "more than 500 characters",
        "spaces.json": "more than 500 characters", "deep.json": "a list or a mapping",
        "bottom.json": "a list or a mapping",
        "bare.json": "no cassette in", "again.json": "no cassette in", "prompts.json": "compares prompts",
        "shell.json": "cannot be the name", "number.json": "must be text", "future.json": "version",
        "pipe.json": "no plain file", "folder.json": "cannot be read", "link.json": "it is a link",
        "circle.json": "it is a link", "zero.json": "it is a link", "large.json": "too large",
        "'-2+3+cmd|' C'!A0.json": "not saved from a brief", "a\r=1+1.json": "cannot be read",
    }  # fmt: skip


def test_one_bad_file_costs_one_line_of_remark(where, tmp_path):
    """Long names, no cassette, pipes, folders, links, devices: the class is graded, in seconds."""
    experiments, class_ = tmp_path / "experiments", tmp_path / "class"
    experiments.mkdir()
    class_.mkdir()
    tiny = where.find("tiny").read_text()
    (experiments / "tiny.yaml").write_text(tiny)
    (experiments / "bare.yaml").write_text(tiny.replace("experiment: tiny", "experiment: bare"))
    (experiments / "prompts.yaml").write_text(COMPARE.replace("experiment: tiny", "experiment: prompts"))
    hand_in(class_, "Ada")
    hand_in(class_, "Grace", student="-2+3+cmd|' /C calc'!A0")
    expected = bad_files(class_)
    began = time.monotonic()
    data = coursework.grades_csv(coursework.grade_folder(class_, Workspace(where.cassettes, experiments)))
    assert time.monotonic() - began < 30
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(data.decode(), newline=""))}
    assert {"ada.json", "grace.json", *expected} == set(rows)
    for name, remark in expected.items():
        assert remark in rows[name]["remark"], name
        assert rows[name]["points"] == ""
        assert len(rows[name]["remark"]) < 300
    assert rows["ada.json"]["points"] == "0"
    assert rows["grace.json"]["student"] == "'-2+3+cmd|' /C calc'!A0"
    assert not (tmp_path / "owned").exists()


def test_nothing_is_planned_that_was_not_recorded(where, tmp_path, monkeypatch):
    """A hand-in may name any experiment of the folder; its plan may ask a hub, or read a large file."""

    def plan(*_: object, **__: object) -> None:
        raise AssertionError("planned")

    monkeypatch.setattr("llmxray.workflow.preparation._fresh_plan", plan)
    other = Workspace(tmp_path / "cassettes", where.experiments)
    hand_in(tmp_path, "Ada")
    (graded,) = coursework.grade_folder(tmp_path, other)
    assert graded.grade is None
    assert "no cassette" in graded.remark


def test_a_brief_is_a_page_of_the_site(where, tmp_path):
    """A name chooses the questions and never the path."""
    prepared = workflow.prepare(where.find("tiny"), where)
    path = coursework.write_brief(prepared, tmp_path, "../Ada / Lovelace")
    assert path.parent == tmp_path / "tiny"
    assert 'data-student="../Ada / Lovelace"' in path.read_text()


def test_an_empty_folder_is_said_to_be_empty(where, tmp_path):
    """With what belongs there; a mistyped name is not an empty folder."""
    for folder, says in ((tmp_path, "saved from a brief"), (tmp_path / "nosuch", "there is no such folder")):
        with pytest.raises(InputError, match=says):
            coursework.grade_folder(folder, where)


def test_slides_are_a_page_of_the_site(tmp_path):
    """A menu leads to them; variants that differ in more than one thing have none."""
    for name, source in (("one", COMPARE.replace(", system: You are a poet.", "")), ("two", COMPARE)):
        where = record(tmp_path / name, source)
        prepared = workflow.prepare(where.find("tiny"), where)
        site = workflow.publish(
            [(prepared, workflow.read_results(prepared))], tmp_path / name / "site"
        ).parent
        assert (site / "tiny" / "slides.html").is_file() is (name == "one")
        menu = '<a href="slides.html">Slides</a>'
        assert (menu in (site / "tiny" / "methods.html").read_text("utf-8")) is (name == "one")
        assert list(github_pages.site_faults(site)) == []
