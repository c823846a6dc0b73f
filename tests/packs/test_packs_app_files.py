"""Files that the original app reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmxray import workflow
from llmxray.interop.read import app
from llmxray.packs import app_export
from llmxray.workflow import Workspace


def test_what_we_write_the_app_can_read_and_so_can_we(recorded: Workspace, tmp_path: Path) -> None:
    """A round trip: answers, outcomes and times come back; missing confidence stays missing."""
    prepared = workflow.prepare(recorded.find("tiny"), recorded)
    written, left_out = workflow.export_app_files(prepared, tmp_path)
    assert left_out == 0
    assert sorted(path.name for path in written) == [
        "benchmark-one.csv",
        "benchmark-one.json",
        "benchmark-two.csv",
        "benchmark-two.json",
        "suite-starter-arc.json",
    ]
    ours = [row for row in workflow.read_results(prepared).rows if row.condition == "one"]
    back = app.read([("b.json", (tmp_path / "benchmark-one.json").read_bytes())]).results.rows
    assert [(row.item_id, row.outcome, row.answer) for row in back] == [
        (row.item_id, row.outcome, row.answer) for row in ours
    ]
    assert [row.latency_s for row in back] == pytest.approx([row.latency_s for row in ours], abs=1e-6)
    suite = json.loads((tmp_path / "suite-starter-arc.json").read_text())
    assert set(suite) == {"id", "name", "description", "builtIn", "questions"}
    assert all(
        2 <= len(each["choices"]) <= 6 and each["choices"][0].startswith("A) ") for each in suite["questions"]
    )
    assert (tmp_path / "benchmark-one.csv").read_text().startswith("Category,Question ID,Expected Answer,")


def test_the_exported_suite_loads_as_a_custom_suite(recorded: Workspace, tmp_path: Path) -> None:
    """Our own importer of the app's suite format takes it."""
    prepared = workflow.prepare(recorded.find("tiny"), recorded)
    workflow.export_app_files(prepared, tmp_path)
    (tmp_path / "own.yaml").write_text(
        "experiment: own\nkind: benchmark\nendpoints: {here: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: [{id: one, endpoint: here, model: m}]\n"
        "suites: [{suite: custom, source: {file: suite-starter-arc.json}}]\n"
    )
    again = workflow.prepare(tmp_path / "own.yaml", Workspace(tmp_path / "c", tmp_path))
    ours = [item for suite in prepared.plan.suites.values() for item in suite.items]
    theirs = [item for suite in again.plan.suites.values() for item in suite.items]
    assert [(each.id, each.choices, each.answer) for each in theirs] == [
        (each.id, each.choices, each.answer) for each in ours
    ]
    assert app_export.MOST_QUESTIONS == 500
