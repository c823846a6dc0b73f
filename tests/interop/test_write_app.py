"""Files of the original app: what we write it can read, and so can we."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from studies import shipped

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.interop.read import app as app_files
from llmxray.interop.read.app_csv import COLUMNS
from llmxray.workflow import Workspace

NAME = "model-showdown"


def test_what_we_write_the_app_can_read_and_so_can_we(tmp_path: Path) -> None:
    """A round trip: answers, outcomes and times come back; options beyond six cannot be asked there."""
    data = shipped(NAME)
    done = workflow.export(data, "app", tmp_path)
    assert ("163 questions left out of the suites: the app asks two to six options only",) == done.notes
    names = {path.name for path in done.files}
    assert {"benchmark-smollm2.csv", "benchmark-smollm2.json", "suite-starter-arc.json"} <= names
    ours = data.results.of("smollm2")
    back = app_files.read([("b.json", (tmp_path / "benchmark-smollm2.json").read_bytes())]).results.rows
    assert [(row.item_id, row.outcome, row.answer) for row in ours] == [
        (row.item_id, row.outcome, row.answer) for row in back
    ]
    assert [row.latency_s for row in back] == pytest.approx([row.latency_s for row in ours], abs=1e-6)
    suite = json.loads((tmp_path / "suite-starter-arc.json").read_text("utf-8"))
    assert {"id", "name", "description", "builtIn", "questions"} == set(suite)
    assert all(
        2 <= len(each["choices"]) <= 6 and each["choices"][0].startswith("A) ") for each in suite["questions"]
    )


def test_the_table_has_the_head_that_is_read(tmp_path: Path) -> None:
    """Reader and writer have the same columns."""
    workflow.export(shipped(NAME), "app", tmp_path)
    text = (tmp_path / "benchmark-smollm2.csv").read_text("utf-8")
    assert list(COLUMNS) == next(csv.reader(io.StringIO(text)))


def test_the_exported_suite_loads_as_a_custom_suite(tmp_path: Path) -> None:
    """Our own importer of the app's suite format takes it."""
    data = shipped(NAME)
    workflow.export(data, "app", tmp_path)
    (tmp_path / "own.yaml").write_text(
        "experiment: own\nkind: benchmark\nendpoints: {here: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: [{id: one, endpoint: here, model: m}]\n"
        "suites: [{suite: custom, source: {file: suite-starter-arc.json}}]\n"
    )
    again = workflow.prepare(tmp_path / "own.yaml", Workspace(tmp_path / "c", tmp_path))
    theirs = [item for suite in again.plan.suites.values() for item in suite.items]
    assert [
        (each.id, each.choices, each.answer) for each in data.results.plan.suites["starter/arc"].items
    ] == [(each.id, each.choices, each.answer) for each in theirs]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A link in the folder would lead elsewhere."""
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "suite-starter-arc.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link, and nothing is written through one"):
        workflow.export(shipped(NAME), "app", tmp_path / "out")
    assert "mine" == (tmp_path / "elsewhere").read_text()
