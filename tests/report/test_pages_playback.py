"""The page Playback."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_data import benchmark, letter

from llmxray.report.analysis.questions import questions
from llmxray.report.files import playback_data
from llmxray.report.pages.answers import playback_page, write_playback
from llmxray.report.widgets.render import Renderer
from llmxray.types import Item


def test_the_page_never_plays_by_itself(tmp_path: Path):
    """It says so, and its control is a button that says Play."""
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}))
    write_playback(Renderer(tmp_path / "site"), data, questions(data), "")
    html = (tmp_path / "site/tiny/playback.html").read_text()
    assert "Nothing moves until you press Play" in html
    assert "autoplay" not in html
    assert 'data-do="play">Play<' in html


def test_what_is_left_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """How many questions can be played, and how many the run has."""
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}))
    monkeypatch.setattr(playback_data, "MOST_TRIALS", 1)
    notes = " ".join(playback_page(data, questions(data), "data/x.js", 1).notes)
    assert "Of 2 questions 1 can be played" in notes
    assert "The whole run is its first 1 questions here" in notes
    none = playback_page(data, questions(data), "data/x.js", 0)
    assert "one question at a time" not in none.lede
    assert any("cannot be played" in note for note in none.notes)


def test_hostile_texts_are_only_in_the_data_files(tmp_path: Path):
    """The page itself holds no text of a model or a question."""
    item = Item("x", "<script>alert(1)</script>", ("<b>yes</b>", "no"), "A")
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}), [item])
    write_playback(Renderer(tmp_path / "site"), data, questions(data), "")
    assert "alert" not in (tmp_path / "site/tiny/playback.html").read_text()
    for file in (tmp_path / "site/tiny/data").iterdir():
        assert "<" not in file.read_text()
