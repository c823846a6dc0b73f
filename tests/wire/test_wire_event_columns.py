"""A stream event taken apart is rebuilt exactly, or not taken apart at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.wire import Number, assemble, decode_events, disassemble, double_text, float32_text

ENTRY = {"id": 5, "token": "é\n", "logprob": -1.5, "bytes": [195, 169], "top_logprobs": []}
EVENT = {"choices": [{"index": 0, "delta": {"content": "é\n"}, "logprobs": {"content": [ENTRY]}}], "n": 1e-7}


def test_every_event_of_every_recorded_stream(stream_path: Path) -> None:
    """All events of all servers recorded so far rebuild exactly."""
    payloads = [e.data for e in decode_events(stream_path.read_bytes()) if e.has_data and e.data != "[DONE]"]
    for payload in payloads:
        columns = disassemble(payload)
        assert columns is not None
        assert assemble(*columns) == payload
    assert payloads


def test_llamacpp_events_share_few_skeletons(streams: Path) -> None:
    """Forty tokens with their alternatives leave a handful of skeletons, which is why columns pay."""
    for path in streams.glob("3[0-5]_*.sse"):
        payloads = [e.data for e in list(decode_events(path.read_bytes()))[:-1]]
        found = [columns for payload in payloads if (columns := disassemble(payload))]
        assert len(found) == len(payloads)
        assert len({columns.skeleton for columns in found}) <= 4


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_two_styles_and_two_escapings(separators: tuple[str, str], ensure_ascii: bool) -> None:
    """Compact and spaced JSON, escaped or not, come back as they were."""
    text = json.dumps(EVENT, separators=separators, ensure_ascii=ensure_ascii)
    columns = disassemble(text)
    assert columns is not None
    assert columns.texts == ("é\n",)
    assert "é" not in columns.skeleton
    assert "u00e9" not in columns.skeleton
    assert assemble(*columns) == text


@pytest.mark.parametrize(
    "number", ["-7.533501148223877", "-1.2e-7", "-1E+2", "-0.10", "NaN", "-Infinity", "0"]
)
def test_number_text_is_kept(number: str) -> None:
    """Numbers come back digit for digit, exponents and trailing zeros included."""
    entry = f'[{{"token":"a","logprob":{number},"bytes":null}}]'
    text = f'{{"choices":[{{"delta":{{"content":"a"}},"logprobs":{{"content":{entry}}}}}]}}'
    columns = disassemble(text)
    assert columns is not None
    assert str(columns.tokens[0][0]["logprob"]) == number
    assert assemble(*columns) == text


def test_reasoning_and_several_choices() -> None:
    """Texts and token lists come in the order of the payload."""
    a = {"index": 0, "delta": {"reasoning_content": "hm", "content": ""}, "logprobs": {"content": []}}
    b = {"index": 1, "logprobs": {"content": [ENTRY]}, "delta": {"content": "x"}}
    text = json.dumps({"choices": [a, b]}, separators=(",", ":"), ensure_ascii=False)
    columns = disassemble(text)
    assert columns is not None
    assert columns.texts == ("hm", "", "x")
    assert [len(entries) for entries in columns.tokens] == [0, 1]
    assert columns.skeleton.count("⟦") == 5


@pytest.mark.parametrize(
    "text",
    [
        "[DONE]",
        "[1]",
        '{"choices":[{"delta":{"content":"\\u003cb\\u003e"}}]}',
        '{"choices":[{"delta":{"content":"a\\/b"}}]}',
        '{"choices":[{"delta":{"content" : "a"}}]}',
        '{"id":"⟦text⟧","choices":[{"delta":{"content":"a"}}]}',
        '{"choices":[{"delta":{"content":"a","content":"b"},"logprobs":{"content":[{"token":"a","token":"b"}]}}]}',
    ],
)
def test_what_cannot_be_rebuilt_is_refused(text: str) -> None:
    """Foreign escapes, odd spacing, our own marks and duplicate keys are left to the raw bytes."""
    assert disassemble(text) is None


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_any_text(content: str, ensure_ascii: bool) -> None:
    """Any text survives, lone surrogates and our own marks in it included."""
    event = {"choices": [{"delta": {"content": content}, "logprobs": {"content": [{"token": content}]}}]}
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=ensure_ascii)
    columns = disassemble(text)
    assert columns is not None
    assert assemble(*columns) == text


def test_values_must_fit_the_skeleton() -> None:
    """Too many or too few values are an error, never a wrong text."""
    with pytest.raises(ValueError, match="more text places"):
        assemble('{"a":⟦text⟧}', [], [])
    with pytest.raises(ValueError, match="fewer places"):
        assemble("{}", ["x"], [])


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("-7.533501148223877", "-7.533501"),
        ("-0.5", "-0.5"),
        ("-1.1920928955078125e-07", "-1.1920929e-07"),
        ("-3.4028234663852886e+38", "-3.4028235e+38"),
        ("-0.0025094282", None),
        ("-7.5335011482238770", None),
        ("1e39", None),
        ("NaN", None),
        ("-Infinity", None),
    ],
)
def test_float32_text(text: str, short: str | None) -> None:
    """A float32 in double's clothes is recognised, and only then."""
    assert float32_text(text) == short


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_float32_round_trips(value: float) -> None:
    """Any float32 printed as a double by Python has a short form that gives it back."""
    short = float32_text(repr(value))
    assert short is not None
    assert double_text(short) == repr(value)


def test_number_is_told_from_a_string() -> None:
    """A number's text is a Number, a string stays a string."""
    columns = disassemble('{"choices":[{"logprobs":{"content":[{"token":"-1.5","logprob":-1.5}]}}]}')
    assert columns is not None
    entry = columns.tokens[0][0]
    assert (type(entry["token"]), type(entry["logprob"])) == (str, Number)


def test_an_entry_nested_without_end_is_kept_as_text() -> None:
    """Read by a parser in C, which goes deeper than what would write it again."""
    deep = "[" * 3_000 + "]" * 3_000
    entry = f'{{"token":"x","logprob":-1.5,"deep":{deep}}}'
    text = f'{{"choices":[{{"delta":{{"content":"x"}},"logprobs":{{"content":[{entry}]}}}}]}}'
    assert disassemble(text) is None
