"""Columns of values are small, and exact whatever the texts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.cassette.columnar import slots
from llmxray.cassette.sections import SectionReader, SectionWriter

value = (
    st.integers().map(str)
    | st.floats().map(repr)
    | st.decimals(-1000, 1000, places=3).map(str)
    | st.sampled_from(
        ["", "stop", "null", "-0", "007", "1e5", "2026-01-31T12:00:00.000Z", "2026-02-30T12:00:00.000Z"]
    )
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
)


def there_and_back(columns: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The columns after writing and reading, and the kind that each was stored as."""
    out = SectionWriter()
    described = json.loads(json.dumps(slots.write(columns, out, "c")))
    texts = slots.read(described, SectionReader(out.finish({})), "c")
    rows = range(len(columns[0]))
    return [[text(row) for row in rows] for text in texts], [each["k"] for each in described]


@settings(max_examples=200, deadline=None)
@given(data=st.data(), rows=st.integers(1, 12), columns=st.integers(1, 4))
def test_any_columns(data: st.DataObject, rows: int, columns: int) -> None:
    """Whatever the texts, they come back."""
    each = [data.draw(st.lists(value, min_size=rows, max_size=rows)) for _ in range(columns)]
    assert each == there_and_back(each)[0]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["x"] * 20, "c"),
        ([str(n * 7) for n in range(20)], "i"),
        ([repr(n * 7 / 1000) for n in range(20)], "d"),
        ([f"2026-01-31T12:00:{n:02d}.5{n:02d}Z" for n in range(20)], "t"),
        (["stop", "length"] * 10, "e"),
        ([f"chatcmpl-{n:x}abc" for n in range(16, 36)], "s"),
    ],
)
def test_kinds(column: list[str], kind: str) -> None:
    """Each kind of column is recognised, also with an exception in it."""
    for texts in (column, [*column, "odd"] if kind in "idt" else column):
        back, kinds = there_and_back([texts])
        assert [texts] == back
        assert [kind] == kinds


def test_numbers_that_follow_from_others() -> None:
    """Rates and sums that a server computes from numbers beside them are not stored."""
    rows = [(n + 2, 1000 + 37 * n) for n in range(20)]
    columns = [
        [str(count) for count, _ in rows],
        [repr(micros / 1000) for _, micros in rows],
        [repr(micros / 1000 / count) for count, micros in rows],
        [repr(1000.0 / (micros / 1000) * count) for count, micros in rows],
        [repr(micros / 1000 / (count - 1)) for count, micros in rows],
    ]
    back, kinds = there_and_back(columns)
    assert columns == back
    assert ["i", "d", "x", "x", "x"] == kinds
