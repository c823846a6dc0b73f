"""`llmxray new` and `llmxray compare`: what they write can be used as it stands."""

import json
from pathlib import Path

import pytest
from asking import answering, served
from commands import llmxray

from llmxray.experiment import SCHEMA_FILE, load, schema_text


def test_a_new_experiment_says_what_to_do_next(tmp_path):
    """The path on standard output, for scripts; the next two commands beside it."""
    done = llmxray("new", "calibration", "--name", "mine", at=tmp_path)
    assert done.stdout == f"{Path('experiments') / 'mine.yaml'}\n"
    assert "llmxray check mine" in done.stderr
    assert "llmxray run mine --mode record" in done.stderr
    assert load(tmp_path / "experiments" / "mine.yaml").experiment == "mine"


def test_a_new_experiment_does_not_take_the_place_of_the_sites_settings(tmp_path):
    """Every report of the folder reads them."""
    done = llmxray("new", "model-showdown", "--name", "site", at=tmp_path)
    assert 2 == done.returncode
    assert "experiments/site.yaml holds the settings of the site: choose another --name" in done.stderr
    assert not (tmp_path / "experiments").exists()


def test_an_editor_finds_the_schema_of_a_new_experiment(tmp_path):
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


QUIZ = "question,a,b,c,answer\n" + "".join(f"What is {n} + 1?,{n},{n + 1},{n + 2},B\n" for n in range(8))


@pytest.fixture
def server():
    """A server with two models that sends no log-probabilities."""

    def said(body: bytes) -> str:
        return "B" if json.loads(body)["model"] == "lab/b" else "A"

    with served(answering(said, "lab/a:7b", "lab/b")) as url:
        yield url


def test_two_commands_lead_from_a_table_of_questions_to_a_report(tmp_path, server):
    """The file is copied beside the experiment, whose models are those of the server; `check` passes."""
    (tmp_path / "quiz.csv").write_text(QUIZ)
    done = llmxray("new", "--server", server, "--data", "quiz.csv", at=tmp_path)
    assert (done.returncode, done.stdout) == (0, "experiments/quiz.yaml\n"), done.stderr
    text = (tmp_path / "experiments/quiz.yaml").read_text("utf-8")
    assert "This server sends no log-probabilities" in text
    assert [model.model for model in load(tmp_path / "experiments/quiz.yaml").models] == ["lab/a:7b", "lab/b"]
    assert llmxray("check", "quiz", at=tmp_path).returncode == 0
    done = llmxray("run", "quiz", "--mode", "record", "--plain", at=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "site/quiz/results.csv").read_text("utf-8").splitlines()
    assert sum("correct" in row for row in rows) == 8
    # A second one has a name of its own.
    assert llmxray("new", "--server", server, at=tmp_path).stdout == "experiments/mine.yaml\n"
    assert llmxray("new", "--server", server, at=tmp_path).stdout == "experiments/mine-2.yaml\n"
    assert llmxray("check", "mine", at=tmp_path).returncode == 0


def test_two_models_are_compared_in_one_command(tmp_path, server):
    """Three answers to each prompt, recorded and shown; the experiment is kept."""
    done = llmxray("compare", "lab/b", "lab/a:7b", "A or B?", 'Say: "A"', "--server", server, at=tmp_path)
    assert done.returncode == 0, done.stderr
    experiment = load(tmp_path / "experiments/compare.yaml")
    assert ([prompt.text for prompt in experiment.prompts], experiment.samples) == (
        ["A or B?", 'Say: "A"'],
        3,
    )
    page = (tmp_path / "site/compare/compare.html").read_text("utf-8")
    assert "lab/b" in page
    assert len((tmp_path / "site/compare/results.csv").read_text("utf-8").splitlines()) == 13


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new",), "name a preset or --server URL; there are: calibration, "),
        (("new", "calibratoin"), "no preset 'calibratoin'"),
        (("new", "calibration", "--model", "x"), "name a preset, or --server"),
        (("new", "calibration", "--data", "x"), "name a preset, or --server"),
        (("new", "--server", "URL", "--model", "c"), "has no model 'c'; it has: lab/a:7b, lab/b"),
        (("new", "--server", "URL", "--data", "none.csv"), "none.csv: there is no such file"),
        (("compare", "lab/a:7b", "lab/b", "--server", "URL"), "name two models and at least one prompt"),
        (("compare", "lab/a:7b", "lab/b", "Why?"), "name --server URL"),
    ],
)
def test_what_is_refused(tmp_path, server, arguments, said):
    """One line, exit code 2, and nothing written."""
    done = llmxray(*(server if each == "URL" else each for each in arguments), at=tmp_path)
    assert (done.returncode, said in done.stderr.splitlines()[-1]) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []
