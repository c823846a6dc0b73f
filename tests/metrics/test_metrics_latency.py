"""Times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics.latency import (
    accuracy_per_second,
    ratio,
    summary,
    tokens_per_second,
    tpot,
)


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


def test_median_interval_covers_whatever_the_distribution():
    """At least 95% of intervals hold the median of a very skewed distribution."""
    rng = np.random.default_rng(0)
    truth = stats.lognorm(2).median()
    estimates = [summary(rng.lognormal(0, 2, 40)) for _ in range(400)]
    assert np.mean([estimate.low <= truth <= estimate.high for estimate in estimates]) >= 0.93


def test_few_values_have_no_interval():
    """Five values cannot bracket their median with 95%; six can, by their extremes."""
    assert summary([1, 2, 3, 4, 5]).low is None
    six = summary([6, 1, 5, 2, 4, 3, None])
    assert (six.value, six.low, six.high, six.n, six.n_missing) == (3.5, 1.0, 6.0, 6, 1)


def test_no_times():
    """No values, no median."""
    assert (summary([None]).value, summary([None]).n_missing) == (None, 1)


def test_tpot():
    """(latency − TTFT) / (tokens − 1); unknown with anything missing or a single token."""
    assert tpot(2.0, 0.5, 4) == pytest.approx(0.5)
    assert tpot(2.0, 0.5, 1) is None
    assert tpot(None, 0.5, 4) is tpot(2.0, None, 4) is tpot(2.0, 0.5, None) is None


def test_tokens_per_second():
    """Tokens over the whole latency; unknown when no time passed or a part is missing."""
    assert tokens_per_second(2.0, 50) == 25.0
    assert tokens_per_second(0.0, 50) is tokens_per_second(None, 50) is tokens_per_second(1.0, None) is None


def test_accuracy_per_second():
    """Right answers per second of waiting, with an interval that holds it."""
    correct, latency = [True, False, True, None] * 20, [1.0, 2.0, 3.0, 9.0] * 20
    estimate = accuracy_per_second(correct, latency, np.random.default_rng(0))
    assert estimate.value == pytest.approx(40 / 120)
    assert 0.2 < estimate.low < estimate.value < estimate.high < 0.5
    assert (estimate.n, estimate.n_missing) == (60, 20)


def test_accuracy_per_second_needs_time():
    """Replayed at once, latencies of 0 have no rate; some zeros leave the upper end unknown."""
    rng = np.random.default_rng(0)
    assert accuracy_per_second([True, True], [0.0, 0.0], rng).value is None
    assert accuracy_per_second([], [], rng).value is None
    mixed = accuracy_per_second([True] * 6, [0.0, 1.0, *[0.0] * 4], rng, 400)
    assert (mixed.value, mixed.high) == (6.0, None)
    assert mixed.low < 6.0


def test_ratio_of_means():
    """Mean of a over mean of b on the same items."""
    a, b = [2.0, 4.0, None, 9.0] * 2, [1.0, 2.0, 5.0, 3.0] * 2
    estimate = ratio(a, b, np.random.default_rng(0), 400)
    assert estimate.value == pytest.approx(15 / 6)
    assert 2.0 <= estimate.low < estimate.value < estimate.high <= 3.0
    assert estimate.n_missing == 2


def wordings(seed, n=60, alike=0.9):
    """Times of n questions in two wordings each, which take nearly as long, with the question of each."""
    rng = np.random.default_rng(seed)
    of_question = np.repeat(rng.normal(0, 1, n), 2)
    values = np.exp(alike * of_question + (1 - alike**2) ** 0.5 * rng.normal(0, 1, 2 * n))
    return values, np.repeat(np.arange(n), 2).tolist()


def test_a_median_over_wordings_is_one_over_questions():
    """Of 400 draws 95% hold the median, which the interval of 120 independent values does in fewer; n is questions."""
    held, naive = 0, 0
    for seed in range(400):
        values, questions = wordings(seed)
        found, plain = summary(values, questions), summary(values)
        assert (found.value, found.n) == (plain.value, 60)
        held += found.low <= 1 <= found.high
        naive += plain.low <= 1 <= plain.high
    assert 0.92 <= held / 400
    assert naive < held - 20


def test_one_value_a_question_has_the_interval_of_ranks():
    """Clusters of one are no clusters; five questions of two wordings bound nothing."""
    values = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 7.0]
    assert summary(values) == summary(values, range(7))
    few = summary([1.0, 2.0] * 5, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    assert (1.5, None, 5) == (few.value, few.low, few.n)


def test_a_rate_over_wordings_draws_whole_questions():
    """The same value, fewer units, a wider interval."""
    rng = np.random.default_rng(5)
    right = np.repeat(rng.random(80) < 0.5, 2).astype(float)
    seconds = np.repeat(rng.gamma(2, 1, 80), 2)
    of = np.repeat(np.arange(80), 2).tolist()
    alone = accuracy_per_second(right, seconds, np.random.default_rng(0))
    found = accuracy_per_second(right, seconds, np.random.default_rng(0), clusters=of)
    assert (pytest.approx(alone.value), 80) == (found.value, found.n)
    assert found.high - found.low > 1.2 * (alone.high - alone.low)
