"""CSV: exact for scripts, data for spreadsheets."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray import spreadsheets

TEXTS = st.text("=+-@\t\r\n '\",;|ab1.%\u200b\ufeff\u00a0＝＠\x00é", max_size=12) | st.text()
# Said again in other words than the code does: what may stand before a sign that begins a formula, and the signs.
BEFORE = " \n\x0b\x0c\u00a0\u200b\ufeff\x00\"'"
SIGNS = "=+-@\t\r＝＋－＠"


def runs(cell: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula: one that begins with no apostrophe of ours."""
    return not cell.startswith("'") and cell.lstrip(BEFORE)[:1] in tuple(SIGNS)


def parsed(data: bytes) -> list[list[str]]:
    """The cells of a table, as any reader of CSV has them."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        *(
            (text, f"'{text}")
            for text in ("=1+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "+x", "- a list", "-")
        ),
        *(
            (text, f"'{text}")
            for text in ("\t=1", "\r=1", " =1", '"=1"', "\n@x", "\u200b=1", "＝1+1", "\x00=1")
        ),
        *((text, f"'{text}") for text in ("\u00ad=1", "\u2060+x", "\U000e0041=1", "\ufe0f@x", "\u3164=1")),
        *((text, f"'{text}") for text in ("'=1", "''=1", "' -x", "-inf", "+1-800", "-5 kg", "-1-2")),
        *(
            (text, text)
            for text in ("-7", "+7", "-7.5e-3", "+5%", "-1,000", "-.5", "7", "a=b", "'tis", "", "−5")
        ),
    ],
)
def test_texts_that_could_run(text, cell):
    """An apostrophe in front; numbers and everything else as they are."""
    assert cell == spreadsheets.escape_formula(text)
    assert text == spreadsheets.unescape_formula(cell)


@given(TEXTS)
def test_the_guard_is_reversible_and_enough(text):
    """Whatever the text, and whoever wrote it."""
    cell = spreadsheets.escape_formula(text)
    assert text == spreadsheets.unescape_formula(cell)
    assert not runs(cell) or re.fullmatch(r"[+-]?[\d,]*\.?\d*([eE][+-]?\d+)?%?", cell, re.ASCII)


@given(
    st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"])
)
def test_any_table_is_read_back(rows, line_end):
    """Cells keep their texts and their places: no carriage return makes a row, none makes a cell."""
    rows = [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]
    data = spreadsheets.csv_bytes(rows, line_end=line_end)
    assert rows == [[spreadsheets.unescape_formula(cell) for cell in row] for row in parsed(data)]
    bare = re.sub(r'"[^"]*"', "", data.decode())
    assert bare.count("\r") == (len(rows) if line_end == "\r\n" else 0)
    assert bare.count("\n") == len(rows)


def test_values_that_are_no_texts():
    """Numbers as Python writes them, nothing as an empty cell, a tuple as its parts; half a character is lost."""
    data = spreadsheets.csv_bytes([[-1, 0.1 + 0.2, None, (2, 0, 1), True, "\ud800", -1e-300]])
    assert data == b"-1,0.30000000000000004,,2 0 1,True,?,-1e-300\r\n"
