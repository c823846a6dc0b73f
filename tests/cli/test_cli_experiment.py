"""`llmxray new`: what it writes can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import llmxray

from llmxray.experiment import SCHEMA_FILE, load, schema_text
from llmxray.workflow import Overrides, Workspace, prepare

PRESETS = Path("llmxray/cli/presets")
# Rows of the published benchmarks, by config or suite.
ROWS = {
    "ARC-Easy": "arc_easy/validation.jsonl",
    "ARC-Challenge": "arc_challenge/validation.jsonl",
    "TIGER-Lab/MMLU-Pro": "mmlu_pro/test_slice_420.jsonl",
    "Rowan/hellaswag": "hellaswag/validation_500.jsonl",
    "openai/gsm8k": "gsm8k/test_400.jsonl",
    "truthfulqa/truthful_qa": "truthfulqa/multiple_choice_validation_400.jsonl",
}


def test_a_new_experiment_says_what_to_do_next(tmp_path: Path) -> None:
    """The path on standard output, for scripts; the next two commands beside it."""
    done = llmxray("new", "calibration", "--name", "mine", at=tmp_path)
    assert done.stdout == f"{Path('experiments') / 'mine.yaml'}\n"
    assert "llmxray check mine" in done.stderr
    assert "llmxray run mine --mode record" in done.stderr
    assert load(tmp_path / "experiments" / "mine.yaml").experiment == "mine"


def test_a_new_experiment_does_not_take_the_place_of_the_sites_settings(tmp_path: Path) -> None:
    """Every report of the folder reads them."""
    done = llmxray("new", "model-showdown", "--name", "site", at=tmp_path)
    assert 2 == done.returncode
    assert "experiments/site.yaml holds the settings of the site: choose another --name" in done.stderr
    assert not (tmp_path / "experiments").exists()


@pytest.mark.parametrize("name", ["MMLU", "../x"])
def test_what_cannot_be_the_name_of_a_suite_is_one_line(tmp_path: Path, name: str) -> None:
    """With where the names are."""
    done = llmxray("suites", name, at=tmp_path)
    assert 2 == done.returncode
    assert done.stderr.endswith("`llmxray suites` lists the names that there are\n")
    assert 1 == done.stderr.count("\n")


def test_an_editor_finds_the_schema_of_a_new_experiment(tmp_path: Path) -> None:
    """Its first line leads to a file beside it: no network, no clone. An old one is renewed, another's stays."""
    schema = tmp_path / "experiments" / SCHEMA_FILE
    for name, before, after in (
        ("one", None, schema_text()),
        ("two", '{"$id": "urn:llmxray:experiment"}', schema_text()),
        ("three", "{}", "{}"),
    ):
        if before is not None:
            schema.write_text(before, "utf-8")
        assert llmxray("new", "calibration", "--name", name, at=tmp_path).returncode == 0
        line = (tmp_path / "experiments" / f"{name}.yaml").read_text("utf-8").splitlines()[0]
        assert line == f"# yaml-language-server: $schema={schema.name}"
        assert schema.read_text("utf-8") == after


def test_the_full_showdown_plans_the_published_benchmarks(root: Path, shared: Path, tmp_path: Path) -> None:
    """On files in place of the hub, with a lab's models by the one command of its head."""
    text = (root / PRESETS / "showdown-full.yaml").read_text("utf-8")

    def local(line: re.Match[str]) -> str:
        key = next(row for row in ROWS if row in line[0])
        rows = (shared / "data" / ROWS[key]).read_text("utf-8").splitlines(keepends=True)
        folder = tmp_path / key.rpartition("/")[2]
        folder.mkdir()
        # Worked examples, in the split that the suite takes them from.
        examples = "validation" if "MMLU" in key else "train"
        (folder / f"{examples}.jsonl").write_text("".join(rows[:5]))
        (folder / "rows.jsonl").write_text("".join(rows[5:]))
        text = re.sub(
            r"source: \{[^}]*\}", f"source: {{file: {(folder / 'rows.jsonl').as_posix()}}}", line[0]
        )
        return text.replace("per_category: 30", "per_category: 10")

    path = tmp_path / "showdown-full.yaml"
    path.write_text(re.sub(r"  - \{suite: .*", local, text))
    overrides = Overrides({"lab": "http://127.0.0.1:9/v1"}, {"small": "a-lab-s", "large": "a-lab-l"})
    prepared = prepare(path, Workspace(tmp_path / "c", tmp_path, outside=True), overrides)
    sizes = {name: len(suite.items) for name, suite in prepared.plan.suites.items()}
    assert sizes == {
        "arc-easy": 200,
        "arc-challenge": 200,
        "mmlu_pro": 140,
        "hellaswag": 200,
        "gsm8k": 200,
        "truthfulqa": 200,
    }
    assert [condition.model for condition in prepared.plan.conditions] == ["a-lab-s", "a-lab-l"]
    assert len(prepared.plan.trials) == 2 * sum(sizes.values())
    # Every question stands behind worked examples, TruthfulQA's too: without them these models are cut off.
    turns = [len(request.body["messages"]) for trial in prepared.plan.trials for request in trial.requests]
    assert min(turns) > 5
