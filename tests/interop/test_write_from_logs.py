"""Logs in place of an experiment: a gate decides on them as on the recording, and one form becomes another."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from studies import shipped

from llmxray import workflow
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import export
from tests import commands

NAME = "model-showdown"


def llmxray(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a folder."""
    return commands.llmxray(*arguments, at=cwd)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shipped experiment, written as logs of Inspect; not to be changed."""
    folder = tmp_path_factory.mktemp("logs")
    workflow.export(shipped(NAME), "inspect", folder)
    return folder


@pytest.fixture(scope="module")
def back(logs: Path) -> ExperimentData:
    """The experiment read from them."""
    (imported,) = workflow.read_files([logs])
    return workflow.foreign_data(imported, [logs])


def test_confidence_comes_back_through_an_inspect_log(back: ExperimentData) -> None:
    """From the log-probabilities that were carried over, so that calibration is the same."""
    ours = shipped(NAME).results
    theirs = back.results
    known = sorted(row.option_confidence for row in ours.rows if row.option_confidence is not None)
    again = sorted(row.option_confidence for row in theirs.rows if row.option_confidence is not None)
    assert known == pytest.approx(again, rel=1e-9)


def test_the_marks_of_the_tool_stand_in_every_table(back: ExperimentData) -> None:
    """In CSV, JSON and Parquet beside our outcome; a recording of our own has none in any of them."""
    pq = pytest.importorskip("pyarrow.parquet")
    theirs, ours = back, shipped(NAME)
    marks = [row.tool_mark for row in theirs.results.rows]
    assert {"Inspect", ""} >= {mark.partition(" ")[0] for mark in marks}
    assert any(marks)
    for rows, known in ((theirs.results.rows, marks), (ours.results.rows, [""] * len(ours.results.rows))):
        table = list(csv.DictReader(io.StringIO(export.as_csv(rows).decode(), newline="")))
        assert [row["tool_mark"] for row in table] == known
        missing = [mark or None for mark in known]
        assert [row["tool_mark"] for row in json.loads(b"".join(export.as_json(rows)))["rows"]] == missing
        read = pq.read_table(io.BytesIO(export.as_parquet(rows)))
        assert read.column("tool_mark").to_pylist() == missing


def test_the_command_takes_logs(logs: Path, back: ExperimentData, tmp_path: Path) -> None:
    """A folder in place of an experiment: exit code and table as ever; and from one tool's form into another's."""
    shutil.copytree(logs, tmp_path / "logs")
    ids = {each.model: each.id for each in back.results.plan.conditions}
    small, large = (ids[f"qwen2.5-coder-{size}-instruct"] for size in ("0.5b", "1.5b"))
    done = llmxray("gate", "logs", "--baseline", large, "--candidate", small, "--margin", "2", cwd=tmp_path)
    assert (1, f"llmxray: {small} does not pass: worse") == (done.returncode, done.stderr.splitlines()[-1])
    # What `report` says of the files is said here too: a run that broke off must not pass unsaid.
    assert done.stderr.startswith("written by Inspect: 1935 answers")
    assert "**worse** |" in done.stdout
    done = llmxray("export", "logs", "--to", "eee", "--out", "eee", cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    aggregate = json.loads(next((tmp_path / "eee").glob("data/*/*/*/*.json")).read_bytes())
    assert {"Inspect": "unknown"} == {aggregate["eval_library"]["name"]: aggregate["eval_library"]["version"]}
    # A log says no more of who runs the model, and whether it thinks.
    details = aggregate["model_info"]["additional_details"]
    assert ("unknown", "unknown") == (details["deployment_type"], details["model_availability"])
    assert "reasoning" not in aggregate["evaluation_results"][0]["generation_config"]["generation_args"]
    done = llmxray(
        "gate", "logs", "showdown", "--baseline", large, "--candidate", small, "--margin", "2", cwd=tmp_path
    )
    assert (2, "llmxray: give one experiment, or result files of other tools\n") == (
        done.returncode,
        done.stderr,
    )
