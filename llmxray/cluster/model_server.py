"""A model server that a worker starts for itself, awaits and stops: vLLM, llama.cpp, or any command with a port."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llmxray import names
from llmxray.errors import InputError, RunFailedError

_LINES_KEPT = 40
_ASK_EVERY_S = 0.5
_ASK_TIMEOUT_S = 5.0
_PORT_TRIES = 3
_LAST_WORDS_S = 1.0
# Columns: number, local address, remote address, state, queues, timers, retransmissions, user.
_LISTENERS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Serve:
    """How a model server is started.

    Attributes:
        command: with ``{model}`` and ``{port}``.
        ready_s: how long it may take until it answers.
    """

    command: str
    ready_s: float = 600.0

    def words(self, model: str, port: int) -> list[str]:
        """The command's words.

        Raises:
            InputError: the command cannot be split into words, or has a placeholder of another name; the model's name
                could mean something to a server or a shell.
        """
        try:
            return [each.format(model=checked_model(model), port=port) for each in shlex.split(self.command)]
        except (ValueError, KeyError, IndexError) as error:
            raise InputError(
                f"the command of a model server takes {{model}} and {{port}}: {self.command!r} ({error})"
            ) from None


def checked_model(name: str) -> str:
    """A model's name that means nothing to a server or a shell: it stands in a stranger's file.

    Raises:
        InputError: it begins with a hyphen, or has other characters than models' names and paths have.
    """
    if complaint := names.SERVED_MODEL.complaint(name):
        raise InputError(f"{complaint}: use letters, digits and . _ / : @ + - only, and no hyphen first")
    return name


class ModelServer:
    """A running model server, on a free port of loopback; a context manager.

    Args:
        words: the command that starts it on a port. Called again where somebody else took that port first.

    Raises:
        RunFailedError: it ended, or did not answer in time.
    """

    def __init__(self, words: Callable[[int], list[str]], *, ready_s: float) -> None:
        for left in reversed(range(_PORT_TRIES)):
            port = free_port()
            self._port, self.base_url = port, f"http://127.0.0.1:{port}/v1"
            self._said: deque[bytes] = deque(maxlen=_LINES_KEPT)
            try:
                self._start(words(port), ready_s)
            except RunFailedError:
                # Between finding a port and listening on it there is time; any other fault would only come again.
                if left and not _is_free(port):
                    continue
                raise
            return

    def _start(self, words: list[str], ready_s: float) -> None:
        # -P: not from the folder that one works in, which may be a stranger's.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "llmxray.cluster.guard", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        try:
            self._wait(ready_s, words[0])
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self._process.poll() is None

    @property
    def is_own(self) -> bool:
        """Whether it runs and no other user listens on its port."""
        return self.is_running and not is_strangers(self._port)

    def stop(self) -> None:
        """End it and wait until it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        # What the server started may hold the pipe for longer.
        self._reader.join(_LAST_WORDS_S)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _drain(self) -> None:
        # A pipe that nobody reads fills up and stops who writes into it.
        for line in self._process.stdout or ():
            self._said.append(line)

    def _wait(self, ready_s: float, name: str) -> None:
        until = time.monotonic() + ready_s
        while time.monotonic() < until:
            if not self.is_running:
                self._reader.join(_LAST_WORDS_S)
                raise RunFailedError(
                    f"the model server {name} ended before it answered: {self._last_words()}"
                )
            # Looked at again: what answers may be somebody else's, and ours ended because the port was taken.
            if _answers(f"{self.base_url}/models") and self.is_own:
                return
            time.sleep(_ASK_EVERY_S)
        raise RunFailedError(
            f"the model server {name} did not answer within {ready_s:.0f} s: {self._last_words()}"
        )

    def _last_words(self) -> str:
        lines = [line.decode("utf-8", "replace").strip() for line in self._said]
        return next((line for line in reversed(lines) if line), "it said nothing")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of an ended one may linger.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_strangers(port: int) -> bool:
    """Whether a process of another user listens on that port of loopback; only Linux tells, else False.

    The port stands in our command line, so that anybody on the machine can take it first and answer in our place.
    Processes of our own user and of root pass: a container's port is root's, and a server may hand over to another
    process.
    """
    for table in _LISTENERS:
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *_, user = line.split(maxsplit=8)[:8]
            listens = state == _LISTENING and int(local.rpartition(":")[2], 16) == port
            if listens and int(user) not in (0, os.geteuid()):
                return True
    return False


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        # No proxy of the environment: it is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=_ASK_TIMEOUT_S) as reply:
            return bool(reply.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False
