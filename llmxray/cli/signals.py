"""Signals that end a command."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt inside the block, so that recordings are sealed and counted."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_interruptible[T](work: Coroutine[None, None, T]) -> T:
    """Run a coroutine as ``asyncio.run`` does, and let SIGTERM cancel it as Ctrl-C does.

    Raises:
        KeyboardInterrupt: a signal came. A second SIGTERM raises it at once, wherever the work is.
    """
    interrupted = False

    async def working() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            nonlocal interrupted
            if interrupted:
                raise KeyboardInterrupt
            interrupted = True
            # The task is cancelled, because an exception raised here would occur in any step of the loop, even in
            # another task. The loop's own handler for Ctrl-C does not suffice: a job in the background has none.
            loop.call_soon_threadsafe(task.cancel)

        before = signal.signal(signal.SIGTERM, interrupt)
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    try:
        return asyncio.run(working())
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
