"""Two conditions on the same items."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from llmxray.errors import InputError
from llmxray.metrics.calibration import ece, gap
from llmxray.metrics.paired import (
    holm,
    join,
    mcnemar_exact,
    minimum_detectable_effect,
    paired_bootstrap,
    paired_difference,
    paired_ratio,
)
from llmxray.types import Outcome, Row

pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


def column_mean(values):
    """Mean of one column."""
    return float(np.mean(values))


def two_models(n=200, seed=0):
    """(confidence, correct) of a calibrated model and of the same one, overconfident by .2."""
    rng = np.random.default_rng(seed)
    easy = rng.beta(5, 2, n)
    luck = rng.random(n)
    sure = np.clip(easy + 0.2, 0, 1)
    return (easy, (luck < easy).astype(float)), (sure, (luck < easy).astype(float))


def answer(suite, item, right, sample=0):
    """The row of one answer."""
    outcome = Outcome.CORRECT if right else Outcome.WRONG
    return Row("e", f"{suite} {item} {sample}", "c", suite, item, "", sample, outcome, None, "A")


def test_join_keeps_an_item_id_of_two_suites_apart():
    """A hundred ids that stand in two suites are two hundred questions, in the order of the left."""
    left = [answer(suite, f"q{n}", n < 60) for suite in ("arc", "gsm8k") for n in range(100)]
    right = [answer(suite, f"q{n}", n < 50) for suite in ("gsm8k", "arc") for n in range(100)]
    joined = join([*left, answer("arc", "q100", True)], [*right, answer("mmlu", "q0", True)])
    assert joined.questions[0] == ("arc", "q0")
    assert joined.unmatched == (("arc", "q100"), ("mmlu", "q0"))
    assert [row.suite for row in joined.left] == [row.suite for row in joined.right]
    test = mcnemar_exact(*([row.outcome is Outcome.CORRECT for row in side] for side in joined[1:3]))
    assert (test.difference.n, test.a_only, test.b_only) == (200, 20, 0)


def test_join_refuses_repeats():
    """Two answers to one question are not two questions."""
    with pytest.raises(InputError, match="question q1 of arc stands twice on one side"):
        join([answer("arc", "q1", True, sample) for sample in range(2)], [])


@given(pairs)
def test_mcnemar_agrees_with_statsmodels(table):
    """The exact p-value is that of statsmodels."""
    a, b = zip(*table, strict=True)
    test = mcnemar_exact(a, b)
    counts = [[test.both, test.a_only], [test.b_only, test.neither]]
    assert sum(map(sum, counts)) == len(table)
    assert mcnemar(counts, exact=True).pvalue == pytest.approx(test.p_value, abs=1e-9)
    assert np.mean(a) - np.mean(b) == pytest.approx(test.difference.value, abs=1e-9)
    assert test.difference.low <= test.difference.value <= test.difference.high


@given(pairs)
def test_swapping_conditions_mirrors_the_test(table):
    """The test is symmetric: b − a is the negative of a − b at the same p-value."""
    a, b = zip(*table, strict=True)
    forth, back = mcnemar_exact(a, b), mcnemar_exact(b, a)
    assert (forth.a_only, forth.p_value) == (back.b_only, back.p_value)
    assert (forth.difference.low, forth.difference.high) == pytest.approx(
        (-back.difference.high, -back.difference.low)
    )


def test_bonett_price_covers():
    """For paired answers with a true difference of .2, about 95% of intervals hold it."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        luck = rng.random(60)
        difference = mcnemar_exact(list(luck < 0.7), list(luck < 0.5)).difference
        held += difference.low <= 0.2 <= difference.high
    assert 0.92 <= held / 400 <= 0.99


def test_mcnemar_leaves_out_missing_pairs():
    """A pair with a None on either side is counted as missing."""
    test = mcnemar_exact([True, None, False, True], [False, True, None, True])
    assert (test.a_only, test.both, test.difference.n, test.difference.n_missing) == (1, 1, 2, 2)


def test_mcnemar_without_items():
    """No items: no p-value, no difference."""
    test = mcnemar_exact([], [])
    assert (test.p_value, test.difference.value, test.difference.n) == (None, None, 0)


def test_mcnemar_in_agreement():
    """Identical answers cannot tell: p is 1, the difference 0, and the interval still has width."""
    test = mcnemar_exact([True, False] * 10, [True, False] * 10)
    assert (test.p_value, test.difference.value) == (1.0, 0.0)
    assert test.difference.low < 0 < test.difference.high


def test_paired_difference_is_sharper_than_unpaired():
    """Items hard for both cancel: the paired interval is that of the per-item differences."""
    rng = np.random.default_rng(1)
    hard = rng.uniform(0, 0.9, 300)
    a, b = hard + 0.1 + rng.normal(0, 0.01, 300), hard
    estimate = paired_difference(a, b)
    expected = scipy.stats.ttest_rel(a, b).confidence_interval(0.95)
    assert tuple(expected) == pytest.approx((estimate.low, estimate.high), rel=1e-9)
    assert estimate.high - estimate.low < 0.01


