"""`llmxray run` as another user of the machine finds it: ports on loopback, and a key behind one of them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import aiohttp
import pytest

psutil = pytest.importorskip("psutil")

from asking import stream  # noqa: E402

KEY = "key-of-the-test-4711"


class Upstream(ThreadingHTTPServer):
    """A server that holds back the answers to the experiment's own questions until it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reached, self.go_on = Event(), Event()
        self.spent: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Lists a model and answers every question."""

    server: Upstream

    def do_GET(self) -> None:
        self._say("application/json", b'{"object": "list", "data": [{"id": "tiny"}]}')

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if "of the stranger" in asked:
            self.server.spent.append(self.headers.get("Authorization", ""))
        elif "question of ours" in asked:
            self.server.reached.set()
            self.server.go_on.wait(60)
        self._say("text/event-stream", stream("yes"))

    def _say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


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
    with Upstream() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{server.server_port}"
        experiment = {
            "experiment": "demo",
            "kind": "compare",
            "endpoints": {"lab": {"base_url": f"http://{place}/v1", "key_env": "LAB_API_KEY"}},
            "models": [{"id": "m", "endpoint": "lab", "model": "tiny"}],
            "prompts": [{"id": "p", "text": "question of ours"}],
        }
        (tmp_path / "demo.yaml").write_text(json.dumps(experiment))
        command = ["run", "demo.yaml", "--mode", "record", "--allow-key", f"LAB_API_KEY@{place}"]
        process = subprocess.Popen(
            [sys.executable, "-m", "llmxray", *command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LAB_API_KEY": KEY},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.reached.wait(60)
            ports = {
                connection.laddr.port
                for connection in psutil.Process(process.pid).net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            }
            assert ports
            assert (0, []) == (asyncio.run(tried(ports)), server.spent)
        finally:
            server.go_on.set()
            errors = process.communicate(timeout=60)[1]
            server.shutdown()
    assert process.returncode == 0, errors
