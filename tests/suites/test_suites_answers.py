"""Which option is right, however the data says it."""

import math
from typing import Any

import pytest

from llmxray.errors import SuiteError
from llmxray.experiment import AnswerIs
from llmxray.suites.answers import right_index
from llmxray.suites.data_rows import DataRow
from llmxray.suites.options import Options

PLAIN = Options("c", ("red", "green", "blue"))
LABELLED = Options("c", ("red", "green", "blue"), labels=("1", "2", "3"))
NAMED = Options("o1, o2, o3", ("red", "green", "blue"), names=("o1", "o2", "o3"))
YES, NO = Options("choices", ("yes", "no")), Options("choices", ("No", "Yes"))
OTHER = Options("choices", ("plausible", "odd"))


def at(value: Any, kind: AnswerIs, options: Options = PLAIN) -> int:
    """The place of the right option."""
    return right_index(DataRow("d", 7, {"a": value}), "a", kind, options)


@pytest.mark.parametrize(
    ("value", "kind", "options", "right"),
    [
        *(
            (value, "letter", PLAIN, 1)
            for value in ("B", "b", "(B)", "(b)", "B.", "B)", " B ", "[B]", "( B ).")
        ),
        *((value, "letter", LABELLED, 1) for value in ("2", 2, "(2)", "2.")),
        *((value, "letter", NAMED, 1) for value in ("o2", "O2", "B", "b")),
        ("b", "letter", Options("c", ("x", "y"), labels=("a", "b")), 1),
        *((value, "index", PLAIN, 2) for value in (2, "2", 2.0, "2.0", " 2 ")),
        *((value, "index1", PLAIN, 1) for value in (2, "2", 2.0)),
        *((value, "text", PLAIN, 1) for value in ("green", " green ", "Green", "GREEN")),
        (4, "text", Options("c", ("3", "4")), 1),
        ("Yes", "text", Options("c", ("yes", "Yes")), 1),
        *((value, "bool", YES, 0) for value in (True, "true", "Yes", "yes", 1, "1")),
        *((value, "bool", YES, 1) for value in (False, "false", "No", 0, "0")),
        *((value, "bool", NO, 1) for value in (True, "true", 1)),
        *((value, "bool", NO, 0) for value in (False, "no", 0)),
        (False, "bool", OTHER, 1),
    ],
)
def test_the_right_option(value, kind, options, right):
    """Each kind in its spellings; yes and no are known in either order."""
    assert right == at(value, kind, options)


@pytest.mark.parametrize(
    ("value", "kind", "options", "message"),
    [
        ("E", "letter", PLAIN, "'E' is not a letter from A to C"),
        ("A", "letter", LABELLED, "'A' is not one of the labels 1, 2, 3"),
        (1, "letter", PLAIN, "1 is not a letter from A to C; perhaps 'answer_is: index or index1'"),
        (True, "letter", PLAIN, "must be a letter, not true or false; perhaps 'answer_is: bool'"),
        ("green", "letter", PLAIN, "'green' is not a letter from A to C; perhaps 'answer_is: text'"),
        (3, "index", PLAIN, "3 is not a number from 0 to 2; perhaps 'answer_is: index1'"),
        (-1, "index", PLAIN, "this split may be published without answers; name another 'split'"),
        ("B", "index", PLAIN, "must be a whole number, not 'B'; perhaps 'answer_is: letter'"),
        ("violet", "text", PLAIN, "'violet' is none of the options 'red', 'green', 'blue'"),
        ("maybe", "bool", YES, "must be true or false, not 'maybe'"),
        *(
            (value, kind, PLAIN, "is empty; this split may be published without answers")
            for value in ("", None, math.nan)
            for kind in ("letter", "index", "text")
        ),
    ],
)
def test_answers_that_are_no_option(value, kind, options, message):
    """One line with row and column, and the kind that would fit."""
    with pytest.raises(SuiteError) as caught:
        at(value, kind, options)
    assert message in str(caught.value)
    assert str(caught.value).startswith("d, row 7, column 'a': ")
    assert "\n" not in str(caught.value)
