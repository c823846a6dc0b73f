"""A worker's model server: another port where the first one is taken, and no second start for any other fault."""

import os
import socket
import subprocess
import sys
import time
from threading import Thread

import pytest

from llmxray.cluster.model_server import ModelServer, _answers, _is_free
from llmxray.errors import RunFailedError
from tests.cluster.driver import HERE


def test_a_port_that_was_taken_meanwhile():
    """The server is started again on another one."""
    asked: list[int] = []
    with socket.socket() as stranger:

        def hang_up() -> None:
            try:
                while True:
                    stranger.accept()[0].close()
            except OSError:
                pass

        def words(port: int) -> list[str]:
            if not asked:
                stranger.bind(("127.0.0.1", port))
                stranger.listen()
                Thread(target=hang_up, daemon=True).start()
            asked.append(port)
            return [sys.executable, str(HERE / "upstream.py"), str(port)]

        with ModelServer(words, ready_s=30.0) as server:
            assert server.is_running
            assert server.base_url == f"http://127.0.0.1:{asked[1]}/v1"
        stranger.shutdown(socket.SHUT_RDWR)
    assert len(asked) == 2


two_users = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs root, to be two users"
)


def as_stranger(port: int) -> subprocess.Popen[bytes]:
    """A model server of another user, which answers."""
    words = [sys.executable, "-c", (HERE / "upstream.py").read_text(), str(port)]
    stranger = subprocess.Popen(words, user=65534, group=65534, extra_groups=[], cwd="/")
    while not _answers(f"http://127.0.0.1:{port}/v1/models"):
        time.sleep(0.05)
    return stranger


@two_users
def test_a_stranger_who_comes_later():
    """Ours hands its port on: what answers there is not ours."""
    handing = "import sys, time; from http.server import *; s = HTTPServer(('127.0.0.1', int(sys.argv[1])), "
    handing += (
        "SimpleHTTPRequestHandler); s.timeout = 0.1; [s.handle_request() for _ in range(5)]; s.server_close()"
    )
    handing += "; time.sleep(60)"
    with ModelServer(lambda port: [sys.executable, "-c", handing, str(port)], ready_s=30.0) as ours:
        assert ours.is_own
        port = int(ours.base_url.split(":")[2].split("/")[0])
        while not _is_free(port):
            time.sleep(0.05)
        stranger = as_stranger(port)
        try:
            assert not ours.is_own
        finally:
            stranger.kill()
            stranger.wait()


def test_a_server_that_cannot_start_is_started_once():
    """Another port would not help, and loading a model takes minutes."""
    asked: list[int] = []

    def words(port: int) -> list[str]:
        asked.append(port)
        return [sys.executable, "-c", "raise SystemExit('no such model')"]

    with pytest.raises(RunFailedError, match="ended before it answered: no such model"):
        ModelServer(words, ready_s=30.0)
    assert len(asked) == 1
