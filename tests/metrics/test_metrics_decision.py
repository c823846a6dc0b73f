"""Cascades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.metrics.decision import Answers, cascade

levels = st.one_of(st.none(), st.sampled_from([0.1, 0.3, 0.5, 0.9]))
items = st.lists(
    st.tuples(levels, st.booleans(), st.floats(0.1, 2), st.booleans(), st.floats(1, 9)),
    min_size=1,
    max_size=30,
)


def curve_of(sure, small, small_s, large, large_s):
    """The cascade of columns."""
    return cascade(Answers(small, small_s, sure), Answers(large, large_s))


@given(items)
def test_cascade_follows_its_definition(table):
    """Every point agrees with playing the cascade item by item; its columns may hold missing confidences."""
    sure, small, small_s, large, large_s = zip(*table, strict=True)
    points = curve_of(sure, small, small_s, large, large_s).points
    assert points
    for point in points:
        up = [c is None or point.threshold is None or c < point.threshold for c in sure]
        right = [big if moved else little for moved, little, big in zip(up, small, large, strict=True)]
        spent = [s + (b if moved else 0) for moved, s, b in zip(up, small_s, large_s, strict=True)]
        assert np.mean(up) == pytest.approx(point.escalated)
        assert np.mean(right) == pytest.approx(point.accuracy.value)
        assert np.mean(spent) == pytest.approx(point.latency_s)


def test_incomplete_items_are_counted():
    """An item without correctness or latency is left out; one without confidence is escalated."""
    curve = curve_of([None, 0.5, 0.5], [True, None, True], [1, 1, 1], [True, True, False], [2, 2, 2])
    assert (curve.n, curve.n_missing) == (2, 1)
    assert curve.points[0].escalated == 0.5


def test_wordings_of_a_question_are_one_question():
    """The same points; their accuracy is as sure as so many questions."""
    columns = ([0.9, 0.2] * 20, [True, False] * 20, [1.0] * 40, [False, True] * 20, [5.0] * 40)
    alone = curve_of(*columns)
    sure, small, small_s, large, large_s = columns
    found = cascade(Answers(small, small_s, sure), Answers(large, large_s), clusters=list(range(20)) * 2)
    assert [each.accuracy.value for each in alone.points] == [each.accuracy.value for each in found.points]
    assert {40} == {each.accuracy.n for each in alone.points}
    assert {20} == {each.accuracy.n for each in found.points}
