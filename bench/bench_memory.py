"""How much memory does replaying a cassette of 1 GB of raw streams take? Beside a proxy of an almost empty one.

The cassette is made of real recordings (the longest of those that are shipped): each copy asks with another seed,
and has other low bits in every logprob, so that nothing repeats. All of it is replayed, and every byte received is
counted; the figures are the resident memory of the two proxies, which run as `llmxray proxy` does. Opening is
timed on a cassette of 12,000 short recordings.

    python bench/bench_memory.py [MEGABYTES]
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
import numpy as np

from llmxray.cassette import Cassette, Frozen, Journal, RequestRecord, seal, write_plan
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import encode_body, request_key

SHIPPED = Path(__file__).parent.parent / "cassettes" / "thinking-tradeoff"
MEGABYTES, IN_FLIGHT = 1000, 4
OPENINGS, RECORDINGS = 9, 12_000


def varied(raw: bytes, rng: np.random.Generator) -> bytes:
    """A chunk with other low bits in the float32 of every logprob: other digits, and not shorter ones."""

    def change(match: re.Match[bytes]) -> bytes:
        number = np.float32(float(match[2])).view(np.uint32) ^ np.uint32(rng.integers(0, 64))
        return match[1] + repr(float(number.view(np.float32))).encode()

    return re.sub(rb'("logprob": ?)(-?\d+\.\d{8,})', change, raw)


def enlarge(source: Path, directory: Path, raw_bytes: int) -> list[bytes]:
    """A cassette of so many raw bytes out of a sealed one; the bodies of its requests."""
    cassette, rng = Cassette(source), np.random.default_rng(7)
    files: dict[str, list[Interaction]] = {}
    for entry in cassette.all_entries():
        files.setdefault(entry.file, []).append(cassette.read(entry))
    longest = max(files.values(), key=lambda recordings: sum(len(one.body) for one in recordings))
    bodies, size = [], 0
    with Journal(directory) as journal:
        while size < raw_bytes:
            for one in longest:
                body = dict(one.request) | {"seed": 1_000_000 + len(bodies)}
                key = request_key("POST", "/v1/chat/completions", one.endpoint, body)
                chunks = tuple(Chunk(chunk.t_s, varied(chunk.raw, rng)) for chunk in one.chunks)
                journal.append(replace(one, key=key, sample=0, attempt=0, request=body, chunks=chunks))
                bodies.append(encode_body(body))
                size += len(one.body)
    seal(directory, experiment="memory")
    return bodies


def start(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """A proxy process of the command line, and its base URL."""
    command = ["proxy", "--mode", "replay", "--cassette", str(directory)]
    code = "import sys; from llmxray.cli import main; sys.argv[0] = 'llmxray'; main()"
    process = subprocess.Popen([sys.executable, "-c", code, *command], stdout=subprocess.PIPE, text=True)
    for line in process.stdout or ():
        if line.startswith("listening on "):
            return process, line.split()[2]
    raise SystemExit("the proxy did not start")


def memory(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Resident megabytes of a process: now, and at most."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.startswith("Vm")}
    return found["VmRSS"], found["VmHWM"]


async def replay(url: str, bodies: list[bytes]) -> int:
    """Ask for everything, a few at a time; the bytes received."""
    received, waiting = 0, iter(bodies)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:

        async def work() -> None:
            nonlocal received
            for body in waiting:
                async with session.post(f"{url}/chat/completions", data=body, headers=headers) as reply:
                    if reply.status != 200:
                        raise SystemExit(f"status {reply.status}: {(await reply.text())[:300]}")
                    async for piece in reply.content.iter_any():
                        received += len(piece)

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return received


def short(key: str, request: dict[str, int]) -> Interaction:
    """A recording with a reply of one event."""
    body = (
        b'data: {"choices":[{"index":0,"delta":{"content":"A"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    return Interaction(key, 0, 0, "x", request, 200, (), (Chunk(0.1, body),), EndCause.CLEAN)


def opening(folder: Path) -> None:
    """Time opening an index of 12,000 recordings, and print."""
    keys = [request_key("POST", "/v1", "x", {"n": number}) for number in range(RECORDINGS)]
    requests = [RequestRecord(key, "m", {"n": number}) for number, key in enumerate(keys)]
    write_plan(folder, "m", Frozen((), (), tuple(requests)), software={})
    with Journal(folder) as journal:
        journal.append_all([short(key, {"n": number}) for number, key in enumerate(keys)])
    seal(folder)
    times = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        cassette = Cassette(folder)
        cassette.entries(keys[RECORDINGS // 2])
        times.append(time.perf_counter() - began)
    print(
        f"opening {len(cassette)} recordings: {min(times):.3f} s (slowest of {OPENINGS}: {max(times):.3f} s)"
    )


def main() -> None:
    """Measure and print."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opening(folder / "open")
        small, large = folder / "small", folder / "large"
        shutil.copytree(SHIPPED, small)
        seal(small)
        bodies = enlarge(small, large, megabytes * 1_000_000)
        size = sum(path.stat().st_size for path in large.rglob("*") if path.is_file())
        empty = folder / "empty"
        # Not empty: a proxy refuses to replay nothing. One copy is as good as nothing beside a gigabyte.
        enlarge(small, empty, 1)
        # The difference of the two is what replaying costs; both have imported the same.
        idle, _ = start(empty)
        busy, url = start(large)
        began = time.perf_counter()
        received = asyncio.run(replay(url, bodies))
        seconds = time.perf_counter() - began
        (base, _), (now, most) = memory(idle), memory(busy)
        for process in (idle, busy):
            process.terminate()
            process.wait()
    print(f"{len(bodies)} recordings, {received / 1e6:.0f} MB of raw streams received in {seconds:.0f} s")
    print(f"cassette {size / 1e6:.0f} MB; empty proxy {base:.0f} MB resident")
    print(
        f"after replaying all of it {now:.0f} MB (+{now - base:.0f}), at most {most:.0f} MB (+{most - base:.0f})"
    )


if __name__ == "__main__":
    main()
