"""Disks that are full and folders that cannot be written, for real: small and read-only file systems."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import interaction
from servers import Say, chunked, events
from trips import recording

from llmxray.cassette import Cassette, Journal, journal, seal, verify
from llmxray.errors import CassetteError
from llmxray.proxy import ProxyConfig, ProxyServer

Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path):
    """Mounts a file system in memory with these options; skips where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()

    def run(*command: str) -> bool:
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False

    def act(options: str) -> Path:
        again = "remount," if os.path.ismount(place) else ""
        if not run("mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(place)):
            pytest.skip("file systems cannot be mounted here: it takes root")
        return place

    yield act
    if os.path.ismount(place):
        run("umount", "-l", str(place))


def test_full_disk(mount):
    """The line that does not fit is taken back; with room again, recording goes on and seals."""
    directory, count = mount("size=64k") / "c", 0
    with Journal(directory) as full:
        with pytest.raises(CassetteError, match="No space left"):
            for count in range(1000):
                full.append(interaction(f"q{count}"))
        assert 0 < count == len(Cassette(directory))
    assert (directory / journal.NAME).read_bytes().endswith(b"\n")
    # Sealing needs room beside the journal: without it, the journal stays.
    with pytest.raises(CassetteError, match="cannot write .*No space left"):
        seal(directory)
    assert count == len(Cassette(directory))
    mount("size=4m")
    with Journal(directory) as again:
        again.append(interaction("later"))
    assert count + 1 == seal(directory).counts["recordings"]
    assert [] == verify(directory)


async def test_disk_full_while_recording(mount, client):
    """The reply that cannot be kept breaks off, nothing more is asked, and all before it can be replayed."""
    directory, whole = mount("size=32k") / "c", []
    async with recording(lambda n, _: Say(chunked(events(f"{n}" * 900))), directory) as (server, proxy):
        for number in range(60):
            got = await client.ask(proxy.base_url, str(number))
            if got.broken:
                break
            whole.append(got)
        asked = len(server.seen)
        refused = await client.ask(proxy.base_url, "another")
    assert (500, asked) == (refused.status, len(server.seen))
    assert "No space left" in json.loads(refused.body)["error"]["message"]
    assert 3 < len(whole) < 60
    async with ProxyServer(ProxyConfig(directory)) as proxy:
        again = await asyncio.gather(*(client.ask(proxy.base_url, str(n)) for n in range(len(whole))))
    assert [got.kept for got in whole] == [got.kept for got in again]


async def test_read_only(mount, client):
    """Recording into a read-only folder is refused in one line; replaying and verifying it works."""
    directory = mount("size=1m") / "c"
    with Journal(directory) as one:
        one.append(
            interaction(
                "hi", request={"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
            )
        )
    seal(directory)
    mount("ro")
    with pytest.raises(CassetteError, match="cannot record into .*Read-only file system"):
        Journal(directory)
    with pytest.raises(CassetteError, match="cannot record into"):
        async with ProxyServer(ProxyConfig(directory, mode="record", targets={"x": "http://127.0.0.1:9/v1"})):
            pass
    with pytest.raises(CassetteError, match="cannot record into"):
        seal(directory)
    assert [] == verify(directory)
    async with ProxyServer(ProxyConfig(directory)) as proxy:
        got = await client.ask(proxy.endpoint_url("x"))
    assert (200, False) == (got.status, got.broken)
    assert got.body == Cassette(directory).get(next(iter(Cassette(directory).all_entries())).address).body
