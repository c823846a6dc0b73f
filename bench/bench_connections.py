"""How many kept connections does a replaying proxy hold? All of them ask at once, again and again; none may fail.

The proxy and its clients are a process each. Every connection asks for a recording of its own choice of a small
cassette, then all of them ask again over the same connections. A reply fails that is not 200, not whole, or not the
bytes that were recorded; a connection fails that cannot be opened or does not stay open.

    python bench/bench_connections.py [CONNECTIONS]
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import aiohttp
import psutil
from bench_replay import FEW, body, make, serve_proxy, served, stream

from llmxray.wire import encode_body

ROUNDS, TIMEOUT_S = 3, 120.0


async def ask(url: str, connections: int, server: psutil.Process) -> None:
    """Ask in rounds, and print what came of each."""
    expected = [b"".join(stream(number)) for number in range(FEW)]
    headers = {"X-Llmxray-Sample": "0", "Content-Type": "application/json"}

    async def one(session: aiohttp.ClientSession, number: int) -> tuple[bool, float]:
        began, asked = time.perf_counter(), encode_body(body(number % FEW))
        try:
            async with session.post(f"{url}/chat/completions", data=asked, headers=headers) as reply:
                whole = reply.status == 200 and await reply.read() == expected[number % FEW]
        except (aiohttp.ClientError, TimeoutError):
            whole = False
        return whole, time.perf_counter() - began

    before = server.num_fds()
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        for turn in range(ROUNDS):
            began, busy = time.perf_counter(), sum(server.cpu_times()[:2])
            found = await asyncio.gather(*(one(session, number) for number in range(connections)))
            took, busy = time.perf_counter() - began, sum(server.cpu_times()[:2]) - busy
            waits = quantiles((wait for _, wait in found), n=100)
            print(
                f"round {turn + 1}: {sum(not whole for whole, _ in found)} of {connections} failed; "
                f"{server.num_fds() - before} connections open; {connections / took:.0f} replies a second, "
                f"{busy / connections * 1e6:.0f} µs of processor time each; wait {waits[49]:.2f} s in the median, "
                f"{waits[98]:.2f} s at the 99th percentile; proxy {server.memory_info().rss / (1 << 20):.0f} MB",
                flush=True,
            )


def main() -> None:
    """Measure and print."""
    connections = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < connections + 200:
        sys.exit(
            f"this system allows {most} open files a process: raise `ulimit -Hn`, or ask for fewer connections"
        )
    # The proxy's process takes it over.
    resource.setrlimit(resource.RLIMIT_NOFILE, (connections + 200 if most > 0 else most, most))
    with tempfile.TemporaryDirectory() as name, served(serve_proxy, make(Path(name) / "few", FEW)) as server:
        process = psutil.Process(server.pid)
        print(f"proxy: {process.memory_info().rss / (1 << 20):.0f} MB before the first connection")
        asyncio.run(ask(server.url, connections, process))


if __name__ == "__main__":
    main()
