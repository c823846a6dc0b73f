"""Signals that end a command."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """While the block runs, SIGTERM does what Ctrl-C does, so that what was recorded is sealed and counted."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        # While an event loop runs this is its own handler, which cancels the work and lets it end in order.
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):
            # A shell has its background jobs ignore Ctrl-C; whoever sends SIGTERM means it.
            raise KeyboardInterrupt
        handler(number, frame)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
