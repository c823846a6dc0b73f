"""Holding a cassette while it is recorded, so that a recording that comes to nothing leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmxray.cassette import Cassette, journal, locked
from llmxray.errors import CassetteError


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold a cassette as `llmxray.cassette.locked` does.

    Where the block fails before anything is recorded, files and folders that were not there before go again.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written.
    """
    places = (directory / journal.NAME, directory / journal.LOCK_NAME, directory, *directory.parents)
    made = [place for place in places if not place.exists()]
    left: list[Path] = []
    try:
        with locked(directory):
            try:
                yield
            except BaseException:
                # While the lock is held: a moment later another recorder may be at work here.
                if directory in made and _is_empty(directory):
                    shutil.rmtree(directory, ignore_errors=True)
                left = _removed(made)
                raise
    finally:
        _removed(left)  # Windows does not remove the lock while it is held


def _is_empty(directory: Path) -> bool:
    try:
        return not len(Cassette(directory))
    except CassetteError:
        return False


def _removed(places: list[Path]) -> list[Path]:
    """Take away those files and folders that have nothing in them; returns those that are still there."""
    for place in places:
        try:
            if place.is_dir():
                place.rmdir()
            elif place.exists() and not place.stat().st_size:
                place.unlink()
        except OSError:
            continue
    return [place for place in places if place.exists()]
