"""Calibration where each question was asked several times: questions are counted, not answers."""

from dataclasses import replace

import hand_made
import numpy as np
import pytest

from llmxray.report.analysis import Analysis, confidence, prediction_evidence
from llmxray.report.pages import calibration, contents_of, methods

MARKS = "++-+" * 10
SURE = [0.9, 0.85, 0.3, 0.6] * 10


def made(folder, times, **more):
    """Forty questions, each ``times`` times with the same outcome and confidence."""
    return Analysis(hand_made.data(folder, {"a": [MARKS] * times}, confidence={"a": SURE}, **more))


def test_asking_again_makes_nothing_surer(tmp_path):
    """Four alike rotations have the intervals of one, whichever number it is."""
    once, four = made(tmp_path, 1), made(tmp_path, 4, rotated=True)
    for estimator in confidence.ESTIMATORS[:5]:
        one, other = (confidence.estimate(each, each.views[0], estimator) for each in (once, four))
        assert one.value == pytest.approx(other.value)
        assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.15)
    for number in (confidence.auroc, confidence.mean_confidence):
        one, other = number(once.views[0]), number(four.views[0])
        assert (one.value, one.low) == pytest.approx((other.value, other.low), abs=0.02)
        assert (40, 160) == (one.n, other.n)


def test_the_page_says_of_how_many_questions_the_answers_are(tmp_path):
    """In the note, the tables and the captions; a plain experiment says nothing of the kind."""
    page = calibration.page_values(made(tmp_path, 4, rotated=True))
    several, few = page.warnings
    assert ("calibration.repeated", "160 answers to 40 questions") == (
        several.kind,
        several.values["counted"],
    )
    assert ["a (40 questions)"] == few.values["names"]
    assert "160 answers to 40 questions" == page.diagrams[0].gap.values["n"]
    lines = [group.lines[0] for group in page.bands.groups]
    assert [(80, 20), (40, 10)] == [(lines[at].found.accuracy.n, lines[at].found.n_clusters) for at in (0, 2)]
    plain = calibration.page_values(made(tmp_path, 1))
    assert ["calibration.few"] == [warning.kind for warning in plain.warnings]


@pytest.mark.parametrize("times", [1, 3])
def test_a_calibration_error_has_one_interval(tmp_path, times):
    """In the table, in the picture of a prediction, of two conditions and of a prediction about them, either way."""
    rng = np.random.default_rng(4)
    marks = {"a": [MARKS] * times, "b": ["+-" * 20] * times}
    sure = {name: (0.3 + 0.6 * rng.random(40)).tolist() for name in marks}
    analysis = Analysis(hand_made.data(tmp_path, marks, confidence=sure))
    for view in analysis.views:
        found = prediction_evidence.metric_of(analysis, view, "ece", "all")
        alone = confidence.estimate(analysis, view, confidence.ECE_15)
        assert (found.value, found.low, found.high) == pytest.approx((alone.value, alone.low, alone.high))
        assert alone.low <= alone.value < alone.high
    for a, b in (analysis.views, analysis.views[::-1]):
        gap = confidence.ece_difference(analysis, a, b)
        evidence = prediction_evidence.compare_conditions(analysis, "ece", a.id, b.id).evidence
        assert (gap.value, gap.low, gap.high) == pytest.approx((evidence.value, *evidence.interval(0.95)))
        assert 40 == gap.n
        wide = confidence.ece_difference(analysis, a, b, 3)
        assert (wide.low, wide.high) == pytest.approx(evidence.interval(1 - 0.05 / 3))


def test_an_experiment_without_option_confidence_has_no_calibration(tmp_path):
    """No tab, and Methods says why; sequence confidence, which sorts by length, is none to refuse by."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10}, answers={"a": "text"})
    rows = tuple(
        replace(row, sequence_confidence=0.5, missing_why="an open answer has no options")
        for row in data.results.rows
    )
    data = replace(data, results=replace(data.results, rows=rows))
    data = replace(data, contents=contents_of(data))
    assert not data.contents.has("calibration")
    why = "no Calibration, for no answer has an option confidence: an open answer has no options"
    assert why in methods.page_values(Analysis(data)).notes
    sure = hand_made.data(tmp_path / "sure", {"a": "+-" * 10}, confidence={"a": [0.5] * 20})
    assert contents_of(sure).has("calibration")


def test_the_headline_is_where_the_most_accurate_is_sure(tmp_path):
    """Or its average, where it is too seldom; another is named only where a test shows it over- or underconfident."""
    marks = {"a": "+++-" * 10, "b": "+---" * 10}
    for sure, kind, way in (([0.9] * 40, "sure", "overconfident"), ([0.7] * 40, "average", None)):
        confidence = {"a": sure, "b": [0.9 if way else 0.3] * 40}
        page = calibration.page_values(Analysis(hand_made.data(tmp_path, marks, confidence=confidence)))
        assert (f"calibration.{kind}", "a", 0.75) == (
            page.headline.kind,
            page.headline.values["view"].id,
            page.headline.values["right"],
        )
        assert way == (page.other and page.other.values["way"])
