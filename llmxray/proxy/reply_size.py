"""How much of a reply has come so far: what is larger than any server's is given up."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from llmxray.wire.sse import MOST_LINES, count_lines, is_stream

# As of a request. A reply is held until it is recorded, and a server may never end one.
MOST_BYTES = 64 << 20
_OPENING_BYTES = 64
# Of all replies under way together. Beyond it those end that are larger than their share: 64 may be under way.
MOST_TOGETHER, SHARE = 512 << 20, 8 << 20


class OpenReplies:
    """Counts the bytes of all replies under way, which come in another thread than they end in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = 0

    def add(self, n: int) -> int:
        """Count so many bytes more, or fewer; give how many there are."""
        with self._lock:
            self._bytes += n
            return self._bytes


class ReplySize:
    """Counts the bytes of one reply as they come, and the lines of a stream, which are few bytes of an encoding.

    Args:
        together: counts those of all replies, this one included until it is closed.
    """

    def __init__(self, together: OpenReplies) -> None:
        self._together = together
        self._content_type = ""
        self._opening = b""
        self._bytes = self._lines = 0
        self._closed = False

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
        under_way = 0 if self._closed else self._together.add(len(piece))
        if self._bytes > MOST_BYTES:
            return f"the reply is larger than {MOST_BYTES >> 20} MiB: given up"
        if under_way > MOST_TOGETHER and self._bytes > SHARE:
            return f"the replies under way are larger than {MOST_TOGETHER >> 20} MiB together: given up"
        if self._lines > MOST_LINES and is_stream(self._opening, self._content_type):
            return f"the stream has more than {MOST_LINES:,} lines: given up"
        return ""

    def close(self) -> None:
        """Nothing is held of the reply any more."""
        # A last piece may still come, from the other thread.
        self._closed = True
        self._together.add(-self._bytes)
