"""Money."""

from __future__ import annotations

import pytest

from llmxray.metrics.cost import cost, machine_cost


def test_a_request_costs_its_tokens():
    """1,000 prompt tokens at 2 a million and 500 completion tokens at 8 a million are .006."""
    assert cost(1000, 500, input_per_million=2, output_per_million=8) == pytest.approx(0.006)
    assert cost(None, 500, input_per_million=2, output_per_million=8) is None
    assert cost(0, 0, input_per_million=2, output_per_million=8) == 0


def test_an_hour_of_the_machine_is_paid_by_the_second():
    """90 seconds at 0.20 an hour are half a hundredth; without a time there is no cost."""
    assert machine_cost(90, per_hour=0.2) == pytest.approx(0.005)
    assert machine_cost(None, per_hour=0.2) is None
