"""Times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics.latency import per_unit, summary, tokens_per_second, tpot


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_median_interval_agrees_with_scipy(values):
    """Value and interval are the median and the sign-test interval found by searching all ranks."""
    estimate = summary(values)
    n, ordered = len(values), sorted(values)
    assert np.median(values) == pytest.approx(estimate.value)
    ranks = [r for r in range(1, n // 2 + 1) if stats.binom.cdf(r - 1, n, 0.5) <= 0.025]
    if not ranks:
        assert estimate.low is None
        return
    assert (ordered[max(ranks) - 1], ordered[n - max(ranks)]) == (estimate.low, estimate.high)


def test_few_values_have_no_interval():
    """Five values cannot bracket their median with 95%; six can, by their extremes."""
    assert summary([1, 2, 3, 4, 5]).low is None
    six = summary([6, 1, 5, 2, 4, 3, None])
    assert (six.value, six.low, six.high, six.n, six.n_missing) == (3.5, 1.0, 6.0, 6, 1)


def test_tpot():
    """(latency − TTFT) / (tokens − 1); unknown with anything missing or a single token."""
    assert tpot(2.0, 0.5, 4) == pytest.approx(0.5)
    assert tpot(2.0, 0.5, 1) is None
    assert tpot(None, 0.5, 4) is tpot(2.0, None, 4) is tpot(2.0, 0.5, None) is None


def test_tokens_per_second():
    """Tokens over the whole latency; unknown when no time passed or a part is missing."""
    assert tokens_per_second(2.0, 50) == 25.0
    assert tokens_per_second(0.0, 50) is tokens_per_second(None, 50) is tokens_per_second(1.0, None) is None


def test_one_value_a_question_has_the_interval_of_ranks():
    """Clusters of one are no clusters; five questions of two wordings bound nothing."""
    values = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 7.0]
    assert summary(values) == summary(values, range(7))
    few = summary([1.0, 2.0] * 5, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    assert (1.5, None, 5) == (few.value, few.low, few.n)


def test_a_ratio_is_over_questions():
    """Right answers per second; wordings of a question are one unit, and twenty units are the fewest."""
    right, seconds = [True, False, True, None] * 20, [1.0, 2.0, 3.0, 9.0] * 20
    found = per_unit(right, seconds, np.random.default_rng(0))
    assert (40 / 120, 60, 20) == (pytest.approx(found.value), found.n, found.n_missing)
    assert 0.2 < found.low < found.value < found.high < 0.5
    questions = np.repeat(np.arange(60), 2).tolist()
    known = [value for value in zip(right, seconds, strict=True) if None not in value]
    twice = (np.repeat(column, 2).astype(float) for column in zip(*known, strict=True))
    again = per_unit(*twice, np.random.default_rng(0), clusters=questions)
    assert (found.value, found.low, found.high, 60) == (again.value, again.low, again.high, again.n)
    few = per_unit([1.0] * 19, [2.0] * 19, np.random.default_rng(0))
    assert (0.5, None, None) == (few.value, few.low, few.high)
    assert per_unit([1.0], [0.0], np.random.default_rng(0)).value is None


def test_an_interval_of_skewed_times_reaches_further_to_the_slow_side():
    """After a few very slow answers the mean of all may be much longer than that of the sample."""
    seconds = np.exp(np.random.default_rng(1).normal(0, 1.5, 60))
    found = per_unit(np.ones(60), seconds, np.random.default_rng(0))
    assert found.value - found.low > found.high - found.value
