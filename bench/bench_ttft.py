"""How much later does the first chunk come while recording? The embedded model asked directly and through the proxy.

The proxy (proxy, mitmproxy, journal) runs in a process of its own, as `llmxray proxy --mode record` does. Questions
differ, so that the server never knows a prompt already; which way goes first alternates.

    python bench/bench_ttft.py [PAIRS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp

from llmxray.local import LocalServer
from llmxray.proxy import ProxyConfig, ProxyServer

MODEL = "smollm2-135m-instruct"
WARM_UP = 5


def serve_proxy(directory: Path, target: str, ready: Connection) -> None:
    """The proxy in record mode."""

    async def main() -> None:
        async with ProxyServer(ProxyConfig(directory, mode="record", targets={"local": target})) as proxy:
            ready.send(proxy.base_url)
            await asyncio.sleep(3600)

    asyncio.run(main())


@contextmanager
def recording(directory: Path, target: str) -> Iterator[str]:
    """The proxy in its process; gives its base URL."""
    parent, child = Pipe()
    process = Process(target=serve_proxy, args=(directory, target, child), daemon=True)
    process.start()
    try:
        yield parent.recv()
    finally:
        process.terminate()
        process.join()


def body(number: int) -> dict[str, Any]:
    """A question that was not asked before."""
    text = f"In one sentence: what is special about the number {number}?"
    messages = [{"role": "user", "content": text}]
    return {"model": MODEL, "messages": messages, "stream": True, "max_tokens": 4, "temperature": 0,
            "logprobs": True, "top_logprobs": 20}  # fmt: skip


async def first_chunk_s(session: aiohttp.ClientSession, url: str, number: int) -> float:
    """Seconds from sending a request to the first bytes of its body; the rest is read too."""
    began = time.perf_counter()
    async with session.post(f"{url}/chat/completions", json=body(number)) as reply:
        reply.raise_for_status()
        await reply.content.readany()
        took = time.perf_counter() - began
        await reply.read()
    return took


async def measure(pairs: int) -> tuple[list[float], list[float]]:
    """(direct, through the proxy) in seconds, pair by pair."""
    direct, through = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        # A connection a request for both: the model's server closes idle ones when it likes.
        connector = aiohttp.TCPConnector(force_close=True)
        async with LocalServer(MODEL) as server, aiohttp.ClientSession(connector=connector) as session:
            with recording(Path(folder) / "bench", server.base_url) as url:
                for number in range(1000, 1000 + WARM_UP + pairs):
                    ways = [(server.base_url, direct), (url, through)]
                    # Turn about: whatever warms up or slows down in a pair does so for both alike.
                    for turn, (where, found) in enumerate(ways if number % 2 else ways[::-1]):
                        found.append(await first_chunk_s(session, where, 2 * number + turn))
    # The first ones load the model into memory.
    return direct[WARM_UP:], through[WARM_UP:]


def main() -> None:
    """Measure and print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 80
    direct, through = asyncio.run(measure(pairs))
    # Pair by pair: the machine's own ups and downs are larger than what is measured.
    added = sorted(after - before for before, after in zip(direct, through, strict=True))
    low, _, high = quantiles(added, n=4)
    print(f"first chunk of {MODEL}, {pairs} pairs: direct {median(direct) * 1e3:.1f} ms, ", end="")
    print(f"recording {median(through) * 1e3:.1f} ms (medians)")
    print(
        f"added {median(added) * 1e3:+.1f} ms (median; middle half {low * 1e3:+.1f} to {high * 1e3:+.1f} ms); ",
        end="",
    )
    print("wanted at most +10, aim +3")


if __name__ == "__main__":
    main()
