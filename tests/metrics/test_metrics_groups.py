"""Best and worst categories, differences between groups, and unevenness."""

import numpy as np
import pytest
from scipy import integrate, stats

from llmxray.metrics.groups import difference_within, places, uneven


def answers(right, n):
    """``right`` of ``n`` answers correct."""
    return [True] * right + [False] * (n - right)


def rng(seed=0):
    """A generator of its own."""
    return np.random.default_rng(seed)


def test_places_are_as_sure_as_the_posterior():
    """With two categories, being first is P(p > q) under Jeffreys' posteriors, by numerical integration."""
    found = places({"b": answers(4, 10), "a": answers(7, 10)}, rng(), k=1, n_draws=40_000)
    p, q = stats.beta(7.5, 3.5), stats.beta(4.5, 6.5)
    expected, _ = integrate.quad(lambda x: p.pdf(x) * q.cdf(x), 0, 1)
    assert found["a"] == pytest.approx((expected, 1 - expected), abs=0.01)
    assert found["b"] == pytest.approx(found["a"][::-1])


def test_a_difference_is_within_strata():
    """One suite: Agresti and Caffo's interval. A suite with one of the groups alone says nothing, hard or easy."""
    both = answers(80, 100), answers(50, 100)
    found = difference_within([both])
    p, q = 81 / 102, 51 / 102
    half = 1.959964 * np.sqrt((p * (1 - p) + q * (1 - q)) / 102)
    assert (0.3, 0.3 - half, 0.3 + half) == pytest.approx((found.value, found.low, found.high))
    assert found == difference_within([both, (answers(0, 40), []), ([], [None])])
    assert difference_within([(answers(9, 9), []), ([], answers(0, 9))]).value is None
    # 20 points in a suite of twice 30, and 0 in another of twice 10.
    of_two = difference_within([(answers(18, 30), answers(12, 30)), (answers(5, 10), answers(5, 10))])
    assert of_two.value == pytest.approx(0.75 * 0.2)


def test_categories_are_dealt_within_their_stratum():
    """Strata far apart with categories alike say nothing; categories far apart in one of them do."""
    high, low = {"a": answers(9, 10), "b": answers(9, 10)}, {"c": answers(1, 10), "d": answers(1, 10)}
    assert uneven([high, low], rng(), n_deals=999) == 1.0
    assert uneven([{**high, **low}], rng(), n_deals=999) == 0.001
    assert uneven([high, {"c": answers(10, 10), "d": answers(0, 10)}], rng(), n_deals=999) < 0.01
    assert uneven([{"a": [1.0]}, {}], rng()) is None
