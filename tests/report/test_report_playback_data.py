"""What playback can play."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from data_files import values
from reading_data import CARD, ITEMS, benchmark, comparison, letter, made, words

from llmxray.report.analysis.questions import questions
from llmxray.report.files import playback_data
from llmxray.report.widgets.render import Renderer
from llmxray.suites.base import Suite
from llmxray.types import Item


def told(trial: Any, _: int) -> Any:
    """Small is wrong once; large has no reply to the second question."""
    if trial.condition == "large" and trial.item == "two":
        return None
    return letter("A", {"A": 0.9})


def test_streams_and_run_of_an_experiment(tmp_path: Path):
    """Tokens come a tenth of a second apart; a missing reply is no stream and no trial."""
    data = benchmark(tmp_path / "cassette", told)
    path, playable = playback_data.write(Renderer(tmp_path / "site"), data, questions(data))
    index = values((tmp_path / "site/tiny" / path).read_bytes())
    assert 2 == playable
    assert [["small", "small"], ["large", "large"]] == index["conditions"]
    assert ["tiny/things/two", "Which is a star?", "B · the Sun", 0] == index["questions"][1]
    small, large = index["run"]["trials"]
    assert {"q": [0, 1], "o": "cw", "ms": [200, 200], "alone": True} == small
    assert [0] == large["q"]
    assert ["matter", "sky"] == index["run"]["groups"]
    streams = values((tmp_path / "site/tiny/data" / index["files"][0]).read_bytes())
    ((first,), (second,)) = streams["questions"]["tiny/things/two"]
    assert ([100], 200, "w", "A") == (first["d"], first["end"], first["o"], first["answer"])
    assert "A" == streams["strings"][first["t"][0]]
    assert second is None


def test_suites_with_a_category_of_one_name_stay_apart(tmp_path: Path):
    """Physics of one suite is not physics of the other: several suites are bars of their own."""
    item = Item("x", "What falls?", ("a stone", "nothing"), "A", "physics")
    suites = [
        Suite(replace(CARD, name=f"tiny/{name}", title=f"{name} (starter)"), (item,))
        for name in ("One", "Two")
    ]
    file = {
        "experiment": "tiny",
        "kind": "benchmark",
        "endpoints": {"tiny": {"preset": "local"}},
        "models": [{"id": "small", "endpoint": "tiny", "model": "small"}],
        "suites": [{"suite": "starter/arc"}, {"suite": "starter/mmlu-pro"}],
    }
    data = made(tmp_path, file, suites, lambda *_: letter("A", {"A": 0.9}))
    found = playback_data.run(data, questions(data))
    assert {"groups": ["One", "Two"], "group": [0, 1]} == {name: found[name] for name in ("groups", "group")}


def test_the_page_opens_with_the_question_that_has_most_to_show(tmp_path: Path):
    """Two prompts, the second with the longer answers."""
    prompts = [{"id": "short", "text": "Short?"}, {"id": "long", "text": "Long?"}]
    data = comparison(
        tmp_path / "cassette",
        lambda trial, _: words(*["a "] * (30 if trial.item == "long" else 1)),
        prompts=prompts,
    )
    path, _ = playback_data.write(Renderer(tmp_path / "site"), data, questions(data))
    assert 1 == values((tmp_path / "site/sweep" / path).read_bytes())["first"]


def test_only_a_part_of_a_large_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The first questions, in files of bounded size; a rebuild leaves nothing of the build before."""
    monkeypatch.setattr(playback_data, "MOST_QUESTIONS", 5)
    monkeypatch.setattr(playback_data, "MOST_TRIALS", 7)
    monkeypatch.setattr(playback_data, "_FILE_BYTES", 150)
    many = [Item(f"q{n}", f"{n}?", ("yes", "no"), "A") for n in range(9)]
    data = benchmark(tmp_path / "cassette", lambda trial, _: letter("A", {"A": 0.9}), many)
    renderer = Renderer(tmp_path / "site")
    path, playable = playback_data.write(renderer, data, questions(data))
    index = values((tmp_path / "site/tiny" / path).read_bytes())
    assert (5, 7) == (playable, len(index["run"]["trials"][0]["q"]))
    assert 1 < len(index["files"])
    assert max(file for *_, file in index["questions"]) == len(index["files"]) - 1
    few = benchmark(tmp_path / "cassette2", told, ITEMS)
    playback_data.write(renderer, few, questions(few))
    assert 2 == len(list((tmp_path / "site/tiny/data").iterdir()))
