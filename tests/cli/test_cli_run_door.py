"""`llmxray run` as another user of the machine finds it: ports on loopback, and a key behind one of them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import aiohttp
import pytest

psutil = pytest.importorskip("psutil")

from asking import served, stream  # noqa: E402

from tests.refusals import GOOD  # noqa: E402


async def tried(ports: set[int]) -> int:
    """How many requests a stranger got through with: every port, every path that can be guessed."""
    body = {"model": "tiny", "messages": [{"role": "user", "content": "of the stranger"}], "stream": True}
    through = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session:
        for port in ports:
            for path in ("/v1", "/e/lab/v1", "/e/default/v1", ""):
                url = f"http://127.0.0.1:{port}{path}/chat/completions"
                try:
                    async with session.post(url, json=body) as reply:
                        through += reply.status == 200
                except aiohttp.ClientError:
                    pass
    return through


def test_a_stranger_spends_no_key_while_it_records(tmp_path: Path) -> None:
    """Every port that the process listens on is tried while a question is under way; the server sees no stranger."""
    reached, go_on = Event(), Event()
    strangers: list[bytes] = []

    def reply(path: str, body: bytes) -> tuple[int, str, bytes]:
        if path.endswith("/models"):
            return 200, "application/json", b'{"object": "list", "data": [{"id": "tiny"}]}'
        if b"of the stranger" in body:
            strangers.append(body)
        elif b"question of ours" in body:
            reached.set()
            go_on.wait(60)
        return 200, "text/event-stream", stream("yes")

    with served(reply) as url:
        text = GOOD.replace("http://127.0.0.1:9/v1", url).replace('/v1"', '/v1", key_env: LAB_API_KEY')
        text = text.replace("kind: benchmark", "kind: compare\nprompts: [{id: p, text: question of ours}]")
        (tmp_path / "demo.yaml").write_text(text.partition("suites:")[0])
        permit = f"LAB_API_KEY@{url.removeprefix('http://').removesuffix('/v1')}"
        process = subprocess.Popen(
            [sys.executable, "-m", "llmxray", "run", "demo.yaml", "--mode", "record", "--allow-key", permit],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "LAB_API_KEY": "key-of-the-test",
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert reached.wait(60)
            connections = psutil.Process(process.pid).net_connections("tcp")
            ports = {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
            assert ports
            assert (0, []) == (asyncio.run(tried(ports)), strangers)
        finally:
            go_on.set()
            errors = process.communicate(timeout=60)[1]
    assert process.returncode == 0, errors
