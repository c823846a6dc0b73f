"""A recorded reply sent in one write: head, every chunk in a frame of its own, the end.

What a client sees is what `replies.replay` sends chunk by chunk: the same status, headers and chunk boundaries.
Only the number of writes differs, and they are most of what a short reply costs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import override

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import SERVER_SOFTWARE, HttpVersion11

from llmxray.proxy.reply_headers import CONFINED, reply_headers
from llmxray.types import Chunk, EndCause, Interaction

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})
# The mark below which asyncio buffers without asking anybody to wait.
_DRAIN_ABOVE_BYTES = 64 * 1024


class SingleWrite(web.StreamResponse):
    """A reply of bytes that are complete, framing and all.

    Args:
        wire: from the status line to the last chunk.
        keep_alive: whether the connection stays open after it.
    """

    def __init__(self, wire: bytes, status: int, *, keep_alive: bool) -> None:
        super().__init__(status=status)
        self._wire, self._stays = wire, keep_alive

    @property
    @override
    def keep_alive(self) -> bool:
        return self._stays

    @override
    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        # aiohttp calls this and `write_eof` for whatever a handler returns; its own would add a head and an end.
        wire, self._wire = self._wire, b""
        transport = request.transport
        if wire and transport is not None and not transport.is_closing():
            transport.write(wire)
            if len(wire) > _DRAIN_ABOVE_BYTES:
                await request.writer.drain()
        return None

    @override
    async def write_eof(self, data: bytes = b"") -> None:
        return


def single_write(
    request: web.Request, interaction: Interaction, ours: Mapping[str, str]
) -> SingleWrite | None:
    """The whole reply in one piece; None where it must be sent by other means (a broken end, no body, HTTP/1.0)."""
    status = interaction.status
    if status is None or status < 200 or status in _WITHOUT_BODY:
        return None
    # A client of HTTP/1.0 knows no chunks.
    if interaction.end is not EndCause.CLEAN or request.version != HttpVersion11:
        return None
    keep = request.keep_alive
    head = _head(status, interaction.headers, tuple(ours.items()), keep_alive=keep)
    if head is None:
        return None
    wire = b"".join((head, _date(int(time.time())), framed(interaction.chunks)))
    return SingleWrite(wire, status, keep_alive=keep)


def framed(chunks: tuple[Chunk, ...]) -> bytes:
    """A body in chunked transfer coding, a frame for each chunk (RFC 9112 §7.1)."""
    frames = [b"%x\r\n%b\r\n" % (len(chunk.raw), chunk.raw) for chunk in chunks if chunk.raw]
    return b"".join((*frames, b"0\r\n\r\n"))


@lru_cache(maxsize=256)
def _head(
    status: int, recorded: tuple[tuple[str, str], ...], ours: tuple[tuple[str, str], ...], *, keep_alive: bool
) -> bytes | None:
    """Status line and headers but the date; None for a header that could end the head early."""
    headers = [
        *reply_headers(recorded, {**dict(ours), **CONFINED}),
        ("Transfer-Encoding", "chunked"),
        ("Server", SERVER_SOFTWARE),
    ]
    if not any(name.lower() == "content-type" for name, _ in headers):
        # What aiohttp adds when it sends chunk by chunk: a client must not see which way it was.
        headers.append(("Content-Type", "application/octet-stream"))
    if not keep_alive:
        headers.append(("Connection", "close"))
    # Cassettes come from strangers: a line feed in a value would begin a reply of their own making.
    if not all(value.isprintable() for _, value in headers):
        return None
    lines = [
        f"HTTP/1.1 {status} {_PHRASES.get(status, '')}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, ""]).encode("utf-8")


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode("ascii")
