"""How much of a reply has come so far: what is larger than any server's is given up. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from llmxray.wire.sse import MOST_LINES, count_lines, is_stream

# As of a request. A reply is held until it is recorded, and a server may never end one.
MOST_BYTES = 64 << 20
_OPENING_BYTES = 64


class ReplySize:
    """Counts the bytes of one reply as they come, and the lines of a stream, which are few bytes of an encoding."""

    def __init__(self) -> None:
        self._content_type = ""
        self._opening = b""
        self._bytes = self._lines = 0

    def head(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take the headers."""
        self._content_type = {name.lower(): value for name, value in headers}.get("content-type", "").lower()

    def add(self, piece: bytes) -> str:
        """Count a piece of the body, decoded.

        Returns:
            Why the reply is given up; "" while it may go on.
        """
        if len(self._opening) < _OPENING_BYTES:
            self._opening += piece[:_OPENING_BYTES]
        self._bytes += len(piece)
        self._lines += count_lines(piece)
        if self._bytes > MOST_BYTES:
            return f"the reply is larger than {MOST_BYTES >> 20} MiB: given up"
        if self._lines > MOST_LINES and is_stream(self._opening, self._content_type):
            return f"the stream has more than {MOST_LINES:,} lines: given up"
        return ""
