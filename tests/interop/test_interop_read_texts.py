"""What was said and what is right, as files hold it in forms that are no plain text."""

from __future__ import annotations

import json

import made_files as made

from llmxray.interop import read as interop
from llmxray.interop.read import Imported, lm_eval


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
        made.promptfoo_row(n, "", vars={"question": f"Which {n}?", "expected": "Town"}, testCase={})
        | {"response": {"output": reply}}
        for n, reply in enumerate(replies)
    ]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert outcomes(found) == ["correct"] * 3
    assert [json.loads(row.text) for row in found.results.rows] == replies
    assert "é" in found.results.rows[0].text


def test_an_expected_answer_of_lm_eval_that_is_no_text_is_read_whole() -> None:
    """A list of labels, say, as long as it is."""
    target = list(range(200))
    row = made.lm_eval_row(0, (-1.0, -2.0, -3.0, -4.0)) | {"target": target}
    (record,) = lm_eval.read("samples_t_2026-01-01T00-00-00.1.jsonl", [row], lm_eval.Results([])).records
    assert json.loads(record.answer or "") == target
