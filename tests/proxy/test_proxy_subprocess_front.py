"""A replaying front in a process of its own serves the same, and its end is noticed at both ends."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from processes import wait_until_ended
from recordings import interaction

from llmxray.cassette import Journal, seal
from llmxray.errors import RunFailedError
from llmxray.proxy import Front, FrontConfig
from llmxray.proxy.subprocess_front import SubprocessFront


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """The other process finds the package that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(root))


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A cassette of four questions."""
    with Journal(tmp_path / "c") as journal:
        for number in range(4):
            journal.append(interaction(f"q{number}"))
    seal(tmp_path / "c")
    return tmp_path / "c"


async def test_serves_what_a_front_serves(recorded: Path, client: Any) -> None:
    """Answers, misses and headers are the same as those of a front within this process."""
    config = FrontConfig(recorded)
    asked = [dict(interaction(f"q{number}").request) for number in range(5)]
    async with SubprocessFront(config) as other, Front(config) as front:
        await other.listening()
        for body in asked:
            here = await client.ask(front.endpoint_url("x"), body, X_Llmxray_Sample="0")
            there = await other.while_it_runs(client.ask(other.endpoint_url("x"), body, X_Llmxray_Sample="0"))
            assert (here.kept, here.headers.get("X-Llmxray-Error")) == (
                there.kept,
                there.headers.get("X-Llmxray-Error"),
            )
    assert 404 == here.status


async def test_its_end_is_noticed(recorded: Path) -> None:
    """Killed while something waits for it: that is cancelled, and one error says so."""
    cancelled = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with SubprocessFront(FrontConfig(recorded)) as front:
        await front.listening()
        assert front._process is not None
        asyncio.get_running_loop().call_later(0.05, front._process.send_signal, signal.SIGKILL)
        with pytest.raises(RunFailedError, match=r"ended early \(exit code -9\)"):
            await front.while_it_runs(forever())
    assert cancelled.is_set()


async def test_does_not_outlive_its_starter(recorded: Path) -> None:
    """The starter is killed; the other process ends by itself."""
    code = (
        "import asyncio, sys, time\nfrom pathlib import Path\nfrom llmxray.proxy import FrontConfig\n"
        "from llmxray.proxy.subprocess_front import SubprocessFront\n"
        "async def main():\n"
        "    async with SubprocessFront(FrontConfig(Path(sys.argv[1]))) as front:\n"
        "        await front.listening()\n"
        "        print(front._process.pid, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code, str(recorded)], stdout=subprocess.PIPE)  # noqa: ASYNC220
    assert starter.stdout is not None
    pid = int(await asyncio.to_thread(starter.stdout.readline))
    starter.kill()
    starter.communicate()
    await asyncio.to_thread(wait_until_ended, pid)


async def test_that_it_cannot_start_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No cassette: one error here, the reason on standard error."""
    with pytest.raises(RunFailedError, match="did not start"):
        async with SubprocessFront(FrontConfig(tmp_path / "none")) as front:
            await front.listening()
    assert "no cassette in" in capfd.readouterr().err


def test_only_replay(tmp_path: Path) -> None:
    """Recording needs the cassette's lock and the keys of this process."""
    with pytest.raises(ValueError, match="replaying"):
        SubprocessFront(FrontConfig(tmp_path, mode="auto"))
