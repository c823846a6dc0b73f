"""Sections give numbers and texts back, whichever way they are read."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.cassette.sections import SectionReader, SectionWriter, compact

LARGEST = 1 << 60
whole = (
    st.lists(st.integers(0, 255), max_size=40)
    | st.lists(st.integers(-300, 70_000), max_size=40)
    | st.lists(st.integers(-LARGEST, LARGEST), max_size=40)
)


@settings(max_examples=300, deadline=None)
@given(values=whole)
def test_numbers_one_at_a_time(values: list[int]) -> None:
    """One at a time or all at once, the integers are those that were written, in few bytes each."""
    out = SectionWriter()
    out.ints("n", values)
    reader = SectionReader(out.finish({}))
    numbers = reader.numbers("n")
    assert values == [numbers[place] for place in range(len(values))]
    assert values == numbers.tolist() == reader.ints("n").tolist()
    assert values == compact(np.array(values, dtype=np.int64)).tolist()
    if values and 0 <= min(values) and max(values) < 256:
        assert len(values) == numbers.nbytes


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_characters="\0"), max_size=6), min_size=1, max_size=9))
def test_texts_one_at_a_time(texts: list[str]) -> None:
    """Empty ones and half surrogates included."""
    out = SectionWriter()
    out.texts("t", texts)
    reader = SectionReader(out.finish({}))
    data, at = reader.joined("t")
    found = [data[at[n] : at[n + 1] - 1].decode("utf-8", "surrogatepass") for n in range(len(at) - 1)]
    assert texts == found == reader.texts("t")
