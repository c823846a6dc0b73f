"""The usual distributions: those of ``scipy.stats``, without loading it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics import distributions as d
from tests.commands import python

SHARES = st.floats(1e-9, 1 - 1e-9)


def near(value: float) -> object:
    """Equal but for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-300)


@given(SHARES, st.floats(-30, 30), st.floats(0.5, 500))
def test_normal_t_and_chi_squared(share, x, freedom):
    """Quantiles and tails, far out too."""
    assert near(stats.norm.ppf(share)) == d.normal_quantile(share)
    assert near(stats.norm.sf(x)) == d.normal_tail(x)
    assert near(stats.t.ppf(share, freedom)) == d.t_quantile(share, freedom)
    assert near(stats.t.sf(x, freedom)) == d.t_tail(x, freedom)
    assert near(stats.chi2.sf(abs(x), freedom)) == d.chi2_tail(abs(x), freedom)


@given(st.integers(-1, 400), st.integers(1, 400), st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1)))
def test_binomial(k, n, p):
    """Both tails, from none to more than all, and shares that cannot or must be."""
    assume(p == 0 or p > 1e-200)
    assert near(stats.binom.cdf(k, n, p)) == d.binomial_cdf(min(k, n), n, p)
    assert near(stats.binom.sf(k, n, p)) == d.binomial_tail(min(k, n), n, p)


@given(SHARES, st.integers(1, 3000))
def test_fair_coins(share, n):
    """The ranks of an order-statistic interval, and the shares of signs."""
    rank = d.fair_coins_quantile(share, n)
    # By its definition: at a tie, such as one half of 35 coins, scipy rounds up.
    assert stats.binom.cdf(rank - 1, n, 0.5) - 1e-12 < share < stats.binom.cdf(rank, n, 0.5) + 1e-12
    k = np.arange(n + 1)
    assert stats.binom.sf(k - 1, n, 0.5) == pytest.approx(
        d.fair_coins_tail(k - 1, np.full(n + 1, n)), rel=1e-9
    )


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_clopper_pearson(k, n, level):
    """The exact interval of a share."""
    k = min(k, n)
    expected = stats.binomtest(k, n).proportion_ci(level, method="exact")
    assert pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12) == d.clopper_pearson(k, n, level)


def test_nothing_of_a_report_loads_scipy_stats():
    """It takes most of a second, in each process that builds pages."""
    code = (
        "import sys; from llmxray.metrics import distributions as d; d.clopper_pearson(3, 4, 0.95); "
        "d.t_quantile(0.9, 3); print('scipy.stats' in sys.modules)"
    )
    done = python("-c", code)
    assert "False\n" == done.stdout
