"""Selective prediction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.metrics.accuracy import wilson
from llmxray.metrics.selective import accuracy_at_coverage, aurc, risk_coverage, threshold_for

CONFIDENCE = [0.9, 0.8, 0.8, 0.6, 0.5]
CORRECT = [1, 1, 0, 0, 1]
levels = st.sampled_from([i / 10 for i in range(11)])
tables = st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=40)


def test_silent_replies_count_in_coverage_and_not_in_risk():
    """Two of four replies can be accepted at all: half the coverage, the same risk, and no half beyond it."""
    curve = risk_coverage([0.9, 0.5], [True, False], n_silent=2)
    assert ((0.25, 0.5), (0.0, 0.5)) == (curve.coverage, curve.risk)
    found = threshold_for([0.9, 0.5, None], [True, False, True], 0.5, n_silent=1)
    assert found is not None
    assert (2 / 3, 3, 0) == (found.coverage.value, found.coverage.n, found.coverage.n_missing)
    assert 0.5 == accuracy_at_coverage([0.9, 0.5], [True, False], 0.5, n_silent=2).value
    assert accuracy_at_coverage([0.9, 0.5], [True, False], 0.51, n_silent=2).value is None


def test_curve_by_hand():
    """One point per distinct confidence; tied rows are accepted together."""
    curve = risk_coverage(CONFIDENCE, CORRECT)
    assert curve.threshold == (0.9, 0.8, 0.6, 0.5)
    assert curve.accepted == (1, 3, 4, 5)
    assert curve.coverage == pytest.approx((0.2, 0.6, 0.8, 1.0))
    assert curve.risk == pytest.approx((0, 1 / 3, 1 / 2, 2 / 5))


@given(tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(table, random):
    """Ties are spread evenly, so shuffling rows changes neither area nor accuracy at coverage."""
    shuffled = list(table)
    random.shuffle(shuffled)
    first, second = (tuple(zip(*rows, strict=True)) for rows in (table, shuffled))
    assert aurc(*first) == pytest.approx(aurc(*second))
    assert accuracy_at_coverage(*first, 0.3) == accuracy_at_coverage(*second, 0.3)


def test_aurc_of_a_perfect_ranking_is_below_chance():
    """Right answers first gives the least area, wrong first the most, ties the error rate."""
    right_first, wrong_first = (
        aurc([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]),
        aurc([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1]),
    )
    tied = aurc([0.5] * 4, [1, 1, 0, 0])
    assert pytest.approx(right_first) == (0 + 0 + 1 / 3 + 1 / 2) / 4
    assert tied == pytest.approx(0.5)
    assert right_first < tied < wrong_first


def test_accuracy_at_coverage_rounds_up():
    """Coverage .1 of 30 rows is 3, of 31 is 4; the interval is Wilson's for that count."""
    confidence = np.linspace(0.99, 0.5, 31)
    correct = [1, 1, 0, 1] + [0] * 27
    assert accuracy_at_coverage(confidence[:30], correct[:30], 0.1).n == 3
    top = accuracy_at_coverage(confidence, correct, 0.1)
    assert (0.75, *wilson(3, 4), 4) == pytest.approx((top.value, top.low, top.high, top.n))


def test_threshold_for_takes_the_largest_coverage():
    """For 60% the last point that still reaches it is taken, even where a point before fell short."""
    found = threshold_for(CONFIDENCE, CORRECT, 0.6)
    assert (found.threshold, found.coverage.value, found.accuracy.value) == pytest.approx((0.5, 1.0, 0.6))
    strict = threshold_for(CONFIDENCE, CORRECT, 0.95)
    assert (strict.threshold, strict.accuracy.n, strict.coverage.n) == (0.9, 1, 5)
    assert strict.accuracy.low == pytest.approx(wilson(1, 1)[0])


def test_threshold_out_of_reach_is_none():
    """No threshold reaches a target that the most confident rows miss."""
    assert threshold_for([0.9, 0.5], [0, 1], 0.8) is None
    assert threshold_for([], [], 0.8) is None
