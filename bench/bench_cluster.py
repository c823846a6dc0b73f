"""What does recording on a cluster cost, and is anything lost when parts of it are killed?

Rates: a server that replies after 20 ms, asked by one process and by 1, 2 and 4 Dask workers at the same total
concurrency, in turn. A rate counts from the first request that the server saw to the last: starting is given by itself.
Processor time for each reply is that of the middle of a recording; it is steady on a busy machine, where rates are not.
Driver: how many recordings a second it unpacks, checks and writes into the journal (`bench_merge.py` has more of it).
Kills (with ``--kills N``): SIGKILL of a worker, the driver or the scheduler in turn, at random moments; counted is what
is missing or twice at the end.

    python bench/bench_cluster.py [--rounds 3] [--requests 3000] [--kills 20]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from statistics import median
from typing import Any

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS.parent)]

import psutil  # noqa: E402

from llmxray.cassette import Cassette, Journal, lock_cassette, verify  # noqa: E402
from tests.cluster.driver import (  # noqa: E402
    command,
    contents,
    environment,
    record,
    upstream,
    wait_until,
    workers_of,
    write,
)

REPLY_S, CONCURRENCY = 0.02, 4
SAMPLE_S = 0.1
# Where the processor time of a reply is taken from: starting and ending are no part of it.
BEGIN, END = 0.3, 0.8
EXPERIMENT = """\
experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}", concurrency: {concurrency}}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites:
  - suite: custom
    source: {{file: rows.jsonl}}
    columns: {{question: question, choices: choices, answer: answer, id: id}}
    answer_is: letter
sampling: {{temperature: 0, seed: 1}}
"""
# Begins, count, first and last arrival, as the server tells them.
COUNT, FIRST, LAST = range(3)


@dataclass(frozen=True)
class Run:
    """One recording.

    Attributes:
        start_s: from the command to its first request.
        per_s: replies a second.
        rest_s: from the last request to the end of the command: sealing, replay, report.
        server_ms, driver_ms, workers_ms: processor time for each reply; of one process, the driver is the recorder.
    """

    start_s: float
    per_s: float
    rest_s: float
    server_ms: float
    driver_ms: float
    workers_ms: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=0)
    given = parser.parse_args()
    runs: dict[int, list[Run]] = {0: [], 1: [], 2: [], 4: []}
    for _ in range(given.rounds):
        for workers, found in runs.items():
            found.append(recorded(workers, given.requests))
    if given.rounds:
        tell(runs, given.requests)
    if given.kills:
        killed(given.kills)


def tell(runs: dict[int, list[Run]], requests: int) -> None:
    """Print the rates, and the driver's."""
    print(f"{requests} replies of {REPLY_S * 1e3:.0f} ms, concurrency {CONCURRENCY} in all:")
    alone = runs[0]
    for workers, found in runs.items():
        name = f"{workers} workers" if workers else "one process"
        ratios = sorted(each.per_s / one.per_s for each, one in zip(found, alone, strict=True))
        print(
            f"{name}: {median(each.per_s for each in found):.0f} a second, {median(ratios):.2f} of one process "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds); "
            f"started in {median(each.start_s for each in found):.1f} s, "
            f"ended {median(each.rest_s for each in found):.1f} s after the last request"
        )
        who = "driver" if workers else "recorder"
        print(
            f"  processor time a reply: {who} {median(each.driver_ms for each in found):.2f} ms, "
            f"workers {median(each.workers_ms for each in found):.2f} ms, "
            f"server {median(each.server_ms for each in found):.2f} ms"
        )
    with tempfile.TemporaryDirectory() as folder:
        print(f"driver: {taken_in(Path(folder)):.0f} recordings a second checked and written")


class Server(asyncio.Protocol):
    """A model server that costs little: the rest of the machine is for what is measured."""

    seen: Any = None

    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, found, body = self._held.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        if not found or len(body) < length:
            return
        self._held = body[length:]
        if head.startswith(b"GET"):
            listed = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm"}]}
            self._say(b"application/json", json.dumps(listed).encode())
            return
        digest = hashlib.sha256(body[:length]).hexdigest()
        pieces = [digest[:6], " ", "ABCD"[int(digest, 16) % 4]]
        choices: list[dict[str, Any]] = [
            {"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in pieces
        ]
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        events = [json.dumps({"id": "c", "model": "m", "choices": [each]}) for each in choices]
        stream = "".join(f"data: {each}\n\n" for each in [*events, "[DONE]"]).encode()
        delay = 0.0
        # Not a probe's.
        if b"bench row" in body:
            delay, now = REPLY_S, time.time()
            self.seen[COUNT] += 1
            self.seen[FIRST], self.seen[LAST] = self.seen[FIRST] or now, now
        asyncio.get_running_loop().call_later(delay, self._say, b"text/event-stream", stream)

    def _say(self, kind: bytes, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)
        )


