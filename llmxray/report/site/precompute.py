"""Intervals of a large experiment, made in a second process while its pages are put together.

Bootstraps are a third of the work of a large site, need only a few columns of numbers, and are seeded by their
names: whichever process makes one, it comes out the same.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Any

from llmxray.report.analysis import Analysis, ConditionResults, Name, confidence
from llmxray.report.analysis.applies import can_be_compared
from llmxray.report.pages.choose import scores
from llmxray.report.wording import speed


@contextmanager
def precomputed(analysis: Analysis, processes: int) -> Iterator[None]:
    """Have the estimates made that pages will ask for; with one process, or few questions, pages make them."""
    # Starting a process costs more than it saves where questions are few.
    if processes < 2 or not analysis.data.is_large:
        yield
        return
    # One is enough: the bootstraps are a third of the work, and the pages beside it the rest.
    with ProcessPoolExecutor(1, get_context("spawn"), interruptible) as pool:
        # A process that is killed is missed where its estimates are asked for.
        with suppress(BrokenProcessPool):
            for view in analysis.views:
                for name, make in _asked_for(analysis, view):
                    analysis.coming[name] = pool.submit(make)
        try:
            yield
        finally:
            pool.shutdown(cancel_futures=True)


def _asked_for(analysis: Analysis, view: ConditionResults) -> Iterator[tuple[Name, Callable[[], Any]]]:
    yield from confidence.estimates(analysis, view)
    yield speed.rate_of(analysis, view)
    if can_be_compared(analysis.data):
        yield scores.aurocs_of(analysis, view)


def interruptible() -> None:
    """End this process on Ctrl-C without a word.

    Ctrl-C reaches every process of the terminal; only the one in command has something to say of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