def test_paired_difference_of_two_items_tells_nothing():
    """No interval from fewer than six items, nor without any spread."""
    few = paired_difference([0.8, 0.5], [0.3, 0.2])
    assert (pytest.approx(0.4), None, None) == (few.value, few.low, few.high)
    alike = paired_difference([0.8, 0.5] * 3, [0.3, 0.0] * 3)
    assert (alike.value, alike.low, alike.high) == (0.5, None, None)


def test_paired_difference_drops_pairs():
    """A None on one side drops the item from both."""
    estimate = paired_difference([1.0, None, 1.0, 0.0], [0.0, 0.0, 0.0, None])
    assert (estimate.value, estimate.n, estimate.n_missing) == (1.0, 2, 2)


def test_paired_bootstrap_of_ece_finds_the_difference():
    """A model overconfident by .2 has a higher ECE than a calibrated one, and the interval says so."""
    calibrated, overconfident = two_models()
    estimate = paired_bootstrap(ece, overconfident, calibrated, np.random.default_rng(2))
    assert ece(*overconfident) - ece(*calibrated) == pytest.approx(estimate.value)
    assert 0 < estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize("stat", [ece, gap, functools.partial(ece, n_bins=5)])
def test_fast_paired_bootstrap_agrees_with_the_slow_one(stat):
    """Bin sums and row-by-row resampling draw the same resamples and give the same interval."""
    a, b = two_models(n=80, seed=3)
    fast = paired_bootstrap(stat, a, b, np.random.default_rng(4), 300)
    slow = paired_bootstrap(lambda c, y: stat(c, y), a, b, np.random.default_rng(4), 300)
    assert (slow.value, slow.low, slow.high) == pytest.approx((fast.value, fast.low, fast.high))


def test_a_condition_against_itself_is_tied():
    """The same columns differ by exactly 0 in every resample."""
    a, _ = two_models(n=50)
    estimate = paired_bootstrap(ece, a, a, np.random.default_rng(0), 100)
    assert (estimate.value, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_statistics_that_are_none_on_resamples():
    """Resamples without a value on either side are left out; none left, no interval."""

    def never_twice(values):
        return 1.0 if np.unique(values).size == 4 else None

    four = [1.0, 2.0, 3.0, 4.0]
    estimate = paired_bootstrap(never_twice, (four,), (four,), np.random.default_rng(1), 2)
    assert (estimate.value, estimate.low) == (0.0, None)


def test_nothing_to_compare():
    """Without a common complete item there is no difference and no ratio."""
    for compare in (paired_bootstrap, paired_ratio):
        estimate = compare(column_mean, ([1.0, None],), ([None, 1.0],), np.random.default_rng(0))
        assert (estimate.value, estimate.low, estimate.n, estimate.n_missing) == (None, None, 0, 2)


def test_ratio_of_proportional_columns_is_certain():
    """Twice as slow on every item is a ratio of exactly 2."""
    b = [0.5, 1.0, 4.0, 2.0, 3.0, 1.5]
    estimate = paired_ratio(column_mean, ([2 * value for value in b],), (b,), np.random.default_rng(0), 100)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((2.0, 2.0, 2.0))


def test_ratio_over_nothing_right():
    """Over a mean of 0 there is no ratio; near 0 its upper end is unknown."""
    rng = np.random.default_rng(0)
    assert paired_ratio(column_mean, ([1.0, 1.0],), ([0.0, 0.0],), rng, 50).value is None
    estimate = paired_ratio(column_mean, ([1.0] * 6,), ([1.0, *[0.0] * 5],), rng, 400)
    assert (estimate.value, estimate.high) == (6.0, None)
    assert estimate.low is not None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=25)  # one call of statsmodels takes 50 ms
def test_holm_agrees_with_statsmodels(p_values):
    """Adjusted p-values, ties included, are those of statsmodels."""
    expected = multipletests(p_values, method="holm")[1]
    assert expected == pytest.approx(list(holm(p_values)), abs=1e-9)


def test_holm_leaves_missing_out_of_the_family():
    """A test that could not be done stays None and does not make the others stricter."""
    assert holm([0.01, None, 0.04]) == (0.02, None, 0.04)
    assert holm([]) == ()


def test_detectable_effect_has_its_power():
    """Simulated McNemar tests at the effect found are significant about 80% of the time."""
    n, discordant = 400, 0.3
    effect = minimum_detectable_effect(n, discordant)
    assert 0.07 < effect < 0.08
    found = 0
    for seed in range(300):
        draws = np.random.default_rng(seed).random(n)
        a_only, b_only = draws < (discordant + effect) / 2, draws > 1 - (discordant - effect) / 2
        found += mcnemar_exact(list(a_only), list(b_only)).p_value < 0.05
    assert 0.7 <= found / 300 <= 0.87


def test_more_items_detect_less():
    """The effect shrinks with n and with fewer discordant items; a handful of items detects nothing."""
    assert minimum_detectable_effect(1600, 0.3) < minimum_detectable_effect(160, 0.3)
    assert minimum_detectable_effect(160, 0.1) < minimum_detectable_effect(160, 0.3)
    assert minimum_detectable_effect(3, 0.3) is None
    assert minimum_detectable_effect(100, 0.0) is None


def test_detectable_effect_refuses_nonsense():
    """No items, or a rate above 1, is bad input."""
    for n, rate in ((0, 0.3), (10, 1.5)):
        with pytest.raises(InputError):
            minimum_detectable_effect(n, rate)
