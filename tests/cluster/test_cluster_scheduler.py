"""A scheduler that runs by itself, and is killed: the driver ends with one line, and a new scheduler does the rest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from llmxray.cassette import verify
from llmxray.ports import free_port
from tests.cluster.driver import command, contents, environment, record, upstream, wait_until, write

pytest.importorskip("distributed")
pytestmark = pytest.mark.search

PROMPTS = 30


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler with one worker, each a process of its own; its address, and its process."""
    port = free_port()
    address, cli = f"tcp://127.0.0.1:{port}", [sys.executable, "-m"]
    quiet = {"env": environment(), "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [*cli, "distributed.cli.dask_scheduler", *options, "--port", str(port)]
    working = [*cli, "distributed.cli.dask_worker", address, *options, "--no-nanny", "--nthreads", "2"]
    with subprocess.Popen(started, **quiet) as server, subprocess.Popen(working, **quiet) as worker:  # type: ignore[call-overload]
        try:
            yield address, server
        finally:
            worker.kill()
            server.kill()


def test_a_scheduler_that_is_killed(tmp_path: Path) -> None:
    """What had arrived is kept; recording again asks for the rest, and each recording is there once."""
    with upstream(tmp_path, delay=0.05) as (url, log):
        write(tmp_path, url, prompts=PROMPTS)
        with scheduler(tmp_path) as (address, server):
            with subprocess.Popen(
                command("--cluster", address),
                cwd=tmp_path,
                env=environment(),
                stderr=subprocess.PIPE,
                text=True,
            ) as driver:
                wait_until(log, 40, driver)
                server.kill()
                _, errors = driver.communicate(timeout=120)
        assert driver.returncode == 1
        lines = errors.splitlines()
        assert sum("the scheduler has gone" in line for line in lines) == 1, errors
        assert "Traceback" not in errors
        arrived = contents(tmp_path / "cassettes/e")
        asked = len(log.read_text().split())
        assert 0 < len(arrived) < 4 * PROMPTS
        assert verify(tmp_path / "cassettes/e") == []
        with scheduler(tmp_path) as (address, _):
            done = record(tmp_path, "--cluster", address)
        assert done.returncode == 0, done.stderr
        # What was under way at the kill may reach the log after it: the worker asks two at once.
        assert 0 <= len(log.read_text().split()) - asked - (4 * PROMPTS - len(arrived)) <= 2
    whole = contents(tmp_path / "cassettes/e")
    assert len(whole) == 4 * PROMPTS
    assert arrived.items() <= whole.items()
    assert verify(tmp_path / "cassettes/e") == []
