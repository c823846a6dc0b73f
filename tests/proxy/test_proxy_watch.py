"""The addon for people who watch, in a real mitmdump between the recorder and the server."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from servers import RawServer, Say, chunked, events
from trips import recorded_in_order

from llmxray.proxy import ProxyConfig, ProxyServer, watch
from tests.commands import python

PRINT = """
def response(flow):
    print("SEEN", flow.comment, len(flow.response.raw_content), flush=True)
"""


def addon_path() -> str:
    """What the command of the docs prints."""
    said = python("-m", "llmxray.proxy.watch").stdout.strip()
    assert Path(watch.__file__).samefile(said)
    return said


async def test_watched_recording(tmp_path, client):
    """Chunks pass as they come, the body can be seen, and the comment sums the exchange up."""
    mitmdump = Path(sys.executable).with_name("mitmdump")
    if not mitmdump.exists():
        pytest.skip("mitmdump is not installed beside this Python")
    addon = addon_path()
    (tmp_path / "print.py").write_text(PRINT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with RawServer(lambda *_: Say(chunked(events("The", " answer")), pause_s=0.15)) as server:
        command = [str(mitmdump), "--mode", f"reverse:{server.url.removesuffix('/v1')}@127.0.0.1:{port}"]
        command += ["-s", addon, "-s", str(tmp_path / "print.py")]
        command += ["--set", f"confdir={tmp_path / 'conf'}"]
        process = subprocess.Popen(  # noqa: ASYNC220
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        try:
            await until_listening(port, process)
            target = {"x": f"http://127.0.0.1:{port}/v1"}
            async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets=target)) as proxy:
                got = await client.ask(proxy.base_url, "0")
        finally:
            process.terminate()
            said = (await asyncio.to_thread(process.communicate))[0]
    body = b"".join(events("The", " answer"))
    assert body == got.body
    times = [chunk.t_s for chunk in recorded_in_order(tmp_path / "c")[0].chunks]
    assert times[-1] - times[0] > 0.2  # held back, they would have come at once
    (seen,) = [line for line in said.splitlines() if "SEEN" in line]
    assert "3 chunks, the first after" in seen
    assert seen.endswith(f": The answer {len(body)}")


async def until_listening(port: int, process: subprocess.Popen[str]) -> None:
    """Wait for the port."""
    async with asyncio.timeout(60):
        while True:
            assert process.poll() is None
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
