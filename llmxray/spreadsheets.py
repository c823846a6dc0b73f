"""CSV that a script reads back exactly and a spreadsheet takes for data: the one writer of tables, and what opens one.

A spreadsheet runs a cell that begins like a formula, and quotes in the file do not keep it from that: CSV has no way
to say "this is text". Texts come from models and students, so one that could be run gets an apostrophe in front, which
spreadsheets show as text. The guard is reversible without knowing who wrote the file::

    escape_formula("=1+1") == "'=1+1"        unescape_formula("'=1+1") == "=1+1"
    escape_formula("'=1+1") == "''=1+1"      unescape_formula("'tis") == "'tis"

Only such texts differ in the file, and `unescape_formula` gives every text back. Numbers are never touched, neither
those that are numbers to Python nor texts such as "-7" that are numbers to a spreadsheet. A cell with a line break or a
carriage return is quoted, so that no part of it begins a cell of its own. Pure.

A limit: a spreadsheet that is told to split at other marks than commas makes cells from the middle of a text.
"""

from __future__ import annotations

import csv
import io
import re
import string
from collections.abc import Iterable, Sequence

# White space, quotes and invisible characters may stand before it: some importers strip them. The wide forms are what
# spreadsheets of East Asia take for the same signs.
_SKIPPED = (
    "\x00-\x08\x0e-\x1b\x7f-\x9f\"'\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_FORMULA = re.compile(f"(?:[^\\S\t\r]|[{_SKIPPED}])*[=+\\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?", re.ASCII)
# Most cells begin with one of these, and a table has millions.
_HARMLESS = frozenset(string.ascii_letters + string.digits)


def csv_bytes(rows: Iterable[Sequence[object]], *, line_end: str = "\r\n") -> bytes:
    """Rows as CSV in UTF-8; None is an empty cell, a tuple its parts with spaces between them.

    Half a character, which JSON can spell and no file can hold, becomes a question mark.
    """
    lines = _Lines(line_end)
    # With this line end every version of Python quotes cells that hold one of its characters.
    csv.writer(lines, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return lines.written.getvalue()


def open_csv(text: str) -> io.StringIO:
    """A table for Python's readers of CSV; its cells may be as long as the text."""
    # Their own limit is 131,072 characters, and that of the process: one reply may have more.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return io.StringIO(text, newline="")


def escape_formula(text: str) -> str:
    """The text as it stands in a table."""
    return f"'{text}" if _could_run(text) else text


def unescape_formula(cell: str) -> str:
    """The text that was written into a cell."""
    return cell[1:] if cell.startswith("'") and _could_run(cell) else cell


def _could_run(text: str) -> bool:
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return escape_formula(value) if value and value[0] not in _HARMLESS else value
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


class _Lines:
    """What a csv writer writes, with another line end, as bytes: lines as texts take four times as much."""

    def __init__(self, end: str) -> None:
        self._end = end
        self.written = io.BytesIO()

    def write(self, line: str) -> None:
        self.written.write((line.removesuffix("\r\n") + self._end).encode("utf-8", "replace"))
