"""Generated sums."""

from __future__ import annotations

import re

from llmxray.suites import starter, sums


def test_sums_are_right_and_distinct() -> None:
    """The answer is the sum of the addends; no two items are the same sum."""
    items = sums.items()

    assert 200 == len(items) == len({item.question for item in items}) == len({item.id for item in items})
    for item in items:
        addends = [int(number) for number in re.findall(r"\d+", item.question)]
        assert str(sum(addends)) == item.answer
        assert all(1 <= addend <= 9 for addend in addends)
        assert {"three addends": 3, "four addends": 4}[item.category] == len(addends)


def test_examples_have_the_length_of_the_question() -> None:
    """Five of each; a model copies the number of steps it is shown."""
    suite = starter.load("sums")

    for item in suite.items:
        shots = suite.shots_for(item)
        assert 5 == len(shots)
        assert {item.question.count("+")} == {shot.question.count("+") for shot in shots}
        assert item.question not in {shot.question for shot in shots}


def test_steps_end_in_the_answer() -> None:
    """``why`` holds one true step per plus sign."""
    for shot in sums.shots():
        steps = re.findall(r"(\d+) \+ (\d) = (\d+)\.", shot.why)
        assert shot.question.count("+") == len(steps)
        assert all(int(before) + int(addend) == int(after) for before, addend, after in steps)
        assert shot.answer == steps[-1][2]
