"""Does replay at speed 1 keep the recorded rhythm? 32 streams at once, every chunk against its deadline.

The proxy runs in a process of its own; a client in another begins 32 streams within a second, reads them side by
side, and notes when each chunk arrives. A chunk's lateness is its arrival, counted from the moment its request
was sent, minus its recorded offset, which was counted from the same moment. Printed: the share of chunks within
5 ms; and the same with each stream counted from its own median, which leaves out what it takes to begin.

    python bench/bench_rhythm.py [STREAMS] [CHUNKS]
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import aiohttp

from llmxray.cassette import Journal, lock_cassette, seal
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import encode_body, request_key

WITHIN_S = 0.005
START_EVERY_S = 0.03
JSON = {"Content-Type": "application/json"}


def body(number: int) -> dict[str, object]:
    """A request of its own."""
    return {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}], "stream": True}


def offsets(number: int, chunks: int) -> list[float]:
    """A rhythm like a model's: a wait, then a token every 10 to 60 ms; equal for equal numbers."""
    # Seeded by the number, for recorder and client are different processes and must expect the same.
    rng = random.Random(number)
    at, out = 0.2 + rng.random() * 0.3, []
    for _ in range(chunks):
        out.append(round(at, 6))
        at += 0.01 + rng.random() * 0.05
    return out


def make(directory: Path, streams: int, chunks: int) -> None:
    """Record them."""
    with lock_cassette(directory), Journal(directory) as journal:
        for number in range(streams):
            event = b'data: {"choices": [{"index": 0, "delta": {"content": " token"}}]}\n\n'
            pieces = tuple(Chunk(at, event) for at in offsets(number, chunks))
            request = body(number)
            key = request_key("POST", "/v1/chat/completions", "default", request)  # type: ignore[arg-type]
            headers = (("content-type", "text/event-stream"),)
            journal.append(
                Interaction(key, 0, 0, "default", request, 200, headers, pieces, EndCause.CLEAN, "", "")  # type: ignore[arg-type]
            )
        journal.close()
        seal(directory)


def serve(directory: Path, speed: float, ready: Connection) -> None:
    """The proxy in replay mode."""

    async def main() -> None:
        async with ProxyServer(ProxyConfig(directory, speed=speed)) as proxy:
            ready.send(proxy.base_url)
            await asyncio.sleep(3600)

    asyncio.run(main())


async def lateness(url: str, streams: int, chunks: int, speed: float = 1.0) -> list[list[float]]:
    """Seconds, by stream, by which each chunk came late (early is negative), all streams asked for at once."""
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def connect() -> None:
            async with session.get(f"{url}/models") as reply:
                await reply.read()

        async def one(number: int) -> list[float]:
            due, part, late = iter(offsets(number, chunks)), b"", []
            await asyncio.sleep(number * START_EVERY_S)
            data = encode_body(body(number))  # type: ignore[arg-type]
            sent = loop.time()
            async with session.post(f"{url}/chat/completions", data=data, headers=JSON) as reply:
                async for piece, whole in reply.content.iter_chunks():
                    part += piece
                    # A chunk is late when its last byte is: pieces of it may come apart.
                    if whole and part:
                        late.append(loop.time() - sent - next(due) / speed)
                        part = b""
            return late

        # Connections that stand already, as those of any client that has asked before.
        await asyncio.gather(*(connect() for _ in range(streams)))
        return list(await asyncio.gather(*(one(number) for number in range(streams))))


def measure(streams: int, chunks: int, speed: float = 1.0) -> list[list[float]]:
    """Make, serve and ask."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "bench"
        make(directory, streams, chunks)
        parent, child = Pipe()
        server = Process(target=serve, args=(directory, speed, child), daemon=True)
        server.start()
        try:
            return asyncio.run(lateness(parent.recv(), streams, chunks, speed))
        finally:
            # It sleeps, and has nothing to save.
            server.kill()
            server.join()


def summary(late: list[float]) -> str:
    """Share within the bound, and the spread."""
    ordered = sorted(late)
    within = sum(abs(each) <= WITHIN_S for each in late) / len(late)
    middle, last = (ordered[int(len(late) * share)] * 1000 for share in (0.5, 0.99))
    return f"{within:.2%} within {WITHIN_S * 1000:.0f} ms (median {middle:+.2f} ms, 99% {last:+.2f} ms)"


def main() -> None:
    """Measure and print."""
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    chunks = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    for speed in (1.0, 4.0):
        by_stream = measure(streams, chunks, speed)
        absolute = [each for late in by_stream for each in late]
        rhythm = [each - median(late) for late in by_stream for each in late]
        for name, late in (("from its request", absolute), ("rhythm alone", rhythm)):
            print(
                f"speed {speed:g}, {len(late)} chunks of {streams} streams at once, {name}: {summary(late)}"
            )


if __name__ == "__main__":
    main()
