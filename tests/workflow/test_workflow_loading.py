"""`llmxray.load`: the numbers of the pages, from wherever an experiment lies."""

import json
import re

import pytest

import llmxray
from llmxray.errors import InputError
from tests.interop import made_files
from tests.packs.conftest import record


def test_numbers_are_those_of_the_pages(root, shipped_site):
    """Accuracies, calibration and a difference, beside figures.json; a table in words and in HTML."""
    found = llmxray.load(root / "experiments/model-showdown.yaml")
    figures = json.loads((shipped_site / "model-showdown/figures.json").read_text("utf-8"))
    for name in found:
        assert found[name].accuracy().value == pytest.approx(figures[f"accuracy/{name}"], abs=1e-9)
        assert found[name].calibration()["ECE-15"].value == pytest.approx(figures[f"ECE-15/{name}"], abs=1e-9)
        assert found[name].accuracy("starter/arc").n == 176
    pair = found.compare("qwen-1.5b", "qwen-0.5b")
    mirrored = found.compare("qwen-0.5b", "qwen-1.5b")
    assert (pair.difference.value, pair.p_value) == (-mirrored.difference.value, mirrored.p_value)
    assert found.compare("qwen-1.5b", "qwen-0.5b", on="starter/arc").difference.n == 176
    assert [len(line) < 100 for line in repr(found).splitlines()[1:]] == [True] * 4
    assert found._repr_html_().count("<tr>") == 4
    assert len(found.predictions) == 8


def test_frames_and_charts(root):
    """A row a trial, a row a token; every chart is a valid specification of the conditions that are named."""
    found = llmxray.load(root / "experiments/system-prompt-pair.yaml")
    trials, tokens = found.frame("pandas"), found.tokens("pandas")
    assert len(trials) == len(found.data.results.rows)
    assert set(tokens.condition) == set(found)
    assert tokens.probability.between(0, 1).all()
    assert all(len(each) == 10 for each in tokens.alternatives.head())
    for draw in (found.plot.accuracy, found.plot.categories, found.plot.accuracy_against_time):
        assert '"poet"' in (made := draw("poet").to_json())
        assert '"concise"' not in made
    with_letters = llmxray.load(root / "experiments/position-bias.yaml")
    for draw in (with_letters.plot.reliability, with_letters.plot.confidence):
        assert re.search(r'"n": \d|"outcome": "correct"', draw().to_json())


def test_where_an_experiment_may_lie(tmp_path, monkeypatch):
    """Its name, its file in another folder, its pack, a log of another tool, and the one that comes with llmxray."""
    where = record(tmp_path / "made")
    prepared = llmxray.prepare(where.find("tiny"), where)
    pack = tmp_path / "tiny.xray.zip"
    llmxray.workflow.make_pack(prepared, llmxray.read_results(prepared), pack)
    log = tmp_path / "run.json"
    samples = [made_files.inspect_sample(k, "AB"[k % 2]) for k in range(8)]
    log.write_text(json.dumps(made_files.inspect_log(samples, model="org/small")))
    # Notebooks give folders as strings.
    where = llmxray.Workspace(str(where.cassettes), str(where.experiments))
    wanted = [row.answer for row in llmxray.load(where.find("tiny")).data.results.rows]
    packed = llmxray.load(pack)
    assert wanted == [row.answer for row in packed.data.results.rows]
    # Its files are there for as long as it is.
    assert len(packed.tokens("pandas"))
    assert llmxray.load(str(log))["org-small"].accuracy().n == 8
    monkeypatch.chdir(tmp_path / "made")
    assert list(llmxray.load("tiny")) == ["one", "two"]
    monkeypatch.chdir(tmp_path)
    assert "qwen-1.5b" in llmxray.load("model-showdown")


def test_a_name_that_is_not_known_suggests_one(root):
    """Of experiments, conditions, suites and categories."""
    found = llmxray.load(root / "experiments/model-showdown.yaml")
    for call, said in (
        (lambda: found["qwen-1.5"], "did you mean 'qwen-1.5b'"),
        (
            lambda: found["qwen-1.5b"].accuracy("starter/ark"),
            "no suite or category 'starter/ark'; did you mean",
        ),
        (lambda: found.compare("qwen-1.5b", "typo"), "no condition 'typo'; there is"),
    ):
        with pytest.raises(InputError, match=re.escape(said)):
            call()