def serve(seen: Any, say: Connection) -> None:
    """The server's process."""

    async def run() -> None:
        Server.seen = seen
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=1024)
        say.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def served() -> Iterator[tuple[str, Any, int]]:
    """The server: base URL, what it has seen, and its process number."""
    seen = RawArray("d", 3)
    parent, child = Pipe()
    process = Process(target=serve, args=(seen, child), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{parent.recv()}/v1", seen, process.pid or 0
    finally:
        process.terminate()
        process.join()


def recorded(workers: int, requests: int) -> Run:
    """One recording from start to end."""
    with tempfile.TemporaryDirectory() as name, served() as (url, seen, server):
        folder = Path(name)
        concurrency = CONCURRENCY // max(1, workers)
        (folder / "e.yaml").write_text(EXPERIMENT.format(url=url, concurrency=concurrency))
        rows = (
            {"id": str(n), "question": f"bench row {n}", "choices": list("wxyz"), "answer": "ABCD"[n % 4]}
            for n in range(requests)
        )
        (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        extra = ["--cluster", str(workers)] if workers else []
        with (folder / "said.txt").open("w") as said:
            began = time.time()
            with subprocess.Popen(
                command(*extra), cwd=folder, env=environment(), stdout=said, stderr=said
            ) as run:
                samples = list(sampled(run, seen, server))
            ended = time.time()
        assert run.returncode == 0, (folder / "said.txt").read_text()
        assert seen[COUNT] == requests == len(Cassette(folder / "cassettes/e"))
    middle = [each for each in samples if BEGIN * requests <= each[0] <= END * requests]
    first, last = middle[0], middle[-1]
    spent = [
        1e3 * (after - before) / (last[0] - first[0])
        for before, after in zip(first[1:], last[1:], strict=True)
    ]
    per_s = (requests - 1) / (seen[LAST] - seen[FIRST])
    return Run(seen[FIRST] - began, per_s, ended - seen[LAST], *spent)


def sampled(
    run: subprocess.Popen[bytes], seen: Any, server: int
) -> Iterator[tuple[float, float, float, float]]:
    """Requests so far, and seconds of processor time of server, driver and workers, while a recording runs."""
    while run.poll() is None:
        try:
            driver = psutil.Process(run.pid)
            busy = [busy_s(psutil.Process(server)), busy_s(driver)]
            yield seen[COUNT], *busy, sum(map(busy_s, driver.children(recursive=True)))
        except psutil.Error:
            pass  # one of them has just ended
        time.sleep(SAMPLE_S)


def busy_s(process: psutil.Process) -> float:
    """Processor time of a process."""
    times = process.cpu_times()
    return float(times.user + times.system)


def taken_in(folder: Path) -> float:
    """Recordings a second from a sealed part into a journal."""
    with upstream(folder) as (url, _):
        write(folder, url, prompts=100)
        assert record(folder).returncode == 0
    began, written = time.perf_counter(), 0
    target = folder / "target"
    with lock_cassette(target), Journal(target) as journal:
        while time.perf_counter() - began < 5:
            part = Cassette(folder / "cassettes/e")
            for entry in part.all_entries():
                journal.append(part.get(entry.address))
                written += 1
    return written / (time.perf_counter() - began)


def killed(kills: int) -> None:
    """Kill one of the three in turn until all is recorded; then compare with what one process records."""
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        alone, there = Path(folder) / "alone", Path(folder) / "there"
        prompts = 30 * kills
        with upstream(Path(folder), delay=REPLY_S) as (url, log):
            write(alone, url, prompts=prompts)
            assert record(alone).returncode == 0
            asked_alone = len(log.read_text().split())
            write(there, url, prompts=prompts)
            hit = sum(
                one(there, log, ("driver", "worker", "scheduler")[number % 3], rng) for number in range(kills)
            )
            arrived = len(contents(there / "cassettes/e"))
            done = record(there, "--cluster", "2")
            assert done.returncode == 0, done.stderr
            asked = len(log.read_text().split()) - asked_alone
        assert not verify(there / "cassettes/e")
        expected, found = contents(alone / "cassettes/e"), contents(there / "cassettes/e")
        print(
            f"{hit} kills under way: {len(expected.keys() - found.keys())} of {len(expected)} recordings missing, "
            f"{sum(found[key] != body for key, body in expected.items() if key in found)} differ, "
            f"{len(found.keys() - expected.keys())} twice; {arrived} had arrived before the last run, "
            f"{asked - len(expected)} requests were asked again"
        )
        if found != expected:
            sys.exit(1)


def one(folder: Path, log: Path, victim: str, rng: random.Random) -> bool:
    """One recording that loses its driver, a worker or its scheduler; whether that was before its end."""
    scheduler: subprocess.Popen[bytes] | None = None
    extra, helpers = ["--cluster", "2"], []
    if victim == "scheduler":
        file = folder / "scheduler.json"
        file.unlink(missing_ok=True)
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(file), "--port", "0",
                "--no-dashboard", "--host", "127.0.0.1"]  # fmt: skip
        scheduler = subprocess.Popen(dask, env=environment(), stderr=subprocess.DEVNULL)
        while not file.exists():
            time.sleep(0.1)
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
                  "--no-dashboard", "--death-timeout", "10"]  # fmt: skip
        helpers = [subprocess.Popen(worker, env=environment(), stderr=subprocess.DEVNULL) for _ in range(2)]
        extra = ["--cluster", json.loads(file.read_text())["address"]]
    before = len(log.read_text().split())
    with subprocess.Popen(
        command(*extra), cwd=folder, env=environment(), stderr=subprocess.DEVNULL, start_new_session=True
    ) as driver:
        wait_until(log, before + rng.randint(5, 60), driver)
        # Not only when a request has just arrived: also while a part is sealed, sent or written.
        time.sleep(rng.uniform(0, 1))
        under_way = driver.poll() is None
        if victim == "worker" and workers_of(driver):
            rng.choice(workers_of(driver)).kill()
            wait_until(log, before + 60, driver)
        if scheduler is not None:
            scheduler.kill()
            driver.wait(timeout=120)
        elif driver.poll() is None:
            children = psutil.Process(driver.pid).children(recursive=True)
            driver.send_signal(signal.SIGKILL)
            for child in children:
                if child.is_running():
                    os.kill(child.pid, signal.SIGKILL)
    for helper in helpers:
        helper.kill()
        helper.wait()
    return under_way


if __name__ == "__main__":
    main()
