"""An index is the same as lines and as columns."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.cassette.indexes import Index, file_index, from_block, from_lines, to_block, to_lines


def told(index: Index) -> list[object]:
    """Everything an index says, in plain values."""
    return [json.loads(line) for line in to_lines(index)]


@st.composite
def indexes(draw: st.DrawFn) -> Index:
    """Any index of a few requests."""
    keys = draw(
        st.lists(st.binary(min_size=32, max_size=32).map(lambda b: f"v1:{b.hex()}") | st.text(max_size=3))
    )
    groups = draw(st.lists(st.sampled_from("abc"), min_size=len(keys), max_size=len(keys)))
    row = st.tuples(
        st.integers(0, max(0, len(keys) - 1)), st.integers(0, 9), st.integers(0, 9), st.integers(0, 1),
        st.none() | st.integers(100, 599),
    )  # fmt: skip
    once = st.lists(row, unique_by=lambda each: (keys[each[0]], *each[1:3]))
    rows: Sequence[Sequence[int | None]] = draw(once) if keys else []
    sums = {"f": draw(st.lists(st.integers(0, 2**32 - 1)))}
    return Index(keys, groups, [file_index("f", rows)], sums)


@settings(max_examples=60, deadline=None)
@given(index=indexes())
def test_both_forms(index: Index) -> None:
    """Any index comes back from both of its forms."""
    assert told(index) == told(from_block(to_block(index)))
    assert told(index) == told(from_lines(told(index)))


def test_columns_that_do_not_fit() -> None:
    """A recording of a request that is not there is no index."""
    with pytest.raises(ValueError, match="not an index"):
        from_block(to_block(Index(["k"], ["g"], [file_index("f", [(1, 0, 0, 1, 200)])])))


@pytest.mark.parametrize("sample", [3, 2**62])
@pytest.mark.parametrize("split", [0, 1, 2])
@pytest.mark.parametrize("keys", [["k", "l"], ["k", "k"]])
def test_an_address_that_stands_twice(keys: list[str], split: int, sample: int) -> None:
    """In one file or in two, by one number of a request or by two: a recording would be read as another."""
    rows = [(0, 0, 1, 1, 200), (1, 0, 1, 1, 200), (0, sample, 0, 1, 200)]
    if len(set(keys)) == 2:
        rows[1] = rows[0]
    index = Index(keys, ["g"] * 2, [file_index("e", rows[:split]), file_index("f", rows[split:])])
    for read in (lambda: from_block(to_block(index)), lambda: from_lines(told(index))):
        with pytest.raises(ValueError, match="not an index: the recording k/0/1 stands twice"):
            read()
