"""The original app's files: read, scored again, shown."""

import json
import re
from pathlib import Path
from typing import Any

import made_files as made
import pytest
from made_files import one

from llmxray import report, workflow
from llmxray.errors import InputError
from llmxray.interop.read.app import COLUMNS
from llmxray.types import Outcome


def question(number: int, answer: str | None, expected: str = "B", **more: Any) -> dict[str, Any]:
    """One question as the app exports it."""
    return {
        **made.app_question(number),
        "questionId": f"arc-{number}",
        "choices": ["A) red", "B) green", "C) blue", "D) none"],
        "category": "physics" if number % 2 else "biology",
        "correct": answer == expected,
        "modelAnswer": answer,
        "expectedAnswer": expected,
        "ttftMs": 250,
        "tokenCount": 3,
        **more,
    }


def result(name: str, questions: list[dict[str, Any]], **more: Any) -> bytes:
    """A benchmark result as the app exports it; its own accuracy is wrong on purpose."""
    data = {
        "id": "x",
        "modelName": name,
        "benchmarkIds": ["arc"],
        "contextSize": 2048,
        "totalQuestions": len(questions),
        "accuracy": 0.99,
        "questionResults": questions,
        **more,
    }
    return json.dumps(data).encode()


def built(files: list[tuple[str, bytes]], out: Path) -> Path:
    """The site of some files."""
    return report.build([workflow.imported_data(one(*files))], out)


def test_accuracy_is_computed_from_the_questions():
    """What the file says of itself is not believed; UNPARSED is an outcome of its own."""
    data = result("llama3.2:1b", [question(1, "B"), question(2, "A", correct=True), question(3, "UNPARSED")])
    read = one(("r.json", data))
    assert [row.outcome for row in read.results.rows] == [Outcome.CORRECT, Outcome.WRONG, Outcome.UNPARSED]
    assert any("marks 1 answers otherwise" in note for note in read.results.notes)
    item = read.results.plan.items()["arc", "arc-1"]
    assert (item.choices, item.answer, item.category) == (("red", "green", "blue", "none"), "B", "physics")
    row = read.results.rows[0]
    assert (row.latency_s, row.ttft_s, row.completion_tokens) == (1.5, 0.25, 3)


def test_missing_logprobs_stay_missing():
    """0.5 with a log-probability of 0 is the app's way of having none; a real 0.5 is kept."""
    data = result(
        "m",
        [
            question(1, "B", avgTokenConfidence=0.5, answerLogprob=0),
            question(2, "B", avgTokenConfidence=0.5, answerLogprob=-0.7),
            question(3, "B", avgTokenConfidence=None),
        ],
    )
    read = one(("r.json", data))
    assert [row.mean_token_probability for row in read.results.rows] == [None, 0.5, None]
    assert all(row.option_confidence is None and row.missing_why for row in read.results.rows)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b'{"questionResults": 5}', "'questionResults' is not a list"),
        (b'{"prompt": "p", "slots": 5, "executions": []}', "'slots' is not a list"),
        (result("m", []), "there are no questions"),
        (result("m", [question(1, "B", questionId="")]), "question 1: no 'questionId'"),
        (result("m", [question(1, "B", expected="F")]), "question 1: expected answer 'F' is none of its 4"),
        (result("m", [question(1, "B"), question(1, "B")]), "question 2: 'arc-1' is there twice"),
        (result("m", [question(1, "B", choices="A) red")]), "question 1: 'choices' is not a list"),
    ],
)
def test_a_fault_is_named_by_file_and_question(data, match):
    """One line."""
    with pytest.raises(InputError, match=match):
        one(("r.json", data))


@pytest.mark.parametrize("other", [{"questionText": "2 + 2?"}, {"choices": ["A) 4", "B) 5", "C) 6", "D) 7"]}])
def test_a_question_is_the_same_one_in_every_file(other):
    """Else a reply would stand below a question that its model was never asked."""
    first = ("a.json", result("a", [question(1, "A")]))
    with pytest.raises(InputError, match="b.json: question 1: 'arc-1' is another question in another file"):
        one(first, ("b.json", result("b", [question(1, "B", **other)])))


