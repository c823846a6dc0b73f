"""Proposals for data sets that were never seen: right, or refused in one line. All questions are ours."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites, workflow
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.experiment.yaml_loader import read_yaml
from llmxray.scoring import messages
from llmxray.suites import data_files, named_columns
from llmxray.suites.data_files import rows_of
from llmxray.suites.preview import propose
from llmxray.types import LETTERS, Item

# Columns, `answer_is` with fixed options, and the right letters of all rows; of one the line that refuses it.
SCHEMAS = {
    "agieval.parquet": "question: query, choices: choices, answer: gold.0; index; A B",
    "aqua.parquet": "question: question, choices: options, answer: correct, why: rationale; letter; E B",
    "bbh.parquet": "question: input, choices: input, answer: target; letter; A B",
    "belebele.parquet": (
        "question: question, choices: [mc_answer1, mc_answer2, mc_answer3, mc_answer4], answer: "
        "correct_answer_num, context: flores_passage; index1; A C"
    ),
    "commonsenseqa.parquet": "question: question, choices: choices.text, answer: answerKey, id: id; letter; A",
    "cosmos_qa.parquet": (
        "question: question, choices: [answer0, answer1, answer2, answer3], answer: label, context: "
        "context, id: id; index; C A"
    ),
    "dream.parquet": (
        "question: question, choices: choice, answer: answer, context: dialogue, id: id; text; B C"
    ),
    "gpqa.parquet": (
        "question: Question, choices: [Correct Answer, Incorrect Answer 1, Incorrect Answer 2, Incorrect "
        "Answer 3], answer: Correct Answer, category: High-level domain, subcategory: Subdomain, id: "
        "Record ID, why: Explanation; text; B A"
    ),
    "headqa.parquet": (
        "question: qtext, choices: answers.atext, answer: ra, labels: answers.aid, category: category, id: "
        "qid; letter; C A"
    ),
    "mathqa.parquet": (
        "mathqa.parquet: no column surely holds options, and none has answers such as yes and no "
        "(write the columns of open questions by hand); it has: "
        "Problem, Rationale, options, correct, category"
    ),
    "mc_answer_text.parquet": (
        "question: question, choices: [choice_1, choice_2, choice_3, choice_4], answer: correct_choice; "
        "index1; A B"
    ),
    "medmcqa.parquet": (
        "question: question, choices: [opa, opb, opc, opd], answer: cop, category: subject_name, id: id, "
        "why: exp; index; D C"
    ),
    "openbookqa.parquet": (
        "question: question_stem, choices: choices.text, answer: answerKey, id: id; letter; D C"
    ),
    "pubmedqa.parquet": (
        "question: question, answer: final_decision, context: context.contexts, id: pubid; text of yes, "
        "no, maybe; A C"
    ),
    "qasc.parquet": "question: question, choices: choices.text, answer: answerKey, id: id; letter; F A",
    "race.jsonl": "question: question, choices: options, answer: answer, context: article; letter; D A",
    "sciq.parquet": (
        "question: question, choices: [correct_answer, distractor1, distractor2, distractor3], answer: "
        "correct_answer; text; D A"
    ),
    "winogrande.parquet": "question: sentence, choices: [option1, option2], answer: answer; index1; B B",
}
GIVEAWAYS = ("support", "fact1", "fact2", "combinedfact", "exp", "Rationale", "rationale", "long_answer")


def _options(item: Item) -> str:
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, item.choices, strict=False))


def in_short(columns: Any, answer_is: Any, choices: Any, answers: Any) -> str:
    """A proposal as the tables have it."""
    named = ", ".join(f"{key}: {value}".replace("'", "") for key, value in columns.items())
    return f"{named}; {answer_is}{f' of {", ".join(choices)}' if choices else ''}; {' '.join(answers)}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_public_schemas(shared, name):
    """The printed entry loads; its prompts show question, options and context, and nothing that tells the answer."""
    pytest.importorskip("pyarrow")
    file, expected = shared / "formats" / "schemas" / name, SCHEMAS[name]
    if expected.startswith(name):
        with pytest.raises(SuiteError) as caught:
            [*workflow.propose_suite_entry(file)]
        assert expected == str(caught.value)
        return
    (entry,) = read_yaml("\n".join(workflow.propose_suite_entry(file)), file="printed").data["suites"]
    items = suites.load(SuiteRef.model_validate(entry), Path()).items
    answers = [item.answer for item in items]
    assert expected == in_short(entry["columns"], entry["answer_is"], entry.get("choices"), answers)

    for row, item in zip(data_files.from_file(file), items, strict=False):
        (message,) = messages("zero-shot", item, "letter", ())
        prompt = str(message["content"])
        assert prompt.endswith(f"Question: {item.question}\n{_options(item)}\n\nAnswer:")
        assert not re.search(r"^[A-Z]\. \(?[A-Za-z]\s?\)", prompt, re.M)
        told = [text for column in GIVEAWAYS if len(text := row.data.get(column) or "") > 3]
        assert not [text for text in told if text in prompt]
        if (right := row.data.get(entry["columns"]["answer"], "")) in item.choices:
            assert item.answer_text == right


def test_no_schema_is_forgotten(shared):
    """Each file has its line above."""
    assert {*SCHEMAS} == {path.name for path in (shared / "formats" / "schemas").iterdir()}


type Row = Callable[[int], dict[str, Any]]

# Rows, then a proposal with the answers of the first three; or the beginning of the line that refuses them.
OTHERS: dict[str, tuple[Row, str]] = {
    "numbers from 0 or from 1": (
        lambda n: {"question": f"{n}?", "choices": [*"wxyz"], "answer": 1 + n % 3},
        "d: 'answer' fits 'answer_is: index or index1' in all rows; write the entry by hand; it has: question, ",
    ),
    "letters that are options": (
        lambda n: {"question": f"{n}?", "options": ["O", "A", "B", "AB"], "answer": "AB"[n % 2]},
        "d: 'answer' fits 'answer_is: text or letter' in all rows",
    ),
    "arc, nested": (
        lambda n: {
            "id": f"a{n}",
            "question": {
                "stem": f"{n}?",
                "choices": [{"text": "x", "label": "1"}, {"text": "y", "label": "2"}],
            },
            "answerKey": "12"[n % 2],
        },
        "question: question.stem, choices: question.choices.text, answer: answerKey, id: id; letter; A B A",
    ),
    "boolq": (
        lambda n: {"question": f"is it {n}", "passage": f"It is {n}.", "answer": n % 2 == 0},
        "question: question, answer: answer, context: passage; bool of yes, no; A B A",
    ),
    "piqa": (
        lambda n: {"goal": f"Do {n}.", "sol1": f"Well {n}.", "sol2": f"Badly {n}.", "label": n % 2},
        "question: goal, choices: [sol1, sol2], answer: label; index; A B A",
    ),
    "medqa": (
        lambda n: {
            "question": f"{n}?",
            "answer": "blue",
            "options": {"A": "red", "B": "blue"},
            "answer_idx": "B",
        },
        "question: question, choices: options, answer: answer; text; B B B",
    ),
    "musr": (
        lambda n: {
            "narrative": f"Long ago {n}.",
            "question": "Who was it?",
            "choices": "['Ann', \"O'Neil\"]",
            "answer_index": n % 2,
            "answer_choice": ["Ann", "O'Neil"][n % 2],
        },
        "question: question, choices: choices, answer: answer_index, context: narrative; index; A B A",
    ),
    "answers that are all accepted": (
        lambda n: {"question": f"{n}?", "answer": f"x{n}", "answers": [f"x{n}", "y", "z"]},
        "d: no column surely names the right one of the options in answers",
    ),
    "texts with their answers": (
        lambda n: {"text": f"Is {n} odd? {['No', 'Yes'][n % 2]}.", "answer": ["No", "Yes"][n % 2]},
        "d: the texts in 'text' end in their answers",
    ),
    "a context that is no text": (
        lambda n: {
            "question": f"{n}?",
            "answer": n % 2 == 0,
            "context": {"title": ["t"], "sentences": [["s"]]},
        },
        "d: 'context' seems to hold what the questions are about, but neither text nor a list of texts",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_layouts(name):
    """Each proposal can be asked as it stands."""
    make, expected = OTHERS[name]
    rows = rows_of("d", [make(n) for n in range(12)])
    if expected.startswith("d: "):
        with pytest.raises(SuiteError) as caught:
            propose(rows)
        assert str(caught.value).startswith(expected)
        assert "\n" not in str(caught.value)
        return
    found = propose(rows)
    entry = {"columns": found.columns, "answer_is": found.answer_is, "choices": found.choices or None}
    ref = SuiteRef.model_validate({"suite": "x", "source": {"file": "x"}, **entry})
    answers = [item.answer for item in named_columns.read_items(ref, ref.columns, rows)[0]]
    assert expected == in_short(found.columns, found.answer_is, found.choices, answers[:3])


def test_a_few_rows_that_cannot_be_asked_hide_nothing():
    """One in twenty may have no answer, no question or no options; of fillers there may be many."""
    rows = [OTHERS["piqa"][0](n) for n in range(57)]
    found = propose(rows_of("d", rows))
    for fault in ({"label": -1}, {"goal": ""}, {"sol1": rows[0]["sol2"]}):
        assert found == propose(rows_of("d", [*rows, *[{**rows[0], **fault}] * 3]))
    # MMLU-Pro's worked examples are filled up to ten options.
    filled = [
        {"question": f"{n}?", "options": ["x", "y", *["N/A"] * (n % 2 * 8)], "answer": "B"} for n in range(9)
    ]
    assert ("options", "letter") == (
        propose(rows_of("d", filled)).columns.get("choices"),
        propose(rows_of("d", filled)).answer_is,
    )


def test_notes_on_what_is_assumed_and_not_used():
    """A column's name decides where rows do not; what is left out is named."""
    rows = [
        {
            "question": "2?",
            "choice_1": "x",
            "choice_2": "y",
            "choice_3": "z",
            "correct_choice": 2,
            "hint": "h",
        }
    ]
    assert (
        "correct_choice may count the options from 0 or from 1; index1 is assumed: check a few questions.",
        "Not used: hint.",
    ) == propose(rows_of("d", rows)).notes
