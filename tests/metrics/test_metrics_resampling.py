"""Bootstrap machinery."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.metrics.resampling import (
    BinnedStatistic,
    basic_interval,
    percentile_interval,
    quotients,
    ratios_of_sums,
    resamples,
)


def bin_sums(values, bins, n_bins):
    """A statistic that returns the sum of the first bin."""
    return BinnedStatistic(np.array(values), np.array(bins), n_bins, lambda counts, sums: sums[:, 0])


def test_value_and_given_resamples():
    """The value is the statistic on all rows; `at` takes any rows, repeated ones included."""
    statistic = bin_sums([1.0, 2.0, 4.0], [0, 1, 0], 2)
    assert statistic.value() == 5.0
    assert statistic.at(np.array([[0, 0, 0], [2, 2, 1]])).tolist() == [3.0, 8.0]


def test_replicates_have_the_moments_of_row_resampling():
    """Mean and variance of a bin's sum are those of n independent draws of value·[in the bin]."""
    rng = np.random.default_rng(0)
    values, bins = rng.normal(1, 1, 50), rng.integers(0, 3, 50)
    replicates = bin_sums(values, bins, 3).replicates(np.random.default_rng(1), 20_000)
    part = values * (bins == 0)
    assert part.sum() == pytest.approx(replicates.mean(), rel=0.01)
    assert 50 * part.var() == pytest.approx(replicates.var(), rel=0.03)


def test_replicates_of_a_large_table():
    """Above 65,536 rows in a bin every row can still be drawn."""
    n = 70_000
    statistic = bin_sums(np.arange(n, dtype=float), np.zeros(n, dtype=np.intp), 1)
    replicates = statistic.replicates(np.random.default_rng(0), 20)
    assert n * (n - 1) / 2 == pytest.approx(replicates.mean(), rel=0.005)


def test_replicates_with_bins_left_empty():
    """A resample that misses a bin has sum 0 there."""
    replicates = bin_sums([1.0, 0.0, 0.0, 0.0], [0, 1, 1, 2], 4).replicates(np.random.default_rng(0), 500)
    assert {0.0, 1.0, 2.0} <= set(replicates.tolist())


def test_resamples_come_in_chunks():
    """Chunks add up to the number asked for, and hold row numbers below n."""
    chunks = list(resamples(100_000, 5, np.random.default_rng(0)))
    assert [chunk.shape for chunk in chunks] == [(2, 100_000), (2, 100_000), (1, 100_000)]
    assert max(int(chunk.max()) for chunk in chunks) < 100_000


def test_basic_interval_mirrors_the_percentiles():
    """Replicates shifted up by bias give an interval shifted down, widened to hold the value."""
    replicates = np.linspace(0.2, 0.4, 1001)
    assert pytest.approx(basic_interval(0.3, replicates, 100)) == (0.2 * 3 - 0.395, 0.395)
    low, high = basic_interval(0.1, replicates, 100)
    assert (pytest.approx(-0.195), 0.1) == (low, high)


def test_no_interval_from_few_questions():
    """Six are the fewest; an interval from five would be too narrow by far."""
    replicates = np.linspace(0.2, 0.4, 1001)
    assert (None, None) == basic_interval(0.3, replicates, 5) == percentile_interval(replicates, 5)
    assert None not in basic_interval(0.3, replicates, 6) + percentile_interval(replicates, 6)


def test_percentile_interval_with_infinity():
    """An infinite end is unknown, and a few infinite replicates do not spoil the other end."""
    replicates = np.concatenate((np.linspace(1, 2, 90), [np.inf] * 10))
    low, high = percentile_interval(replicates, 100)
    assert (pytest.approx(1.02, abs=0.02), None) == (low, high)


def test_a_ratio_over_nothing_is_infinite():
    """1/0 and 0/0 alike: neither says how large the ratio is."""
    assert [0.5, np.inf, np.inf] == quotients(np.array([1.0, 1.0, 0.0]), np.array([2.0, 0.0, 0.0])).tolist()


def test_ratios_of_sums_are_paired():
    """Rows are drawn for both sums at once: twice as much on every row is a ratio of exactly 2."""
    below = np.array([1.0, 3.0, 10.0])
    assert {2.0} == set(ratios_of_sums(2 * below, below, np.random.default_rng(0), 50).tolist())
