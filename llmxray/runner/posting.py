"""The HTTP that a runner needs: post a request and read its reply to the end; and the client that uses aiohttp."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import aiohttp
from yarl import URL

type OnPiece = Callable[[bytes], None]


_MOST_HEADER_BYTES = 256 << 10


@dataclass(slots=True)
class HttpReply:
    """The reply to a request.

    Attributes:
        status: HTTP status, None if nothing came back.
        headers: by names in small letters.
        body: as much as arrived.
        whole: whether the body is complete, as its framing states.
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
    ) -> HttpReply:
        """Post a JSON body and read the reply to its end. A failure is not raised; the reply says how far it got.

        Args:
            url: where the body is sent.
            body: JSON.
            headers: of the request, beside the content type.
            on_piece: gets every piece of the body as it arrives.
        """

    async def __aenter__(self) -> Self:
        """Get ready."""

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""


class AnyServer:
    """A `Poster` that uses aiohttp, for any server.

    Args:
        timeout_s: longest silence before a reply counts as broken.
    """

    def __init__(self, timeout_s: float) -> None:
        self._session = aiohttp.ClientSession(
            # No limit here: the runner limits requests in flight, and time in a queue would count as the server's.
            connector=aiohttp.TCPConnector(limit=0),
            # No cookies: a request must depend only on its body, which identifies its recording.
            cookie_jar=aiohttp.DummyCookieJar(),
            # A long answer is no failure; only silence is.
            timeout=aiohttp.ClientTimeout(total=None, sock_read=timeout_s),
            # As long as the proxy keeps of a server: what it recorded is no failure here.
            max_line_size=_MOST_HEADER_BYTES,
            max_field_size=_MOST_HEADER_BYTES,
        )
        # Parsed URLs are kept, because parsing one takes as long as sending a short request.
        self._urls: dict[str, URL] = {}

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], on_piece: OnPiece | None
    ) -> HttpReply:
        """See `Poster`."""
        reply, received = HttpReply(), bytearray()
        parsed = self._urls.get(url) or self._urls.setdefault(url, URL(url))
        sent = {**headers, "Content-Type": "application/json"}
        try:
            async with self._session.post(parsed, data=body, headers=sent) as response:
                reply.status, reply.headers = response.status, response.headers
                async for piece in response.content.iter_any():
                    received += piece
                    if on_piece is not None:
                        on_piece(piece)
                reply.whole = True
        except (aiohttp.ClientError, TimeoutError):
            # The reply shows that it is not whole. What arrived is kept, for its hash goes into the failed try's
            # receipt.
            pass
        reply.body = bytes(received)
        return reply

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
