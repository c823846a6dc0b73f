"""The lock on a cassette while it is recorded; a recording without any reply leaves no files behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmxray.cassette import Cassette, journal, lock_cassette
from llmxray.errors import CassetteError


@contextmanager
def lock_recording(directory: Path) -> Iterator[None]:
    """Lock a cassette, as `llmxray.cassette.lock_cassette` does.

    If the block fails before anything is recorded, the files and folders that the lock created are removed.

    Raises:
        CassetteLockedError: another recording is under way here, in this process or in another one.
        CassetteError: the directory cannot be written.
    """
    paths = (directory / journal.NAME, directory / journal.LOCK_NAME, directory, *directory.parents)
    created = [path for path in paths if not path.exists()]
    left: list[Path] = []
    try:
        with lock_cassette(directory, alone=True):
            try:
                yield
            except BaseException:
                # Removed under the lock: afterwards another recorder may start.
                if directory in created and _is_empty(directory):
                    shutil.rmtree(directory, ignore_errors=True)
                left = _remove_empty(created)
                raise
    finally:
        _remove_empty(left)  # Windows cannot remove the lock file while it is held


def _is_empty(directory: Path) -> bool:
    try:
        return not len(Cassette(directory))
    except CassetteError:
        return False


def _remove_empty(paths: list[Path]) -> list[Path]:
    """Remove empty files and folders; returns those that are still there."""
    for path in paths:
        try:
            if path.is_dir():
                path.rmdir()
            elif path.exists() and not path.stat().st_size:
                path.unlink()
        except OSError:
            continue
    return [path for path in paths if path.exists()]
