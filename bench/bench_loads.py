"""What is larger, longer or stranger than any recording so far: does it pass, in what time, in how much memory?

- gigabytes through one recorder, in replies of 16 MB: its memory must stay flat
- a plan of 200,000 trials: built, frozen, read back
- one chunk of 10 MB; one reply to a client that reads slowly
- a cassette in a folder that is a link; links inside of one, which are refused
- names of 5,000 letters and in other alphabets: of the model, of the folders
- keys in the query of an address: refused, and nowhere on the disk

Recorder, server and client are a process each; the recorder runs as `llmxray proxy` does. That of the gigabytes is
killed when it is done: sealing is measured by bench_size.py.

    python bench/bench_loads.py [MEGABYTES] [TRIALS]
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from llmxray.cassette import Cassette, seal, verify
from llmxray.errors import CassetteError

MEGABYTES, TRIALS = 2000, 200_000
REPLY_BYTES, PIECE_BYTES = 16_000_000, 32_000
CHUNK_BYTES = 10_000_000
SLOW_BYTES, SLOW_S = 20_000_000, 10.0
IN_FLIGHT = 2
KEY = "lab-0123456789-never-on-the-disk"
QUERIES = ("key={}", "subscription-key={}", "client_secret={}", "X-Amz-Signature={}", "code={}", "x=sk-{}")
NAMES = ("m" * 5_000, "模型 " * 900, "modèle/../../é", "نموذج", "😀" * 500)
CLI = "import sys; from llmxray.cli import main; sys.argv[0] = 'llmxray'; main()"
PLAN = """
import sys, time
from pathlib import Path
from llmxray import plan as plans
from llmxray import workflow
from llmxray.cassette import Cassette, write_plan
from llmxray.workflow import Workspace

def say(what, began):
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(f"{what}: {time.perf_counter() - began:.1f} s, at most {int(peak) / 1000:.0f} MB so far", flush=True)

folder = Path(sys.argv[1])
where, began = Workspace(folder / "cassettes"), time.perf_counter()
if sys.argv[2] == "build":
    prepared = workflow.prepare(folder / "loads.yaml", where)
    say(f"  built, {len(prepared.plan.trials):,} trials", began)
    began = time.perf_counter()
    write_plan(prepared.cassette, "loads", plans.freeze(prepared.plan, prepared.source), software={})
    size = sum(path.stat().st_size for path in prepared.cassette.rglob("*") if path.is_file())
    say(f"  frozen, {size / 1e6:.1f} MB on the disk", began)
else:
    prepared = workflow.prepare(folder / "loads.yaml", where)
    say(f"  read back in another process, {len(prepared.plan.trials):,} trials", began)
    assert prepared.frozen
