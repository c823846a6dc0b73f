"""The rule that gives ARC's questions a subject, checked against subjects set by hand."""

from __future__ import annotations

from llmxray.suites import starter
from llmxray.suites.arc_subjects import UNCLASSIFIED, subject


def test_it_agrees_with_subjects_set_by_hand() -> None:
    """On our own questions, as its docstring and ARC's card say."""
    pairs = [(item.category, subject(item.question, item.choices)) for item in starter.load("arc").items]
    decided = [(own, found) for own, found in pairs if found != UNCLASSIFIED]

    assert len(decided) / len(pairs) >= 0.90
    assert sum(own == found for own, found in decided) / len(decided) >= 0.90


def test_nothing_and_ties_are_not_decided() -> None:
    """A question without a listed word, or with as many of two subjects, gets none."""
    assert UNCLASSIFIED == subject("What is best?", ("this", "that"))
    assert UNCLASSIFIED == subject("Is the magnet like a frog?", ("yes", "no"))
