"""Calibrate yourself: which questions, what the browser gets, and the same numbers as `llmxray.metrics`."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llmxray.metrics import accuracy, calibration
from llmxray.report.analysis import Analysis
from llmxray.report.pages import calibration as page
from llmxray.report.pages.calibration import yourself
from llmxray.report.widgets.render import Renderer
from tests.report import hand_made
from tests.report.test_report_scripts import js


def made(folder: Path, n: int = 60, options: int = 4) -> Any:
    """An experiment of that many questions in three categories, two conditions."""
    marks = "".join("+-"[place % 2] for place in range(n))
    sure = [0.25 + place / (2 * n) for place in range(n)]
    return hand_made.data(
        folder,
        {"a": marks, "b": "+" * n},
        confidence={"a": sure, "b": [None] * n},
        categories=("x", "x", "y", "z"),
        options=options,
    )


def test_questions_are_spread_over_categories_and_the_same_for_everyone(tmp_path: Path) -> None:
    """Forty of sixty, as even as the categories allow; the draw depends on the experiment's name only."""
    picked = yourself.chosen(made(tmp_path))
    assert len(picked) == len({item.id for _, item in picked}) == yourself.MOST
    assert Counter(item.category for _, item in picked) == {"x": 14, "y": 13, "z": 13}
    assert picked == yourself.chosen(made(tmp_path))


def test_there_is_no_page_where_there_is_nothing_to_choose(tmp_path: Path) -> None:
    """Open answers and options by the dozen."""
    for options in (0, 10):
        data = made(tmp_path, options=options)
        assert yourself.write(Renderer(tmp_path / "site"), data) is None


def test_the_browser_gets_questions_and_how_each_condition_did(tmp_path: Path) -> None:
    """Right or not, and the confidence in thousandths; None where there is none."""
    data = made(tmp_path)
    found: Any = yourself.payload(data, yourself.chosen(data))
    assert [each[0] for each in found["conditions"]] == ["a", "b"]
    for question in found["questions"]:
        place = int(question["id"][-3:])
        assert question["models"] == [[int(place % 2 == 0), round(1000 * (0.25 + place / 120))], [1, None]]
        assert question["answer"] == 0


def test_the_page_does_not_give_the_answers_away(tmp_path: Path) -> None:
    """Neither the paper questions nor the frame say which option is right."""
    data = made(tmp_path)
    page.write(Renderer(tmp_path / "site"), Analysis(data))
    html = (tmp_path / "site" / "made-up" / "calibration.html").read_text()
    shard = re.search(r'data-shard="(data/yourself\.[0-9a-f]{8}\.js)"', html)
    assert shard is not None
    assert (tmp_path / "site" / "made-up" / shard[1]).exists()
    assert html.count("☐ A) option 0") == yourself.MOST
    assert "correct" not in html.split('id="calibrate-yourself"')[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_browser_computes_what_the_metrics_do(seed: int) -> None:
    """ECE over five bins, both weightings, gap, Wilson; edges of bins included."""
    rng = np.random.default_rng(seed)
    confidence = [round(float(each), 2) for each in rng.uniform(0, 1, 50)] + [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    correct = [bool(each) for each in rng.uniform(0, 1, len(confidence)) < confidence]
    points = [{"confidence": c, "correct": r} for c, r in zip(confidence, correct, strict=True)]
    found = js("calibration.js", f"m.summary({json.dumps(points)})")
    assert found["ece"] == pytest.approx(calibration.ece(confidence, correct, n_bins=5), abs=1e-12)
    assert found["moduleAverage"] == pytest.approx(
        calibration.module_bin_average(confidence, correct), abs=1e-12
    )
    assert found["gap"] == pytest.approx(calibration.gap(confidence, correct), abs=1e-12)
    expected = accuracy.proportion(correct)
    assert [found["accuracy"], *found["interval"]] == pytest.approx(
        [expected.value, expected.low, expected.high], abs=1e-12
    )


@pytest.mark.parametrize(
    ("hits", "confidence", "expected"),
    [(6, 0.84, "over"), (6, 0.8, ""), (6, 0.3, "under"), (10, 0.9, ""), (10, 0.7, "under"), (0, 0.3, "over")],
)
def test_over_and_underconfident_only_where_the_answers_can_tell(
    hits: int, confidence: float, expected: str
) -> None:
    """Outside of Wilson's interval of ten answers: 31% to 83% for six right, 72% to 100% for ten."""
    points = [{"confidence": confidence, "correct": place < hits} for place in range(10)]
    assert js("calibration.js", f"m.way(m.summary({json.dumps(points)}))") == expected


DATA = """{questions_sha256: 'h', questions: [
  {id: 's/1', choices: ['a', 'b'], answer: 1, models: [[1, 900], [null, null]]},
  {id: 's/2', choices: ['a', 'b'], answer: 0, models: [[0, null], [1, 300]]}]}"""


def test_models_are_judged_on_the_answered_questions_only() -> None:
    """A trial without a reply is left out; a missing confidence stays missing."""
    points = js(
        "calibration.js", f"[0, 1].map((p) => m.modelPoints(p, {{'s/2': [0, 50]}}, {DATA}.questions))"
    )
    assert points == [[{"confidence": None, "correct": False}], [{"confidence": 0.3, "correct": True}]]
    assert js("calibration.js", "m.summary([{confidence: null, correct: true}])")["ece"] is None
    assert js("calibration.js", "m.summary([])")["accuracy"] is None


def test_intervals_of_all_and_of_none_end_exactly_there() -> None:
    """A rounding error beside 0 would be written "<1%"; 7 and 10 answers have one."""
    assert js("calibration.js", "[m.wilson(0, 7)[0], m.wilson(10, 10)[1]]") == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is no export of this page"),
        ("null", "it is no export of this page"),
        ({"version": 2}, "it has version 2; this page reads 1"),
        ({"questions_sha256": "other"}, "it is about other questions"),
        ({"answers": {"s/9": [0, 50]}}, "its answer to s/9 cannot be read"),
        ({"answers": {"s/1": [2, 50]}}, "its answer to s/1 cannot be read"),
        ({"answers": {"s/1": [0, 101]}}, "its answer to s/1 cannot be read"),
        ({"answers": {"s/1": "B"}}, "its answer to s/1 cannot be read"),
    ],
)
def test_an_export_that_does_not_fit_is_refused_with_the_reason(text: Any, message: str) -> None:
    """Files come from classmates' machines."""
    if isinstance(text, dict):
        text = json.dumps({"format": "llmxray-yourself", "version": 1, "questions_sha256": "h", **text})
    attempt = (
        f"try {{ m.readExport({json.dumps(text)}, {DATA}); return null }} catch (e) {{ return e.message }}"
    )
    assert js("calibration.js", f"(() => {{ {attempt} }})()") == message


def test_a_newer_export_of_the_same_person_takes_the_place_of_the_older() -> None:
    """People are told apart by the number their page drew, not by their names."""
    assert js("calibration.js", "m.merged([{id: '1', n: 1}, {id: '2', n: 1}], {id: '1', n: 2})") == [
        {"id": "2", "n": 1},
        {"id": "1", "n": 2},
    ]
