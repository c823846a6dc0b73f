"""Server-sent events: bytes in any pieces → events, by the WHATWG event-stream rules.

Lines end at CRLF, LF or CR and nowhere else; U+2028, U+2029 and U+0085 are text. Events come out
the same whatever the pieces, each with its place in the stream: they tile it from 0 to the last
event's ``end``, and bytes after that are a block that was never finished, which the standard drops.

Two things go beyond the standard because servers do: blocks without data (keep-alive comments)
come out too, marked ``has_data=False``, and unknown fields (llama.cpp's ``error:``) are kept.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from llmxray.limits import STREAM_LINES
from llmxray.types import Chunk

_LINE_END = re.compile(rb"\r\n?|\n")
_BOM = b"\xef\xbb\xbf"
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+")


@dataclass(frozen=True, slots=True)
class Event:
    """One block of an event stream.

    Attributes:
        data: values of the ``data`` fields joined by line feeds.
        event: value of the last ``event`` field, "message" when there is none.
        start: offset in bytes of the block, the end of the one before.
        end: offset in bytes after the empty line that ends the block.
        has_data: False for a block that the standard would not dispatch.
        fields: (name, value) of fields that the standard ignores or this file has no use for, ``id`` among them.
    """

    data: str
    event: str
    start: int
    end: int
    has_data: bool = True
    fields: tuple[tuple[str, str], ...] = ()


class SseDecoder:
    """Decoder of one stream; ``feed`` it every piece, then ``close`` it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._pending_cr = b""
        self._offset = 0
        self._start = 0
        self._first_line = True
        self._clear()

    def _clear(self) -> None:
        self._any = False
        self._data: list[str] = []
        self._fields: list[tuple[str, str]] = []
        self._event = ""

    def feed(self, data: bytes) -> list[Event]:
        """Events completed by ``data``, the next bytes of the stream.

        A CR at the very end waits for the next byte, which may be the LF that belongs to it.
        """
        return self._lines(data, final=False)

    def close(self) -> list[Event]:
        """Events completed by the end of the stream; an unfinished block is dropped."""
        return self._lines(b"", final=True)

    def _lines(self, data: bytes, *, final: bool) -> list[Event]:
        if self._pending_cr:
            data, self._pending_cr = self._pending_cr + data, b""
        events: list[Event] = []
        # Splitting at one byte is several times faster than the expression, and nearly all streams use LF.
        if b"\r" not in data:
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._line(line, len(line) + 1, events)
        else:
            rest = self._lines_with_cr(data, final, events)
        if rest:
            # Kept in pieces: joining on every feed would be quadratic for a long line that drips in.
            self._parts.append(rest)
        return events

    def _lines_with_cr(self, data: bytes, final: bool, events: list[Event]) -> bytes:
        """Take the lines of ``data`` and return what follows the last one."""
        begin = 0
        for match in _LINE_END.finditer(data):
            if match.end() == len(data) and match.group() == b"\r" and not final:
                self._pending_cr = b"\r"
                return data[begin : match.start()]
            self._line(data[begin : match.start()], match.end() - begin, events)
            begin = match.end()
        return data[begin:]

    def _line(self, line: bytes, size: int, events: list[Event]) -> None:
        if self._parts:
            self._offset += sum(map(len, self._parts))
            line = b"".join((*self._parts, line))
            self._parts.clear()
        self._offset += size
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        if line:
            self._field(line)
        elif self._any:
            events.append(self._dispatch())

    def _field(self, line: bytes) -> None:
        self._any = True
        # Parted as bytes, and copied once: of a long line, each copy of its text may take four times as much. Neither a
        # line end nor a colon falls inside of a UTF-8 character, so each part decodes by itself.
        end = line.find(b":")
        end = len(line) if end < 0 else end
        # One space only: the standard counts further ones as text.
        start = end + 1 + (line[end + 1 : end + 2] == b" ")
        name, value = line[:end].decode("utf-8", "replace"), line[start:].decode("utf-8", "replace")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        # A comment has no name.
        elif name:
            self._fields.append((name, value))

    def _dispatch(self) -> Event:
        event = Event(
            data="\n".join(self._data),
            event=self._event or "message",
            start=self._start,
            end=self._offset,
            has_data=bool(self._data),
            fields=tuple(self._fields),
        )
        self._start = self._offset
        self._clear()
        return event


def is_stream(body: bytes, content_type: str) -> bool:
    """Whether a body is an event stream.

    Servers announce streams as JSON and send JSON errors as streams; the first line is the truth.

    Args:
        body: at least what stands before its first 64 bytes that are no white space, and those.
        content_type: the header, for a body that does not tell.
    """
    # However many blank lines come first.
    at = _BEFORE.match(body).end()  # type: ignore[union-attr]
    start = body[at : at + 64]
    if start.startswith((b"data:", b"event:", b"id:", b"retry:", b"error:", b":")):
        return True
    return "event-stream" in content_type and not start.startswith((b"{", b"["))


def decode_events(body: bytes) -> Iterator[Event]:
    """The events of a whole body, one after the other."""
    decoder = SseDecoder()
    yield from decoder.feed(body)
    yield from decoder.close()


def timed_events(body: bytes, chunks: Sequence[Chunk]) -> Iterator[tuple[Event, float]]:
    """The events of a reply, each with the time of the chunk that completes it.

    Args:
        body: what the chunks hold.

    Raises:
        ValueError: there are too many lines, CRLF counted as one.
    """
    if body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n") > STREAM_LINES:
        raise ValueError(f"stream of more than {STREAM_LINES:,} lines")
    ends = list(accumulate(len(chunk.raw) for chunk in chunks))
    return ((event, chunks[bisect_left(ends, event.end)].t_s) for event in decode_events(body))