"""


def event(text: str) -> bytes:
    """An event of a stream with this text."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def pieces(size: int, piece: int, seed: int) -> Iterator[bytes]:
    """Events of a stream of about so many bytes, other letters in each; then its end."""
    rng = random.Random(seed)
    for _ in range(max(1, size // piece)):
        yield event(rng.randbytes(piece // 2).hex())
    yield b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


async def chat(request: web.Request) -> web.StreamResponse:
    """Stream what the question asks for: bytes in all, bytes a chunk."""
    asked = await request.json()
    size, piece = map(int, asked["messages"][0]["content"].split()[:2])
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for each in pieces(size, piece, size):
        await response.write(each)
    await response.write_eof()
    return response


async def things(_: web.Request) -> web.Response:
    """An empty list."""
    return web.json_response({"data": []})


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """A server of such streams in a process of its own; its base URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


async def serve() -> None:
    """Be that server."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/v1/things", things)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


@contextmanager
def recorder(directory: Path, upstream: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A recorder, and its base URL; told to seal at the end, where it still runs."""
    command = ["proxy", "--mode", "record", "--cassette", str(directory), "--upstream", upstream]
    process = subprocess.Popen([sys.executable, "-c", CLI, *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("listening on "):
        raise SystemExit("the recorder did not start")
    try:
        yield process, line.split()[2]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()


def memory(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Resident megabytes of a process: now, and at most."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.startswith("Vm")}
    return found["VmRSS"], found["VmHWM"]


async def ask(url: str, content: str, *, model: str = "m", most_s: float = 0.0) -> int:
    """Ask once and read to the end, slowly where it is to take so long; the bytes received."""
    body = {"model": model, "messages": [{"role": "user", "content": content}], "stream": True}
    received, size = 0, int(content.split()[0])
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
        session.post(f"{url}/chat/completions", json=body) as reply,
    ):
        if reply.status != 200:
            raise SystemExit(f"status {reply.status}: {(await reply.text())[:300]}")
        async for piece in reply.content.iter_any():
            received += len(piece)
            if most_s:
                await asyncio.sleep(most_s * len(piece) / size)
    return received


async def gigabytes(folder: Path, upstream: str, megabytes: int) -> None:
    """Many large replies through one recorder."""
    count = max(4, megabytes * 1_000_000 // REPLY_BYTES)
    with recorder(folder / "large", upstream) as (process, url):
        await ask(url, f"1000 {PIECE_BYTES} first")
        base, began, received, after = memory(process)[0], time.perf_counter(), 0, []
        waiting = iter(range(count))

        async def work() -> None:
            nonlocal received
            for number in waiting:
                # In two steps: the sum is read after the reply, not before it.
                size = await ask(url, f"{REPLY_BYTES} {PIECE_BYTES} {number}")
                received += size
                if (number + 1) % (count // 4) == 0:
                    after.append(memory(process))

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        seconds = time.perf_counter() - began
        process.kill()
    size = sum(path.stat().st_size for path in (folder / "large").rglob("*"))
    print(
        f"{received / 1e6:.0f} MB in {count} replies through the recorder: {seconds:.0f} s, journal {size / 1e6:.0f} MB"
    )
    print(
        f"  resident before {base:.0f} MB; after each quarter " + ", ".join(f"{now:.0f}" for now, _ in after)
    )
    print(f"  at most, after each quarter {', '.join(f'{most:.0f}' for _, most in after)} MB")


async def one_chunk(folder: Path, upstream: str) -> None:
    """A chunk of ten megabytes."""
    directory = folder / "chunk"
    with recorder(directory, upstream) as (process, url):
        began = time.perf_counter()
        received = await ask(url, f"{CHUNK_BYTES} {CHUNK_BYTES}")
        seconds = time.perf_counter() - began
        most = memory(process)[1]
        began = time.perf_counter()
    sealed = time.perf_counter() - began
    cassette = Cassette(directory)
    (entry,) = cassette.all_entries()
    body = cassette.get(entry.address).body
    if (
        verify(directory)
        or body != b"".join(pieces(CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES))
        or len(body) != received
    ):
        raise SystemExit("a chunk of 10 MB is not what was sent")
    print(
        f"one chunk of {received / 1e6:.0f} MB: {seconds:.1f} s, at most {most:.0f} MB; sealed in {sealed:.1f} s, exact"
    )


async def slow_reader(folder: Path, upstream: str) -> None:
    """A client that takes ten seconds for what the server sends at once."""
    directory = folder / "slow"
    with recorder(directory, upstream) as (process, url):
        await ask(url, f"1000 {PIECE_BYTES} first")
        base, began = memory(process)[0], time.perf_counter()
        await ask(url, f"{SLOW_BYTES} {PIECE_BYTES}", most_s=SLOW_S)
        seconds, most = time.perf_counter() - began, memory(process)[1]
    cassette = Cassette(directory)
    last = max(cassette.get(entry.address).chunks[-1].t_s for entry in cassette.all_entries())
    print(
        f"{SLOW_BYTES / 1e6:.0f} MB read in {seconds:.1f} s: recorded as sent within {last:.1f} s, "
        f"at most {most - base:.0f} MB over an idle recorder"
    )


async def links(folder: Path, upstream: str) -> None:
    """A folder that is a link; a link inside of one."""
    (folder / "disk").mkdir()
    (folder / "linked").symlink_to(folder / "disk")
    with recorder(folder / "linked", upstream) as (_, url):
        await ask(url, "1000 100")
    if verify(folder / "disk") or len(Cassette(folder / "linked")) != 1:
        raise SystemExit("a cassette behind a link is not whole")
    (folder / "mine").mkdir()
    (folder / "mine" / "letter.jsonl").write_text("mine")
    (folder / "disk" / "recordings").rename(folder / "kept")
    (folder / "disk" / "recordings").symlink_to(folder / "mine")
    try:
        seal(folder / "disk")
        raise SystemExit("sealed through a link")
    except CassetteError:
        print(
            "a cassette behind a link: recorded, sealed, whole; a link inside of one: refused, what it led to untouched"
        )
    assert (folder / "mine" / "letter.jsonl").read_text() == "mine"


async def names(folder: Path, upstream: str) -> None:
    """Names of models and folders, long and in other alphabets."""
    directory = folder / ("ordner-" + "ü" * 100) / "папка" / ("名" * 80)
    with recorder(directory, upstream) as (_, url):
        for name in NAMES:
            await ask(url, "1000 100", model=name)
    if verify(directory) or len(Cassette(directory)) != len(NAMES):
        raise SystemExit("recordings of models with such names are not whole")
    longest = max(len(os.fsencode(path.name)) for path in directory.rglob("*"))
    print(
        f"{len(NAMES)} names of models, up to 5,000 letters: sealed, whole; longest name of a file {longest} bytes"
    )


async def keys(folder: Path, upstream: str) -> None:
    """Keys in the query of an address."""
    directory = folder / "keys"
    statuses = []
    with recorder(directory, upstream) as (_, url):
        async with aiohttp.ClientSession() as session:
            for query in QUERIES:
                async with session.get(f"{url}/things?limit=1&{query.format(KEY)}") as reply:
                    statuses.append(reply.status)
            async with session.get(f"{url}/things?limit=1&pageToken=abc") as reply:
                plain = reply.status
    files = [path for path in directory.rglob("*") if path.is_file()]
    if set(statuses) != {404} or plain != 200 or any(KEY.encode() in path.read_bytes() for path in files):
        raise SystemExit(f"a key in an address came through: {statuses}, {plain}")
    print(f"keys in a query: {len(QUERIES)} of {len(QUERIES)} refused, in none of {len(files)} files")


def plan(folder: Path, trials: int) -> None:
    """A plan of very many trials."""
    models, questions = 20, trials // 20
    rows = (
        {
            "question": f"What is {n} more than {n}?",
            "a": f"{n} or so",
            "b": str(2 * n),
            "c": "none",
            "answer": "B",
        }
        for n in range(questions)
    )
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    listed = "\n".join(f"  - {{id: m{n}, endpoint: here, model: m{n}}}" for n in range(models))
    (folder / "loads.yaml").write_text(
        "experiment: loads\nkind: benchmark\n"
        'endpoints: {here: {base_url: "http://127.0.0.1:9/v1"}}\n'
        f"models:\n{listed}\n"
        "suites:\n  - suite: sums\n    source: {file: rows.jsonl}\n"
        "    columns: {question: question, choices: [a, b, c], answer: answer}\n"
    )
    print(f"a plan of {questions:,} questions to {models} models:")
    for what in ("build", "read"):
        subprocess.run([sys.executable, "-c", PLAN, str(folder), what], check=True)


async def measure(folder: Path, megabytes: int) -> None:
    """Everything that needs a server."""
    async with server() as upstream:
        for each in (keys, names, links, one_chunk, slow_reader):
            await each(folder, upstream)
        await gigabytes(folder, upstream, megabytes)


def main() -> None:
    """Measure and print."""
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
        return
    numbers = [int(each) for each in sys.argv[1:]]
    megabytes, trials = [*numbers, *(MEGABYTES, TRIALS)[len(numbers) :]]
    with tempfile.TemporaryDirectory() as name:
        plan(Path(name), trials)
        asyncio.run(measure(Path(name), megabytes))


if __name__ == "__main__":
    main()
