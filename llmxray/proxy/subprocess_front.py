"""A replaying front in a process of its own, so that a large replay has a core for each side.

``python -m llmxray.proxy.subprocess_front DIRECTORY SPEED [FIELD …]`` prints its port and serves until its standard
input ends, which it does when the process that started it ends, however that ends.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self

from llmxray.errors import LlmxrayError, RunFailedError
from llmxray.proxy.front import Front, FrontConfig

_STOP_TIMEOUT_S = 10.0


class SubprocessFront:
    """The same as a replaying `Front`, for clients that need no more than its URL. An async context manager.

    It takes a while to start: there is time for other work before `listening`.

    Args:
        config: mode "replay", with the fields that are left out of the identity; the cassette should be known to be
            readable.
    """

    def __init__(self, config: FrontConfig) -> None:
        if config.mode != "replay":
            raise ValueError("only a replaying front runs apart")
        self._config = config
        self._process: Process | None = None
        self._port = 0

    def endpoint_url(self, label: str) -> str:
        """Base URL of a named endpoint."""
        return f"http://{self._config.host}:{self._port}/e/{label}/v1"

    async def while_it_runs[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Await something that needs this front.

        Raises:
            RunFailedError: the process ended before it was done; ``work`` is cancelled.
        """
        assert self._process is not None
        task, end = asyncio.ensure_future(work), asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait((task, end), return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                raise RunFailedError(
                    f"the replaying proxy ended early (exit code {end.result()}): run it again"
                )
            return task.result()
        finally:
            # Or the work would go on to ask a process that is gone.
            task.cancel()
            end.cancel()
            await asyncio.gather(task, end, return_exceptions=True)

    async def listening(self) -> None:
        """Wait until it listens.

        Raises:
            RunFailedError: it did not start.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.strip().isdigit():
            # Why, it has said itself: its standard error is ours.
            raise RunFailedError("the replaying proxy did not start")
        self._port = int(line)

    async def __aenter__(self) -> Self:
        """Start it; `listening` waits until it can be asked."""
        ignored = self._config.ignored or ()
        arguments = (str(self._config.cassette), str(self._config.speed), *ignored)
        # Without -P Python would look for every module in the folder that one works in, which may be a stranger's.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", __name__, *arguments, stdin=PIPE, stdout=PIPE
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _serve(directory: Path, speed: float, ignored: list[str]) -> None:
    loop = asyncio.get_running_loop()
    async with Front(FrontConfig(directory, speed=speed, ignored=ignored)) as front:
        sys.stdout.write(f"{front.port}\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    try:
        asyncio.run(_serve(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
    except LlmxrayError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass  # Ctrl-C reaches both processes; the other one says so
