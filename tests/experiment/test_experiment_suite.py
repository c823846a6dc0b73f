"""A suite's entry: columns, where they may stand, and what goes with them."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Columns, parse

COLUMNS = "columns: {question: q, choices: [a, b], answer: r}"


def entry(text: str, suite: str) -> str:
    """The small experiment with this entry."""
    return text.replace("{suite: starter/arc}", suite)


def test_an_entry_with_columns(small_text):
    """Any name; a folder; a list of columns or one."""
    text = entry(
        small_text,
        "{suite: my-quiz, source: {folder: data, split: test, shots: dev}, answer_is: index1, bad_rows: skip,"
        " completion: true, columns: {question: q, context: c, choices: choices.text, labels: choices.label,"
        " answer: r, id: i, category: k, subcategory: s, difficulty: d, why: w}}",
    )
    (ref,) = parse(text).suites

    assert ("my-quiz", "my-quiz", "index1") == (ref.suite, ref.id, ref.answer_is)
    assert ("data", "test", "dev") == (ref.source.folder, ref.source.split, ref.source.shots)
    assert ("choices.text",) == ref.columns.choice_paths
    assert ("a", "b") == Columns(question="q", answer="r", choices=("a", "b")).choice_paths
    assert () == Columns(question="q", answer="r").choice_paths


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ("{suite: x, source: {file: a, folder: b}}", "needs either 'file' or 'hub' or 'folder'"),
        ("{suite: x, source: {folder: a, revision: m}}", "'revision' goes with 'hub', not with 'folder'"),
        (
            "{suite: x, source: {file: a, split: test}}",
            "'revision' and 'split' go with 'hub', not with 'file'",
        ),
        ("{suite: x, answer_is: index}", "suites[0].answer_is: goes with 'columns:'"),
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
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, options: o}}",
            "suites[0].columns.options: unknown key; did you mean 'choices'?",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, choices: [a]}}",
            "suites[0].columns.choices: must be a column, such as choices.text, or a list of two columns or more",
        ),
        (
            "{suite: x, source: {file: a}, columns: {question: q, answer: r, choices: [a, b], labels: l}}",
            "suites[0].columns.labels: goes with one column of 'choices' that holds a list",
        ),
    ],
)
def test_entries_that_do_not_fit_together(small_text, suite, message):
    """One line with the place."""
    with pytest.raises(ExperimentError) as caught:
        parse(entry(small_text, suite))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
