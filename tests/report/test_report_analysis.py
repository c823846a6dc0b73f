"""The numbers behind the pages."""

from dataclasses import replace

import hand_made
import pytest

from llmxray.report.analysis import Analysis, confidence


def test_pairs_are_ranked_tested_and_adjusted(tmp_path):
    """Eight questions that only a got right, none only b: p = 2/2⁸, times three in the family at most."""
    analysis = Analysis(hand_made.data(tmp_path, {"b": "-" * 8 + "++", "a": "+" * 10, "c": "-" * 8 + "+-"}))
    assert ["a", "b", "c"] == [view.id for view in analysis.ranked]
    best = analysis.pair(analysis.views[0], analysis.views[1])
    assert ("a", "b", 8, 0) == (best.a.id, best.b.id, best.test.a_ahead, best.test.b_ahead)
    assert 2 / 2**8 == pytest.approx(best.p_value)
    assert 2 * 2 / 2**8 == pytest.approx(best.p_holm)
    assert best.differs
    assert not analysis.pairs[2].differs


def test_colours_follow_the_plan_not_the_rank(tmp_path):
    """A condition keeps its colour whoever wins."""
    analysis = Analysis(hand_made.data(tmp_path, {"low": "--", "high": "++"}))
    assert [("high", "c1"), ("low", "c0")] == [(view.id, view.css) for view in analysis.ranked]


def test_what_was_made_of_a_condition_stays_with_it(tmp_path):
    """Made once; one that is cut to fewer rows has its own."""
    (whole,) = Analysis(hand_made.data(tmp_path, {"a": "++-"}, confidence={"a": [0.9, 0.8, 0.7]})).views
    cut = replace(whole, rows=whole.rows[:2])
    assert (3, 2, 3) == tuple(confidence.columns(view).n for view in (whole, cut, whole))
    assert (3, 2) == (len(whole.items), len(cut.items))
    assert confidence.columns(whole) is confidence.columns(whole)
