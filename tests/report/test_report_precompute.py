"""Intervals of a large experiment come from a second process, and are those that its pages would make."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import hand_made
import pytest

import llmxray.report.analysis.data as data_module
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.pages.choose import scores
from llmxray.report.site.build import write_experiment
from llmxray.report.site.precompute import precomputed
from llmxray.report.wording import speed


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A few questions that count as many."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", 1)
    sure = {"a": [0.9, 0.8, 0.7, 0.6], "b": [0.5, 0.9, 0.4, 0.3]}
    return hand_made.data(tmp_path / "c", {"a": "++-+", "b": "-+--"}, confidence=sure, categories=("x", "y"))


def unasked():
    """Pages have no need to make it themselves."""
    raise AssertionError("made twice")


def test_what_the_other_process_makes_is_what_pages_would_have_made(large):
    """Every estimator of every condition and its rate, equal to the last bit."""
    analysis, alone = Analysis(large), Analysis(large)
    with precomputed(analysis, 2):
        for view, same in zip(analysis.views, alone.views, strict=True):
            for estimator in confidence.ESTIMATORS:
                made = analysis.memoized((view.id, estimator.anchor), unasked)
                assert confidence.estimate(alone, same, estimator) == made
            drawn = analysis.memoized((view.id, "drawn AUROC"), unasked)
            assert scores.aurocs_of(alone, same)[1]().tolist() == drawn.tolist()
            assert speed.per_second(alone, same) == analysis.memoized((view.id, "per-second"), unasked)


@pytest.mark.parametrize(("processes", "most"), [(1, 1), (2, 4)])
def test_one_process_or_few_questions_need_no_other(large, monkeypatch, processes, most):
    """Nothing is started that would cost more than it saves."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", most)
    analysis = Analysis(large)
    with precomputed(analysis, processes):
        assert analysis.coming == {}


def test_pages_do_not_depend_on_it(large, tmp_path):
    """Byte for byte."""
    write_experiment(tmp_path / "one", large)
    write_experiment(tmp_path / "two", large, processes=2)
    one, two = (
        {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        for out in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two


def test_a_killed_process_costs_only_time(large):
    """Pages make what it did not."""
    analysis = Analysis(large)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        analysis.coming["a", "b"] = pool.submit(os._exit, 1)
        assert analysis.memoized(("a", "b"), lambda: "made here") == "made here"
