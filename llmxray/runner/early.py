"""A warning from the first answers of a condition, before the rest is paid for."""

from __future__ import annotations

from collections.abc import Iterable

from llmxray.types import Condition, Outcome

FIRST = 20
"""Number of answers that are looked at."""
# A quarter of them: one long question in twenty is no fault of the layout.
_MANY = 5


def cut_off(condition: Condition, outcomes: Iterable[Outcome]) -> str:
    """A warning if many of the first answers were cut off before they answered; "" otherwise.

    Args:
        outcomes: of the first `FIRST` answers of the condition, errors left out.
    """
    first = list(outcomes)
    n_truncated = sum(outcome is Outcome.TRUNCATED for outcome in first)
    if len(first) < FIRST or n_truncated < _MANY:
        return ""
    way_out = "raise 'budget:'"
    if condition.layout.startswith("zero-shot"):
        way_out = "show worked examples with 'layout: few-shot', or raise 'budget:'"
    return (
        f"{condition.id}: {n_truncated} of the first {FIRST} answers were cut off at {condition.max_tokens} tokens "
        f"before they answered; {way_out}"
    )
