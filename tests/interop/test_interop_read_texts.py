"""What was said and what is right, as files hold it in forms that are no plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read import Imported, promptfoo


def one(*files: tuple[str, bytes]) -> Imported:
    """The one experiment of files."""
    (found,) = interop.read(files)
    return found


def outcomes(found: Imported) -> list[str]:
    """Outcome of each row."""
    return [row.outcome.value for row in found.results.rows]


def test_a_reply_of_promptfoo_that_is_an_object_is_read_whole() -> None:
    """Its answer may stand behind any number of characters, as it may in a text."""
    replies = [{"reasoning": "Because " + "é" * 300, "answer": "Town"}] * 3
    rows = [
        made.promptfoo_row(n, "", passed=True, vars={"question": f"Which {n}?", "expected": "Town"})
        | {"response": {"output": reply}}
        for n, reply in enumerate(replies)
    ]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert outcomes(found) == ["correct"] * 3
    assert [json.loads(row.text) for row in found.results.rows] == replies
    assert "é" in found.results.rows[0].text


@pytest.mark.parametrize(
    ("value", "known", "answer"),
    [
        ("{{ capital }}", {"capital": "Town"}, "Town"),
        ("in {{capital}}, {{land}}", {"capital": "Town", "land": "Land"}, "in Town, Land"),
        ("{{capital | upper}}", {"capital": "Town"}, ""),
        ("{{other}}", {"capital": "Town"}, ""),
        ("{% if capital %}Town{% endif %}", {"capital": "Town"}, ""),
        ("file://town.txt", {}, ""),
        ("package:@org/towns:name", {}, ""),
        ("https://www.python.org", {}, "https://www.python.org"),
        ("{{capital}}", {"capital": "{{other}}"}, ""),
        ("{Town}", {}, "{Town}"),
    ],
)
def test_a_template_of_promptfoo_is_no_correct_answer(
    value: str, known: Mapping[str, str], answer: str
) -> None:
    """Where promptfoo asserts, and where a variable holds what is expected."""
    asserted = {"type": "icontains", "value": value}
    row = made.promptfoo_row(0, "Town", passed=True, vars={"question": "Which?", **known})
    row["testCase"] = {"assert": [asserted]}
    stated = made.promptfoo_row(
        0, "Town", passed=True, vars={"question": "Which?", "expected": value, **known}
    )
    for each in (row, stated):
        assert (answer or None) == _expected(each)


def _expected(row: Mapping[str, Any]) -> str | None:
    found = promptfoo.read_lines("r.jsonl", [row])
    return found.records[0].answer


@pytest.mark.parametrize(
    ("extracted", "text", "answer"),
    [
        ("Paris", "Paris", "Paris"),
        ("Rome", "It is Rome.", "Rome"),
        ("", "London\n\n---\n\nParis\n\n---\n\nIt is Rome.", "Paris"),
        ("i", "London\n\n---\n\nParis\n\n---\n\nIt is Rome.", "i"),
    ],
)
def test_of_several_completions_the_marked_one_is_shown_or_all(
    extracted: str, text: str, answer: str
) -> None:
    """None goes missing without a word, and no other one is called the answer. Metrics of one reply stay its marks."""
    rows = [
        made.eee_row(n, "A", metric=metric, right=True)
        | {"input": {"raw": f"Which {n}?", "reference": ["Paris"]}}
        | {"output": {"raw": ["London", "Paris", "It is Rome."]}}
        | {"answer_attribution": [{"extracted_value": value, "is_terminal": True}] if value else []}
        for n in range(2)
        for metric, value in (("acc", extracted), ("exact_match", "London"))
    ]
    found = one(("a_samples.jsonl", made.lines(rows)))
    assert [("correct", text, answer)] * 2 == [
        (row.outcome.value, row.text, row.answer) for row in found.results.rows
    ]
    said = "a_samples.jsonl: 2 replies hold 3 completions; shown is the one that was marked, or all where none is named"
    assert said in found.results.notes
