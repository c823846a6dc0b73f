"""The warning after the first twenty answers of a condition."""

from dataclasses import replace

from llmxray.runner import FIRST, cut_off
from llmxray.types import Condition, Outcome

CONDITION = Condition(
    id="big",
    endpoint="lab",
    model="m",
    answer="letter",
    layout="zero-shot",
    sampling={},
    max_tokens=64,
    budget_reason="standard model",
)


def outcomes(n_truncated: int, n: int = FIRST) -> list[Outcome]:
    """So many answers, the first of them cut off."""
    return [Outcome.TRUNCATED] * n_truncated + [Outcome.WRONG] * (n - n_truncated)


def test_names_count_budget_and_ways_out():
    """A zero-shot prompt is told of worked examples, another layout only of the budget."""
    assert (
        "big: 7 of the first 20 answers were cut off at 64 tokens before they answered; show worked examples with "
        "'layout: few-shot', or raise 'budget:'"
    ) == cut_off(CONDITION, outcomes(7))
    assert cut_off(replace(CONDITION, layout="few-shot"), outcomes(20)).endswith("answered; raise 'budget:'")


def test_says_nothing_early_or_for_a_few():
    """Nineteen answers are not enough, and four of twenty are no fault of the layout."""
    assert "" == cut_off(CONDITION, outcomes(19, 19))
    assert "" == cut_off(CONDITION, outcomes(4))
    assert cut_off(CONDITION, outcomes(5))
