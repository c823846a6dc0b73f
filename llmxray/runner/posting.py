"""One request posted, its reply read to the end: what a runner needs of HTTP, and aiohttp doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import aiohttp
from yarl import URL

type OnPiece = Callable[[bytes], None]


@dataclass(slots=True)
class Reply:
    """What came back.

    Attributes:
        status: None when nothing did.
        headers: found by their names in small letters.
        body: as much as came.
        whole: whether the framing came to its end.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    @property
    def content_type(self) -> str:
        """The kind of the body, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Poster(Protocol):
    """Sends requests; an async context manager."""

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], on_piece: OnPiece | None
    ) -> Reply:
        """Post a body of JSON and read the reply to its end; what fails on the way is told by the reply.

        Args:
            on_piece: told of every piece of the body as it arrives.
        """

    async def __aenter__(self) -> Self:
        """Get ready."""

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""


class AnyServer:
    """Posts through aiohttp.

    Args:
        timeout_s: longest silence before a reply counts as broken.
    """

    def __init__(self, timeout_s: float) -> None:
        self._session = aiohttp.ClientSession(
            # How many are in flight is decided by the runner: a queue here would count as the time of the server.
            connector=aiohttp.TCPConnector(limit=0),
            # A request must depend on nothing but its body, or its recording has no identity.
            cookie_jar=aiohttp.DummyCookieJar(),
            # A long answer is no failure; only silence is.
            timeout=aiohttp.ClientTimeout(total=None, sock_read=timeout_s),
        )
        # A URL costs as much to read as a short request to send.
        self._urls: dict[str, URL] = {}

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], on_piece: OnPiece | None
    ) -> Reply:
        """See `Poster`."""
        reply, kept = Reply(), bytearray()
        parsed = self._urls.get(url) or self._urls.setdefault(url, URL(url))
        sent = {**headers, "Content-Type": "application/json"}
        try:
            async with self._session.post(parsed, data=body, headers=sent) as response:
                reply.status, reply.headers = response.status, response.headers
                async for piece in response.content.iter_any():
                    kept += piece
                    if on_piece is not None:
                        on_piece(piece)
                reply.whole = True
        except (aiohttp.ClientError, TimeoutError):
            # Told by the reply: what came is kept, and its hash goes into the receipt of a failed try.
            pass
        reply.body = bytes(kept)
        return reply

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
