"""Event logs of OpenAI Evals: samples that failed."""

from __future__ import annotations

from typing import Any

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.types import Outcome


@pytest.mark.parametrize(
    ("data", "says"), [({"message": "rate limit"}, "rate limit"), ({}, "the sample failed")]
)
def test_a_sample_of_which_there_is_only_an_error_is_one(data: dict[str, Any], says: str) -> None:
    """It was dropped, so that nobody learnt that it was asked."""
    events = made.openai_events([("Paris", "Paris", True), ("Rome", "Bern", False)])
    failed = {"run_id": "r", "event_id": 9, "sample_id": 2, "type": "error", "data": data}
    (found,) = interop.read([("x.jsonl", made.lines([*events, failed]))])
    rows = {row.item_id: row for row in found.results.rows}
    assert len(rows) == 3
    assert (rows["2"].outcome, rows["2"].error) == (Outcome.ERROR, says)


def test_the_reply_is_what_was_held_against_the_answer() -> None:
    """A model that thinks first is sampled twice; its tokens are not those of the answer."""
    events = made.openai_events([("Paris", "Paris", True)])
    (place,) = (n for n, each in enumerate(events) if each.get("type") == "sampling")
    thought = {**events[place], "data": {**events[place]["data"], "sampled": "Let me think."}}
    match = next(each for each in events if each.get("type") == "match")
    match["data"]["sampled"] = "Paris"
    (found,) = interop.read([("x.jsonl", made.lines([*events[:place], thought, *events[place:]]))])
    assert [(row.text, row.completion_tokens) for row in found.results.rows] == [("Paris", None)]
    assert not any("otherwise" in note for note in found.results.notes)
