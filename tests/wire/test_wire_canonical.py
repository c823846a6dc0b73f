"""Canonical JSON by the quick way is, byte for byte, what the RFC 8785 library writes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llmxray.wire import canonical
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


@settings(max_examples=600)
@given(values)
@example({"😀": 1, "\uffff": 2})
@example({"a": -0.0, "b": 1e16, "c": 1e21, "d": 1e-5, "e": 123456789.125})
@example('\x00\x1f\x7f\u2028"\\/')
def test_the_same_bytes_or_the_same_refusal(value: Any) -> None:
    """Any JSON value: the library's bytes, or refused as the library refuses it."""
    assert outcome(canonical_json, value) == outcome(rfc8785.dumps, value)


@given(st.floats(1e-4, 1e16, exclude_max=True) | st.floats(-1e16, -1e-4, exclude_min=True))
def test_floats_of_the_quick_range(value: float) -> None:
    """Python and ECMAScript write the same digits there."""
    assert canonical_json([value]) == rfc8785.dumps([value])


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, math.nan, [math.inf], 2**53, {1: 2}, {"a": {1}}])
def test_what_has_no_canonical_form(value: Any) -> None:
    """Refused, as the library refuses it."""
    with pytest.raises(ValueError, match="."):
        canonical_json(value)


def test_an_ordinary_request_takes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request with an integer seed and decimals does not reach the library."""
    monkeypatch.setattr(canonical.rfc8785, "dumps", None)
    body = {"model": "m", "messages": [{"role": "user", "content": "Grüße"}], "seed": 7, "temperature": 0.7}
    assert canonical_json(body).startswith(b'{"messages":[{"content":"Gr')


@pytest.mark.parametrize("value", [1e-5, 1e16, {"ü": 1}, 2**53])
def test_what_goes_to_the_library_is_told(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    """However deep in a request it stands."""
    monkeypatch.setattr(canonical.rfc8785, "dumps", lambda _: b"the library")
    body = {"a": [{"b": value}]}
    assert canonical_json(body) == b"the library"


def test_too_deep_is_a_recursion_error_or_the_bytes() -> None:
    """Nesting beyond what Python recurses into never gives other bytes."""
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    assert outcome(canonical_json, value) is RecursionError
