"""Whole numbers that somebody wrote."""

import pytest

from llmxray.cluster.engine import parse_spec
from llmxray.errors import InputError
from llmxray.numerals import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 15, 10**15 - 1),
        ("9" * 5_000, None),
        ("²", None),
        ("٣", None),
        ("-1", None),
    ],
)
def test_whole_numbers(text, number):
    """Of digits 0 to 9, and of no more than anything is counted in."""
    assert number == whole_number(text)


def test_a_number_of_workers_without_end():
    """One line, not all of it."""
    with pytest.raises(InputError, match="takes a number of workers") as caught:
        parse_spec("9" * 5_000, lambda path: pytest.fail(str(path)))
    assert len(str(caught.value)) < 300
