"""A raw TCP server that says exactly the bytes it is told to, so that broken upstreams can be real."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self

type Ending = Literal["keep", "fin", "rst"]
# Cut off at every byte by tests of the proxy; a character of it takes two.
STREAM = b'data: {"choices":[{"delta":{"content":"\xc3\xa9"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@dataclass(frozen=True)
class Say:
    """One reply: pieces written one by one, the time between them, and what becomes of the connection."""

    pieces: Sequence[bytes]
    pause_s: float = 0.0
    ending: Ending = "fin"


@dataclass
class Seen:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


type Script = Callable[[int, Seen], Say]


@dataclass
class RawServer:
    """Answers the n-th request with ``script(n, request)``; use as an async context manager."""

    script: Script
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    cut: int = 0
    """Replies during which the other side went away."""
    in_flight: int = 0
    most_in_flight: int = 0
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Base URL of the server."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await asyncio.sleep(0)  # transports close on the next turn

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)
        try:
            while (seen := await _request(reader)) is not None:
                self.seen.append(seen)
                say = self.script(len(self.seen) - 1, seen)
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self._say(say, reader, writer)
                finally:
                    self.in_flight -= 1
                if say.ending != "keep":
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, say: Say, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in say.pieces:
            if reader.at_eof():
                self.cut += 1
                raise ConnectionResetError
            writer.write(piece)
            try:
                await writer.drain()
            except ConnectionError:
                self.cut += 1
                raise
            await asyncio.sleep(say.pause_s)
        if say.ending == "rst":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


@contextmanager
def in_thread(server: RawServer) -> Iterator[RawServer]:
    """The server in a thread of its own, for clients that have no event loop."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _request(reader: asyncio.StreamReader) -> Seen | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if value
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(first.split(" ")[1], headers, body)


def head(status: int = 200, content_type: str = "text/event-stream", *extra: str) -> bytes:
    """Status line and headers, framing excluded, without the empty line."""
    kind = [f"Content-Type: {content_type}"] if content_type else []
    return "\r\n".join([f"HTTP/1.1 {status} Said", *kind, *extra, ""]).encode()


def chunked(pieces: Iterable[bytes], *, opening: bytes | None = None, end: bool = True) -> list[bytes]:
    """A chunked reply, a write a chunk; ``end=False`` leaves the last chunk out."""
    begun = (opening or head()) + b"Transfer-Encoding: chunked\r\n\r\n"
    framed = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
    return [begun, *framed, *([b"0\r\n\r\n"] if end else [])]


def with_length(body: bytes, *, opening: bytes | None = None, stated: int | None = None) -> list[bytes]:
    """A reply of stated length, which may be a lie."""
    length = len(body) if stated is None else stated
    return [(opening or head(200, "application/json")) + b"Content-Length: %d\r\n\r\n" % length, body]


def to_the_end(pieces: Iterable[bytes], *, opening: bytes | None = None) -> list[bytes]:
    """A reply that ends with its connection."""
    return [(opening or head()) + b"Connection: close\r\n\r\n", *pieces]


def events(*texts: str, finish: str = "stop", done: bool = True) -> list[bytes]:
    """A small stream of ours, one event a piece."""
    out = []
    for number, text in enumerate(texts):
        last = number == len(texts) - 1
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish if last else None}
        out.append(b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n")
    return [*out, *([b"data: [DONE]\n\n"] if done else [])]


def is_probe(seen: Seen) -> bool:
    """Whether a request is the recorder's own question of what the server can do."""
    return b"capital of France" in seen.body


def model_server(
    answer: Callable[[Seen], Say], *models: str, probed: Sequence[str] = ("Paris",), **listed: str
) -> Script:
    """Lists models, of which it says ``listed``, says ``probed`` to probes, and leaves the rest to ``answer``."""
    data = {"object": "list", "data": [{"id": each, **listed} for each in models or ("m",)]}

    def script(_: int, seen: Seen) -> Say:
        if seen.path.endswith("/models"):
            return Say(with_length(json.dumps(data).encode()))
        return Say(chunked(events(*probed))) if is_probe(seen) else answer(seen)

    return script
