"""One pass in Firefox, from disk, driven by its own remote protocol (WebDriver BiDi): no driver is needed."""

import asyncio
import contextlib
import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from watching import kinds

pytestmark = [pytest.mark.browser, pytest.mark.search]

# A moment later, when the scripts of the page have run.
_WORDS = "new Promise((done) => setTimeout(() => done(document.querySelector('main').innerText), 100))"


@pytest.fixture
def firefox(tmp_path):
    """A headless Firefox with a fresh profile; the address of its remote agent."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no Firefox found: install firefox-esr to run this pass")
    (tmp_path / "user.js").write_text(
        'user_pref("network.proxy.type", 1);user_pref("network.proxy.http", "127.0.0.1");'
        'user_pref("network.proxy.http_port", 9);user_pref("network.proxy.ssl", "127.0.0.1");'
        'user_pref("network.proxy.ssl_port", 9);user_pref("app.update.enabled", false);\n'
    )
    command = [
        program,
        "--headless",
        "--no-remote",
        "--profile",
        str(tmp_path),
        "--remote-debugging-port",
        "0",
    ]
    log = tmp_path / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=sink, env={**os.environ, "HOME": str(tmp_path)}
        )
    try:
        yield _address(log, process)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text("utf-8", "replace"))
        if found:
            return found[1]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    raise AssertionError(f"Firefox did not start: {log.read_text('utf-8', 'replace')[-500:]}")


class Remote:
    """The few commands of WebDriver BiDi that the pass needs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.faults: list[str] = []

    async def ask(self, method: str, **params: Any) -> Any:
        """Send a command; events that come before its answer are looked through for faults."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            said = await self._socket.receive_json(timeout=60)
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]
            event = said.get("params", {})
            if said.get("method") == "log.entryAdded" and event["level"] in ("error", "warn"):
                self.faults.append(str(event["text"]))
            if said.get("method") == "network.beforeRequestSent":
                self.faults += [
                    url for url in [event["request"]["url"]] if not url.startswith(("file:", "data:"))
                ]


async def _walk(address: str, pages: list[str]) -> tuple[list[str], dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/session") as socket:
        remote = Remote(socket)
        await remote.ask("session.new", capabilities={})
        await remote.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        tab = (await remote.ask("browsingContext.getTree"))["contexts"][0]["context"]
        seen = {}
        for url in pages:
            await remote.ask("browsingContext.navigate", context=tab, url=url, wait="complete")
            text = await remote.ask(
                "script.evaluate", expression=_WORDS, target={"context": tab}, awaitPromise=True
            )
            seen[url] = text["result"]["value"]
        return remote.faults, seen


def test_a_page_of_each_kind_opens_in_firefox(site, firefox):
    """No error, no request, words on every page, and a question with its answers."""
    pages = [path.as_uri() for path in sorted(kinds(site).values())]
    pages.append((site / "model-showdown/answer.html").as_uri() + "?q=starter/arc/arc-phys-003")
    faults, seen = asyncio.run(_walk(firefox, pages))
    assert faults == []
    assert [url for url, text in seen.items() if not text.strip()] == []
    assert "Which metal is strongly attracted by a magnet?" in list(seen.values())[-1]
