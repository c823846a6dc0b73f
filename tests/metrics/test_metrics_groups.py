"""Best and worst categories, differences between groups, and how uneven a model is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from llmxray.errors import InputError
from llmxray.metrics.accuracy import averaged_share, newcombe, share
from llmxray.metrics.groups import differ, extremes_differ, places, spread, uneven


def answers(right, n):
    """``right`` of ``n`` answers correct."""
    return [True] * right + [False] * (n - right)


def rng(seed=0):
    """A generator of its own."""
    return np.random.default_rng(seed)


def test_places_are_ordered_and_as_sure_as_the_posterior():
    """With two categories, being first is P(p > q) under Jeffreys' posteriors, by numerical integration."""
    found = places({"b": answers(4, 10), "a": answers(7, 10)}, rng(), k=1, n_draws=40_000)
    assert [each.name for each in found] == ["a", "b"]
    p, q = stats.beta(7.5, 3.5), stats.beta(4.5, 6.5)
    expected, _ = integrate.quad(lambda x: p.pdf(x) * q.cdf(x), 0, 1)
    assert found[0].in_top == pytest.approx(expected, abs=0.01)
    assert found[0].in_top + found[1].in_top == pytest.approx(1)
    assert found[0].in_bottom == pytest.approx(1 - found[0].in_top)


def test_three_of_three_is_not_certain():
    """A category with three right answers of three may still be worse than one with 90 of 100."""
    small, large = places({"small": answers(3, 3), "large": answers(90, 100)}, rng(), k=1)
    assert small.name == "small"
    assert 0.3 < small.in_top < 0.75
    assert large.in_top == pytest.approx(1 - small.in_top)


def test_places_without_answers_come_last():
    """A category whose answers are all missing has no place, and counts them."""
    found = places({"none": [None, None], "some": answers(1, 2)}, rng())
    assert [("some", 2), ("none", 0)] == [(each.name, each.accuracy.n) for each in found]
    assert (found[1].accuracy.value, found[1].in_top, found[1].accuracy.n_missing) == (None, None, 2)
    with pytest.raises(InputError, match="k must"):
        places({"a": [True]}, rng(), k=0)


def test_averaged_repeats_have_a_mean():
    """Fractions of four answers: the interval is that of averaged shares."""
    (found,) = places({"a": [0.5, 1.0, 0.25]}, rng())
    assert averaged_share([0.5, 1.0, 0.25]) == found.accuracy
    assert found.accuracy.value == pytest.approx(7 / 12)


def test_groups_that_differ():
    """80 of 100 against 50 of 100: Newcombe's interval, Fisher's p, and a small p over all groups."""
    found = differ({"stem": answers(80, 100), "hum": answers(50, 100)}, rng())
    (pair,) = found.pairs
    assert pair.difference == newcombe(share(80, 100), share(50, 100))
    assert pair.p_value == pytest.approx(stats.fisher_exact([[80, 20], [50, 50]]).pvalue)
    assert pair.p_holm == pair.p_value
    assert found.p_value < 0.001


def test_permutation_agrees_with_scipy():
    """Over three groups the p-value is that of the same statistic in scipy's permutation test."""
    table = {"a": answers(9, 12), "b": answers(5, 11), "c": answers(4, 10)}
    actual = differ(table, rng()).p_value

    def between(*groups, axis):
        return sum(g.sum(axis=axis) ** 2 / g.shape[axis] for g in groups)

    expected = stats.permutation_test(
        [np.array(column, dtype=float) for column in table.values()],
        between,
        n_resamples=9999,
        alternative="greater",
        vectorized=True,
        rng=rng(1),
    )
    assert actual == pytest.approx(expected.pvalue, abs=0.02)


def test_groups_that_cannot_differ():
    """All right everywhere is p = 1; a single group, or an empty one, has no test."""
    assert differ({"a": answers(3, 3), "b": answers(5, 5)}, rng()).p_value == 1.0
    alone = differ({"a": answers(1, 3), "b": [None]}, rng())
    assert (alone.p_value, alone.pairs[0].p_value, alone.pairs[0].difference.value) == (None, None, None)


