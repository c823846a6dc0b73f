"""Accuracy against blind guessing: the key permuted within each question."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from llmxray.metrics.guessing import knows


@pytest.mark.parametrize(
    ("picks", "unread", "p_above", "p_below"),
    [
        ([[1, 0, 0, 0]], [0], 1 / 4, 1.0),
        ([[0, 1, 0, 0]], [0], 1.0, 3 / 4),
        # Naming every option equally often is what any key makes of it.
        ([[1, 1, 1, 1]] * 50, [0] * 50, 1.0, 1.0),
        ([[1, 0], [1, 0, 0, 0]], [0, 0], 1 / 8, 1.0),
        ([[4, 0, 0, 0]] * 3, [0] * 3, 1 / 64, 1.0),
        # One answer more that names nothing: a guesser is right in it once in four times.
        ([[1, 0, 0, 0]], [1], 1 / 4 + 3 / 4 * 1 / 4, 1 - 1 / 16),
    ],
)
def test_cases_by_hand(picks, unread, p_above, p_below):
    """A question or a few, of several sizes and repeats."""
    assert (p_above, p_below) == pytest.approx(knows(picks, unread))


def test_single_answers_of_one_size_are_binomial():
    """27 of 64 among four options; the tails meet at the observed count."""
    p_above, p_below = knows([[1, 0, 0, 0]] * 27 + [[0, 1, 0, 0]] * 37, [0] * 64)
    assert (stats.binom.sf(26, 64, 0.25), stats.binom.cdf(27, 64, 0.25)) == pytest.approx((p_above, p_below))


def test_every_key_is_counted():
    """Unequal numbers of options, of answers and of right options, against all keys one by one."""
    picks, n_right = [[2, 1, 0], [1, 0, 1, 2], [1, 0]], [1, 2, 1]
    keys = [
        [sum(key) / sum(counts) for key in itertools.combinations(counts, right)]
        for counts, right in zip(picks, n_right, strict=True)
    ]
    means = np.array([sum(key) for key in itertools.product(*keys)])
    observed = 2 / 3 + 1 / 4 + 1
    expected = (means >= observed - 1e-9).mean(), (means <= observed + 1e-9).mean()
    assert expected == pytest.approx(knows(picks, [0, 0, 0], n_right))


def test_a_guesser_with_habits_seldom_passes():
    """Ten options in ten rotations, whose answers to a question are nearly alike: at most 3.5% on either side."""
    rng, told, n = np.random.default_rng(4), np.zeros(2), 400
    for _ in range(n):
        picks = [rng.multinomial(10, p).tolist() for p in rng.dirichlet(np.full(10, 0.1), size=20)]
        told += np.array(knows(picks, [0] * 20)) <= 0.025
    assert max(told / n) <= 0.035
