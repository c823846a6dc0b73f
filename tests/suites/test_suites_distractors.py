"""Wrong numbers from a solution's own steps."""

from fractions import Fraction

import numpy as np
import pytest

from llmxray.suites.gsm8k import value_of, wrong_numbers

STEPS = [("16-3-4", "9"), ("9*2", "18")]


def test_slips_come_from_the_steps():
    """9: one step too few; 34 and 30: a minus read as plus, carried on; 11, 4.5: the last sign mistaken."""
    possible = {"9", "34", "30", "11"}

    for seed in range(20):
        assert {*wrong_numbers(STEPS, "18", np.random.default_rng(seed))} <= possible


@pytest.mark.parametrize("right", ["1", "2.50", "-3"])
def test_without_steps_there_are_still_three(right):
    """Miscounts fill up; whole answers have whole wrong numbers, positive ones positive."""
    wrong = wrong_numbers([], right, np.random.default_rng(0))

    assert 3 == len({Fraction(text) for text in wrong} - {Fraction(right)})
    # A zero at the end would tell them from the right one.
    assert not any("." in text and text.endswith("0") for text in wrong)
    if Fraction(right) >= 0:
        assert all(Fraction(text) >= 0 for text in wrong)
    if Fraction(right).denominator == 1:
        assert all("." not in text for text in wrong)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3/4*8", Fraction(6)),
        ("(2+3)*-1", Fraction(-5)),
        ("0.1+0.2", Fraction(3, 10)),
        ("1/0", None),
        ("2**99", None),
        ("1(2)", None),
    ],
)
def test_sums_are_exact_and_nothing_else_is_run(text, value):
    """Fractions, not floats; powers, names and calls have no value."""
    assert value == value_of(text)