def test_a_compare_file_becomes_a_compare_lab(tmp_path):
    """Slots become conditions with their settings; what was not measured is missing."""
    slots = [
        {"slotId": each, "model": "m", "label": f"T={value}", "options": {"temperature": value, "seed": 1}}
        for each, value in (("a", 0.3), ("b", 1.0))
    ]
    first = {"outputText": "<think>Of water?</think>Still water sleeps here", "metrics": {"ttftMs": 100}}
    second = {"outputText": "Bold water sings here", "metrics": None}
    done = [{"slotId": "a", "model": "m", **first}, {"slotId": "b", "model": "m", **second}]
    data = json.dumps({"id": "c", "prompt": "Write.", "slots": slots, "executions": done}).encode()
    read = one(("c.json", data))
    assert [dict(each.sampling) for each in read.results.plan.conditions] == [
        {"temperature": 0.3, "seed": 1},
        {"temperature": 1.0, "seed": 1},
    ]
    assert [row.ttft_s for row in read.results.rows] == [0.1, None]
    built([("c.json", data)], tmp_path)
    text = (tmp_path / "llmxray-app-compare" / "compare.html").read_text()
    assert "sleeps" in text
    assert "sings" in text
    # The app, too, compares answers without their thinking.
    assert [("Of water?", "Still water sleeps here"), ("", "Bold water sings here")] == [
        (row.reasoning, row.text) for row in read.results.rows
    ]


def test_the_apps_confidence_is_held_against_accuracy(tmp_path):
    """Under its own name: 0.9 throughout and three of four right are 15 points apart."""
    answers = [question(number, "A" if number == 4 else "B") for number in range(1, 5)]
    built([("r.json", result("m", answers))], tmp_path)
    text = (tmp_path / "llmxray-app" / "results.html").read_text()
    table = text.partition('id="sure"')[2].partition("</table>")[0]
    assert "Mean token probability" in table
    assert re.search(r">90%<.*>15%<", table, re.DOTALL)
    methods = (tmp_path / "llmxray-app" / "methods.html").read_text()
    assert [
        each in methods for each in ("nothing can be replayed", "no Calibration", "keeps one alternative")
    ] == [True] * 3


def test_a_question_is_of_the_suite_whose_name_it_begins_with():
    """The whole of it: mmlu-pro begins like mmlu."""
    asked = [question(1, "B", questionId="mmlu-1"), question(2, "A", questionId="mmlu-pro-1")]
    for order in (["mmlu", "mmlu-pro"], ["mmlu-pro", "mmlu"]):
        rows = one(("r.json", result("m", asked, benchmarkIds=order))).results.rows
        assert [(row.suite, row.item_id) for row in rows] == [("mmlu", "mmlu-1"), ("mmlu-pro", "mmlu-pro-1")]


HEADER = ",".join(COLUMNS)
TABLE = f"""{HEADER}
arc,q1,A,A,Yes,93.1%,1200,300,20.5,"The answer, is A"
arc,q2,B,C,Yes,,1200,,,C
gsm,q3,D,UNPARSED,No,50.0%,900,100,20.5,"two
lines"
""".encode()


def test_rows_are_read_and_judged_again():
    """Missing cells stay missing; 50.0% is what the app writes for none; 'Correct' is not believed."""
    read = one(("llama3.2.csv", TABLE))
    rows = read.results.rows
    assert [Outcome.CORRECT, Outcome.WRONG, Outcome.UNPARSED] == [row.outcome for row in rows]
    assert [0.931, None, None] == [row.mean_token_probability for row in rows]
    assert [0.3, None, 0.1] == [row.ttft_s for row in rows]
    assert ["arc", "arc", "gsm"] == [row.category for row in rows]
    assert "two\nlines" == rows[2].text
    assert ["llama3.2"] == [each.model for each in read.results.plan.conditions]
    assert any("marks 1 answers otherwise" in note for note in read.results.notes)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"Category,Question ID\narc,q1\n", "t.csv: there is no column 'Expected Answer'"),
        (TABLE.replace(b"1200", b"soon"), "t.csv, row 1, column 'Latency (ms)': 'soon' is no number"),
        (TABLE + b"\xff", "t.csv: not UTF-8"),
        (f"{HEADER}\n".encode(), "t.csv: there are no questions"),
    ],
)
def test_bad_tables(data, says):
    """One line that names file, row and column."""
    with pytest.raises(InputError) as caught:
        one(("t.csv", data))
    assert says in str(caught.value)
