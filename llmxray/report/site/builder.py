"""A site built while results still come in: the pages of each experiment in a process of their own."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from llmxray.errors import RunFailedError
from llmxray.experiment import Site
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.site.build import check_names, hued, write_experiment, write_index


class SiteBuilder:
    """Writes or refreshes the pages of experiments, and the index over all that the site holds.

    A context: leaving it after an error drops the pages that were not begun, and the index states what the
    pages that are there state. The same cassettes give the same bytes, whatever the number of processes.

    Args:
        out: folder of the site.
        workers: processes that build pages; with 1, pages are built at once by the process that adds them.
        settings: what the author says of the site.
    """

    def __init__(self, out: Path, workers: int = 1, settings: Site | None = None) -> None:
        self._out, self._settings = out, settings
        self._pages: list[Future[None]] = []
        self._names: list[str] = []
        # Spawned: a fork would take over the threads and sockets of a replay under way.
        self._pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), _interruptible) if workers > 1 else None
        )

    def add(self, data: ExperimentData) -> None:
        """Build the pages of an experiment, or have them built while the caller goes on.

        Raises:
            InputError: another one of that name was added before.
        """
        check_names([*self._names, data.name])
        self._names.append(data.name)
        data = hued(self._out, data)
        if self._pool is None:
            write_experiment(self._out, data)
        else:
            self._pages.append(self._pool.submit(write_experiment, self._out, data))

    def finish(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
        """Wait for the pages, and write the index.

        Args:
            on_progress: told how many of how many experiments are built.

        Returns:
            Path of the site's ``index.html``.

        Raises:
            RunFailedError: a process was killed before its pages were written.
        """
        # With one process pages are built when they are added.
        added = len(self._names)
        on_progress(added - len(self._pages), added)
        for done, page in enumerate(as_completed(self._pages), 1):
            try:
                page.result()
            except BrokenProcessPool as error:
                raise RunFailedError(
                    "a process that builds pages was killed, as happens when memory runs out: "
                    "build with one process, --jobs 1"
                ) from error
            on_progress(done, added)
        self._pages.clear()
        return write_index(self._out, self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        # The pages of what went before are whole, and can be opened only from the index.
        if self._names and isinstance(error, Exception):
            write_index(self._out, self._settings)


def _interruptible() -> None:
    """End this process on Ctrl-C without a word.

    Ctrl-C reaches every process of the terminal; only the one in command has something to say of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
