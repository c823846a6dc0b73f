"""The example on each suite's card."""

from __future__ import annotations

from llmxray.suites import names, starter
from llmxray.suites.catalogue import example


def test_examples_are_ours_and_no_item() -> None:
    """A worked example of the starter bank in the suite's format: never a question that is asked."""
    asked = {item.question for name in starter.CARDS for item in starter.load(name).items}
    assert asked
    for name in names():
        text = example(name)
        assert bool(text) is (name != "custom"), name
        assert not any(text.startswith(question) for question in asked)


def test_options_and_answer_are_shown() -> None:
    """Letters, and the right one with its text; open questions have their answer alone."""
    assert " A. " in example("arc")
    assert example("arc") == example("starter/arc")
    assert example("starter/sums").endswith("→ 11")
