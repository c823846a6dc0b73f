"""How much memory does replaying a cassette of 1 GB of raw streams take? Beside a proxy of an almost empty one.

The cassette is made of real recordings (the longest of those that are shipped): each copy asks with another seed,
and has other low bits in every logprob, so that nothing repeats. All of it is replayed, and every byte received is
counted; the figures are the resident memory of the two proxies, which run as `llmxray proxy` does. Opening is
timed on a cassette of 12,000 short recordings.

    python bench/bench_memory.py [MEGABYTES]
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from llmxray.cassette import Cassette, indexes, seal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.blocks import BlocksFile
from llmxray.cassette.files import SealedFile
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.scrub import SecretGuard
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.cassette.staging import RequestsWriter, Staged, write_whole
from llmxray.wire import encode_body, request_key

SHIPPED = Path(__file__).parent.parent / "cassettes" / "thinking-tradeoff"
MEGABYTES, IN_FLIGHT = 1000, 4
OPENINGS, RECORDINGS = 9, 12_000


def varied(block: bytes, first_request: int, rng: np.random.Generator) -> bytes:
    """The block with requests of its own, and other low bits in every logprob of its alternatives."""
    reader, out = SectionReader(block), SectionWriter()
    count = reader.meta["recordings"]
    for name, kind in reader.kinds().items():
        if name == "request":
            out.ints(name, range(first_request, first_request + count))
        elif name in ("row.first", "row.change"):
            numbers = reader.unsigned(name)
            # The low bits of a float32: other digits, and no shorter ones.
            out.unsigned(name, numbers ^ rng.integers(0, 64, len(numbers), dtype=np.uint32))
        elif name in ("loose.first", "loose.change"):
            out.unsigned(name, reader.unsigned(name))
        elif kind == "b":
            out.data(name, reader.data(name))
        else:
            out.ints(name, reader.ints(name))
    return out.finish(reader.meta)


def enlarge(source: Path, directory: Path, raw_bytes: int) -> list[bytes]:
    """A cassette of so many raw bytes out of a sealed one; the bodies of its requests."""
    cassette, guard, rng = Cassette(source), SecretGuard(()), np.random.default_rng(7)
    if cassette.manifest is None:
        raise SystemExit(f"{source} is not sealed")
    record = max(cassette.manifest.role("recordings"), key=lambda each: each.bytes)
    entries = [entry for entry in cassette.all_entries() if entry.file == record.name]
    once = sum(len(cassette.get(entry.address).body) for entry in entries)
    copies = -(-raw_bytes // once)
    file = BlocksFile(SealedFile(source, record))
    staged, requests, keys, bodies = (
        Staged(directory, guard),
        RequestsWriter(Staged(directory, guard)),
        [],
        [],
    )
    for copy in range(copies):
        for number, first in enumerate(file.firsts[:-1]):
            staged.frame(varied(file.data(number), len(keys), rng), len(keys))
            for entry in entries[first : file.firsts[number + 1]]:
                body: Any = dict(cassette.request(entry.address.key)) | {
                    "seed": 1_000_000 + copy * 1000 + len(keys)
                }
                endpoint = cassette.get(entry.address).endpoint
                keys.append(request_key("POST", "/v1/chat/completions", endpoint, body))
                requests.add(keys[-1], "long", body)
                bodies.append(encode_body(body))
    staged.frame(file.data(len(file.firsts) - 1), len(keys))
    staged.crc32 = [0] * len(keys)
    long = staged.finish("recordings", "recordings/long", ".columns", "long")
    rows = [(number, 0, 0, 1, 200) for number in range(len(keys))]
    index = indexes.Index(keys, ["long"] * len(keys), [indexes.file_index(long.name, rows)])
    last = Staged(directory, guard)
    symbols = cassette.manifest.role("symbols")[0]
    shutil.copy(source / symbols.name, directory / symbols.name)
    records: list[tuple[FileRecord, Path]] = [
        (long, staged.path),
        (requests.finish(), requests.staged.path),
        (write_whole(last, "index", indexes.to_block(index)), last.path),
    ]
    files = (*(each for each, _ in records), symbols)
    manifests.commit(directory, Manifest("memory", files), {each.name: path for each, path in records})
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


def opening(folder: Path) -> None:
    """Time opening an index of 12,000 recordings, and print."""
    keys = [request_key("POST", "/v1", "x", {"n": number}) for number in range(RECORDINGS)]
    staged = Staged(folder, SecretGuard(()))
    requests = RequestsWriter(Staged(folder, SecretGuard(())))
    for number, key in enumerate(keys):
        requests.add(key, "m", {"n": number})
    rows = [(number, 0, 0, 1, 200) for number in range(RECORDINGS)]
    sums = {"recordings/m.columns": list(range(RECORDINGS))}
    index = indexes.Index(keys, ["m"] * RECORDINGS, [indexes.file_index("recordings/m.columns", rows)], sums)
    frames = [(requests.finish(), requests.staged.path)]
    frames.append((write_whole(staged, "index", indexes.to_block(index)), staged.path))
    manifests.commit(
        folder, Manifest("m", tuple(each for each, _ in frames)), {e.name: path for e, path in frames}
    )
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
