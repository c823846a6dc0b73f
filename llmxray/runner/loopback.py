"""A small HTTP client for the proxy while it replays at once: every reply comes whole, and with its length.

aiohttp's client takes longer for a request than the proxy takes to answer it, see ``bench/bench_mmlu.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from multidict import CIMultiDict
from yarl import URL

from llmxray.limits import HEADER_BYTES

type _Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LoopbackClient:
    """Connections to the proxy, each kept for the next request."""

    def __init__(self) -> None:
        self._idle: list[_Connection] = []

    async def post(
        self, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes, bool]:
        """Send a request and read its reply: status, headers, body, and False where the body was cut."""
        connection = reader, writer = self._idle.pop() if self._idle else await _connect(url)
        fields = {"Host": url.authority, **headers, "Content-Length": len(body)}
        lines = (f"POST {url.raw_path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()))
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        answered = CIMultiDict(line.partition(": ")[::2] for line in head[1:-2])
        status = int(head[0].split(" ", 2)[1])
        try:
            content = await reader.readexactly(int(answered.get("Content-Length", 0)))
        except asyncio.IncompleteReadError as error:
            writer.close()
            return status, answered, error.partial, False
        self._idle.append(connection)
        return status, answered, content, True

    def close(self) -> None:
        """Close all connections."""
        for _, writer in self._idle:
            writer.close()


async def _connect(url: URL) -> _Connection:
    # A head has as many fields as were recorded, each with a limit of its own.
    return await asyncio.open_connection(url.host, url.port, limit=64 * HEADER_BYTES)
