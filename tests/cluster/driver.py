"""A driver that records the same small experiment on workers, and the model server that they ask."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import prompted

from llmxray.cassette import Cassette
from llmxray.ports import free_port

if TYPE_CHECKING:
    import psutil

HERE = Path(__file__).parent


# What is replayed and built after a recording takes half the time of a small one, and is tested elsewhere.
RECORD_ONLY = """
import sys
from unittest.mock import MagicMock, patch
from llmxray.cli import main, run
from llmxray.workflow import server_facts
server_facts._WINDOW_S = 0.02
names = ("_site_builder", "_replay", "_say_verdicts", "_finish")
with patch.multiple(run, **{name: MagicMock() for name in names}):
    main(sys.argv[1:])
"""


@contextmanager
def upstream(folder: Path, *, delay: float = 0.0) -> Iterator[tuple[str, Path]]:
    """A model server; its base URL, and the file with a line for each request."""
    port, log = free_port(), folder / "asked.txt"
    log.touch()
    command = [sys.executable, str(HERE / "upstream.py"), str(port), "--delay", str(delay), "--log", str(log)]
    with subprocess.Popen(command) as server:
        try:
            yield f"http://127.0.0.1:{port}/v1", log
        finally:
            server.kill()


def write(folder: Path, url: str, prompts: int = 20) -> None:
    """The experiment: two models, two samples."""
    more = {"endpoint": "concurrency: 2", "models": "mn", "more": "samples: 2\n"}
    prompted.write(folder, url, prompts, text="question {}", **more)


def arguments(*extra: str) -> list[str]:
    """What tells llmxray to record the experiment of the working directory."""
    return ["run", "e.yaml", "--mode", "record", *extra]


def command(*extra: str) -> list[str]:
    """Record it, and build nothing of it."""
    return [sys.executable, "-c", RECORD_ONLY, *arguments(*extra)]


def environment() -> dict[str, str]:
    """Workers find the package as the driver does."""
    return {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "COLUMNS": "300"}


def record(folder: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    """Record to the end."""
    return subprocess.run(
        command(*extra),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def contents(directory: Path) -> dict[tuple[str, int, int], bytes]:
    """Every recording that is whole: by key, sample and attempt, the bytes of its body."""
    cassette = Cassette(directory)
    return {
        (entry.address.key, entry.address.sample, entry.address.attempt): cassette.get(entry.address).body
        for entry in cassette.all_entries()
        if entry.complete
    }


def wait_until(log: Path, lines: int, driver: subprocess.Popen[str]) -> None:
    """Until so many requests have been asked, or the driver has ended."""
    while len(log.read_text().split()) < lines and driver.poll() is None:
        time.sleep(0.02)


def workers_of(driver: subprocess.Popen[str]) -> list[psutil.Process]:
    """Worker processes that the driver's nannies have started."""
    import psutil  # comes with distributed, without which no test here runs

    try:
        children = psutil.Process(driver.pid).children(recursive=True)
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return []
