"""Proposals for data sets that were never seen, in the schemas of many of the hub. All questions are ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites.data_files import rows_of
from llmxray.suites.preview import Proposal, propose

SKY = {"A": "grey", "B": "blue", "C": "black", "D": "white"}


def several(make: Callable[[int], dict[str, Any]], count: int = 6) -> list[dict[str, Any]]:
    """Rows that differ."""
    return [make(number) for number in range(count)]


# Rows, then what is proposed.
CASES: dict[str, tuple[list[dict[str, Any]], Proposal]] = {
    "cais/mmlu": (
        several(
            lambda n: {
                "question": f"{n} + 1?",
                "subject": "sums",
                "choices": [f"{n}", f"{n + 1}", "x", "y"],
                "answer": 1,
            }
        ),
        Proposal(
            {"question": "question", "choices": "choices", "answer": "answer", "category": "subject"},
            "index",
            (),
            ("answer fits 'answer_is: index1' as well: look at a few questions",),
        ),
    ),
    "tau/commonsense_qa": (
        several(
            lambda n: {
                "id": f"a{n}",
                "question": f"Where {n}?",
                "question_concept": "where",
                "choices": {"label": ["A", "B"], "text": ["here", f"there {n}"]},
                "answerKey": "AB"[n % 2],
            }
        ),
        Proposal(
            {"question": "question", "choices": "choices.text", "answer": "answerKey", "id": "id"}, "letter"
        ),
    ),
    "ARC's own JSON": (
        several(
            lambda n: {
                "id": f"a{n}",
                "question": {
                    "stem": f"Where {n}?",
                    "choices": [{"text": "here", "label": "1"}, {"text": "there", "label": "2"}],
                },
                "answerKey": "12"[n % 2],
            }
        ),
        Proposal(
            {
                "question": "question.stem",
                "choices": "question.choices.text",
                "answer": "answerKey",
                "id": "id",
            },
            "letter",
        ),
    ),
    "google/boolq": (
        several(lambda n: {"question": f"is it {n}", "passage": f"It is {n}.", "answer": n % 2 == 0}),
        Proposal({"question": "question", "answer": "answer", "context": "passage"}, "bool", ("yes", "no")),
    ),
    "ybisk/piqa": (
        several(lambda n: {"goal": f"Do {n}.", "sol1": f"Well {n}.", "sol2": f"Badly {n}.", "label": n % 2}),
        Proposal({"question": "goal", "choices": ["sol1", "sol2"], "answer": "label"}, "index"),
    ),
    "allenai/winogrande": (
        several(
            lambda n: {"sentence": f"_ is {n}.", "option1": "Ann", "option2": "Eva", "answer": str(1 + n % 2)}
        ),
        Proposal({"question": "sentence", "choices": ["option1", "option2"], "answer": "answer"}, "index1"),
    ),
    "openlifescienceai/medmcqa": (
        several(
            lambda n: {
                "id": f"m{n}",
                "question": f"Which bone {n}?",
                **dict(zip(("opa", "opb", "opc", "opd"), ("rib", "skull", "hip", f"toe {n}"), strict=True)),
                "cop": n % 4,
                "choice_type": "single",
                "exp": "So it is.",
                "subject_name": "Anatomy",
                "topic_name": None,
            }
        ),
        Proposal(
            {
                "question": "question",
                "choices": ["opa", "opb", "opc", "opd"],
                "answer": "cop",
                "category": "subject_name",
                "id": "id",
                "why": "exp",
            },
            "index",
        ),
    ),
    "GBaker/MedQA-USMLE-4-options": (
        several(
            lambda n: {
                "question": f"Sky {n}?",
                "answer": "blue",
                "options": SKY,
                "answer_idx": "B",
                "meta_info": "x",
            }
        ),
        Proposal({"question": "question", "choices": "options", "answer": "answer"}, "text"),
    ),
    "lukaemon/bbh": (
        several(lambda n: {"input": f"Sort {n}.\nOptions:\n(A) up\n(B) down", "target": f"({'AB'[n % 2]})"}),
        Proposal({"question": "input", "choices": "input", "answer": "target"}, "letter"),
    ),
    "lukaemon/bbh, web of lies": (
        several(lambda n: {"input": f"Ann lies {n} times. Is she honest?", "target": ["No", "Yes"][n % 2]}),
        Proposal({"question": "input", "answer": "target"}, "text", ("No", "Yes")),
    ),
    "Idavidrein/gpqa": (
        several(
            lambda n: {
                "Pre-Revision Question": "?",
                "Question": f"What is {n}?",
                "Correct Answer": f"{n}",
                "Incorrect Answer 1": "x",
                "Incorrect Answer 2": "y",
                "Incorrect Answer 3": "z",
                "Explanation": "Because.",
                "Subdomain": "Sums",
                "High-level domain": "Mathematics",
                "Record ID": f"r{n}",
            }
        ),
        Proposal(
            {
                "question": "Question",
                "choices": [
                    "Correct Answer",
                    "Incorrect Answer 1",
                    "Incorrect Answer 2",
                    "Incorrect Answer 3",
                ],
                "answer": "Correct Answer",
                "category": "High-level domain",
                "subcategory": "Subdomain",
                "id": "Record ID",
                "why": "Explanation",
            },
            "text",
        ),
    ),
    "allenai/sciq": (
        several(
            lambda n: {
                "question": f"What is {n}?",
                "distractor3": "x",
                "distractor1": "y",
                "distractor2": "z",
                "correct_answer": f"{n}",
                "support": f"It is {n}.",
            }
        ),
        Proposal(
            {
                "question": "question",
                "choices": ["correct_answer", "distractor3", "distractor1", "distractor2"],
                "answer": "correct_answer",
                "context": "support",
            },
            "text",
        ),
    ),
    "TAUR-Lab/MuSR": (
        several(
            lambda n: {
                "narrative": f"Long ago {n}.",
                "question": "Who was it?",
                "choices": "['Ann', \"O'Neil\"]",
                "answer_index": n % 2,
                "answer_choice": ["Ann", "O'Neil"][n % 2],
            }
        ),
        Proposal(
            {"question": "question", "choices": "choices", "answer": "answer_index", "context": "narrative"},
            "index",
        ),
    ),
    "Rowan/hellaswag": (
        several(
            lambda n: {
                "ind": 4,
                "activity_label": "Baking",
                "ctx_a": "A",
                "ctx_b": "b",
                "ctx": f"A b {n}",
                "endings": ["w.", "x.", "y.", "z."],
                "label": str(n % 4),
            }
        ),
        Proposal({"question": "ctx", "choices": "endings", "answer": "label"}, "index"),
    ),
    "openai/gsm8k": (
        several(lambda n: {"question": f"How many {n}?", "answer": f"#### {n}"}),
        Proposal({"question": "question", "answer": "answer"}),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_proposed(tmp_path: Path, name: str) -> None:
    """And each proposal can be asked as it stands."""
    rows, expected = CASES[name]
    found = propose(rows_of("d", rows))
    assert expected == found

    (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, rows)))
    entry = {"suite": "mine", "source": {"file": "d.jsonl"}, "columns": found.columns}
    entry |= {"answer_is": found.answer_is} if found.answer_is else {}
    entry |= {"choices": found.choices} if found.choices else {}
    assert len(rows) == len(suites.load(SuiteRef.model_validate(entry), tmp_path).items)


def test_a_few_rows_that_cannot_be_asked_hide_nothing() -> None:
    """One in twenty may have no answer, no question or no options; of fillers there may be many."""
    rows, expected = CASES["ybisk/piqa"]
    sound = several(lambda n: {**rows[n % 6], "goal": f"Do {n}."}, 57)
    for fault in ({"label": -1}, {"goal": ""}, {"sol1": rows[0]["sol2"]}):
        assert expected == propose(rows_of("d", [*sound, *[{**rows[0], **fault}] * 3]))
    # MMLU-Pro's worked examples are filled up to ten options.
    filled = several(
        lambda n: {"question": f"{n}?", "options": ["x", "y", *["N/A"] * (n % 2 * 8)], "answer": "B"}, 9
    )
    assert ("options", "letter") == (
        propose(rows_of("d", filled)).columns.get("choices"),
        propose(rows_of("d", filled)).answer_is,
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"n": 1, "m": 2}], "d: no column holds a question in its rows; it has: n, m"),
        (
            [{"question": "?", "options": ["x", "y"], "c": 1}],
            "d: no column names one of the options in its rows",
        ),
        ([{"question": "?", "c": 1}], "d: no column looks like the answer"),
    ],
)
def test_rows_that_show_nothing(rows: list[dict[str, Any]], message: str) -> None:
    """The error lists the columns."""
    with pytest.raises(SuiteError) as caught:
        propose(rows_of("d", rows))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
