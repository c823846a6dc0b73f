"""Claims: names, tolerance, and what counts as a difference."""

from __future__ import annotations

import pytest

from llmxray.errors import PackError
from llmxray.packs import Claim, compare, figure_claims, table_claims

TABLE = b"condition,suite,item_id,sample,outcome,latency_s\r\na,s,q1,0,correct,0.5\r\na,s,q2,0,wrong,\r\n"


def test_every_cell_of_the_table_is_a_claim() -> None:
    """Named by its trial and column; an empty cell claims that there is no number."""
    assert table_claims(TABLE, file="results.csv") == [
        Claim("results.csv a/s/q1/0 outcome", "correct"),
        Claim("results.csv a/s/q1/0 latency_s", 0.5),
        Claim("results.csv a/s/q2/0 outcome", "wrong"),
        Claim("results.csv a/s/q2/0 latency_s", None),
    ]


@pytest.mark.parametrize("text", ["007", "1_0", "+1", " 1", "nan", "inf", "1.", ".5", "٣", "1e5 "])
def test_a_text_that_python_would_read_as_a_number(text: str) -> None:
    """An answer is a text: "007" is not "7", and "1_0" is not "10"."""
    table = TABLE.replace(b"correct", text.encode())
    assert table_claims(table, file="results.csv")[0].value == text


@pytest.mark.parametrize("number", [0.0, -0.5, 1e-05, 1.5e300, 12.0, 3])
def test_a_number_as_tables_write_it(number: float) -> None:
    """Compared as a number, whatever its digits are."""
    table = TABLE.replace(b"0.5", str(number).encode())
    assert table_claims(table, file="results.csv")[1].value == float(number)


def test_a_number_that_differs_is_named_with_how_much() -> None:
    """The message is what `reproduce` prints."""
    comparison = compare(
        [Claim("accuracy/a", 0.5), Claim("n", 3.0)], [Claim("accuracy/a", 0.25), Claim("n", 3.0)]
    )
    assert str(comparison) == "reproduced: 1 of 2 numbers"
    (difference,) = comparison.differences
    assert str(difference) == "accuracy/a: claimed 0.5, found 0.25 (off by -0.25)"


@pytest.mark.parametrize(
    ("claimed", "found", "same"),
    [
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.0 + 1e-7, False),
        (None, 0.0, False),
        (0.0, None, False),
        (None, None, True),
        ("correct", "wrong", False),
        (0.0, 1e-13, True),
        # The probability of an option, or a p-value, may be that small.
        (2e-35, 3e-35, False),
    ],
)
def test_equal_means_equal_but_for_the_last_bits(claimed: float, found: float, same: bool) -> None:
    """Missing is never the same as zero."""
    assert (not compare([Claim("x", claimed)], [Claim("x", found)]).differences) is same


def test_a_claim_that_nothing_answers_differs() -> None:
    """A figure that the recordings do not give was not reproduced; further figures are claimed by nobody."""
    comparison = compare([Claim("gone", None)], [Claim("more", 1.0)])
    assert (comparison.total, comparison.reproduced) == (1, 0)


@pytest.mark.parametrize(
    "data",
    [
        *(b"[1]", b"{", b'{"a": [1]}', b'{"a": true}', b"\xff", b"[" * 200_000),
        # What a reader takes of these is a matter of taste, or no number.
        *(b'{"a": 99, "a": 0.5}', b'{"a": NaN}', b'{"a": 1e999}'),
    ],
)
def test_what_is_no_table_of_figures_is_refused(data: bytes) -> None:
    """One line, naming the file."""
    with pytest.raises(PackError, match=r"figures\.json: not a table of figures"):
        figure_claims(data, file="figures.json")


@pytest.mark.parametrize("data", [b"a,b\r\n1,2\r\n", b"\xff\xfe", TABLE.replace(b"latency_s", b"outcome")])
def test_what_is_no_table_of_results_is_refused(data: bytes) -> None:
    """One line, naming the file."""
    with pytest.raises(PackError, match=r"results\.csv: not a table of results"):
        table_claims(data, file="results.csv")


def test_a_number_that_no_float_holds_is_no_figure() -> None:
    """Four hundred digits are JSON."""
    with pytest.raises(PackError, match=r"figures\.json: not a table of figures"):
        figure_claims(b'{"a": 1' + b"0" * 400 + b"}", file="figures.json")
