"""Whether a model answers one letter to most questions: its accuracy then says more of the habit than of the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmxray.metrics import contrasts
from llmxray.metrics.evidence import ExtremeEvidence
from llmxray.metrics.missing_values import FloatArray
from llmxray.report.analysis import Analysis, ConditionResults, address, right, significant
from llmxray.report.analysis.rows import means_of
from llmxray.report.sentences import Finding, Joined
from llmxray.report.wording.labels import named
from llmxray.types import LETTERS

# Of the way from guessing, which names each letter equally often, to naming one letter always.
LEAST_WAY = 0.5
# With fewer questions the right ones may stand at one letter by chance.
LEAST_QUESTIONS = 30


def letter_habits(analysis: Analysis) -> Finding | None:
    """Conditions that name one letter to most questions, and how often it is right; None for none.

    A habit is a letter named at least `LEAST_WAY` from guessing to always, and significantly more often than by
    guessing, than it is right, and than a model of that accuracy names it whose wrong answers favour no letter.
    """
    # Rotated options have a story of their own, which the finding tells.
    if analysis.rotated or not any(habits := list(map(_habit, analysis.views))):
        return None
    return Finding("findings.habits", habits=Joined(*habits, between="; "))


def _habit(view: ConditionResults) -> Finding | None:
    counting = [row for row in view.rows if right(row) is not None]
    rows = [
        row for row in counting if row.expected in LETTERS and view.design.options.get(address(row), 0) > 1
    ]
    units = [view.unit(row) for row in rows]
    if len(set(units)) < LEAST_QUESTIONS:
        return None

    # Answers that could not be read name no letter, and count.
    shares = {
        letter: _share(units, [row.answer == letter for row in rows])
        for letter in dict.fromkeys(row.answer for row in rows if row.answer and row.answer in LETTERS)
    }
    if not shares:
        return None
    letter, found = max(shares.items(), key=lambda each: each[1].mean())
    right_at = float(_share(units, [row.expected == letter for row in rows]).mean())
    hits = float(_share(units, [bool(right(row)) for row in rows]).mean())
    guessing = sum(1 / view.design.options[address(row)] for row in rows) / len(rows)
    # Wrong answers spread evenly over the other options.
    explained = hits * right_at + (1 - hits) * (1 - right_at) * guessing / (1 - guessing)
    least = guessing + LEAST_WAY * (1 - guessing)
    # The letter is picked by the data, so its share is tested as the largest of all.
    questions = np.arange(found.size)
    most_named = ExtremeEvidence(
        [contrasts.shares([share], questions).evidence for share in shares.values()], lowest=False
    )
    if found.mean() < least or not significant(2 * most_named.above(max(guessing, right_at, explained))):
        return None
    return Finding(
        "findings.habit",
        named=named(view),
        letter=letter,
        share=float(found.mean()),
        which=None if len(rows) == len(counting) else "with options",
        right=right_at,
    )


def _share(units: Sequence[str], marks: Sequence[bool]) -> FloatArray:
    """The share of a question's answers that are marked, shape (questions,), 0–1."""
    return np.array(list(means_of(zip(units, marks, strict=True)).values()))
