"""Calibrate yourself: which questions, what the browser gets, and the same numbers as `llmxray.metrics`."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import in_node
import numpy as np
import pytest

from llmxray.metrics import accuracy, calibration
from llmxray.report.analysis import Analysis
from llmxray.report.pages import calibration as page
from llmxray.report.pages.calibration import yourself
from llmxray.report.widgets.render import Renderer
from tests.report import hand_made
from tests.report.hand_made import many_questions


def test_questions_are_spread_over_categories_and_the_same_for_everyone(tmp_path):
    """Forty of sixty, as even as the categories allow; the draw depends on the experiment's name only."""
    picked = yourself.chosen(many_questions(tmp_path))
    assert len(picked) == len({item.id for _, item in picked}) == yourself.MOST
    assert Counter(item.category for _, item in picked) == {"x": 14, "y": 13, "z": 13}
    assert picked == yourself.chosen(many_questions(tmp_path))


def test_the_browser_gets_questions_and_how_each_condition_did(tmp_path):
    """Right or not, and the confidence in thousandths; None where there is none."""
    data = many_questions(tmp_path)
    found: Any = yourself.payload(data, yourself.chosen(data))
    assert [each[0] for each in found["conditions"]] == ["a", "b"]
    for question in found["questions"]:
        place = int(question["id"][-3:])
        assert question["models"] == [[int(place % 2 == 0), round(1000 * (0.25 + place / 120))], [1, None]]
        assert question["answer"] == 0


def test_the_page_does_not_give_the_answers_away(tmp_path):
    """They come with a file, and not with the page."""
    data = many_questions(tmp_path)
    page.write_page(Renderer(tmp_path / "site"), Analysis(data))
    html = (tmp_path / "site" / "made-up" / "yourself.html").read_text()
    shard = re.search(r'data-shard="(data/yourself\.[0-9a-f]{8}\.js)"', html)
    assert (tmp_path / "site" / "made-up" / shard[1]).exists()
    assert "correct" not in html


@pytest.mark.parametrize("seed", range(4))
def test_the_browser_computes_what_the_metrics_do(seed):
    """ECE over five bins, both weightings, gap, Wilson; edges of bins included."""
    rng = np.random.default_rng(seed)
    confidence = [round(float(each), 2) for each in rng.uniform(0, 1, 50)] + [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    correct = [bool(each) for each in rng.uniform(0, 1, len(confidence)) < confidence]
    points = [{"confidence": c, "correct": r} for c, r in zip(confidence, correct, strict=True)]
    found = in_node.called("answerers", "summary", points)
    assert found["ece"] == pytest.approx(calibration.ece(confidence, correct, n_bins=5), abs=1e-12)
    assert found["moduleAverage"] == pytest.approx(
        calibration.module_bin_average(confidence, correct), abs=1e-12
    )
    assert found["gap"] == pytest.approx(calibration.gap(confidence, correct), abs=1e-12)
    expected = accuracy.proportion(correct)
    assert [found["accuracy"], *found["interval"]] == pytest.approx(
        [expected.value, expected.low, expected.high], abs=1e-12
    )


def test_a_question_with_two_right_options_is_not_asked(tmp_path):
    """Who chooses the right text under another letter would be told to be wrong."""
    data = many_questions(tmp_path)
    plan = data.results.plan
    suite = plan.suites[hand_made.SUITE]
    twice = tuple(
        replace(item, choices=(item.choices[0], *item.choices[:-1])) if place < 50 else item
        for place, item in enumerate(suite.items)
    )
    asked = replace(plan, suites={hand_made.SUITE: replace(suite, items=twice)})
    data = replace(data, results=replace(data.results, plan=asked))
    picked = yourself.chosen(data)
    assert 10 == len(picked)
    assert all(item.choices.count(item.answer_text) == 1 for _, item in picked)
