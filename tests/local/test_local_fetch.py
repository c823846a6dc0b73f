"""Weights: fetched from an address or a file, resumed after a kill, refused when they are not what was published."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from llmxray.errors import InputError
from llmxray.local import LocalModel, fetch
from llmxray.local.models import WeightsFile, cache_folder

WHOLE = b"first, second, end"
NAMES = {"tiny.gguf", "tiny.gguf.LICENSE.txt", "tiny.gguf.lock"}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache, in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "llmxray"


def model(sha256: str = hashlib.sha256(WHOLE).hexdigest()) -> LocalModel:
    """A small model."""
    file = WeightsFile("nobody/tiny", "tiny.gguf", len(WHOLE), sha256)
    return LocalModel("tiny", "Tiny", lambda: Path("tiny.gguf"), False, "Apache-2.0", len(WHOLE), file=file)


class Hub(BaseHTTPRequestHandler):
    """Stands for the hub."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        """The file, or the rest of it."""
        wanted = self.headers["Range"]
        self.asked.append(wanted)
        body = WHOLE[int(wanted[6:-1]) :] if wanted else WHOLE
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch):
    """A hub on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Hub)
    address = f"http://127.0.0.1:{server.server_port}/tiny.gguf"
    monkeypatch.setattr(WeightsFile, "address", address)
    Hub.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Hub
    server.shutdown()
    thread.join()
    server.server_close()


def test_fetched_once(cache, hub):
    """Its licence lies beside it; a second fetch asks for nothing."""
    steps: list[int] = []
    for _ in range(2):
        path = fetch(model(), steps.append)
    assert path.read_bytes() == WHOLE
    assert (steps, hub.asked) == ([len(WHOLE)], [None])
    assert {path.name for path in cache.iterdir()} == NAMES
    assert "Apache License" in (cache / "tiny.gguf.LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize(("there", "asked"), [(7, ["bytes=7-"]), (len(WHOLE), [])])
def test_goes_on_after_a_kill(cache, hub, there, asked):
    """It asks for the rest, and for nothing where all of it came."""
    cache.mkdir(parents=True)
    (cache / "tiny.gguf.partial").write_bytes(WHOLE[:there])
    assert fetch(model(), lambda _: None).read_bytes() == WHOLE
    assert hub.asked == asked


def test_from_a_file(cache, tmp_path):
    """It is copied if it is the official one."""
    own = tmp_path / "mine.gguf"
    own.write_bytes(WHOLE)
    assert fetch(model(), lambda _: None, own).read_bytes() == WHOLE
    (cache / "tiny.gguf").unlink()
    own.write_bytes(WHOLE[::-1])
    with pytest.raises(InputError, match=r"mine\.gguf is not the official tiny\.gguf: removed"):
        fetch(model(), lambda _: None, own)
    assert {path.name for path in cache.iterdir()} == NAMES - {"tiny.gguf"}


def test_a_hub_out_of_reach_names_the_ways_out(cache, monkeypatch):
    """A file, or a server."""
    monkeypatch.setattr(WeightsFile, "address", "http://127.0.0.1:9/tiny.gguf")
    with pytest.raises(InputError, match=r"cannot be had .*--from FILE.*--endpoint NAME=URL"):
        fetch(model(), lambda _: None)


def test_an_empty_variable_is_none(monkeypatch):
    """As the standard of these folders says: never the working directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path.home() / ".cache/llmxray"
