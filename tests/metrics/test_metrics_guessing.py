"""Accuracy against blind guessing: the key permuted within each question."""

import itertools

import numpy as np
import pytest

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
