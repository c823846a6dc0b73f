"""Proportions, means and their intervals."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import proportion_confint

from llmxray.metrics import contrasts
from llmxray.metrics.accuracy import (
    averaged_share,
    clustered,
    clustered_share,
    clustered_standard_error,
    mean,
    nearest_ratio,
    proportion,
    share,
    standard_error,
    wilson,
    within_unit,
)

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_agrees_with_statsmodels(counts):
    """The Wilson interval is that of statsmodels, for any counts."""
    expected = proportion_confint(*counts, alpha=0.05, method="wilson")
    assert expected == pytest.approx(wilson(*counts), abs=1e-9)


def test_wilson_ends_are_exact():
    """With no or only successes the interval begins at 0 or ends at 1 without rounding noise."""
    for n in (1, 3, 7, 49, 1001):
        assert wilson(0, n)[0] == 0.0
        assert wilson(n, n)[1] == 1.0


@pytest.mark.parametrize("values", [[], [None, None]])
def test_no_data_is_none(values):
    """Without values there is no number and no interval, and n is 0."""
    for estimate in (proportion(values), mean(values), clustered(values, ["c"] * len(values))):
        assert (None, None, None, 0, len(values)) == astuple(estimate)[:5]


@given(st.lists(st.floats(-1e3, 1e3), min_size=6, max_size=50))
def test_mean_agrees_with_scipy(values):
    """The t interval and standard error are those of scipy."""
    estimate = mean(values)
    error = stats.sem(values)
    assert float(error) == pytest.approx(standard_error(values), abs=1e-9)
    half = stats.t.ppf(0.975, len(values) - 1) * error
    expected = (np.mean(values), np.mean(values) - half, np.mean(values) + half)
    assert expected == pytest.approx((estimate.value, estimate.low, estimate.high), abs=1e-9)


def test_mean_of_few_has_no_interval():
    """Two values, or five questions of many answers, have a mean and no interval; six have one."""
    assert mean([0.1, 0.9]).low is mean([0.1, 0.9, 0.4, 0.2, 0.3]).high is None
    assert clustered([0.0, 1.0] * 10, list(range(5)) * 4).low is None
    assert mean([0.1, 0.9, 0.4, 0.2, 0.3, 0.5]).low is not None
    assert (0.4, None, None, 1, 1) == astuple(mean([0.4, None]))[:5]


def test_missing_values_leave_their_cluster():
    """A None drops out together with its cluster label."""
    values, clusters = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], ["a", "a", "b", "c", "d", "e", "f"]
    kept = clustered(values, clusters)
    dropped = clustered([*values[:1], None, *values[1:]], [*clusters[:1], "z", *clusters[1:]])
    assert kept.low is not None
    assert (kept.value, kept.low, 1) == (dropped.value, dropped.low, dropped.n_missing)


@pytest.mark.parametrize("seed", range(5))
def test_clustered_errors_agree_with_statsmodels(seed):
    """The cluster-robust standard error of a regression on a constant, its correction being C/(C − 1)."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 12, 80)
    values = rng.random(80) + groups / 10
    fit = OLS(values, np.ones(80)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False, "df_correction": False}
    )
    n = np.unique(groups).size
    expected = fit.bse[0] * (n / (n - 1)) ** 0.5
    assert expected == pytest.approx(clustered_standard_error(values, groups.tolist()), rel=1e-9)


def test_copies_do_not_shrink_the_interval_of_a_share():
    """Each question four times with one outcome: hardly wider than each once, and never narrower."""
    hits = [True, False, False, True, True] * 12
    once, four = proportion(hits), clustered_share(hits * 4, list(range(60)) * 4)
    assert (once.value, 240) == (four.value, four.n)
    assert (once.low, once.high) == pytest.approx((four.low, four.high), abs=0.004)
    assert once.high - once.low < four.high - four.low


def test_where_all_are_right_the_questions_are_counted():
    """No variance says nothing: four questions of three rows are as sure as four rows."""
    found, four = clustered_share([True] * 12, [0, 1, 2, 3] * 3), proportion([True] * 4)
    assert (1.0, 12, four.low, 1.0) == (found.value, found.n, pytest.approx(found.low), found.high)


def test_the_interval_of_a_share_is_that_of_its_test():
    """What the test of a share rejects at 5% lies outside the interval, to four digits, and nothing else does."""
    shares = np.array([1.0] * 4 + [0.25] * 50 + [0.5] * 6)
    found = averaged_share(shares)
    for end, step in ((found.low, -1e-4), (found.high, 1e-4)):
        inside, outside = (
            2 * min(evidence.above(at), 1 - evidence.above(at))
            for evidence in [contrasts.shares([shares], np.arange(60)).evidence]
            for at in (end - step, end + step)
        )
        assert outside < 0.05 < inside


@pytest.mark.parametrize(("ease", "n_items"), [((0.3, 0.3), 10), ((0.2, 1.8), 40)])
def test_averages_hold_the_truth_as_often_as_they_say(ease, n_items):
    """500 draws of questions in five answers; Student's interval of the means holds 10% in far fewer."""
    rng = np.random.default_rng(7)
    truth = ease[0] / sum(ease)
    held = 0
    for _ in range(500):
        found = averaged_share(rng.binomial(5, rng.beta(*ease, n_items)) / 5)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 500


def test_wordings_of_a_question_are_no_two_questions():
    """60 questions in two wordings with a correlation of .7: 95% hold the truth, and n is 60."""
    held, naive = 0, 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        first = rng.random(60) < 0.4
        # The second wording is answered as the first in 70%, and anew in the rest.
        second = np.where(rng.random(60) < 0.7, first, rng.random(60) < 0.4)
        hits = np.concatenate([first, second]).astype(float)
        found = averaged_share(hits, list(range(60)) * 2)
        plain = averaged_share(hits)
        assert (found.value, found.n, plain.n) == (plain.value, 60, 120)
        held += found.low <= 0.4 <= found.high
        naive += plain.low <= 0.4 <= plain.high
    assert 0.92 <= held / 400 <= 0.99
    assert naive / 400 < 0.92


def test_questions_of_one_wording_are_what_they_were():
    """Clusters of one change nothing; a question without an answer in any wording is missing once."""
    shares = [1.0, 0.0, None, 0.5, 1.0, 0.5, 0.0]
    assert averaged_share(shares) == averaged_share(shares, range(7))
    found = averaged_share([1.0, None, None, None, 0.0, 1.0], ["a", "a", "b", "b", "c", "c"])
    assert (2 / 3, 2, 1) == (pytest.approx(found.value), found.n, found.n_missing)


def test_a_mean_of_shares_stays_within_its_range():
    """Student's interval of .4 and 1s passes 1; cut, it does not; without an interval nothing changes."""
    found = mean([0.4, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert found.high > 1
    assert (found.value, 1.0) == (within_unit(found).value, within_unit(found).high)
    assert mean([0.5]) == within_unit(mean([0.5]))


def test_equal_averages_are_equal_in_any_order():
    """Thirds and sevenths whose sums differ in the last bit; as a share of whole answers, and never above 1."""
    shares = [1 / 3, 2 / 3, 1.0, 1 / 7, 6 / 7, 0.0, 2 / 3, 1 / 3, 5 / 7, 2 / 7]
    values = {averaged_share(order).value for order in (shares, shares[::-1], sorted(shares))}
    assert values == {share(5, 10).value}
    assert nearest_ratio(1 + 2e-16) == 1
