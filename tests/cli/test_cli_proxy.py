"""`llmxray proxy` as a process: who may use it, fields that are ignored, and a folder that vanishes under it."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asking import served, stream
from recordings import interaction, planned

from tests.commands import llmxray
from tests.refusals import refused

BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}


@contextmanager
def proxy(folder: Path, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and its base URL once it listens."""
    command = [sys.executable, "-m", "llmxray", "proxy", "--cassette", str(folder / "c"), *arguments]
    environ = {**os.environ, "PYTHONPATH": os.getcwd(), **environment}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    )
    try:
        yield process, process.stdout.readline().strip().removeprefix("listening on ")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ask(url: str, path: str = "chat/completions") -> tuple[int, bytes]:
    """Status and body of a chat request, or of one for the models."""
    headers = {"Content-Type": "application/json"}
    body = None if path == "models" else json.dumps(BODY).encode()
    request = urllib.request.Request(f"{url}/{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_folder_that_vanishes_ends_it_at_once(tmp_path, mode):
    """One line and exit code 1, without a request; the folder does not come back empty."""
    with served(lambda *_: (200, "text/event-stream", stream("yes"))) as url:
        planned(tmp_path / "c", [interaction()])
        with proxy(tmp_path, "--mode", mode, "--upstream", url) as (process, _):
            time.sleep(0.2)
            assert process.poll() is None
            shutil.rmtree(tmp_path / "c")
            assert 1 == process.wait(timeout=10)
            errors = process.stderr.read()
    assert f"was removed or moved while it was being {mode}ed" in errors
    assert 1 == errors.count("\n")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("mode", ["record", "passthrough"])
def test_a_configured_key_is_spent_only_by_who_was_told_the_address(tmp_path, mode):
    """Another user of the machine finds the port: 403, and the server is asked nothing."""
    seen: list[str] = []

    def reply(path: str, _: bytes) -> tuple[int, str, bytes]:
        seen.append(path)
        return 200, "text/event-stream", stream("yes")

    with served(reply) as url:
        port = urlsplit(url).port
        key = ("--key-env", "LAB_API_KEY", "--allow-key", f"LAB_API_KEY@127.0.0.1:{port}")
        arguments = ("--mode", mode, "--upstream", url, *key)
        with proxy(tmp_path, *arguments, LAB_API_KEY="key-9f8e7d6c5b4a3210") as (_, base_url):
            parts = urlsplit(base_url)
            status, said = ask(f"http://{parts.netloc}/v1")
            assert (403, True) == (status, b"use the whole base URL that was printed" in said)
            assert 403 == ask(f"http://{parts.netloc}/v1", "models")[0]
            assert not seen
            assert 200 == ask(base_url)[0]
            assert 200 == ask(base_url, "models")[0]
    assert ["/v1/chat/completions", "/v1/models"] == seen
    assert len(parts.path) >= 40


def test_the_address_stays_the_same_with_a_secret_of_ones_own(tmp_path):
    """In every mode, so that a client keeps its base URL from record to replay."""
    mine = {"LLMXRAY_PROXY_SECRET": "the-same-every-day_1"}
    with (
        served(lambda *_: (200, "text/event-stream", stream("yes"))) as url,
        proxy(tmp_path, "--mode", "record", "--upstream", url, **mine) as (_, recording),
    ):
        first = ask(recording)
        assert 403 == ask(recording.replace("/the-same-every-day_1", ""))[0]
    with proxy(tmp_path, **mine) as (_, replaying):
        assert first == ask(replaying)
    assert ["/the-same-every-day_1/v1"] * 2 == [urlsplit(url).path for url in (recording, replaying)]


@pytest.mark.parametrize(
    ("arguments", "secret", "says"),
    [
        (("--ignore", "messages"), "", "--ignore messages: this field tells requests apart"),
        ((), "short", "LLMXRAY_PROXY_SECRET must have 16 to 128 characters"),
        ((), "sixteen/letters/", "LLMXRAY_PROXY_SECRET must have 16 to 128 characters"),
    ],
)
def test_what_is_refused(tmp_path, monkeypatch, arguments, secret, says):
    """What tells requests apart; secrets that are guessed, or no part of an address: the value is not repeated."""
    # None of them serves: it would do so for ever.
    monkeypatch.setattr("asyncio.run", lambda serving: serving.close())
    command = ["proxy", "--cassette", "c", "--mode", "record", "--upstream", "http://127.0.0.1:9/v1"]
    environment = {"LLMXRAY_PROXY_SECRET": secret} if secret else {}
    line = refused(llmxray(*command, *arguments, at=tmp_path, **environment))
    assert says in line
    assert not secret or secret not in line
    assert not (tmp_path / "c").exists()
