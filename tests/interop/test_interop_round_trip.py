"""What is written for another tool and read again is what was recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from studies import shipped

from llmxray import workflow
from llmxray.types import ExportForm, Outcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NO_MARK = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED)


@pytest.mark.parametrize("form", ["inspect", "eee"])
def test_an_export_reads_back(form: ExportForm, tmp_path: Path) -> None:
    """Letters, outcomes and times; log-probabilities too where the format has a place for them."""
    data = shipped("model-showdown")
    workflow.export(data, form, tmp_path, NOW)
    (found,) = workflow.read_files([tmp_path])
    letters = {each.id for each in data.results.plan.conditions if each.answer == "letter"}
    ours = [row for row in data.results.rows if row.condition in letters and row.outcome not in NO_MARK]
    theirs = found.results.rows
    assert len(theirs) >= len(ours)
    by_text = {(row.item_id, row.text, row.latency_s and round(row.latency_s, 3)): row for row in theirs}
    met = 0
    for row in ours:
        again = by_text.get((row.item_id, row.text, row.latency_s and round(row.latency_s, 3)))
        if again is None or row.rotation or row.reasoning:
            continue
        met += 1
        assert (again.outcome, again.answer) == (row.outcome, row.answer), row.trial
        if form == "inspect" and row.option_confidence is not None:
            assert again.option_confidence == pytest.approx(row.option_confidence)
    assert met > len(ours) / 2
