"""Since the plan was frozen, the server wants the budget under its other name: a worker tells the driver."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import vendors
from vendors import Body, Refused, Vendor

from llmxray.cassette import Cassette, verify
from tests.cluster.driver import contents, record, write

pytest.importorskip("distributed")
pytestmark = pytest.mark.search


def closed(body: Body) -> Refused:
    """What is no probe fails, for good: nobody waits and tries again."""
    return (
        None
        if "capital of France" in str(body["messages"])
        else (403, vendors.openai_error("the lab is closed"))
    )


def newer(body: Body) -> Refused:
    """Wants `max_completion_tokens`, as OpenAI says it."""
    return vendors.gpt_5(body) if "max_tokens" in body else None


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment whose server was closed when its plan was frozen: nothing is recorded."""
    folder = tmp_path_factory.mktemp("frozen")

    async def fail() -> None:
        async with Vendor(closed).serving() as url:
            write(folder, url, prompts=20)
            assert (await asyncio.to_thread(record, folder)).returncode == 1

    asyncio.run(fail())
    assert Cassette(folder / "cassettes/e").has_plan
    assert not contents(folder / "cassettes/e")
    return folder


async def recorded(
    frozen: Path, folder: Path, vendor: Vendor, *extra: str
) -> subprocess.CompletedProcess[str]:
    """Record from a server that has changed since the plan was frozen."""
    shutil.copytree(frozen, folder)
    async with vendor.serving() as url:
        return await asyncio.to_thread(record, folder, "--endpoint", f"lab={url}", *extra)


async def test_workers_rename_as_one_process_does(tmp_path: Path, frozen: Path) -> None:
    """The same requests, each of them answered once."""
    keys: list[set[Any]] = []
    for name, extra in (("alone", ()), ("cluster", ("--cluster", "1"))):
        folder, vendor = tmp_path / name, Vendor(newer)
        done = await recorded(frozen, folder, vendor, *extra)
        assert done.returncode == 0, done.stderr
        assert verify(folder / "cassettes/e") == []
        assert len(vendor.recorded) == 80
        assert all("max_completion_tokens" in body for body in vendor.recorded)
        keys.append({(key, sample) for key, sample, _ in contents(folder / "cassettes/e")})
    assert keys[0] == keys[1]
    assert "done again" not in done.stderr


async def test_servers_that_want_it_differently_are_refused(tmp_path: Path, frozen: Path) -> None:
    """What is recorded stays as it is; one line says what to write."""
    asked = 0

    def changes(body: Body) -> Refused:
        nonlocal asked
        asked += "capital of France" not in str(body["messages"])
        return newer(body) if asked > 20 else None

    folder = tmp_path / "e"
    done = await recorded(frozen, folder, Vendor(changes), "--cluster", "1")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "budget" in line]
    assert len(lines) == 1
    assert "condition m: its server takes the budget as 'max_tokens' elsewhere, and as" in lines[0]
    assert "write 'budget_field: max_completion_tokens' beside the model" in lines[0]
    assert "Traceback" not in done.stderr
    assert verify(folder / "cassettes/e") == []
    assert 16 <= len(contents(folder / "cassettes/e")) <= 20
