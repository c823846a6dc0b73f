"""The examples of docs/data.md read rows in the schemas of the hub. All questions are ours."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.experiment.yaml_loader import read_yaml
from llmxray.scoring import messages
from llmxray.suites import Suite

_EXAMPLE = re.compile(r"<!-- ([^>]+) -->\n```yaml\n(.*?)```", re.S)


@dataclass(frozen=True)
class Schema:
    """Rows with the hub's columns and types, and what must come of them: (text of the right option, category)."""

    rows: list[dict[str, Any]]
    right: list[tuple[str, str]]


def labelled(texts: list[str]) -> dict[str, list[str]]:
    """Options as ARC's family of data sets has them."""
    return {"label": list("ABCDE"[: len(texts)]), "text": texts}


LOGIC = """The following paragraph describes a set of three objects in a fixed order.

On a shelf stand three cups: red, blue and green. The red cup stands left of the blue one. The green cup is rightmost.
Options:
(A) The red cup is leftmost.
(B) The blue cup is leftmost.
(C) The green cup is leftmost."""

SCHEMAS = {
    "MMLU": Schema(
        [
            {
                "question": "Which body is a star?",
                "subject": "astronomy",
                "choices": ["Moon", "Mars", "Sun", "Io"],
                "answer": 2,
            },
        ],
        [("Sun", "astronomy")],
    ),
    "CommonsenseQA": Schema(
        [
            {
                "id": "75fc",
                "question": "Where is a coat hung?",
                "question_concept": "coat",
                "choices": labelled(["oven", "hook", "lake", "road", "plate"]),
                "answerKey": "B",
            }
        ],
        [("hook", "")],
    ),
    "BoolQ": Schema(
        [
            {"question": "is the lake deep", "passage": "The lake is ninety metres deep.", "answer": True},
            {"question": "is the lake salty", "passage": "Its water is fresh.", "answer": False},
        ],
        [("yes", ""), ("no", "")],
    ),
    "PIQA": Schema(
        [
            {
                "goal": "Dry a wet shoe.",
                "sol1": "Fill it with water.",
                "sol2": "Fill it with paper.",
                "label": 1,
            },
        ],
        [("Fill it with paper.", "")],
    ),
    "WinoGrande": Schema(
        [
            {
                "sentence": "The vase did not fit on the shelf because the _ was too tall.",
                "option1": "vase",
                "option2": "shelf",
                "answer": "1",
            },
        ],
        [("vase", "")],
    ),
    "BIG-Bench Hard": Schema([{"input": LOGIC, "target": "(A)"}], [("The red cup is leftmost.", "")]),
    "GPQA": Schema(
        [
            {
                "Record ID": f"rec{n}",
                "Question": f"What is {n} + {n}?",
                "Correct Answer": str(2 * n),
                "Incorrect Answer 1": f"{2 * n + 1}",
                "Incorrect Answer 2": f"{2 * n + 3}",
                "Incorrect Answer 3": f"{2 * n + 7}",
                "High-level domain": "Mathematics",
                "Writer's Difficulty Estimate": "Easy undergraduate level",
            }
            for n in range(1, 41)
        ],
        [(str(2 * n), "Mathematics") for n in range(1, 41)],
    ),
}


@pytest.fixture
def documented(root):
    """The examples by the name of their data set."""
    return dict(_EXAMPLE.findall((root / "docs/data.md").read_text("utf-8")))


def entry(text: str) -> dict[str, Any]:
    """The suite of an example."""
    suite: Any = read_yaml(text).data["suites"]
    return dict(suite[0])


def load(tmp_path: Path, text: str, rows: list[dict[str, Any]], **changes: Any) -> Suite:
    """The example as it stands, its rows from a folder in place of the hub."""
    found = {**entry(text), **changes}
    split = found["source"]["split"]
    (folder := tmp_path / "copy" / found.get("config", "")).mkdir(parents=True)
    (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    found["source"] = {"folder": "copy", "split": split}
    return suites.load(SuiteRef.model_validate(found), tmp_path)


def test_each_data_set_has_its_example(documented):
    """Seven of them, none longer than seven lines below `suites:`, and valid with their hub source as they stand."""
    assert set(SCHEMAS) == set(documented)
    for text in documented.values():
        ref = SuiteRef.model_validate(entry(text))
        assert ref.source.hub
        assert len(text.strip().splitlines()) <= 8


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples_read_rows_in_the_hubs_schema(tmp_path, documented, name):
    """Every row: the right option, the category, and a prompt that shows the question and each option once."""
    schema = SCHEMAS[name]
    suite = load(tmp_path, documented[name], schema.rows)

    assert schema.right == [(item.answer_text, item.category) for item in suite.items]
    for item in suite.items:
        (message,) = messages("zero-shot", item, "letter", ())
        prompt = str(message["content"])
        assert f"Question: {item.question}\n" in prompt
        for letter, choice in zip("ABCDE", item.choices, strict=False):
            assert prompt.count(f"{letter}. {choice}\n") == 1
    assert suite.name == entry(documented[name])["suite"]
    if name == "BoolQ":
        assert suite.items[0].question == "The lake is ninety metres deep.\nis the lake deep"
    if name == "BIG-Bench Hard":
        assert suite.items[0].question.endswith("The green cup is rightmost.")


def test_a_right_answer_of_its_own_column_is_shuffled(tmp_path, documented):
    """GPQA: in every place about equally often, the same with the same seed, and the order leads back."""
    rows = SCHEMAS["GPQA"].rows
    items = load(tmp_path / "a", documented["GPQA"], rows).items
    again = load(tmp_path / "b", documented["GPQA"], rows[5:10]).items
    other = load(tmp_path / "c", documented["GPQA"], rows, seed=8).items

    assert set("ABCD") == {item.answer for item in items}
    assert max(sum(item.answer == letter for item in items) for letter in "ABCD") <= 20
    assert [item.choices for item in items[5:10]] == [item.choices for item in again]
    assert [item.choices for item in items] != [item.choices for item in other]
    for item, row in zip(items, rows, strict=True):
        columns = ["Correct Answer", *(f"Incorrect Answer {n}" for n in (1, 2, 3))]
        order = item.source.split("option order ")[1].split(" of ")[0].split()
        assert tuple(row[columns[int(place)]] for place in order) == item.choices
