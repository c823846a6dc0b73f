"""What makes a suite usable."""

from dataclasses import replace

import pytest

from llmxray.errors import SuiteError
from llmxray.suites import Suite
from llmxray.suites.base import chance, check
from llmxray.types import Item, SuiteCard

CARD = SuiteCard("mine", "Mine", "x", "y", "z", "s")
GOOD = Item("a", "Which?", ("x", "y"), "B")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"question": " "}, "the question is empty"),
        ({"answer": "C"}, "the answer 'C' is not one of its 2 options"),
        ({"choices": ("x", "x")}, "two options are equal"),
        ({"choices": ("x",), "answer": "A"}, "1 options; there must be 2 to 26"),
        ({"choices": (), "answer": " "}, "the answer is empty"),
        ({"id": "z"}, "this id occurs twice"),
    ],
)
def test_items_that_cannot_be_asked(changes, message):
    """The error names suite and item."""
    with pytest.raises(SuiteError, match=message) as caught:
        check(Suite(CARD, (replace(GOOD, id="z"), replace(GOOD, **changes))))  # type: ignore[arg-type]
    assert "mine, item 2" in str(caught.value)


def test_shots_of_the_own_category_when_there_are_three():
    """Otherwise all of them."""
    many = tuple(replace(GOOD, id=f"m{index}", category="many") for index in range(3))
    few = (replace(GOOD, id="f", category="few"),)
    suite = Suite(CARD, (GOOD,), (*many, *few))

    assert many == suite.shots_for(replace(GOOD, category="many"))
    assert (*many, *few) == suite.shots_for(replace(GOOD, category="few"))


def test_chance():
    """The mean over items of one in so many options."""
    assert pytest.approx((1 / 2 + 1 / 4) / 2) == chance([GOOD, replace(GOOD, choices=tuple("wxyz"))])
    assert chance([GOOD, Item("b", "What?", (), "this")]) is None
    assert chance([]) is None
