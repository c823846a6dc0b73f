"""Correlations, and what few points can show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics.correlation import correlation, critical

columns = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=4, max_size=7)


def rng():
    """A generator of its own."""
    return np.random.default_rng(0)


@given(columns)
def test_r_and_its_interval_agree_with_scipy(table):
    """Pearson's r and Fisher's interval are scipy's, wherever both columns vary."""
    x, y = (list(column) for column in zip(*table, strict=True))
    if np.std(x) < 1e-6 or np.std(y) < 1e-6:
        return
    found, expected = correlation(x, y, rng()).r, stats.pearsonr(x, y)
    assert found.value == pytest.approx(expected.statistic, abs=1e-9)
    if found.low is not None and abs(found.value) < 0.999:
        ends = expected.confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-9)


@pytest.mark.parametrize(("n", "expected"), [(10, 0.632), (20, 0.444), (102, 0.195)])
def test_critical_values_are_the_tabulated_ones(n, expected):
    """Two-sided 5% points of r."""
    assert critical(n) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, None, 4], [None, 2, 3, 4])]
)
def test_no_number_where_there_is_none(x, y):
    """Two points, a column that does not vary, or what is left after gaps: None."""
    found = correlation(x, y, rng())
    assert found.r.value is found.p_value is None
    assert not found.shown