def test_fractions_are_compared_by_welch():
    """Averaged repeats: Welch's interval and p, as in scipy."""
    a, b = [0.5, 1.0, 0.75, 1.0, 0.5, 0.75], [0.0, 0.25, 0.5, 0.25, 0.5, 0.0]
    (pair,) = differ({"a": a, "b": b}, rng()).pairs
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert pair.p_value == pytest.approx(expected.pvalue)
    assert pair.difference.low == pytest.approx(expected.confidence_interval().low)
    (few,) = differ({"a": a[:2], "b": b[:2]}, rng()).pairs
    assert (None, None) == (few.p_value, few.difference.low), "nothing follows from two questions"


def test_spread_of_a_specialist_and_of_a_balanced_model():
    """Ends of .2 and .8 have a standard deviation of .42; equal axes have none beyond chance."""
    uneven = spread({"a": answers(160, 800), "b": answers(640, 800)}, rng())
    assert uneven.value == pytest.approx(0.6 / np.sqrt(2), abs=0.01)
    assert uneven.low > 0.3
    even = spread({name: answers(n, 100) for name, n in zip("abcd", (48, 52, 50, 51), strict=True)}, rng())
    assert even.value == even.low == 0.0
    assert even.high < 0.15


def test_spread_holds_the_truth():
    """Over 200 simulated models with a spread of .15 the interval holds it about as often as it says."""
    draw, held = rng(5), 0
    for _ in range(200):
        truth = np.array([0.35, 0.5, 0.65, 0.5, 0.35, 0.65])
        axes = {str(i): (draw.random(80) < p).astype(float) for i, p in enumerate(truth)}
        found = spread(axes, draw, n_resamples=300)
        held += found.low <= truth.std(ddof=1) <= found.high
    assert 0.86 <= held / 200


def test_spread_needs_two_axes():
    """One usable axis has no spread; axes without two answers are counted."""
    found = spread({"a": answers(1, 4), "b": [True], "c": [None]}, rng())
    assert (found.value, found.n, found.n_missing) == (None, 1, 2)


@pytest.mark.parametrize("k", [1, 3])
def test_extremes_of_alike_categories_are_rarely_told_apart(k):
    """Forty categories of twelve questions, all of one accuracy: best and worst lie far apart by luck alone."""
    told = 0
    for seed in range(200):
        draws = np.random.default_rng(seed)
        categories = {str(n): (draws.random(12) < 0.5).astype(float) for n in range(40)}
        told += extremes_differ(categories, draws, k=k, n_deals=400) < 0.05
    assert told / 200 <= 0.09


def test_extremes_that_differ_are_told_apart():
    """Three categories far above and three far below; of averages too; too few categories have no extremes."""
    whole = {str(n): [1.0] * 9 + [0.0] if n < 3 else [0.0] * 9 + [1.0] for n in range(6)}
    assert extremes_differ(whole, rng(), n_deals=999) == 0.001
    halves = {name: [value / 2 for value in column] for name, column in whole.items()}
    assert extremes_differ(halves, rng(), n_deals=999) < 0.01
    assert extremes_differ({"a": [1.0], "b": [0.0]}, rng()) is None


def test_categories_are_dealt_within_their_stratum():
    """Strata far apart with categories alike say nothing; categories far apart in one of them do."""
    high, low = {"a": answers(9, 10), "b": answers(9, 10)}, {"c": answers(1, 10), "d": answers(1, 10)}
    assert uneven([high, low], rng(), n_deals=999) == 1.0
    assert uneven([{**high, **low}], rng(), n_deals=999) == 0.001
    assert uneven([high, {"c": answers(10, 10), "d": answers(0, 10)}], rng(), n_deals=999) < 0.01
    assert uneven([{"a": [1.0]}, {}], rng()) is None


def test_alike_categories_in_unlike_strata_are_rarely_told_apart():
    """Five suites of five accuracies, eight categories of twelve questions each: p is below 5% in about 5%."""
    told = 0
    for seed in range(200):
        draws = np.random.default_rng(seed)
        strata = [
            {str(n): (draws.random(12) < truth).astype(float) for n in range(8)}
            for truth in (0.1, 0.3, 0.5, 0.7, 0.9)
        ]
        told += (uneven(strata, draws, n_deals=400) or 0.0) < 0.05
    assert told / 200 <= 0.09
