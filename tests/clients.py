"""A client of the proxy that keeps what it received, chunk by chunk."""

import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass(frozen=True)
class Got:
    """What a client received; ``broken`` when the body ended before its framing did."""

    status: int
    headers: dict[str, str]
    chunks: list[bytes]
    broken: bool

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.chunks)

    @property
    def kept(self) -> tuple[int, str | None, str | None, list[bytes], bool]:
        """What a replay must give back."""
        return (
            self.status,
            self.headers.get("Content-Type"),
            self.headers.get("Retry-After"),
            self.chunks,
            self.broken,
        )


class Client:
    """Posts chat requests and keeps the chunks as they were framed."""

    async def ask(self, url: str, body: Any = None, **headers: str) -> Got:
        """Ask; a dictionary is the body itself, a text its only message."""
        if not isinstance(body, dict | bytes):
            body = {"model": "m", "messages": [{"role": "user", "content": body or "hi"}], "stream": True}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {"Content-Type": "application/json"}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            async with session.post(f"{url}/chat/completions", data=io.BytesIO(data), headers=names) as reply:
                chunks, part, broken = [], b"", False
                try:
                    while not reply.content.at_eof():  # a reply of 204 has no chunks to iterate over
                        piece, whole = await reply.content.readchunk()
                        part += piece
                        if whole and part:
                            chunks.append(part)
                            part = b""
                except aiohttp.ClientError:
                    broken = True
                return Got(reply.status, dict(reply.headers), chunks + ([part] if part else []), broken)
