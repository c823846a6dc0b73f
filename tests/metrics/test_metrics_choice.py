"""How firm a weighted choice is."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.errors import InputError
from llmxray.metrics.choice import win_shares


def test_shares_count_draws_and_ties_split():
    """Three draws: one to each, one tied."""
    draws = np.array([[[900.0, 500.0, 700.0]], [[800.0, 600.0, 700.0]]])
    assert win_shares(draws, [1]) == pytest.approx([0.5, 0.5])


def test_an_option_without_a_weighted_score_has_no_share():
    """A missing score of weight 0 does not matter."""
    draws = np.array([[[900.0], [np.nan]], [[800.0], [100.0]]])
    assert win_shares(draws, [1, 1]) == [None, 1.0]
    assert win_shares(draws, [1, 0]) == [1.0, 0.0]
    assert win_shares(draws[:1], [0, 1]) == [None]


@pytest.mark.parametrize("weights", [[0.0], [-1.0], [1.0, 1.0]])
def test_useless_weights_are_refused(weights):
    """None at all, a negative one, or one too many."""
    with pytest.raises(InputError, match="weight"):
        win_shares(np.ones((2, 1, 3)), weights)
