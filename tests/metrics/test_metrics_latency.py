"""Times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics.latency import (
    accuracy_per_second,
    latency,
    ratio,
    summary,
    throughput,
    tokens_per_second,
    tpot,
    ttft,
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
    mixed = accuracy_per_second([True, True], [0.0, 1.0], rng, 200)
    assert (mixed.value, mixed.low, mixed.high) == (2.0, 1.0, None)


def test_ratio_of_means():
    """Mean of a over mean of b on the same items."""
    a, b = [2.0, 4.0, None, 9.0], [1.0, 2.0, 5.0, 3.0]
    estimate = ratio(a, b, np.random.default_rng(0), 400)
    assert estimate.value == pytest.approx(15 / 6)
    assert pytest.approx(estimate.low) == 2.0
    assert pytest.approx(estimate.high) == 3.0
    assert estimate.n_missing == 1


def test_throughput_is_the_rate_of_the_whole_run():
    """10 tokens in 1 s and 10 in 9 s are 2 tokens a second, not the mean of 10 and 1.1; gaps are counted."""
    found = throughput([10, 10, None], [1.0, 9.0, 1.0], np.random.default_rng(0))
    assert (found.value, found.n, found.n_missing) == (2.0, 2, 1)
    assert found.low <= 2.0 <= found.high
    assert throughput([10], [0.0], np.random.default_rng(0)).value is None


def test_times_are_medians():
    """First token and latency are medians with the interval of `summary`."""
    values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 9.0]
    assert ttft(values) == latency(values) == summary(values)
    assert ttft(values).value == 0.4
