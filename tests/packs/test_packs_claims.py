"""Claims: names, tolerance, and what counts as a difference."""

import pytest

from llmxray.errors import PackError
from llmxray.packs import ClaimedValue, compare, figure_claims, table_claims

TABLE = b"condition,suite,item_id,sample,outcome,latency_s\r\na,s,q1,0,correct,0.5\r\na,s,q2,0,wrong,\r\n"


def test_every_cell_of_the_table_is_a_claim():
    """Named by its trial and column; an empty cell claims that there is no number."""
    assert table_claims(TABLE, file="results.csv") == [
        ClaimedValue("results.csv a/s/q1/0 outcome", "correct"),
        ClaimedValue("results.csv a/s/q1/0 latency_s", 0.5),
        ClaimedValue("results.csv a/s/q2/0 outcome", "wrong"),
        ClaimedValue("results.csv a/s/q2/0 latency_s", None),
    ]


@pytest.mark.parametrize("text", ["007", "+1", "nan"])
def test_a_text_that_python_would_read_as_a_number(text):
    """An answer is a text: "007" is not "7", and "1_0" is not "10"."""
    table = TABLE.replace(b"correct", text.encode())
    assert table_claims(table, file="results.csv")[0].value == text


@pytest.mark.parametrize(("claimed", "found"), [("1000000000001", "1000000000002"), ("1e3", "1000")])
@pytest.mark.parametrize("column", ["answer", "completion_tokens"])
def test_texts_and_counts_are_compared_exactly(column, claimed, found):
    """An answer is what was read, to the last digit; so is a number of tokens."""
    tables = [
        TABLE.replace(b"outcome", column.encode()).replace(b"correct", each.encode())
        for each in (claimed, found)
    ]
    one, other = (table_claims(table, file="results.csv") for table in tables)
    (difference,) = compare(one, other).differences
    assert claimed in str(difference)
    assert found in str(difference)


def test_counts_of_figures_are_compared_exactly():
    """Whole numbers that a tolerance would take for the same; a share and the whole number that equals it are."""
    one, other = (figure_claims(b'{"n": %d}' % n, file="f") for n in (1_000_000_000_001, 1_000_000_000_002))
    assert len(compare(one, other).differences) == 1
    assert not compare([ClaimedValue("x", 1)], [ClaimedValue("x", 1.0)]).differences


def test_a_number_that_differs_is_named_with_how_much():
    """The message is what `reproduce` prints."""
    comparison = compare(
        [ClaimedValue("accuracy/a", 0.5), ClaimedValue("n", 3.0)],
        [ClaimedValue("accuracy/a", 0.25), ClaimedValue("n", 3.0)],
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
        (0.0, 1e-13, True),
        # The probability of an option, or a p-value, may be that small.
        (2e-35, 3e-35, False),
    ],
)
def test_equal_means_equal_but_for_the_last_bits(claimed, found, same):
    """Missing is never the same as zero."""
    assert (not compare([ClaimedValue("x", claimed)], [ClaimedValue("x", found)]).differences) is same


def test_a_row_that_is_not_claimed_is_a_difference():
    """Each once, however many cells it has; a table of headings claims none."""
    found = table_claims(TABLE, file="results.csv")
    lines = TABLE.splitlines(keepends=True)
    comparison = compare(table_claims(b"".join(lines[:2]), file="results.csv"), found)
    assert [*map(str, comparison.differences)] == [
        "results.csv a/s/q2/0: a row that was recorded, and is not claimed"
    ]
    assert str(comparison) == "reproduced: 2 of 4 numbers"
    assert len(compare(table_claims(lines[0], file="results.csv"), found).differences) == 2
    # Nor may the other file hold the rest.
    with pytest.raises(PackError, match="the name of a cell"):
        figure_claims(b'{"results.csv a/s/q2/0 outcome": "wrong"}', file="figures.json")


def test_a_column_that_is_not_claimed_is_none():
    """A later version may have more of them: a pack stays what it was."""
    found = table_claims(TABLE, file="results.csv")
    claimed = table_claims(
        TABLE.replace(b",latency_s", b"").replace(b",0.5", b"").replace(b"wrong,", b"wrong"), file="f"
    )
    comparison = compare(claimed, found)
    assert (comparison.differences, comparison.figures) == ((), 2)


@pytest.mark.parametrize(
    "data",
    [
        *(b"[1]", b"{", b'{"a": [1]}', b'{"a": true}', b"\xff", b"[" * 200_000),
        # What a reader takes of these is a matter of taste, or no number.
        *(b'{"a": 99, "a": 0.5}', b'{"a": NaN}', b'{"a": 1e999}'),
    ],
)
def test_what_is_no_table_of_figures_is_refused(data):
    """One line, naming the file."""
    with pytest.raises(PackError, match=r"figures\.json: not a table of figures"):
        figure_claims(data, file="figures.json")


@pytest.mark.parametrize(
    "data", [b"a,b\r\n1,2\r\n", TABLE.replace(b"latency_s", b"outcome"), TABLE.replace(b"correct", b"=1+1")]
)
def test_what_is_no_table_of_results_is_refused(data):
    """One line, naming the file: other columns, one twice, a cell that a spreadsheet would run."""
    with pytest.raises(PackError, match=r"results\.csv: not a table of results"):
        table_claims(data, file="results.csv")


def test_two_trials_never_share_the_name_of_a_claim():
    """Names of suites and items may hold slashes; a name that stands twice is refused on either side."""
    rows = b"a,quiz,x/0,0,correct,\r\na,quiz/x,0,0,wrong,\r\na,quiz,x%2F0,0,wrong,\r\n"
    table = TABLE.partition(b"\r\n")[0] + b"\r\n" + rows
    claims = table_claims(table, file="results.csv")
    assert len({claim.name for claim in claims}) == len(claims) == 6
    assert compare(claims, claims).reproduced == 6
    twice = table_claims(table + rows[:23], file="results.csv")
    for claimed, found in ((twice, claims), (claims, twice)):
        with pytest.raises(PackError, match=r"two claims have one name: results\.csv a/quiz/x%2F0/0 outcome"):
            compare(claimed, found)
