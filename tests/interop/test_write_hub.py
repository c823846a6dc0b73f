"""The Hub: scores for the repository of a model, and a folder that is a data set."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from studies import made, named_on_the_hub, shipped

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import export as table
from llmxray.types import SuiteCard

NOW = datetime(2026, 1, 2, tzinfo=UTC)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def from_the_hub(tmp_path: Path, hub: str, card: str = "", **more: Any) -> ExperimentData:
    """Four of five right, on questions that came from a data set of the Hub."""
    suite = {"suite": "made/up", "source": {"hub": hub, "revision": "main"}, **more}
    suite |= {"columns": {"question": "q", "answer": "a"}}
    data = made(tmp_path, {"one": "++++-", "two": "+----"}, suites=[suite])
    plan = data.results.plan
    found = SuiteCard("made/up", "t", "t", "t", "MIT", "s", revision=card)
    suites = {name: replace(each, card=found) for name, each in plan.suites.items()}
    return replace(data, results=replace(data.results, plan=replace(plan, suites=suites)))


def test_scores_for_the_repository_of_a_model(tmp_path):
    """The Hub's own client reads the entry: data set, task, value in percent; how it was asked stands in the notes."""
    hub = pytest.importorskip("huggingface_hub")
    data = named_on_the_hub(from_the_hub(tmp_path / "c", "openai/gsm8k", f"main (commit {COMMIT})"))
    done = workflow.export(data, "hub-results", tmp_path, NOW)
    assert not done.notes
    names = [path.relative_to(tmp_path).as_posix() for path in done.files]
    assert ["Org/one/.eval_results/made-up.one.yaml", "Org/two/.eval_results/made-up.two.yaml"] == names
    (entry,) = hub.parse_eval_result_entries(yaml.safe_load(done.files[0].read_text("utf-8")))
    assert ("openai/gsm8k", "gsm8k", 80, COMMIT) == (
        entry.dataset_id,
        entry.task_id,
        entry.value,
        entry.dataset_revision,
    )
    assert entry.notes.startswith("letter answers, layout zero-shot, 5 questions, 95% CI 37.6 to 96.4")
    assert [yaml.safe_load(done.files[0].read_text("utf-8"))[0]] == hub.eval_result_entries_to_yaml([entry])


def test_a_task_that_is_not_known_is_to_be_checked(tmp_path):
    """The configuration is the best guess, and the note says so; a branch is no revision hash."""
    done = workflow.export(from_the_hub(tmp_path / "c", "a/b", config="hard"), "hub-results", tmp_path, NOW)
    (entry,) = yaml.safe_load(done.files[0].read_text("utf-8"))
    assert {"id": "a/b", "task_id": "hard"} == entry["dataset"]
    assert "one/.eval_results/made-up.one.yaml" == done.files[0].relative_to(tmp_path).as_posix()
    (note,) = done.notes
    assert "check `task_id` with the eval.yaml of a/b" in note


def test_questions_from_elsewhere_are_no_score_of_a_data_set(tmp_path):
    """The starter bank is in the form of benchmarks, and none of them."""
    with pytest.raises(InputError, match="no suite was read from the Hub"):
        workflow.export(shipped("model-showdown"), "hub-results", tmp_path / "out", NOW)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_data_set(tmp_path):
    """Its card is one that the Hub takes, and `datasets` loads the table by it."""
    hub = pytest.importorskip("huggingface_hub")
    datasets = pytest.importorskip("datasets")
    data = shipped("position-bias")
    done = workflow.export(data, "parquet", tmp_path / "out", NOW)
    assert ["results.parquet", "README.md"] == [path.name for path in done.files]
    card = hub.DatasetCard.load(tmp_path / "out" / "README.md")
    assert ("cc-by-4.0", data.title) == (card.data.license, card.data.pretty_name)
    loaded = datasets.load_dataset(
        str(tmp_path / "out"), "results", split="test", cache_dir=str(tmp_path / "cache")
    )
    rows = list(csv.DictReader(io.StringIO(table.as_csv(data.results.rows).decode(), newline="")))
    assert [row["item_id"] for row in rows] == loaded["item_id"][:]
    assert [float(row["latency_s"]) for row in rows] == loaded["latency_s"][:]
    text = card.text
    assert all(f"| `{name}` | {kind} |" in text for name, (kind, _) in table.COLUMN_TYPES.items())


def test_names_in_a_card_are_no_markup(tmp_path):
    """They come from files of strangers."""
    data = made(tmp_path / "c", {"one": "+-"}, title="a | <script>\n# b: [x](y)")
    workflow.export(data, "parquet", tmp_path, NOW)
    text = (tmp_path / "README.md").read_text("utf-8")
    assert "# a \\| \\<script\\> \\# b: \\[x\\](y)\n" in text
    front = yaml.safe_load(text.split("---\n")[1])
    assert "a | <script>\n# b: [x](y)" == front["pretty_name"]
