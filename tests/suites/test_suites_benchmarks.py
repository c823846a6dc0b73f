"""The traps of each published schema, on rows made for the purpose."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from llmxray.errors import SuiteError
from llmxray.suites import Suite
from llmxray.suites.hellaswag import clean

type LoadRows = Callable[..., Suite]


def arc(**changes: Any) -> dict[str, Any]:
    """A row of ARC."""
    choices = {"text": ["fog", "rain", "snow"], "label": ["1", "2", "3"]}
    return {"id": "Exam_1", "question": "What is frozen?", "choices": choices, "answerKey": "3", **changes}


def mmlu_pro(**changes: Any) -> dict[str, Any]:
    """A row of MMLU-Pro."""
    row = {"question_id": 5, "question": "Which?", "options": ["a", "N/A", "c", "N/A"], "answer": "C"}
    return {**row, "answer_index": 2, "cot_content": "", "category": "law", "src": "x", **changes}


def hellaswag(**changes: Any) -> dict[str, Any]:
    """A row of HellaSwag."""
    row = {
        "ind": 4,
        "activity_label": "Baking",
        "ctx_a": "[header] How to bake [title] Mix. ",
        "ctx_b": "the cook",
    }
    endings = ["stirs.", "[step] flies.", "sings  it.", "naps."]
    return {**row, "ctx": "c", "endings": endings, "source_id": "wikihow~1", "label": "1", **changes}


def truthfulqa(**changes: Any) -> dict[str, Any]:
    """A row of TruthfulQA."""
    targets = {"choices": ["No.", "Yes.", "Often.", "Only at night."], "labels": [1, 0, 0, 0]}
    return {"question": "Do fish fly?", "mc1_targets": targets, **changes}


def gsm8k(**changes: Any) -> dict[str, Any]:
    """A row of GSM8K."""
    answer = "She has 2*600=<<2*600=1200>>1200.\nThen 1200+34=<<1200+34=1234>>1,234.\n#### $1,234"
    return {"question": "How many dollars?", "answer": answer, **changes}


def test_arc_numbers_become_letters(load_rows):
    """Three options labelled 1 to 3."""
    item = load_rows("arc", [arc()], config="ARC-Easy").items[0]

    assert (("fog", "rain", "snow"), "C", "snow") == (item.choices, item.answer, item.answer_text)
    assert ("earth and space", "Exam") == (item.category, item.subcategory)


def test_mmlu_pro_drops_fillers_and_moves_letters(load_rows):
    """C of four becomes B of two; the reader is told."""
    suite = load_rows("mmlu_pro", [mmlu_pro()])

    assert (("a", "c"), "B") == (suite.items[0].choices, suite.items[0].answer)
    assert ["row 1 (5), column 'options': 'N/A' options left out: 2"] == [str(each) for each in suite.faults]


def test_mmlu_pro_letter_beats_index_and_equal_options_are_one(load_rows):
    """What questions 3983 and 8584 of the real data need."""
    suite = load_rows("mmlu_pro", [mmlu_pro(answer_index=0, options=["a", "b", "c", "a"])])

    assert (("a", "b", "c"), "C") == (suite.items[0].choices, suite.items[0].answer)
    assert [("answer_index", 1), ("options", 1)] == [(each.field, each.row) for each in suite.faults]


def test_mmlu_pro_examples_lie_beside_the_questions(load_rows, tmp_path):
    """Rows with worked reasoning, the opening and the letter taken off; never one of the questions."""
    reasoning = "A: Let's think step by step. It is red.\n\nSo it stops. The answer is (C)."
    lines = [mmlu_pro(question_id=1, question="Shown?", cot_content=reasoning), mmlu_pro(question_id=2)]
    (tmp_path / "validation.json").write_text(json.dumps(lines), encoding="utf-8")
    suite = load_rows("mmlu_pro", [mmlu_pro()])

    assert [("1", "It is red.\nSo it stops.")] == [(shot.id, shot.why) for shot in suite.shots]
    assert 1 == len(suite.faults)


def test_hellaswag_is_cleaned(load_rows):
    """Titles end a sentence, other brackets go, the activity stands in front."""
    suite = load_rows("hellaswag", [hellaswag()])
    item = suite.items[0]

    assert "Baking: How to bake. Mix. The cook" == item.question
    assert ("stirs.", "flies.", "sings it.", "naps.") == item.choices
    assert ("B", "wikihow", "Baking") == (item.answer, item.category, item.subcategory)
    assert suite.completion
    assert "a. b" == clean(" a [title] b [x]")


def test_truthfulqa_is_shuffled_and_says_how(load_rows):
    """The order in ``source`` leads back to the data's own order; another seed gives another."""
    rows = [truthfulqa(question=f"Do {n} fish fly?") for n in range(40)]
    items = load_rows("truthfulqa", rows).items

    for item in items:
        order = [int(index) for index in item.source.split("option order ")[1].split(" of ")[0].split()]
        assert "No." == item.answer_text
        assert [truthfulqa()["mc1_targets"]["choices"][index] for index in order] == list(item.choices)
    assert set("ABCD") == {item.answer for item in items}
    assert items == load_rows("truthfulqa", rows).items
    assert items != load_rows("truthfulqa", rows, seed=1).items
    assert items[7].choices == load_rows("truthfulqa", rows[7:8]).items[0].choices


