"""Options, wherever a data set keeps them."""

import math
from typing import Any

import pytest

from llmxray.errors import SuiteError
from llmxray.suites.data_rows import DataRow
from llmxray.suites.options import Options, cut_options, parse_option_lines, read_options

TEXTS = ("one", "two", "three")


def found(paths: Any, labels: str | None = None, **columns: Any) -> Options:
    """The options of a row with these columns."""
    return read_options(DataRow("d", 1, columns), (paths,) if isinstance(paths, str) else paths, labels)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("c", ["one", "two", "three"]),
        ("c", '["one", "two", "three"]'),
        ("c", "['one', 'two', 'three']"),
        ("c", "['one',\n 'two',\n 'three']"),
        ("c", '["one", \'two\', "three"]'),
        ("c.text", {"text": ["one", "two", "three"]}),
        ("c", "Which?\n(A) one\n(B) two\n(C) three"),
        ("c", "Which?\n\nOptions:\nA. one\nB. two\n\nC. three\n\nAnswer:"),
        ("c", "Which?\nChoices:\n- one\n- two\n- three"),
    ],
)
def test_one_column_that_holds_them_all(path, value):
    """A list, a list as text, or lines at the end of a text."""
    assert TEXTS == found(path, c=value).texts


@pytest.mark.parametrize(
    ("path", "value", "labels"),
    [
        ("c.text", {"text": list(TEXTS), "label": ["1", "2", "3"]}, ("1", "2", "3")),
        (
            "c",
            [{"label": label, "text": text} for label, text in zip("pqr", TEXTS, strict=True)],
            ("p", "q", "r"),
        ),
        (
            "c.text",
            [{"label": label, "text": text} for label, text in zip("pqr", TEXTS, strict=True)],
            ("p", "q", "r"),
        ),
        ("c", {"A": "one", "B": "two", "C": "three"}, ("A", "B", "C")),
        ("c", "(A) one\n(B) two\n(C) three", ("A", "B", "C")),
        ("c", ["A)one", "B)two", "C)three"], ("A", "B", "C")),
    ],
)
def test_labels_of_the_data(path, value, labels):
    """Beside the texts, as keys, or in the lines."""
    options = found(path, c=value)
    assert (TEXTS, labels) == (options.texts, options.labels)


def test_a_column_for_each():
    """Numbers are texts; a last column that is empty is no option."""
    options = found(("o1", "o2", "o3", "o4"), o1="one", o2=2, o3=2.5, o4=math.nan)
    assert (("one", "2", "2.5"), ("o1", "o2", "o3")) == (options.texts, options.names)
    assert ("one", "two") == found(("a.x", "a.y"), a={"x": "one", "y": "two"}).texts
    assert ("one", "two") == found(("a.0", "a.1"), a=["one", "two"]).texts


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Which? Answer Choices: (A)one (B) two\nA: Among A through B, the answer is", "Which?"),
        ("Which?\nOptions:\nA. one\nB. two\n(It rains.)", "Which?\n(It rains.)"),
        ("(A) one (B) two", "(A) one (B) two"),
        ("Is one of the options: one or two?", "Is one of the options: one or two?"),
    ],
)
def test_options_that_the_question_repeats(question, shown):
    """Shuffled, they would stand below other letters."""
    assert shown == cut_options(question, ("one", "two"))


def test_what_stands_before_lines_of_options():
    """Without their heading; blank lines above are kept."""
    text = "A long story.\n\nIt ends.\nOptions:\n(A) yes\n(B) no"
    assert ("A long story.\n\nIt ends.", ("A", "B"), ("yes", "no")) == parse_option_lines(text)
    assert ("", ("A", "B"), ("yes", "no")) == parse_option_lines("(A) yes\n(B) no")


@pytest.mark.parametrize(
    "text", ["(A) one", "(A) one\n(C) two", "(A) one\n(B) two\nand more", "- one\n- two"]
)
def test_text_without_options(text):
    """One alone, out of order, followed by more text, or dashes that nothing announces."""
    assert parse_option_lines(text) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["one"], "column 'c': 1 options; there must be 2 to 26"),
        (["one", "two", "one"], "column 'c': options A and C are equal"),
        (["one", True], "column 'c': must be a list of texts or numbers; one entry is true or false"),
        (
            5,
            "column 'c': must be a list, or text that ends in lines such as '(A) one' and '(B) two', not a number",
        ),
        ("one, two", "and '(B) two', not other text"),
        ("['one' 'two']", "not other text; in a CSV cell write it as JSON"),
    ],
)
def test_options_that_cannot_be_asked(value, message):
    """One line with row and column."""
    with pytest.raises(SuiteError) as caught:
        found("c", c=value)
    assert message in str(caught.value)
    assert str(caught.value).startswith("d, row 1")
    assert "\n" not in str(caught.value)
