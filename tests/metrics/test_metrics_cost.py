"""Money."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.errors import InputError
from llmxray.metrics.cost import cost, machine_cost, per_right_answer


def test_a_request_costs_its_tokens():
    """1,000 prompt tokens at 2 a million and 500 completion tokens at 8 a million are .006."""
    assert cost(1000, 500, input_per_million=2, output_per_million=8) == pytest.approx(0.006)
    assert cost(None, 500, input_per_million=2, output_per_million=8) is None
    assert cost(0, 0, input_per_million=2, output_per_million=8) == 0


def test_wordings_of_a_question_are_drawn_together():
    """Forty questions in two alike wordings: the price is the same, the interval that of forty."""
    rng = np.random.default_rng(2)
    right = rng.random(40) < 0.5
    once = per_right_answer([1.0] * 40, right, np.random.default_rng(0))
    of = np.repeat(np.arange(40), 2).tolist()
    twice = per_right_answer([1.0] * 80, np.repeat(right, 2), np.random.default_rng(0), clusters=of)
    assert (once.value, once.low, once.high, 40) == (twice.value, twice.low, twice.high, twice.n)


def test_a_right_answer_costs_the_wrong_ones_too():
    """Six questions at 1 and one right answer: 6 each."""
    found = per_right_answer([1.0] * 6, [True, *[False] * 5], np.random.default_rng(0))
    assert 6.0 == found.value
    assert found.low <= 6.0
    assert found.high is None, "a resample without a right answer has no price"


def test_nothing_right_has_no_price():
    """No division by nothing; unequal columns are refused."""
    rng = np.random.default_rng(0)
    assert per_right_answer([1.0], [False], rng).value is None
    with pytest.raises(InputError, match="same questions"):
        per_right_answer([1.0], [], rng)


def test_an_hour_of_the_machine_is_paid_by_the_second():
    """90 seconds at 0.20 an hour are half a hundredth; without a time there is no cost."""
    assert machine_cost(90, per_hour=0.2) == pytest.approx(0.005)
    assert machine_cost(None, per_hour=0.2) is None
