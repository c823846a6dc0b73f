"""A suite's entry: columns, where they may stand, and what goes with them."""

from __future__ import annotations

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Columns, SuiteRef, parse

COLUMNS = "columns: {question: q, choices: [a, b], answer: r}"


def entry(text: str, suite: str) -> str:
    """The small experiment with this entry."""
    return text.replace("{suite: starter/arc}", suite)


def test_an_entry_with_columns(small_text: str) -> None:
    """Any name; a folder; a list of columns or one."""
    text = entry(
        small_text,
        "{suite: my-quiz, source: {folder: data, split: test, shots: dev}, answer_is: index1, bad_rows: skip,"
        " completion: true, columns: {question: q, context: c, choices: choices.text, labels: choices.label,"
        " answer: r, id: i, category: k, subcategory: s, difficulty: d, why: w}}",
    )
    (ref,) = parse(text).suites

    assert ref.columns is not None
    assert ref.source is not None
    assert ("my-quiz", "my-quiz", "index1") == (ref.suite, ref.id, ref.answer_is)
    assert ("data", "test", "dev") == (ref.source.folder, ref.source.split, ref.source.shots)
    assert ("choices.text",) == ref.columns.choice_paths
    assert ("a", "b") == Columns(question="q", answer="r", choices=("a", "b")).choice_paths
    assert () == Columns(question="q", answer="r").choice_paths


def test_yes_and_no_are_words(small_text: str) -> None:
    """In the YAML of the experiment file they are no truth values."""
    text = "{suite: b, source: {file: b.jsonl}, columns: {question: q, answer: a}, choices: [yes, no], answer_is: bool}"
    assert ("yes", "no") == parse(entry(small_text, text)).suites[0].choices


def test_an_entry_is_read_back_as_it_was(small_text: str) -> None:
    """Dumped and validated."""
    (ref,) = parse(entry(small_text, f"{{suite: b, source: {{file: x}}, {COLUMNS}}}")).suites
    assert ref == SuiteRef.model_validate(ref.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ("{suite: x, source: {}}", "suites[0].source: needs either 'file' or 'hub' or 'folder'"),
        ("{suite: x, source: {file: a, folder: b}}", "needs either 'file' or 'hub' or 'folder'"),
        ("{suite: x, source: {folder: a, revision: m}}", "'revision' goes with 'hub', not with 'folder'"),
        (
            "{suite: x, source: {file: a, split: test}}",
            "'revision' and 'split' go with 'hub', not with 'file'",
        ),
        ("{suite: x, answer_is: index}", "suites[0].answer_is: goes with 'columns:'"),
        ("{suite: x, choices: [a, b]}", "suites[0].choices: goes with 'columns:'"),
        ("{suite: x, bad_rows: skip}", "suites[0].bad_rows: goes with 'columns:'"),
        ("{suite: x, completion: true}", "suites[0].completion: goes with 'columns:'"),
        (f"{{suite: x, {COLUMNS}}}", "suites[0].columns: need a 'source:' with the rows"),
        (
            f"{{suite: x, source: {{file: a}}, {COLUMNS}, choices: [yes, no]}}",
            "suites[0].choices: stands beside 'columns.choices'; keep one of the two",
        ),
        (
            f"{{suite: x, source: {{file: a}}, {COLUMNS}, answer_is: bool}}",
            "suites[0].answer_is: bool needs two fixed options, such as 'choices: [yes, no]'",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, choices: [a, b, c], answer_is: bool}",
            "bool needs two fixed options",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, answer_is: index}",
            "suites[0].answer_is: index needs options: name their column",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, choices: [a]}",
            "suites[0].choices: needs 2 to 26 options, not 1",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, choices: [a, ' a']}",
            "suites[0].choices: two options are equal",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, choices: [0, 1]}",
            "must be text, not the number 0; put it in quotes",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r}, answer_is: number}",
            "must be letter, index, index1, text or bool, not 'number'",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, options: o}}",
            "suites[0].columns.options: unknown key; did you mean 'choices'?",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, passage: o}}",
            "did you mean 'context'?",
        ),
        ("{suite: x, source: {file: a}, columns: {question: q}}", "suites[0].columns: 'answer' is missing"),
        (
            "{suite: x, source: {file: a}, columns: q}",
            "suites[0].columns: must be what each column holds, such as {question: question",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, choices: [a]}}",
            "suites[0].columns.choices: must be a column, such as choices.text, or a list of two columns or more",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, choices: {text: a}}}",
            "suites[0].columns.choices: must be a column",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, choices: [a, b], labels: l}}",
            "suites[0].columns.labels: goes with one column of 'choices' that holds a list",
        ),
    ],
)
def test_entries_that_do_not_fit_together(small_text: str, suite: str, message: str) -> None:
    """One line with the place."""
    with pytest.raises(ExperimentError) as caught:
        parse(entry(small_text, suite))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
