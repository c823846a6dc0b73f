"""Suites of one's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite

KITCHEN = """\
title: Kitchen chemistry
licence: CC BY 4.0
items:
  - {id: salt, question: What is table salt?, choices: [NaCl, KCl], answer: A, difficulty: easy}
  - id: soda
    question: What is soda?
    choices: [HCl, NaHCO3]
    answer: NaHCO3
  - {id: water, question: What is water?, choices: [H2O, CO2], answer: A, shot: true, why: Two and one.}
"""
APP = {
    "id": "s1",
    "name": "Mine",
    "description": "Two questions.",
    "builtIn": False,
    "questions": [
        {"id": "q1", "category": "c", "question": "One?", "choices": ["A) x", "B) y"], "correctAnswer": "B"},
        {
            "id": "q2",
            "category": "c",
            "subcategory": "d",
            "question": "Two?",
            "choices": ["A) x", "B) B) cell"],
            "correctAnswer": "B) B) cell",
            "difficulty": "hard",
        },
    ],
}


def _load(folder: Path, name: str, text: str, **entry: Any) -> Suite:
    (folder / name).write_text(text, encoding="utf-8")
    ref = {"suite": "custom", "source": {"file": name}, **entry}
    return suites.load(SuiteRef.model_validate(ref), folder)


def test_a_suite_in_yaml(tmp_path):
    """Answers by letter or by text; worked examples apart; the card from the file."""
    suite = _load(tmp_path, "kitchen.yaml", KITCHEN, id="kitchen")

    assert [("salt", "A"), ("soda", "B")] == [(item.id, item.answer) for item in suite.items]
    assert ["water"] == [shot.id for shot in suite.shots]
    assert ("kitchen", "Kitchen chemistry", "CC BY 4.0") == (suite.name, suite.card.title, suite.card.licence)
    assert 1 == suite.items[0].difficulty
    assert "kitchen.yaml, item 1" == suite.items[0].source


def test_open_answers(tmp_path):
    """Numbers, written without quotes, are asked for as numbers; words as text."""
    numbers = {
        "items": [
            {"id": "a", "question": "2+2?", "answer": 4},
            {"id": "b", "question": "Pi?", "answer": "3.14"},
        ]
    }
    words = {
        "items": [{"id": "a", "question": "Capital?", "answer": "Canberra", "accept": ["canberra city"]}]
    }

    assert "number" == _load(tmp_path, "n.json", json.dumps(numbers)).answer
    assert "text" == _load(tmp_path, "w.json", json.dumps(words)).answer
    assert ("canberra city",) == _load(tmp_path, "w.json", json.dumps(words)).items[0].accept
    assert "text" == _load(tmp_path, "n.json", json.dumps({**numbers, "answer": "text"})).answer


def test_the_original_apps_file(tmp_path):
    """The letter in front of each choice goes, once; the answer is a letter or the marked choice."""
    suite = _load(tmp_path, "app.json", json.dumps(APP))

    assert [("x", "y"), ("x", "B) cell")] == [item.choices for item in suite.items]
    assert ["B", "B"] == [item.answer for item in suite.items]
    assert ("d", 3) == (suite.items[1].subcategory, suite.items[1].difficulty)
    assert "Mine" == suite.card.title


def test_a_letter_that_is_another_choices_text(tmp_path):
    """It is the letter, and the fault says so; a file of the app has letters only."""
    blood: dict[str, Any] = {"id": "q", "question": "Which?", "choices": ["O", "A", "B", "AB"], "answer": "A"}
    suite = _load(tmp_path, "a.json", json.dumps([blood, {**blood, "id": "r", "answer": "AB"}]))
    assert ["A", "D"] == [item.answer for item in suite.items]
    said = "row 1 (q), column 'answer': 'A' is read as a letter; write B where the choice with that text is right"
    assert [said] == [str(fault) for fault in suite.faults]
    app = {"questions": [{**blood, "correctAnswer": "A"}]}
    assert ["A"] == [item.answer for item in _load(tmp_path, "b.json", json.dumps(app)).items]


def _item(**changes: Any) -> str:
    item = {"id": "q", "question": "Which?", "choices": ["x", "y"], "answer": "A", **changes}
    return json.dumps({"items": [{key: value for key, value in item.items() if value is not ...}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_item(question=...), "a.json, row 1: there is no column 'question'"),
        (_item(answer="C"), "column 'answer': 'C' is neither a letter from A to B nor a choice"),
        (_item(shot="maybe"), "column 'shot': 'maybe' must be true or false"),
        (_item(choises=["x"]), "a.json, row 1: unknown key 'choises'; known here: id"),
        (
            json.dumps({"items": [{"id": "a", "question": "?", "answer": "x"}], "name": "x" * 501}),
            "'name' must have at most 500 characters",
        ),
    ],
)
def test_faults_name_item_and_field(tmp_path, text, message):
    """Row 23 of docs/maintainers/failures.md: one clear line each."""
    with pytest.raises(SuiteError) as caught:
        _load(tmp_path, "a.json", text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            KITCHEN.replace("answer: A, difficulty", "answer: Z, difficulty"),
            "kitchen.yaml:4, row 1, column 'answer'",
        ),
        (
            KITCHEN.replace("id: soda", "id: salt"),
            "kitchen.yaml:5, row 2, column 'id': 'salt' is already the id of item 1",
        ),
        (
            KITCHEN.replace("[HCl, NaHCO3]", "\n      - HCl\n      - 0x1F"),
            "kitchen.yaml:9:9: items[1].choices[1]: 0x1F is the number 31; write that, or put it in quotes",
        ),
        ("", "kitchen.yaml: must begin with a key, such as 'items:'"),
    ],
)
def test_yaml_faults_name_the_line(tmp_path, text, message):
    """YAML keeps places, so the line is there as well."""
    with pytest.raises(SuiteError) as caught:
        _load(tmp_path, "kitchen.yaml", text)
    assert message in str(caught.value)


def test_a_file_that_is_not_utf8(tmp_path):
    """Named with the line."""
    (tmp_path / "a.yaml").write_bytes(b"items:\n  - {id: a, question: Caf\xe9?}\n")
    ref = SuiteRef.model_validate({"suite": "custom", "source": {"file": "a.yaml"}})
    with pytest.raises(SuiteError, match=r"a\.yaml:2: not UTF-8"):
        suites.load(ref, tmp_path)
