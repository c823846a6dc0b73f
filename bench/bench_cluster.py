"""What does recording on a cluster cost, and is anything lost when parts of it are killed?

Rates: an upstream of 20 ms a reply, asked by one process and by 1, 2 and 4 Dask workers at the same total concurrency,
in turn; a rate is that of the recordings' own times, so that starting workers does not count. Driver: how many
recordings a second it unpacks, checks and writes into the journal. Kills (with ``--kills N``): SIGKILL of a worker, the
driver or the scheduler in turn, at random moments; counted is what is missing or twice at the end.

    python bench/bench_cluster.py [--rounds 3] [--kills 20]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS.parent)]

import psutil  # noqa: E402

from llmxray.cassette import Cassette, Journal, locked  # noqa: E402
from tests.cluster.test_cluster_recording import (  # noqa: E402
    command,
    contents,
    environment,
    record,
    upstream,
    wait_until,
    workers_of,
    write,
)

REPLY_S, CONCURRENCY, PROMPTS = 0.02, 4, 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    given = parser.parse_args()
    rates: dict[int, list[float]] = {0: [], 1: [], 2: [], 4: []}
    for _ in range(given.rounds):
        for workers, found in rates.items():
            with tempfile.TemporaryDirectory() as folder:
                found.append(rate(Path(folder), workers))
    if given.rounds:
        tell(rates)
    if given.kills:
        killed(given.kills)


def tell(rates: dict[int, list[float]]) -> None:
    """Print the rates, and the driver's."""
    alone = median(rates.pop(0))
    print(f"one process: {alone:.0f} replies a second at concurrency {CONCURRENCY}")
    for workers, found in rates.items():
        print(f"{workers} workers: {median(found):.0f} a second, {median(found) / alone:.2f} of one process")
    with tempfile.TemporaryDirectory() as folder:
        print(f"driver: {taken_in(Path(folder)):.0f} recordings a second checked and written")


def rate(folder: Path, workers: int) -> float:
    """Replies a second, from the first request to the last."""
    with upstream(folder, delay=REPLY_S) as (url, _):
        write(folder, url, prompts=PROMPTS)
        each = CONCURRENCY // max(1, workers)
        text = (folder / "e.yaml").read_text().replace("concurrency: 2", f"concurrency: {each}")
        (folder / "e.yaml").write_text(text)
        done = record(folder, *(["--cluster", str(workers)] if workers else []))
        assert done.returncode == 0, done.stderr
    cassette = Cassette(folder / "cassettes/e")
    times = sorted(
        datetime.fromisoformat(cassette.get(entry.address).started_at).timestamp()
        for entry in cassette.all_entries()
    )
    return (len(times) - 1) / (times[-1] - times[0])


def taken_in(folder: Path) -> float:
    """Recordings a second from a sealed part into a journal."""
    with upstream(folder) as (url, _):
        write(folder, url, prompts=100)
        assert record(folder).returncode == 0
    began, written = time.perf_counter(), 0
    target = folder / "target"
    with locked(target), Journal(target) as journal:
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
        prompts = 20 * kills
        with upstream(Path(folder), delay=REPLY_S) as (url, log):
            write(alone, url, prompts=prompts)
            assert record(alone).returncode == 0
            asked_alone = len(log.read_text().split())
            write(there, url, prompts=prompts)
            for number in range(kills):
                one(there, log, ("driver", "worker", "scheduler")[number % 3], rng)
            done = record(there, "--cluster", "2")
            assert done.returncode == 0, done.stderr
            asked = len(log.read_text().split()) - asked_alone
        expected, found = contents(alone / "cassettes/e"), contents(there / "cassettes/e")
        print(
            f"{kills} kills: {len(expected.keys() - found.keys())} of {len(expected)} recordings missing, "
            f"{sum(found[key] != body for key, body in expected.items() if key in found)} differ, "
            f"{len(found.keys() - expected.keys())} twice; {asked - len(expected)} requests asked again"
        )
        if found != expected:
            sys.exit(1)


def one(folder: Path, log: Path, victim: str, rng: random.Random) -> None:
    """One recording that loses its driver, a worker or its scheduler on the way."""
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
        wait_until(log, before + rng.randint(5, 30), driver)
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


if __name__ == "__main__":
    main()
