"""Columns of a row."""

import pytest

from llmxray.errors import SuiteError
from llmxray.suites.data_rows import DataRow

ROW = DataRow(
    "d.csv",
    3,
    {
        "t": "x",
        "n": 4,
        "f": 1.5,
        "e": " ",
        "null": None,
        "m": {"a": ["y"]},
        "cell": '["p", "q"]',
        "mixed": [1, "z"],
    },
)


def test_columns_are_read_by_type():
    """Nested ones by a dotted name; CSV cells as JSON where a list is due."""
    assert "x" == ROW.text("t")
    assert 4 == ROW.integer("n")
    assert 7 == DataRow("d", 1, {"n": "7"}).integer("n")
    assert ("y",) == ROW.texts("m.a")
    assert ("p", "q") == ROW.texts("cell")
    assert (1, 0) == DataRow("d", 1, {"m": '{"labels": [1, 0]}'}).integers("m.labels")
    assert '["p", "q"]' == ROW.text("cell")
    assert ("", "", "x") == (ROW.optional("null"), ROW.optional("absent"), ROW.optional("t"))


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: ROW.text("absent"), "d.csv, row 3: there is no column 'absent'; it has: t, n, f"),
        (lambda: ROW.text("n"), "d.csv, row 3, column 'n': must be text, not a number"),
        (lambda: ROW.filled("e"), "is empty"),
        (lambda: ROW.integer("t"), "must be a whole number, not 'x'"),
        (
            lambda: DataRow("d.csv", 1, {"c": "['p' 'q']"}).texts("c"),
            """column 'c': must be a list, not text; in a CSV cell write it as JSON, ["one", "two"], or save""",
        ),
        (lambda: ROW.texts("mixed"), "one entry is a number"),
    ],
)
def test_what_is_missing_or_of_another_type_is_named(read, message):
    """Source, row, column, and what is there instead."""
    with pytest.raises(SuiteError) as caught:
        read()
    assert message in str(caught.value)


NESTED = DataRow(
    "d", 1, {"a.b": "dots", "q": {"stem": "Why?", "opts": [{"t": "x"}, {"t": "y"}]}, "cell": '[{"t": 1}]'}
)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("q.stems", "d, row 1: there is no column 'q.stems'; it has: stem, opts"),
        ("q.opts.2", "d, row 1, column 'q.opts.2': there are only 2 entries, counted from 0"),
        ("q.stem.x", "column 'q.stem': must be a mapping, not text"),
    ],
)
def test_paths_that_lead_nowhere(path, message):
    """What is there instead."""
    with pytest.raises(SuiteError) as caught:
        NESTED.value(path)
    assert message in str(caught.value)