def mc2(**changes: Any) -> dict[str, Any]:
    """A row of TruthfulQA with two true answers of four."""
    targets = {"choices": ["No.", "Not at all.", "Yes.", "Often."], "labels": [1, 1, 0, 0]}
    return truthfulqa(mc2_targets=targets, **changes)


def test_truthfulqa_mc2_keeps_every_true_answer(load_rows):
    """One is the answer, the others are accepted; chance is their share; only likelihood can weigh them."""
    suite = load_rows("truthfulqa_mc2", [mc2(question=f"Do {n} fish fly?") for n in range(9)])

    assert "likelihood" == suite.answer
    assert 0.5 == suite.card.chance
    for item in suite.items:
        assert {"No.", "Not at all."} == {item.answer_text, *item.accept}
    with pytest.raises(SuiteError, match="truthfulqa_mc2 is scored by likelihood; remove 'answer: letter'"):
        load_rows("truthfulqa_mc2", [mc2()], answer="letter")


@pytest.mark.parametrize(
    ("choices", "labels", "message"),
    [
        (["a", "b"], [1, 1], "some of the choices with 1 and the others with 0"),
        (["a", "a", "b"], [1, 0, 0], "one text is marked both true and false"),
    ],
)
def test_mc2_rows_that_break_the_schema(load_rows, choices, labels, message):
    """Nothing true, nothing false, or both at once."""
    with pytest.raises(SuiteError, match=message):
        load_rows("truthfulqa_mc2", [truthfulqa(mc2_targets={"choices": choices, "labels": labels})])


def test_gsm8k_answers_as_letter_and_as_number(load_rows):
    """Commas and currency go; wrong options are generated; the working is kept without its marks."""
    item = load_rows("gsm8k", [gsm8k()]).items[0]

    assert "1234" == item.answer_text
    assert 4 == len({*item.choices})
    assert "2 steps" == item.category
    assert "She has 2*600=1200.\nThen 1200+34=1,234." == item.why
    assert "number" == load_rows("gsm8k", [gsm8k()], answer="number").answer
    assert load_rows("gsm8k", [gsm8k()], answer="number").card.chance is None


@pytest.mark.parametrize(
    ("suite", "row", "message"),
    [
        ("arc", {"id": "x", "question": "?"}, "rows.jsonl, row 1: there is no column"),
        ("arc", arc(answerKey="4"), "column 'answerKey': '4' is not one of the labels 1, 2, 3"),
        ("arc", arc(choices={"text": ["a", "b"], "label": ["3"]}), "1 labels for 2 texts"),
        ("mmlu_pro", mmlu_pro(answer="K"), "'K' is not one of its 4 options"),
        ("mmlu_pro", mmlu_pro(answer="B"), "B is the filler 'N/A'"),
        ("hellaswag", hellaswag(label=""), "the test split is published without answers"),
        ("hellaswag", hellaswag(label="-1"), "the answer is number 0 of 4 options"),
        ("truthfulqa", truthfulqa(mc1_targets={"choices": ["a", "b"], "labels": [1, 1]}), "exactly one"),
        ("gsm8k", gsm8k(answer="It is 18."), "column 'answer': must end with '####' and a number"),
    ],
)
def test_rows_that_break_the_schema(load_rows, suite, row, message):
    """One line with row and column."""
    with pytest.raises(SuiteError) as caught:
        load_rows(suite, [row])
    assert message in str(caught.value)
    assert "rows.jsonl, row 1" in str(caught.value)
    assert "\n" not in str(caught.value)
