"""Prices: of tokens by model, and of an hour of the machine."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, parse
from tests.experiment.conftest import BENCHMARK


def read(prices: str) -> Experiment:
    """The experiment with these prices, which begin at 6:10."""
    return parse(f"{BENCHMARK}prices: {{{prices}}}\n", file="x.yaml")


def test_tokens_and_hours_stand_side_by_side():
    """A model's price is under its id; the machine's beside it, in one currency."""
    prices = read(
        "small: {input_per_million: 1, output_per_million: 2}, "
        "machine_per_hour: 0.2, currency: EUR, source: a cloud's list"
    ).prices
    assert ["small"] == list(prices.models)
    assert ("EUR", 2.0) == (prices.models["small"].currency, prices.models["small"].output_per_million)
    assert (0.2, "EUR", "a cloud's list") == (prices.machine_per_hour, prices.currency, prices.source)


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ("smal: {input_per_million: 1, output_per_million: 2}", "6:10: prices.smal: no model named 'smal'"),
        ("machine_per_hour: 1, currency: dollars", "prices.currency: 'dollars' is not a currency code"),
        ("source: a list", "6:10: prices.source: goes with 'machine_per_hour', which is missing"),
    ],
)
def test_what_is_refused(prices, message):
    """Each fault is named with its place, once."""
    with pytest.raises(ExperimentError) as caught:
        read(prices)
    assert message in str(caught.value)
    assert "more)" not in str(caught.value)
