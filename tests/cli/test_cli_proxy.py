"""`llmxray proxy` as a process: fields that are ignored, and a folder that vanishes under it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from asking import served, stream

from llmxray.cassette import verify
from llmxray.cli import main

BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}


@contextmanager
def proxy(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and its base URL once it listens."""
    command = [sys.executable, "-m", "llmxray", "proxy", "--cassette", str(folder / "c"), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip().removeprefix("listening on ")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ask(url: str, body: object) -> tuple[int, bytes]:
    """Status and body of a chat request."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_folder_that_vanishes_ends_it_at_once(tmp_path: Path, mode: str) -> None:
    """One line and exit code 1, without a request; the folder does not come back empty."""
    with served(lambda *_: (200, "text/event-stream", stream("yes"))) as url:
        with proxy(tmp_path, "--mode", "record", "--upstream", url) as (_, base_url):
            assert 200 == ask(base_url, BODY)[0]
        arguments = ("--mode", "record", "--upstream", url) if mode == "record" else ()
        with proxy(tmp_path, *arguments) as (process, _):
            time.sleep(0.2)
            assert process.poll() is None
            shutil.rmtree(tmp_path / "c")
            assert process.stderr is not None
            said = process.stderr.read()
            assert 1 == process.wait(timeout=10)
    assert f"was removed or moved while it was being {mode}ed" in said
    assert 1 == said.count("\n")
    assert not (tmp_path / "c").exists()


def test_fields_that_are_ignored(tmp_path: Path) -> None:
    """Named when recording; a replay of that cassette needs no word about them."""
    with served(lambda *_: (200, "text/event-stream", stream("yes"))) as url:
        with proxy(tmp_path, "--mode", "record", "--upstream", url, "--ignore", "trace_id") as (_, base_url):
            first = ask(base_url, {**BODY, "trace_id": "1"})
    assert [] == verify(tmp_path / "c")
    with proxy(tmp_path) as (_, base_url):
        assert first == ask(base_url, {**BODY, "trace_id": "2"})
        assert 404 == ask(base_url, {**BODY, "other_id": "2"})[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no open files")
def test_more_connections_than_the_usual_limit_of_open_files(tmp_path: Path) -> None:
    """The limit that holds until a process asks for more is low: kept connections soon reach it."""
    import resource

    with served(lambda *_: (200, "text/event-stream", stream("yes"))) as url:
        with proxy(tmp_path, "--mode", "record", "--upstream", url) as (_, base_url):
            ask(base_url, BODY)
    few, many = 64, 150
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The process takes it over.
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
    try:
        with ExitStack() as stack:
            _, base_url = stack.enter_context(proxy(tmp_path))
            resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))
            port = int(base_url.split(":")[2].split("/")[0])
            for _ in range(many):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                stack.callback(connection.close)
                connection.request("GET", "/v1/models")
                assert 200 == connection.getresponse().status
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


def test_fields_that_cannot_be_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They tell requests apart."""
    with pytest.raises(SystemExit) as left:
        main(
            [
                "proxy",
                "--cassette",
                str(tmp_path / "c"),
                "--mode",
                "record",
                "--upstream",
                "http://127.0.0.1:9/v1",
                "--ignore",
                "messages",
            ]
        )
    assert 2 == left.value.code
    assert "--ignore messages: this field tells requests apart" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
