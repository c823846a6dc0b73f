"""Replay at speed 1 keeps the recorded rhythm with many streams at once; the figure is bench/bench_rhythm.py's."""

import asyncio
from statistics import median

import aiohttp
from recordings import interaction

from llmxray.cassette import Journal, seal
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import Chunk
from llmxray.wire import encode_body

STREAMS, CHUNKS, STEP_S = 32, 8, 0.16


def question(number: int) -> dict[str, object]:
    """A request of its own."""
    return {"model": "m", "messages": [{"role": "user", "content": f"q{number}"}], "stream": True}


async def late(session: aiohttp.ClientSession, url: str, number: int, speed: float) -> list[float]:
    """Seconds by which each chunk was late."""
    loop, out, part = asyncio.get_running_loop(), [], b""
    headers = {"Content-Type": "application/json"}
    body = encode_body(question(number))  # type: ignore[arg-type]
    began = loop.time()
    async with session.post(f"{url}/chat/completions", data=body, headers=headers) as reply:
        async for piece, whole in reply.content.iter_chunks():
            part += piece
            if whole and part:
                out.append(loop.time() - began - (len(out) + 1) * STEP_S / speed)
                part = b""
    return out


async def test_32_streams_keep_time(tmp_path):
    """No chunk before its time, and delays do not add up: the last chunks are no later than the first ones."""
    with Journal(tmp_path / "c") as journal:
        for number in range(STREAMS):
            chunks = tuple(Chunk(round((n + 1) * STEP_S, 6), b"data: {}\n\n") for n in range(CHUNKS))
            journal.append(interaction(request=question(number), chunks=chunks))
    seal(tmp_path / "c")
    for speed in (1.0, 2.0):
        async with ProxyServer(ProxyConfig(tmp_path / "c", speed=speed)) as proxy:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                urls = [proxy.endpoint_url("x")] * STREAMS
                each = await asyncio.gather(*(late(session, url, n, speed) for n, url in enumerate(urls)))
        assert {CHUNKS} == {len(one) for one in each}
        assert min(map(min, each)) > -0.005
        # The bound is wide, for the machine may be busy; added up, delays of a millisecond a chunk would show.
        assert median(one[-1] for one in each) < median(one[0] for one in each) + 0.1
        assert median(value for one in each for value in one) < 0.4
