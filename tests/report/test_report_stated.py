"""When a hypothesis was written, by what the cassette keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
import reading_data
from reading_data import letter

from llmxray import plan as plans
from llmxray.cassette import Cassette, freeze, seal
from llmxray.report.stated import Stated, stated

FLAT = {"A": 0.5, "B": 0.5}


def recorded(folder, then, now):
    """An experiment whose cassette was frozen with one hypothesis and whose file has another today."""
    data = reading_data.benchmark(folder, lambda trial, sample: letter("A", FLAT), hypothesis=now)
    freeze(folder, "tiny", plans.freeze(data.results.plan, "", statement=plans.Statement(then)), software={})
    seal(folder)
    return replace(data, cassette=Cassette(folder))


@pytest.mark.parametrize(
    ("then", "now", "when"),
    [
        ("Size wins.", "Size wins.", "stated before recording"),
        ("Size\n wins.", "Size wins.", "stated before recording"),
        ("Size loses.", "Size wins.", "changed after recording"),
        ("", "Size wins.", "added after recording"),
        (None, "Size wins.", ""),
        ("Size wins.", None, ""),
    ],
)
def test_when_it_was_stated(tmp_path, then, now, when):
    """By comparison with the hypothesis before the first request; nothing is said where that is not known."""
    assert when == stated(recorded(tmp_path, then, now)).when


def test_a_changed_one_is_quoted(tmp_path):
    """The reader sees what was expected before the answers were there."""
    found = stated(recorded(tmp_path, "Size loses.", "Size wins."))
    assert "Changed after recording. Stated before: “Size loses.”" == found.sentence


def test_a_recording_without_an_experiment_says_nothing(tmp_path):
    """There is no plan in it."""
    data = reading_data.benchmark(tmp_path, lambda trial, sample: letter("A", FLAT), hypothesis="Size wins.")
    assert Stated() == stated(data)
