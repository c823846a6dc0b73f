"""Files of the original app: what we write it can read, and so can we."""

import json
from dataclasses import replace

import pytest
from studies import made, shipped

from llmxray import workflow
from llmxray.interop import read as interop
from llmxray.types import Row
from llmxray.workflow import Workspace

NAME = "model-showdown"


def rows_of(name: str, content: bytes) -> tuple[Row, ...]:
    """The rows of a file that was written."""
    (found,) = interop.read_files([(name, content)])
    return found.results.rows


def test_what_we_write_the_app_can_read_and_so_can_we(tmp_path):
    """A round trip: answers, outcomes and times come back; options beyond six cannot be asked there."""
    data = shipped(NAME)
    done = workflow.export(data, "app", tmp_path)
    assert ("163 questions left out of the suites: the app asks two to six options only",) == done.notes
    names = {path.name for path in done.files}
    assert {"benchmark-smollm2.csv", "benchmark-smollm2.json", "suite-starter-arc.json"} <= names
    ours = data.results.of("smollm2")
    back = rows_of("b.json", (tmp_path / "benchmark-smollm2.json").read_bytes())
    assert [(row.item_id, row.outcome, row.answer) for row in ours] == [
        (row.item_id, row.outcome, row.answer) for row in back
    ]
    assert [row.latency_s for row in back] == pytest.approx([row.latency_s for row in ours], abs=1e-6)
    suite = json.loads((tmp_path / "suite-starter-arc.json").read_text("utf-8"))
    assert {"id", "name", "description", "builtIn", "questions"} == set(suite)
    assert all(
        2 <= len(each["choices"]) <= 6 and each["choices"][0].startswith("A) ") for each in suite["questions"]
    )


@pytest.mark.parametrize("which", ["rotations", "samples", "suites"])
def test_each_answer_has_an_id_of_its_own_in_both_files(which, tmp_path):
    """Also where a question was asked again, with its options turned, or stands in two suites."""
    marks = ["+-+-", "-++-"]
    by_hand = made(tmp_path / "c", {"a": marks, "b": marks}, reworded=which == "suites")
    data = shipped("position-bias") if which == "rotations" else by_hand
    workflow.export(data, "app", tmp_path / "out")
    condition = data.results.plan.conditions[0].id
    ours = [(row.outcome, row.answer, row.expected) for row in data.results.of(condition)]
    names = [f"benchmark-{condition}.{form}" for form in ("json", "csv")]
    as_json, as_csv = (rows_of(name, (tmp_path / "out" / name).read_bytes()) for name in names)
    for back in (as_json, as_csv):
        assert ours == [(row.outcome, row.answer, row.expected) for row in back]
    told = [(row.item_id, row.ttft_s, row.latency_s) for row in as_json]
    assert told == [(row.item_id, row.ttft_s, row.latency_s) for row in as_csv]
    if which == "suites":
        assert [row.suite.replace("/", "-") for row in data.results.of("a")] == [row.suite for row in as_json]


def test_a_turned_question_has_its_options_as_they_were_shown(tmp_path):
    """The letters of its answers are those of that order."""
    data = made(tmp_path / "c", {"a": ["+", "+", "-", "-"]}, rotated=True)
    workflow.export(data, "app", tmp_path / "out")
    questions = json.loads((tmp_path / "out" / "benchmark-a.json").read_text("utf-8"))["questionResults"]
    assert ["A", "D", "C", "B"] == [each["expectedAnswer"] for each in questions]
    for each in questions:
        assert f"{each['expectedAnswer']}) option 0" in each["choices"]


def test_a_number_is_no_letter_of_an_option(tmp_path):
    """A question with options that was answered by a number is read back."""
    data = made(tmp_path / "c", {"a": "+-"})
    rows = tuple(replace(row, expected="42", answer="42") for row in data.results.rows)
    workflow.export(replace(data, results=replace(data.results, rows=rows)), "app", tmp_path / "out")
    content = (tmp_path / "out" / "benchmark-a.json").read_bytes()
    assert {"42"} == {row.expected for row in rows_of("b.json", content)}


def test_what_counts_in_no_accuracy_stands_in_no_file(tmp_path):
    """A failed call is no wrong answer: the app has the accuracy of the site; and it is said."""
    data = made(tmp_path / "c", {"a": "+-?!◇"})
    done = workflow.export(data, "app", tmp_path / "out")
    said = "2 trials left out: no whole reply, or no score, which the app would count as wrong"
    assert said in done.notes
    result = json.loads((tmp_path / "out" / "benchmark-a.json").read_text("utf-8"))
    assert (result["totalQuestions"], result["accuracy"]) == (3, pytest.approx(1 / 3))
    back = rows_of("b.json", json.dumps(result).encode())
    assert len(back) == 3
    assert len((tmp_path / "out" / "benchmark-a.csv").read_text("utf-8").splitlines()) == 4


def test_the_exported_suite_loads_as_a_custom_suite(tmp_path):
    """Our own importer of the app's suite format takes it."""
    data = shipped(NAME)
    workflow.export(data, "app", tmp_path)
    (tmp_path / "own.yaml").write_text(
        "experiment: own\nkind: benchmark\nendpoints: {here: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: [{id: one, endpoint: here, model: m}]\n"
        "suites: [{suite: custom, source: {file: suite-starter-arc.json}}]\n"
    )
    again = workflow.prepare(tmp_path / "own.yaml", Workspace(tmp_path / "c", tmp_path))
    theirs = [item for suite in again.plan.suites.values() for item in suite.items]
    assert [
        (each.id, each.choices, each.answer) for each in data.results.plan.suites["starter/arc"].items
    ] == [(each.id, each.choices, each.answer) for each in theirs]
