"""A `file:` source lies in the folder of the experiment file, unless the person who runs it says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmxray import suites
from llmxray.errors import ExperimentError, SuiteError
from llmxray.experiment import SuiteRef
from llmxray.workflow import Workspace, prepare
from tests.refusals import llmxray, refused

EXPERIMENT = """\
experiment: mine
kind: benchmark
endpoints: {{lab: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites: [{{suite: custom, source: {{file: "{file}"}}}}]
"""
ITEM = {"id": "a", "question": "One?", "choices": ["x", "y"], "answer": "A"}
# A row of GSM8K, whose worked examples are looked for beside the questions.
SUM = {"question": "How many legs have two cats?", "answer": "2 * 4 = <<2*4=8>>8\n#### 8"}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder of experiments with rows in it, beside it, and behind links that lead out of it."""
    made = tmp_path / "experiments"
    (made / "data").mkdir(parents=True)
    for path in (made / "own.json", made / "data" / "own.json", tmp_path / "secret.json"):
        path.write_text(json.dumps([ITEM]))
    (made / "link.json").symlink_to(tmp_path / "secret.json")
    (made / "folder").symlink_to(tmp_path)
    (made / "inner.json").symlink_to("data/own.json")
    (made / "circle.json").symlink_to("circle.json")
    return made


def loaded(here: Path, file: str) -> suites.Suite:
    """The suite of a file, kept within the folder."""
    return suites.load(
        SuiteRef.model_validate({"suite": "custom", "source": {"file": file}}), here, within=here
    )


@pytest.mark.parametrize("file", ["own.json", "inner.json"])
def test_within_the_folder(here: Path, file: str) -> None:
    """Below it, by whatever way, links included."""
    assert [item.id for item in loaded(here, file).items] == ["a"]


@pytest.mark.parametrize("file", ["../secret.json", "link.json", ""])
def test_outside_of_the_folder(here: Path, file: str) -> None:
    """By dots, by a link to a file, by a link to a folder, by its whole path."""
    with pytest.raises(
        SuiteError, match="lies outside of the folder of the experiment file.*--allow-outside"
    ):
        loaded(here, file or str(here.parent / "secret.json"))


def test_worked_examples_beside_the_questions(here: Path) -> None:
    """They are found by name, so a link of that name is looked at too."""
    (here / "test.jsonl").write_text(json.dumps(SUM))
    (here.parent / "train.jsonl").write_text(json.dumps(SUM))
    (here / "train.jsonl").symlink_to(here.parent / "train.jsonl")
    ref = SuiteRef.model_validate({"suite": "gsm8k", "source": {"file": "test.jsonl"}})
    assert len(suites.load(ref, here).items) == 1
    with pytest.raises(SuiteError, match="train.jsonl lies outside"):
        suites.load(ref, here, within=here)


def test_the_experiment_of_a_stranger(here: Path) -> None:
    """`check` and `run` refuse, name the place in the file, and do as they are told with the flag."""
    (here / "mine.yaml").write_text(EXPERIMENT.format(file="../secret.json"))
    root = here.parent
    for command in (("check", "mine"), ("run", "mine", "--mode", "record")):
        said = refused(llmxray(*command, cwd=root))
        assert "experiments/mine.yaml:5:" in said
        assert "lies outside of the folder of the experiment file" in said
    done = llmxray("check", "mine", "--allow-outside", cwd=root)
    assert "custom: 1 question" in done.stdout, done.stderr
    where = Workspace(root / "cassettes", here)
    with pytest.raises(ExperimentError, match="lies outside"):
        prepare(here / "mine.yaml", where)


@pytest.fixture
def rows(here: Path) -> Path:
    """Folders of rows within the folder of experiments, with a secret behind a link in each."""
    row = json.dumps({"q": "One?", "c": ["x", "y"], "a": "A"})
    (here.parent / "secret.jsonl").write_text(row)
    for name in ("sound", "linked", "saved"):
        (here / name).mkdir()
        (here / name / "test.jsonl").write_text(row)
    (here / "linked" / "dev.jsonl").symlink_to(here.parent / "secret.jsonl")
    (here / "saved" / "state.json").write_text('{"_data_files": [{"filename": "rows.jsonl"}]}')
    (here / "saved" / "rows.jsonl").symlink_to(here.parent / "secret.jsonl")
    (here / "outer").symlink_to(here.parent)
    return here


def by_columns(here: Path, **source: str) -> suites.Suite:
    """A suite of columns, kept within the folder."""
    entry = {"suite": "mine", "source": source, "columns": {"question": "q", "choices": "c", "answer": "a"}}
    return suites.load(SuiteRef.model_validate(entry), here, within=here)


def test_folders_within(rows: Path) -> None:
    """A link in another split does no harm."""
    assert 1 == len(by_columns(rows, folder="sound").items)
    assert 1 == len(by_columns(rows, folder="linked", split="test").items)
    assert 1 == len(by_columns(rows, file="sound/test.jsonl").items)


@pytest.mark.parametrize(
    "source",
    [
        {"folder": "outer"},
        {"folder": "linked", "split": "dev"},
        {"folder": "saved"},
    ],
)
def test_folders_that_lead_out(rows: Path, source: dict[str, str]) -> None:
    """By dots, by links, in a shard, in what was saved, and by the worked examples."""
    with pytest.raises(
        SuiteError, match="lies outside of the folder of the experiment file.*--allow-outside"
    ):
        by_columns(rows, **source)
