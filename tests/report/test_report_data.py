"""How much of the tokens a site publishes, and when an experiment is large."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import hand_made
from data_files import values
from reading_data import ITEMS, benchmark, letter, words

from llmxray.report.analysis import Analysis
from llmxray.report.analysis import data as data_module
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import shards
from llmxray.report.widgets.render import Renderer


def thinking(folder: Path) -> ExperimentData:
    """Two questions, answered after some thought."""
    return benchmark(
        folder, lambda trial, _: [*words("<think>", "so", "</think>"), *letter("A", {"A": 0.6, "B": 0.3})]
    )


def published(data: ExperimentData, out: Path) -> dict[str, object]:
    """The first answer in the data files."""
    index = shards.write_shards(Analysis(data), Renderer(out))
    files = values((out / data.name / index["places"]).read_bytes())["files"]
    found: dict[str, object] = values((out / data.name / "data" / files[0]).read_bytes())["questions"][0][
        "answers"
    ][0][0]
    return found


def test_all_tokens_by_default_and_less_on_request(tmp_path):
    """Thinking goes first, then every token; the texts stay."""
    data = thinking(tmp_path / "c")
    assert data.tokens == "all"
    whole = published(data, tmp_path / "all")
    answers = published(replace(data, wanted_tokens="answers"), tmp_path / "answers")
    none = published(replace(data, wanted_tokens="none"), tmp_path / "none")
    assert "1" in json.dumps(whole["tokens"][0]["r"])  # type: ignore[index]
    assert ("so", 1) == (answers["thinking"], len(answers["tokens"][0]["t"]))  # type: ignore[index]
    assert ([], "A", "so") == (none["tokens"], str(none["text"]).strip(), none["thinking"])


def test_the_number_of_tokens_decides(tmp_path, monkeypatch):
    """Sixteen tokens, half of them thinking by their characters."""
    data = thinking(tmp_path / "c")
    monkeypatch.setattr(data_module, "MOST_TOKENS", 15)
    assert data.tokens == "answers"
    monkeypatch.setattr(data_module, "MOST_TOKENS", 1)
    assert data.tokens == "none"


def test_files_of_a_large_experiment_are_packed(tmp_path, monkeypatch):
    """The table of questions then stands in data files, and the page holds its first rows only."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", len(ITEMS) - 1)
    data = thinking(tmp_path / "c")
    assert data.is_large
    index = shards.write_shards(Analysis(data), Renderer(tmp_path / "site"))
    site = tmp_path / "site/tiny"
    for name, path in ((each, index[each]) for each in ("codes", "texts")):
        assert (site / path).read_text().startswith(f"llmxray.packed('{name}','")
    # Each page of one question waits for this one.
    assert (site / index["places"]).read_text().startswith("llmxray.shard('places','")


def test_two_names_of_the_same_weights_are_one_model(tmp_path):
    """By the hash of the weights where the server told it, by name where it did not."""
    data = hand_made.data(tmp_path, {"chat": "+-", "raw": "+-", "other": "+-"})
    facts = {f"tiny/{name}": {"weights_sha256": "b179"} for name in ("chat", "raw")}
    told = replace(data, cassette=SimpleNamespace(manifest=SimpleNamespace(facts=facts)))  # type: ignore[arg-type]
    assert ["b179", "b179", "other"] == [told.weights_of(each) for each in data.results.plan.conditions]
    assert ["chat", "raw", "other"] == [data.weights_of(each) for each in data.results.plan.conditions]
