"""A model server that a worker starts, waits for and stops: vLLM, llama.cpp, or any command with a port."""

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
from llmxray.ports import free_port

_LINES_KEPT = 40
_ASK_EVERY_S = 0.5
_ASK_TIMEOUT_S = 5.0
_PORT_TRIES = 3
_LAST_WORDS_S = 1.0
# Linux's tables of sockets; their columns are number, local address, remote address, state, queues, timers,
# retransmissions, user.
_LISTENERS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class ServeCommand:
    """The command that starts a model server.

    Attributes:
        command: with ``{model}`` and ``{port}``.
        ready_s: seconds within which it must answer.
    """

    command: str
    ready_s: float = 600.0

    def words(self, model: str, port: int) -> list[str]:
        """The command as words, with model and port filled in.

        Raises:
            InputError: the command cannot be split into words or has an unknown placeholder, or the model's name could
                be read as an option or by a shell.
        """
        try:
            return [word.format(model=checked_model(model), port=port) for word in shlex.split(self.command)]
        except (ValueError, KeyError, IndexError) as error:
            raise InputError(
                f"the command of a model server takes {{model}} and {{port}}: {self.command!r} ({error})"
            ) from None


def checked_model(name: str) -> str:
    """A model's name, checked because it may come from a stranger's file and is passed to a command.

    Raises:
        InputError: the name begins with a hyphen, or has characters that names and paths of models do not have.
    """
    if complaint := names.SERVED_MODEL.complaint(name):
        raise InputError(f"{complaint}: use letters, digits and . _ / : @ + - only, and no hyphen first")
    return name


class ModelServer:
    """A running model server, on a free port of loopback; a context manager.

    Args:
        words: returns the command that starts it on a port; called again if another program took that port first.
        ready_s: seconds within which it must answer.

    Raises:
        RunFailedError: the server ended, or did not answer in time.
    """

    def __init__(self, words: Callable[[int], list[str]], *, ready_s: float) -> None:
        for tries_left in reversed(range(_PORT_TRIES)):
            port = free_port()
            self._port, self.base_url = port, f"http://127.0.0.1:{port}/v1"
            self._output: deque[bytes] = deque(maxlen=_LINES_KEPT)
            try:
                self._start(words(port), ready_s)
            except RunFailedError:
                # Another program may take the port before the server listens on it. Any other fault would occur again.
                if tries_left and not _is_free(port):
                    continue
                raise
            return

    def _start(self, words: list[str], ready_s: float) -> None:
        # -P: modules are not looked for in the working directory, which may hold a stranger's files.
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
        """Whether its process is running."""
        return self._process.poll() is None

    @property
    def is_own(self) -> bool:
        """Whether the server runs and no other user listens on its port."""
        return self.is_running and not is_strangers(self._port)

    def stop(self) -> None:
        """End the server and wait until it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        # A process that the server started may keep the pipe open for longer.
        self._reader.join(_LAST_WORDS_S)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _drain(self) -> None:
        # Read to the end, because a full pipe would stop the server.
        for line in self._process.stdout or ():
            self._output.append(line)

    def _wait(self, ready_s: float, name: str) -> None:
        until = time.monotonic() + ready_s
        while time.monotonic() < until:
            if not self.is_running:
                self._reader.join(_LAST_WORDS_S)
                raise RunFailedError(
                    f"the model server {name} ended before it answered: {self._last_words()}"
                )
            # Also checked after the answer: another server may have answered, and this one ended without its port.
            if _answers(f"{self.base_url}/models") and self.is_own:
                return
            time.sleep(_ASK_EVERY_S)
        raise RunFailedError(
            f"the model server {name} did not answer within {ready_s:.0f} s: {self._last_words()}"
        )

    def _last_words(self) -> str:
        lines = [line.decode("utf-8", "replace").strip() for line in self._output]
        return next((line for line in reversed(lines) if line), "it said nothing")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Servers set this option too; without it, lingering connections of an ended server would block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_strangers(port: int) -> bool:
    """Whether a process of another user listens on that port of loopback; False on other systems than Linux.

    The port is visible in the command line, so that any user of the machine can take it first and answer in place of
    the server. Processes of the same user and of root are accepted: a container's port belongs to root, and a server
    may hand over to another process.
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


def _answers(url: str) -> bool:
    try:
        # Without the environment's proxies, because the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=_ASK_TIMEOUT_S) as reply:
            return bool(reply.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False
