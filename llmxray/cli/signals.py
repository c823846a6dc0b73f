"""Signals that end a command."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """While the block runs, SIGTERM raises KeyboardInterrupt, so that what was recorded is sealed and counted."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_interruptible[T](work: Coroutine[None, None, T]) -> T:
    """As ``asyncio.run``, with SIGTERM doing what Ctrl-C does there: the work is cancelled, and ends in order.

    Raises:
        KeyboardInterrupt: a signal came. A second SIGTERM raises it at once, wherever the work is.
    """
    came = False

    async def working() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt(number: int, frame: FrameType | None) -> None:
            nonlocal came
            if came:
                raise KeyboardInterrupt
            came = True
            # Not raised here: it would come out of whatever step the loop is in, another task's too.
            # Not left to the loop's handler for Ctrl-C: a job in the background has none.
            loop.call_soon_threadsafe(task.cancel)

        before = signal.signal(signal.SIGTERM, interrupt)
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    try:
        return asyncio.run(working())
    except asyncio.CancelledError:
        if came:
            raise KeyboardInterrupt from None
        raise
