"""Event streams decode by the WHATWG rules, whatever the pieces they come in."""

from __future__ import annotations

import re
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmxray.wire import Event, SseDecoder, decode_events, sse

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


def reference(body: bytes) -> list[tuple[str, str, str]]:
    """The standard's algorithm, written down step by step over the whole decoded text."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = re.split("\r\n|\r|\n", text)[:-1]
    dispatched, data, event, last_id = [], "", "", ""
    for line in lines:
        if line == "":
            if data:
                dispatched.append((event or "message", data.removesuffix("\n"), last_id))
            data = event = ""
            continue
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            event = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
    return dispatched


@given(stream_bytes)
def test_agrees_with_the_standard(body: bytes) -> None:
    """Dispatched events are those of the standard's own algorithm."""
    found = [(e.event, e.data, e.id) for e in decode_events(body) if e.has_data]
    assert found == reference(body)


@given(stream_bytes, st.lists(st.integers(0, 500), max_size=8))
def test_pieces_do_not_matter(body: bytes, cuts: list[int]) -> None:
    """Any cuts give the same events, offsets included, and so does byte after byte."""
    whole = list(decode_events(body))
    assert feed_pieces(body, cuts) == whole
    assert feed_pieces(body, list(range(len(body)))) == whole


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 70_000), max_size=40))
def test_pieces_do_not_matter_for_recorded_streams(stream_path: Path, cuts: list[int]) -> None:
    """Every recorded stream gives the same events under any cuts."""
    body = stream_path.read_bytes()
    assert feed_pieces(body, cuts) == list(decode_events(body))


def test_recorded_streams_byte_by_byte(stream_path: Path) -> None:
    """Every recorded stream gives the same events when it drips in."""
    body = stream_path.read_bytes()
    assert feed_pieces(body, list(range(len(body)))) == list(decode_events(body))


@given(stream_bytes)
def test_events_tile_the_stream(body: bytes) -> None:
    """Each event starts where the one before ended, from byte 0, and ends with an empty line."""
    at = 0
    for event in decode_events(body):
        assert event.start == at
        assert body[event.start : event.end].endswith((b"\n", b"\r"))
        at = event.end
    assert at <= len(body)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_three_line_ends(line_end: bytes) -> None:
    """LF, CRLF and bare CR are the same."""
    body = line_end.join([b"data: a", b"", b"data: b", b"data: c", b"", b""])
    assert [event.data for event in decode_events(body)] == ["a", "b\nc"]


def test_crlf_split_over_pieces_is_one_line_end() -> None:
    """CR at the end of one piece and LF at the start of the next end one line, not two."""
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\r") == []
    assert decoder.feed(b"\ndata: b\r\n\r") == []
    (event,) = decoder.feed(b"\n")
    assert event.data == "a\nb"
    assert (event.start, event.end) == (0, 20)


def test_last_bare_cr_counts_at_close() -> None:
    """A CR held back for its LF ends the block when the stream ends."""
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\r\r") == []
    assert [event.data for event in decoder.close()] == ["a"]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_other_separators_are_text(mark: str) -> None:
    """What str.splitlines would split at stays inside the data."""
    assert [e.data for e in decode_events(f"data: a{mark}b\n\n".encode())] == [f"a{mark}b"]


def test_byte_order_mark_only_at_the_start() -> None:
    """One BOM is dropped at the very start, later ones make an unknown field."""
    assert [e.data for e in decode_events(b"\xef\xbb\xbfdata: a\n\n")] == ["a"]
    later = list(decode_events(b"data: a\n\n\xef\xbb\xbfdata: b\n\n"))
    assert [e.has_data for e in later] == [True, False]


def test_fields() -> None:
    """No colon means an empty value; one space after the colon is dropped; ids last."""
    body = b"event: ping\nid: 7\ndata\ndata:  two\n\ndata:x\nid: a\0b\n\n"
    first, second = decode_events(body)
    assert (first.event, first.id, first.data) == ("ping", "7", "\n two")
    assert (second.event, second.id, second.data) == ("message", "7", "x")


def test_comments_and_unknown_fields_are_kept() -> None:
    """Keep-alives come out at once, marked as without data; ``error:`` lines keep their value."""
    ping, errored, last = decode_events(b': PROCESSING\n\nerror: {"code":500}\n\n:\ndata: x\n\n')
    assert (ping.comment, ping.has_data) == ("PROCESSING", False)
    assert (errored.fields, errored.has_data) == ((("error", '{"code":500}'),), False)
    assert (last.comment, last.data) == ("", "x")


def test_unfinished_block_is_dropped() -> None:
    """Without its empty line a block is no event, even when its line is whole."""
    assert list(decode_events(b"data: a\n\ndata: b\n")) == list(decode_events(b"data: a\n\n"))


def test_events_are_not_held_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event takes fifty times its bytes: a short recording may say that there are millions."""
    monkeypatch.setattr(sse, "_PIECE_BYTES", 1 << 10)
    body, found = b"x\n\n" * 20_000, 0
    tracemalloc.start()
    for event in decode_events(body):
        found += event.end - event.start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == len(body)
    assert peak < 400_000


def test_invalid_utf8_is_replaced() -> None:
    """Bytes that are no UTF-8 become U+FFFD and spoil nothing else."""
    assert [e.data for e in decode_events(b"data: a\xff\xe2\x82\ndata: b\n\n")] == ["a\ufffd\ufffd\nb"]
