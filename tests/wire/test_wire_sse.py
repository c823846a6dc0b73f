"""Event streams decode by the WHATWG rules, whatever the pieces they come in."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.wire import Event, SseDecoder, decode_events

_PIECES = [
    b"data",
    b":",
    b" ",
    b"event",
    b"id",
    b"retry",
    b"\r",
    b"\n",
    b"\r\n",
    b"x",
    b"\0",
    b"\xef\xbb\xbf",
]
_PIECES += ["é😀\u2028\u0085".encode(), b"\xe2\x82", b"data: {}\n\n", b"data: a\r\rdata: b\r\n\r\n", b":\n\n"]
stream_bytes = st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join)


def feed_pieces(body: bytes, cuts: list[int]) -> list[Event]:
    """Decode ``body`` cut at ``cuts``."""
    decoder = SseDecoder()
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    events = [event for a, b in pairwise(edges) for event in decoder.feed(body[a:b])]
    return events + decoder.close()


def reference(body: bytes) -> list[tuple[str, str]]:
    """The standard's algorithm, written down step by step over the whole decoded text."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = re.split("\r\n|\r|\n", text)[:-1]
    dispatched, data, event = [], "", ""
    for line in lines:
        if line == "":
            if data:
                dispatched.append((event or "message", data.removesuffix("\n")))
            data = event = ""
            continue
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            event = value
        elif name == "data":
            data += value + "\n"
    return dispatched


@given(stream_bytes)
def test_agrees_with_the_standard(body):
    """Dispatched events are those of the standard's own algorithm."""
    found = [(e.event, e.data) for e in decode_events(body) if e.has_data]
    assert found == reference(body)


@given(stream_bytes, st.lists(st.integers(0, 500), max_size=8))
def test_pieces_do_not_matter(body, cuts):
    """Any cuts give the same events, offsets included, and so does byte after byte."""
    whole = list(decode_events(body))
    assert feed_pieces(body, cuts) == whole
    assert feed_pieces(body, list(range(len(body)))) == whole


@given(stream_bytes)
def test_events_tile_the_stream(body):
    """Each event starts where the one before ended, from byte 0, and ends with an empty line."""
    at = 0
    for event in decode_events(body):
        assert event.start == at
        assert body[event.start : event.end].endswith((b"\n", b"\r"))
        at = event.end
    assert at <= len(body)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_other_separators_are_text(mark):
    """What str.splitlines would split at stays inside the data."""
    assert [e.data for e in decode_events(f"data: a{mark}b\n\n".encode())] == [f"a{mark}b"]
