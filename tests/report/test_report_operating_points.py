"""Operating points: thresholds in whole per cent, and cascades."""

from dataclasses import replace

import hand_made
import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.pages.calibration import threshold
from llmxray.types import Outcome


@pytest.mark.parametrize(
    ("given", "cut"), [(0.29, 0.29), (0.299, 0.29), (1.0, 1.0), (0.0, 0.0), (None, None)]
)
def test_confidences_are_cut_off_not_rounded(given, cut):
    """So that a threshold of 30% still refuses 29.9%."""
    assert cut == threshold.cut_off(given)


def test_points_count_what_is_at_or_above_the_threshold(tmp_path):
    """Four replies; the one without a confidence is refused at every threshold."""
    data = hand_made.data(tmp_path, {"a": "+-+-"}, confidence={"a": [0.9, 0.6, 0.6, None]})
    found = threshold.points_of(threshold.confidences(Analysis(data).views[0]))
    assert threshold.STEPS == len(found)
    by_percent = {each.percent: (each.accuracy.n, each.accuracy.value, each.refused) for each in found}
    assert (3, pytest.approx(2 / 3), 1) == by_percent[0] == by_percent[60]
    assert (1, 1.0, 3) == by_percent[61] == by_percent[90]
    assert (0, None, 4) == by_percent[91]
    assert (0.75, 4) == (found[0].coverage.value, found[0].coverage.n)


def test_silent_replies_of_repeated_questions_are_refused_too(tmp_path):
    """Two samples of two questions, one reply cut off."""
    data = hand_made.data(tmp_path, {"a": ["++", "-…"]}, confidence={"a": [0.9, 0.6]})
    rows = tuple(
        replace(row, option_confidence=None) if row.outcome is Outcome.TRUNCATED else row
        for row in data.results.rows
    )
    (view,) = Analysis(replace(data, results=replace(data.results, rows=rows))).views
    point = threshold.points_of(threshold.confidences(view))[0]
    assert (0.75, 4, 1) == (point.coverage.value, point.coverage.n, point.refused)
    assert pytest.approx(2 / 3) == point.accuracy.value


def test_a_cascade_escalates_below_its_threshold(tmp_path):
    """The small one is wrong where it is unsure, so the best point keeps its sure answers."""
    data = hand_made.data(
        tmp_path,
        {"small": "++--", "large": "-+++"},
        confidence={"small": [0.9, 0.9, 0.2, 0.2], "large": [0.5] * 4},
        latency_s={"small": 1.0, "large": 4.0},
    )
    small, large = Analysis(data).views
    found = threshold.asked_first(Analysis(data), small, large)
    best = max(found.points, key=lambda point: (point.accuracy.value, -point.latency_s))
    assert (0.9, 0.5, 1.0, 3.0) == (best.threshold, best.escalated, best.accuracy.value, best.latency_s)
