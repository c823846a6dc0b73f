"""Whether a model answers one letter to most questions: its accuracy then says more of the habit than of the model."""

from __future__ import annotations

from collections import Counter

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.wording.in_short import named
from llmxray.types import LETTERS

# Four options with equally often the right one: a model that knows nothing and has no habit names each in a quarter.
LEAST_SHARE = 0.6
# With fewer questions the right ones may stand at one letter by chance.
LEAST_QUESTIONS = 30


def letter_habits(analysis: Analysis) -> str:
    """Conditions that name one letter in most of their answers, and how often it is right; "" for none."""
    # Rotated options have a story of their own, which the finding tells.
    found = [] if analysis.rotated else [said for view in analysis.views if (said := _habit(view))]
    if not found:
        return ""
    return f"{'; '.join(found)}. Asked in another way, a model with such a habit may show more."


def _habit(view: ConditionResults) -> str:
    rows = [row for row in view.rows if row.answer and row.answer in LETTERS and row.expected in LETTERS]
    if len({(row.suite, row.item_id) for row in rows}) < LEAST_QUESTIONS:
        return ""
    letter, n = Counter(row.answer for row in rows).most_common(1)[0]
    right = sum(row.expected == letter for row in rows)
    # Right as often as named is no habit but knowledge of an uneven test.
    if n < LEAST_SHARE * len(rows) or right >= LEAST_SHARE * len(rows):
        return ""
    named_in, right_in = numbers.percent(n / len(rows)), numbers.percent(right / len(rows))
    return (
        f"{named(view)} answers {letter} to {named_in} of the questions, and {letter} is right for {right_in}"
    )
