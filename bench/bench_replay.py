"""How fast is replay? The proxy's front against an aiohttp handler that returns one constant stream.

Both run in a process of their own and are asked by the same client, in turn, in one run; the figure is the
ratio of their rates. Recordings are made here: short answers with five alternatives a token.

    python bench/bench_replay.py [RECORDINGS]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import aiohttp
from aiohttp import web

from llmxray.cassette import Journal, locked, seal
from llmxray.proxy import Front, FrontConfig
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import encode_body, request_key

ROUNDS, IN_FLIGHT = 5, 16


def body(number: int) -> dict[str, object]:
    """A request of its own."""
    return {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}], "stream": True}


def stream(number: int) -> list[bytes]:
    """A short streamed answer with logprobs."""
    events = []
    for position in range(3):
        top = [{"token": f" t{k}", "logprob": -0.5 - k - (number % 97) / 128} for k in range(5)]
        entry = {"token": f" t{number % 5}", "logprob": top[0]["logprob"], "top_logprobs": top}
        choice = {"index": 0, "delta": {"content": f" t{position}"}, "logprobs": {"content": [entry]}}
        events.append({"id": f"c{number}", "object": "chat.completion.chunk", "choices": [choice]})
    events.append({"id": f"c{number}", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines = [f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode() for event in events]
    return [*lines, b"data: [DONE]\n\n"]


def make(directory: Path, count: int) -> None:
    """Record ``count`` answers."""
    with locked(directory), Journal(directory) as journal:
        for number in range(count):
            chunks = tuple(Chunk(0.01 * k, raw) for k, raw in enumerate(stream(number)))
            request = body(number)
            key = request_key("POST", "/v1/chat/completions", "default", request)  # type: ignore[arg-type]
            headers = (("content-type", "text/event-stream"),)
            journal.append(
                Interaction(key, 0, 0, "default", request, 200, headers, chunks, EndCause.CLEAN, "", "")  # type: ignore[arg-type]
            )
        journal.close()
        seal(directory)


def serve_front(directory: Path, ready: Connection) -> None:
    """The proxy in replay mode."""

    async def main() -> None:
        async with Front(FrontConfig(directory)) as front:
            ready.send(front.base_url)
            await asyncio.sleep(3600)

    asyncio.run(main())


def serve_constant(ready: Connection) -> None:
    """The same bytes for every request, read from nowhere."""
    pieces = stream(1)

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        await asyncio.sleep(3600)

    asyncio.run(main())


async def rate(url: str, numbers: list[int]) -> float:
    """Replies per second over these requests."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
        waiting = iter(numbers)

        async def work() -> None:
            for number in waiting:
                headers = {"X-Llmxray-Sample": "0", "Content-Type": "application/json"}
                async with session.post(
                    f"{url}/chat/completions", data=encode_body(body(number)), headers=headers  # type: ignore[arg-type]
                ) as reply:
                    await reply.read()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        return len(numbers) / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "bench"
        make(directory, count)
        size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        servers, urls = [], []
        for target, arguments in ((serve_front, (directory,)), (serve_constant, ())):
            parent, child = Pipe()
            server = Process(target=target, args=(*arguments, child), daemon=True)
            server.start()
            servers.append(server)
            urls.append(parent.recv())
        numbers = list(range(0, count, max(1, count // 2000)))
        pairs = [tuple(asyncio.run(rate(url, numbers)) for url in urls) for _ in range(ROUNDS)]
        for server in servers:
            server.terminate()
    ratios = sorted(front / constant for front, constant in pairs)
    print(f"{count} recordings, {size / count:.0f} bytes each on disk")
    print(f"replay {median(p[0] for p in pairs):.0f}/s, constant handler {median(p[1] for p in pairs):.0f}/s")
    print(f"ratio {median(ratios):.2f} (min {ratios[0]:.2f}, max {ratios[-1]:.2f}, {ROUNDS} rounds)")


if __name__ == "__main__":
    main()
