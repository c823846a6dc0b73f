"""Canonical JSON by the quick way is, byte for byte, what the RFC 8785 library writes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llmxray.wire.canonical import canonical_json

numbers = (
    st.integers(-(2**60), 2**60)
    | st.integers(2**53 - 3, 2**53 + 3)
    | st.floats()
    | st.floats(1e-7, 1e-3)
    | st.floats(1e14, 1e22)
    | st.integers(-1000, 1000).map(float)
    | st.integers(0, 10_000).map(lambda n: n / 100)
)
texts = st.text() | st.text(st.characters(min_codepoint=0, max_codepoint=127))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def outcome(dumps: Any, value: Any) -> Any:
    """The bytes, or the kind of refusal."""
    try:
        return dumps(value)
    except (ValueError, RecursionError) as error:
        return type(error)


@settings(max_examples=200)
@given(values)
@example({"😀": 1, "\uffff": 2})
@example({"a": -0.0, "b": 1e16, "c": 1e21, "d": 1e-5, "e": 123456789.125})
@example('\x00\x1f\x7f\u2028"\\/')
def test_the_same_bytes_or_the_same_refusal(value: Any) -> None:
    """Any JSON value: the library's bytes, or refused as the library refuses it."""
    assert outcome(canonical_json, value) == outcome(rfc8785.dumps, value)


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, math.nan, [math.inf], 2**53, {1: 2}, {"a": {1}}])
def test_what_has_no_canonical_form(value: Any) -> None:
    """Refused, as the library refuses it."""
    with pytest.raises(ValueError, match="."):
        canonical_json(value)
