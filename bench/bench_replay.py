"""How fast is replay? The proxy's proxy beside a constant handler, beside itself with few recordings, beside vcrpy.

The proxy and an aiohttp handler that returns one constant stream of the same size run in a process each and are
asked by the same client, in turn, in one run; the figures are ratios of rates. vcrpy plays back inside the client's
process, as it does everywhere, matching method, address and body. Recordings are made here: short answers with five
alternatives a token.

    python bench/bench_replay.py [RECORDINGS]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import aiohttp
import vcr
from aiohttp import web

from llmxray.cassette import Frozen, Journal, RequestRecord, lock_cassette, seal, write_plan
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import encode_body, request_key

ROUNDS, IN_FLIGHT, FEW, A_ROUND, OF_VCRPY = 7, 16, 600, 1500, 60


@dataclass(frozen=True)
class Server:
    """Where it answers, and its process."""

    url: str
    pid: int

    def cpu_s(self) -> float:
        """Seconds of processor it has used; only Linux tells, else 0."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9
        except OSError:
            return 0.0


@dataclass(frozen=True)
class Round:
    """One server asked for a while."""

    per_s: float
    cpu_us: float


def body(number: int) -> dict[str, Any]:
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


def make(directory: Path, count: int) -> Path:
    """Record ``count`` answers, in the order of a plan as an experiment's are."""
    bodies = [body(number) for number in range(count)]
    keys = [request_key("POST", "/v1/chat/completions", "default", each) for each in bodies]
    requests = tuple(RequestRecord(key, "m", each) for key, each in zip(keys, bodies, strict=True))
    write_plan(directory, "bench", Frozen(({"source": ""},), (), requests), software={})
    with lock_cassette(directory), Journal(directory) as journal:
        for number, (key, request) in enumerate(zip(keys, bodies, strict=True)):
            chunks = tuple(Chunk(0.01 * k, raw) for k, raw in enumerate(stream(number)))
            headers = (("content-type", "text/event-stream"),)
            journal.append(
                Interaction(key, 0, 0, "default", request, 200, headers, chunks, EndCause.CLEAN, "", "")
            )
        journal.close()
        seal(directory)
    return directory


def serve_proxy(directory: Path, ready: Connection) -> None:
    """The proxy in replay mode."""

    async def main() -> None:
        async with ProxyServer(ProxyConfig(directory)) as proxy:
            ready.send(proxy.base_url)
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


@contextmanager
def served(target: Any, *arguments: Any) -> Iterator[Server]:
    """A server in a process of its own."""
    parent, child = Pipe()
    process = Process(target=target, args=(*arguments, child), daemon=True)
    process.start()
    try:
        yield Server(parent.recv(), process.pid or 0)
    finally:
        process.terminate()
        process.join()


async def rate(url: str, numbers: Sequence[int]) -> float:
    """Replies per second over these requests."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
        waiting = iter(numbers)

        async def work() -> None:
            # Named, as the runner does: an unnamed client is served each recording once only.
            headers = {"X-Llmxray-Sample": "0", "Content-Type": "application/json"}
            for number in waiting:
                data = encode_body(body(number))
                async with session.post(f"{url}/chat/completions", data=data, headers=headers) as reply:
                    await reply.read()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        return len(numbers) / (time.perf_counter() - began)


def one_round(server: Server, numbers: Sequence[int]) -> Round:
    """Rate, and the server's processor time per reply: the second is steady on a busy machine too."""
    before = server.cpu_s()
    per_s = asyncio.run(rate(server.url, numbers))
    return Round(per_s, (server.cpu_s() - before) / len(numbers) * 1e6)


def rate_of_vcrpy(url: str, folder: Path) -> float:
    """Replies per second that vcrpy plays back, of a cassette recorded here from the proxy."""
    # The body too, as llmxray does: without it every question would get the first answer.
    player = vcr.VCR(match_on=("method", "scheme", "host", "port", "path", "body"), record_mode="once")
    with player.use_cassette(str(folder / "vcr.yaml")):
        asyncio.run(rate(url, range(FEW)))
    with player.use_cassette(str(folder / "vcr.yaml")):
        return asyncio.run(rate(url, range(0, FEW, FEW // OF_VCRPY)))


def spread(count: int) -> list[int]:
    """The requests of a round: all over the cassette, each asked once, or all of a small one again and again."""
    return (
        # Never the same recording twice in a round of a large cassette: what was read is remembered.
        list(range(0, count, count // A_ROUND))
        if count > A_ROUND
        else list(range(count)) * (A_ROUND // count)
    )


def ratio(over: Sequence[Round], under: Sequence[Round]) -> str:
    """Median and range of the ratios, round by round."""
    found = sorted(a.per_s / b.per_s for a, b in zip(over, under, strict=True))
    return f"{median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f} in {len(found)} rounds)"


def said(rounds: Sequence[Round]) -> str:
    """Medians of a server."""
    return f"{median(r.per_s for r in rounds):.0f}/s ({median(r.cpu_us for r in rounds):.0f} µs of its core each)"


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, few = make(folder / "many", count), make(folder / "few", FEW)
        with (
            served(serve_proxy, many) as all_,
            served(serve_proxy, few) as some,
            served(serve_constant) as none,
        ):
            rounds = [
                tuple(
                    one_round(server, spread(n)) for server, n in ((all_, count), (some, FEW), (none, count))
                )
                for _ in range(ROUNDS)
            ]
            shuffled = one_round(all_, Random(7).sample(range(count), min(count, A_ROUND)))
            vcrpy = rate_of_vcrpy(some.url, folder)
    large, small, constant = zip(*rounds[1:], strict=True)  # the first round warms up
    print(f"replay of {count} recordings: {said(large)}; of {FEW}: {said(small)}")
    print(f"of {count} recordings in any order but the recorded one: {said([shuffled])}")
    print(f"constant handler: {said(constant)}; vcrpy {metadata.version('vcrpy')}: {vcrpy:.0f}/s of {FEW}")
    print(f"of {count} recordings / constant handler: {ratio(large, constant)}; wanted 0.5, aim 0.8")
    print(f"of {count} recordings / of {FEW}: {ratio(large, small)}; wanted 0.9, aim 1.0")
    print(f"of {FEW} recordings / vcrpy: {median(r.per_s for r in small) / vcrpy:.0f}; wanted 50, aim 100")


if __name__ == "__main__":
    main()
