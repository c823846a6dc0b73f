"""A named benchmark reads its own rows, in each form in which they are published, and refuses all others."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite, own_rows
from llmxray.suites.data_files import from_file

type LoadRows = Callable[..., Suite]

OPTIONS = {"text": ["fog", "ice"], "label": ["A", "B"]}
COMMONSENSE = {
    "id": "75fc",
    "question": "Where is it cold?",
    "question_concept": "cold",
    "choices": OPTIONS,
    "answerKey": "B",
}
TRUTHFUL_CSV = {
    "Type": "Adversarial",
    "Category": "Fish",
    "Question": "Do fish fly?",
    "Best Answer": "No, fish swim",
    "Best Incorrect Answer": "Yes",
    "Correct Answers": "No, fish swim; Fish do not fly.; Only a few glide",
    "Incorrect Answers": "Yes; All fish fly;Only at night.; ",
    "Source": "made up",
}


def pairs(texts: list[str]) -> list[dict[str, str]]:
    """Options as ARC's authors publish them."""
    return [{"text": text, "label": "ABCDE"[place]} for place, text in enumerate(texts)]


def own_json(name: str = "Mercury_7001", **stem: Any) -> dict[str, Any]:
    """A row as ARC's authors publish it."""
    question = {"stem": "What is frozen?", "choices": pairs(["fog", "rain", "snow"]), **stem}
    return {"id": name, "question": question, "answerKey": "C"}


def test_arcs_own_json(load_rows):
    """The same item as from the hub's schema."""
    (item,) = load_rows("arc", [own_json()]).items
    on_hub = {
        "id": "Mercury_7001",
        "question": "What is frozen?",
        "choices": {"text": ["fog", "rain", "snow"], "label": ["A", "B", "C"]},
        "answerKey": "C",
    }
    assert (item,) == load_rows("arc", [on_hub]).items
    assert (("fog", "rain", "snow"), "C", "Mercury") == (item.choices, item.answer, item.subcategory)
    for name in ("AKDE&ED_2008_8_41", "CSZ20680", "LEAP__7_10339"):
        assert load_rows("arc", [own_json(name)]).items[0].id == name


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """A table."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_truthfulqas_own_csv(tmp_path):
    """MC1: the best answer against all incorrect ones; MC2: every correct one; each closed by a full stop."""
    write_csv(tmp_path / "TruthfulQA.csv", [TRUTHFUL_CSV])
    source = {"file": "TruthfulQA.csv"}
    one, several = (
        suites.load(SuiteRef.model_validate({"suite": name, "source": source}), tmp_path).items[0]
        for name in ("truthfulqa", "truthfulqa_mc2")
    )

    wrong = {"Yes.", "All fish fly.", "Only at night."}
    assert {"No, fish swim.", *wrong} == {*one.choices}
    assert ("No, fish swim.", "Fish", ()) == (one.answer_text, one.category, one.accept)
    right = {"No, fish swim.", "Fish do not fly.", "Only a few glide."}
    assert {*right, *wrong} == {*several.choices}
    assert right == {several.answer_text, *several.accept}


@pytest.mark.parametrize(
    ("suite", "row", "message"),
    [
        ("arc", COMMONSENSE, "row 1: the column 'question_concept' is not one of arc's"),
        (
            "arc",
            {"id": "7-1", "question_stem": "?", "choices": OPTIONS, "answerKey": "A"},
            "row 1: there is no column 'question'; it has: id, question_stem, choices, answerKey",
        ),
        ("arc", own_json("7-980"), "row 1, column 'id': '7-980' names none of the exams of arc"),
        (
            "arc",
            own_json(question_concept="cold"),
            "column 'question': 'question_concept' is not one of arc's",
        ),
        (
            "gsm8k",
            {"question": "?", "answer": "#### 3", "level": 2},
            "the column 'level' is not one of gsm8k's",
        ),
        ("truthfulqa", {"question": "?", "best_answer": "x"}, "there is no column 'mc1_targets'"),
    ],
)
def test_rows_of_another_data_set(load_rows, suite, row, message):
    """One line that says how to describe them."""
    with pytest.raises(SuiteError) as caught:
        load_rows(suite, [row])
    said = str(caught.value)
    assert message in said
    assert f"for rows that are not {suite}'s write 'suite: custom' with 'columns:'" in said
    assert "`llmxray suites --preview FILE` proposes them" in said
    assert "\n" not in said


def test_own_rows_are_known(tmp_path):
    """By columns and by what is in them."""

    def named(row: dict[str, Any]) -> tuple[str, ...]:
        (tmp_path / "a.jsonl").write_text(json.dumps(row))
        return own_rows(from_file(tmp_path / "a.jsonl"))

    assert ("arc",) == named(own_json())
    assert ("truthfulqa", "truthfulqa_mc2") == named(TRUTHFUL_CSV)
    assert () == named(COMMONSENSE)
    assert () == named({"question": "?", "answer": "no number"})
