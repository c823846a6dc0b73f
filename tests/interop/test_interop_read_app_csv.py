"""The original app's table, read like its benchmark result."""

from __future__ import annotations

import pytest

from llmxray.errors import InputError
from llmxray.interop.read import app
from llmxray.interop.read.app import COLUMNS, is_table
from llmxray.types import Outcome

HEADER = ",".join(COLUMNS)
TABLE = f"""{HEADER}
arc,q1,A,A,Yes,93.1%,1200,300,20.5,"The answer, is A"
arc,q2,B,C,Yes,,1200,,,C
gsm,q3,D,UNPARSED,No,50.0%,900,100,20.5,"two
lines"
""".encode()


def test_rows_are_read_and_judged_again() -> None:
    """Missing cells stay missing; 50.0% is what the app writes for none; 'Correct' is not believed."""
    read = app.read([("llama3.2.csv", TABLE)])
    rows = read.results.rows
    assert [Outcome.CORRECT, Outcome.WRONG, Outcome.UNPARSED] == [row.outcome for row in rows]
    assert [0.931, None, None] == [row.mean_token_probability for row in rows]
    assert [0.3, None, 0.1] == [row.ttft_s for row in rows]
    assert ["arc", "arc", "gsm"] == [row.category for row in rows]
    assert "two\nlines" == rows[2].text
    assert ["llama3.2"] == [each.model for each in read.results.plan.conditions]
    assert any("marks 1 answers otherwise" in note for note in read.results.notes)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"Category,Question ID\narc,q1\n", "t.csv: there is no column 'Expected Answer'"),
        (TABLE.replace(b"1200", b"soon"), "t.csv, row 1, column 'Latency (ms)': 'soon' is no number"),
        (TABLE + b"\xff", "t.csv: not UTF-8"),
        (f"{HEADER}\n".encode(), "t.csv: there are no questions"),
    ],
)
def test_bad_tables(data: bytes, says: str) -> None:
    """One line that names file, row and column."""
    with pytest.raises(InputError) as caught:
        app.read([("t.csv", data)])
    assert says in str(caught.value)


def test_what_is_a_table() -> None:
    """Told by its first column, also behind a byte-order mark; JSON is none."""
    assert is_table(b"\xef\xbb\xbf" + TABLE)
    assert not is_table(b'{"questionResults": []}')
