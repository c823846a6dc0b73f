"""Texts come apart into skeletons and values, and every value has the key it stands behind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmxray.cassette.columnar.templates import SLOT, names, split_values

PIECES = ('"', "\\", '\\"', "\\5", "5", "-1.5e3", ":", '":', '"a":', '"b"', ",", "\n", "x")
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(
    st.characters(codec="utf-8", min_codepoint=8), max_size=20
)


@given(texts)
def test_any_text(text: str) -> None:
    """Values put into the skeleton give the text; each of them has a key, or none before the first."""
    skeleton, values = split_values(text)
    pieces = skeleton.split(SLOT)
    assert text == pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=True))
    assert len(values) == len(names(skeleton))


def test_keys() -> None:
    """The key before a value, however deep; a key is no value."""
    skeleton, values = split_values('{"a": [1, "x"], "b\\"" :{"c":-2e5}} 7')
    assert ["1", "x", "-2e5", "7"] == values
    assert ("a", "a", "c", "c") == names(skeleton)
    assert ("",) == names(split_values("7")[0])


def test_a_string_without_its_end_is_looked_at_once() -> None:
    """A reply cut off inside of a long string with many escaped quotes: this took minutes."""
    text = '{"a": "' + '\\"' * 400_000
    assert (text, []) == split_values(text)
    assert () == names(text)
