"""Ctrl-C and SIGTERM: what was recorded is sealed, and the exit code says how it ended."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from prompted import in_folder
from servers import RawServer, Say, Seen, model_server
from victims import answer, complete, name_of, write_experiment

from llmxray.cassette import Cassette, journal, verify
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.workflow import record

CLI = (sys.executable, "-m", "llmxray")
N_PROMPTS = 40


def run(folder: Path, *arguments: str, in_background: bool = False) -> subprocess.Popen[str]:
    """A command, in a folder, as a process group of its own."""
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    # A shell that starts the tests, or a job of ours, in the background has it ignore Ctrl-C.
    disposition = signal.SIG_IGN if in_background else signal.SIG_DFL
    return subprocess.Popen(
        [*CLI, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, disposition),
    )


@pytest.mark.parametrize(
    ("number", "in_background"),
    [(signal.SIGINT, False), pytest.param(signal.SIGTERM, True, marks=pytest.mark.search)],
    ids=["ctrl-c", "terminated-in-the-background"],
)
async def test_run_interrupted(tmp_path, number, in_background):
    """`run --mode record`: 130, what is kept is said, no traceback; recorded again, only the rest is asked for."""
    interrupted = False

    def slowly(seen: Seen) -> Say:
        """So that it is in the middle when it is interrupted, however busy this machine is."""
        say = answer(seen)
        return say if interrupted or len(server.seen) < 12 else replace(say, pause_s=0.05)

    async with RawServer(model_server(slowly)) as server:
        prepared = write_experiment(tmp_path, server.url, N_PROMPTS)

        def asked() -> list[str]:
            texts = [seen.json["messages"][-1]["content"] for seen in server.seen if seen.body]
            return [name_of(text) for text in texts if text.startswith("say ")]

        command = ("run", "e.yaml", "--mode", "record", "--out", "site")
        process = run(tmp_path, *command, in_background=in_background)
        while len(asked()) < 12 and process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        process.send_signal(number)
        _, said = await asyncio.to_thread(process.communicate)
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert [] == verify(prepared.cassette)
        assert f"cassettes/e: {len(Cassette(prepared.cassette))} recordings kept" in said
        assert not (prepared.cassette / journal.NAME).exists()
        whole, before = complete(prepared.cassette), len(asked())
        assert 8 < len(whole) < N_PROMPTS
        interrupted = True
        await record(in_folder(tmp_path), environ={})
        assert not whole & set(asked()[before:])
    assert N_PROMPTS == len(complete(prepared.cassette))


async def test_proxy_interrupted(tmp_path, client):
    """`proxy --mode record`: 0 and a sealed cassette, which replays."""
    async with RawServer(model_server(answer)) as server:
        process = run(tmp_path, "proxy", "--mode", "record", "--cassette", "c", "--upstream", server.url)
        line = await asyncio.to_thread(process.stdout.readline)
        got = await client.ask(line.rpartition(" ")[2].strip(), "say it")
        process.send_signal(signal.SIGINT)
        _, said = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0, said
    assert "sealed 1 recordings" in said
    assert [] == verify(tmp_path / "c")
    assert Cassette(tmp_path / "c").manifest is not None
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert got.kept == (await client.ask(proxy.base_url, "say it")).kept
