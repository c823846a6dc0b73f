"""Two conditions on the same questions, as a whole and group by group."""

from dataclasses import replace

import hand_made

from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.by_category import category_gaps
from llmxray.report.wording.speed import time_sentences
from llmxray.types import Outcome


def test_groups_are_tested_each_on_its_own_questions_and_adjusted(tmp_path):
    """In one category a wins all, in the other none."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10, "b": "--" * 10}, categories=("won", "lost"))
    analysis = Analysis(data)
    a, b = analysis.views
    won, lost = category_gaps(analysis, a, b)
    assert ("won", 10, 10, 0, 1.0) == (won.name, won.difference.n, won.a, won.b, won.difference.value)
    assert won.p_holm == min(1.0, 2 * won.p_value)
    assert (True, False) == (won.differs, lost.differs)
    assert 1.0 == lost.p_value


def test_repeats_are_tested_over_questions(tmp_path):
    """Seven questions of one sign, twice in a family of two; two questions of a group are too few to tell."""
    marks = {"a": ["+++++++++", "+++++++++"], "b": ["---------", "+----+---"]}
    data = hand_made.data(tmp_path, marks, categories=("x", "x", "x", "y"))
    analysis = Analysis(data)
    groups = category_gaps(analysis, *analysis.views)
    assert [2 * groups[0].p_value, 1.0] == [each.p_holm for each in groups]
    assert [True, False] == [each.differs for each in groups]


def test_numbers_of_a_pair_are_the_same_wherever_they_are_asked_for(tmp_path):
    """Kept, and equal in a second analysis of the same recordings."""
    marks = {"a": "+-++" * 5, "b": "-+--" * 5}
    sure = {"a": [0.9, 0.4, 0.8, 0.7] * 5, "b": [0.3, 0.6, 0.5, 0.2] * 5}
    data = hand_made.data(tmp_path, marks, confidence=sure, latency_s={"a": 2.0, "b": 1.0})
    one, other = Analysis(data), Analysis(data)
    assert confidence.ece_difference(one, *one.views) == confidence.ece_difference(other, *other.views)
    assert 2.0 == one.latency_ratio(*one.views).value
    assert 20 == confidence.ece_difference(one, *one.views).n


def test_what_one_pair_shares_limits_no_other(tmp_path):
    """The sentences of a and c are of the ten questions that both answered; a and b share twenty all the same."""
    marks = {"a": "+" * 20, "b": "+-" * 10, "c": "!" * 10 + "+-" * 5}
    data = hand_made.data(tmp_path, marks, latency_s={"a": 2.0, "b": 1.0, "c": 1.0})
    # Rows without a reply keep their time, and are left out here as if they had not been asked.
    rows = tuple(row for row in data.results.rows if row.outcome is not Outcome.ERROR)
    data = replace(data, results=replace(data.results, rows=rows))
    first, second = Analysis(data), Analysis(data)
    a, b, c = second.views
    assert time_sentences(second, a, c)
    assert first.latency_ratio(*first.views[:2]) == second.latency_ratio(a, b)
    assert 20 == second.latency_ratio(a, b).n
