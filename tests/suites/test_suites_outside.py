"""A `file:` source lies in the folder of the experiment file, unless the person who runs it says otherwise."""

import json
from pathlib import Path

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from tests.commands import llmxray
from tests.refusals import refused

EXPERIMENT = """\
experiment: mine
kind: benchmark
endpoints: {{lab: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites: [{{suite: mine, source: {{file: "{file}"}}, columns: {{question: q, choices: c, answer: a}}}}]
"""
ITEM = json.dumps({"q": "One?", "c": ["x", "y"], "a": "A"})
# A row of GSM8K, whose worked examples are looked for beside the questions.
SUM = {"question": "How many legs have two cats?", "answer": "2 * 4 = <<2*4=8>>8\n#### 8"}


@pytest.fixture
def here(tmp_path):
    """A folder of experiments with rows in it, beside it, and behind links that lead out of it."""
    made = tmp_path / "experiments"
    for name in ("sound", "linked", "saved"):
        (made / name).mkdir(parents=True)
        (made / name / "test.jsonl").write_text(ITEM)
    (tmp_path / "secret.jsonl").write_text(ITEM)
    for name in ("link.jsonl", "linked/dev.jsonl", "saved/rows.jsonl"):
        (made / name).symlink_to(tmp_path / "secret.jsonl")
    (made / "saved" / "state.json").write_text('{"_data_files": [{"filename": "rows.jsonl"}]}')
    (made / "outer").symlink_to(tmp_path)
    (made / "inner.jsonl").symlink_to("sound/test.jsonl")
    return made


def loaded(here: Path, **source: str) -> suites.Suite:
    """A suite of these rows, kept within the folder."""
    entry = {"suite": "mine", "source": source, "columns": {"question": "q", "choices": "c", "answer": "a"}}
    return suites.load(SuiteRef.model_validate(entry), here, within=here)


@pytest.mark.parametrize(
    "source",
    [
        {"file": "sound/test.jsonl"},
        {"file": "inner.jsonl"},
        {"folder": "sound"},
        {"folder": "linked", "split": "test"},
    ],
)
def test_within_the_folder(here, source):
    """Below it, by whatever way; a link in another split does no harm."""
    assert 1 == len(loaded(here, **source).items)


@pytest.mark.parametrize(
    "source",
    [
        {"file": "../secret.jsonl"},
        {"file": "link.jsonl"},
        {"file": "outer/secret.jsonl"},
        {"file": ""},
        {"folder": "outer"},
        {"folder": "linked", "split": "dev"},
        {"folder": "saved"},
    ],
)
def test_outside_of_the_folder(here, source):
    """By dots, by a link to a file or a folder, by its whole path, in a split and in what was saved."""
    if source == {"file": ""}:
        source = {"file": str(here.parent / "secret.jsonl")}
    with pytest.raises(
        SuiteError, match="lies outside of the folder of the experiment file.*--allow-outside"
    ):
        loaded(here, **source)


def test_worked_examples_beside_the_questions(here):
    """They are found by name, so a link of that name is looked at too."""
    (here / "test.jsonl").write_text(json.dumps(SUM))
    (here.parent / "train.jsonl").write_text(json.dumps(SUM))
    (here / "train.jsonl").symlink_to(here.parent / "train.jsonl")
    ref = SuiteRef.model_validate({"suite": "gsm8k", "source": {"file": "test.jsonl"}})
    assert len(suites.load(ref, here).items) == 1
    with pytest.raises(SuiteError, match="train.jsonl lies outside"):
        suites.load(ref, here, within=here)


def test_the_experiment_of_a_stranger(here):
    """`check` and `run` refuse, name the place in the file, and do as they are told with the flag."""
    (here / "mine.yaml").write_text(EXPERIMENT.format(file="../secret.jsonl"))
    root = here.parent
    for command in (("check", "mine"), ("run", "mine", "--mode", "record")):
        said = refused(llmxray(*command, at=root))
        assert "experiments/mine.yaml:5:" in said
        assert "lies outside of the folder of the experiment file" in said
    done = llmxray("check", "mine", "--allow-outside", at=root)
    assert "mine: 1 question" in done.stdout, done.stderr
