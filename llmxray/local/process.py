"""The server of an embedded model as a child process: start it, wait for it, stop it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from typing import Any, Self

from llmxray.errors import LlmxrayError
from llmxray.local.models import CONTEXT_TOKENS, digest, find, xllamacpp

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 10.0
_LINES_KEPT = 16


class LocalServer:
    """Runs one embedded model inside an ``async with`` block.

    Args:
        name: an embedded model, see `llmxray.local.MODELS`.
        port: where to listen on loopback, 0 for a free port.
        think: split ``<think>`` text into ``reasoning_content``.

    Raises:
        InputError: no such model, or its weights are not installed.
        LlmxrayError: the server did not start.
    """

    def __init__(self, name: str, port: int = 0, *, think: bool = False) -> None:
        self.model = find(name)
        self._port = port
        self._think = think
        self._process: asyncio.subprocess.Process | None = None
        self._drains: list[asyncio.Task[None]] = []
        self._output: deque[bytes] = deque(maxlen=_LINES_KEPT)

    @property
    def base_url(self) -> str:
        """The base URL that clients use. Valid once the server runs, because the server takes a free port itself."""
        return f"http://127.0.0.1:{self._port}/v1"

    def facts(self) -> dict[str, Any]:
        """Facts for readers of a report: weights, context window, server."""
        return {
            "model": self.model.title,
            "weights_sha256": digest(self.model.weights()),
            "licence": self.model.licence,
            "n_ctx": CONTEXT_TOKENS,
            "server": f"llama.cpp (xllamacpp {xllamacpp().__version__})",
            "template": "messages joined" if self.model.raw else "the model's own chat template",
        }

    async def __aenter__(self) -> Self:
        """Start the server and wait until it answers."""
        self.model.weights()
        # -P: modules are not looked for in the working directory, which may hold a stranger's files.
        command = [sys.executable, "-P", "-m", "llmxray.local.serve", self.model.name, str(self._port)]
        # The server ends when its standard input ends, which happens when this process ends, even by SIGKILL.
        self._process = await asyncio.create_subprocess_exec(
            *command,
            *(["--think"] if self._think else []),
            "--with-parent",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._output = deque(maxlen=_LINES_KEPT)
        # Read from the start, because output while loading may fill the pipe.
        self._drains = [asyncio.create_task(_drain(self._process.stderr, self._output))]
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                await self._wait_until_ready()
        except TimeoutError as error:
            await self.__aexit__()
            raise LlmxrayError(f"{self.model.name} did not start within {_START_TIMEOUT_S:.0f} s") from error
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the server."""
        if self._process is None:
            return
        # The process may have ended by itself.
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._drains)
        self._process = None

    async def _wait_until_ready(self) -> None:
        if self._process is None or self._process.stdout is None:
            raise LlmxrayError("the server has no process")
        while line := await self._process.stdout.readline():
            if line.startswith(b"ready "):
                self._port = int(line.rpartition(b":")[2])
                self._drains.append(asyncio.create_task(_drain(self._process.stdout, deque(maxlen=0))))
                return
        await asyncio.gather(*self._drains)
        output = b"".join(self._output).decode("utf-8", "replace").strip()
        raise LlmxrayError(
            f"{self.model.name} did not start: {output.splitlines()[-1] if output else 'no reason'}"
        )


async def _drain(stream: asyncio.StreamReader | None, lines: deque[bytes]) -> None:
    """Read what a process prints, because a full pipe would stop it."""
    while stream is not None and (data := await stream.read(65536)):
        lines.append(data)
