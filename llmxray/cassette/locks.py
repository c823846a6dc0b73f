"""One recorder at a time: open files hold a cassette, not a file name.

A file ``journal.lock`` is locked, as every version of llmxray does. Names can be taken away, though: who deletes
that file while a recording runs would let a second recorder lock a new one. So the folder itself is locked too,
where the system can; where it cannot (Windows), an open file cannot be deleted.

Every writer holds the cassette, so links inside it are refused here.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from llmxray.errors import CassetteError, CassetteLockedError

if sys.platform != "win32":
    import fcntl

NAME = "journal.lock"
# What recording and sealing write or clear; the folder itself may be a link, chosen by the user.
_WRITTEN = (NAME, "journal.jsonl", "manifest.json", "sealing", "recordings")
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK)


class Lock:
    """A cassette that this process holds and shares."""

    def __init__(self, directory: Path, file: FileLock, folder: int | None) -> None:
        self._directory, self._file, self._folder = directory, file, folder
        self.times = 1

    def release(self) -> None:
        """Let go; the last one to do so lets the next recorder in."""
        with _ONE_AT_A_TIME:
            self.times -= 1
            if self.times:
                return
            _HELD.pop(self._directory, None)
            if self._folder is not None:
                os.close(self._folder)
            self._file.release()


_HELD: dict[Path, Lock] = {}
_ONE_AT_A_TIME = threading.Lock()


def acquire(directory: Path, *, alone: bool = False) -> Lock:
    """Hold a cassette; make it if it is absent.

    Args:
        alone: do not share it within this process.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written, or a part of it is a link.
    """
    _refuse_links(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # By whatever path it is named.
        place = directory.resolve()
        with _ONE_AT_A_TIME:
            if place in _HELD:
                if alone:
                    raise BlockingIOError
                _HELD[place].times += 1
            else:
                _HELD[place] = _locked(place)
            return _HELD[place]
    except (Timeout, BlockingIOError) as error:
        raise CassetteLockedError(
            f"{directory} is being recorded already: wait for it, or record elsewhere"
        ) from error
    except OSError as error:
        raise CassetteError(f"cannot record into {directory}: {error.strerror or error}") from error


def _refuse_links(directory: Path) -> None:
    """Refuse a cassette from a stranger that would have files elsewhere emptied, written or swept away."""
    for name in _WRITTEN:
        if (path := directory / name).is_symlink() or path.is_junction():
            raise CassetteError(
                f"{path} is a link, and nothing is recorded through one: put a file or folder of its own there"
            )


def _locked(directory: Path) -> Lock:
    # Whichever thread is the last one lets go.
    file = FileLock(directory / NAME, thread_local=False)
    # No waiting: the other recording may take hours.
    file.acquire(timeout=0)
    try:
        return Lock(directory, file, _locked_folder(directory))
    except OSError:
        file.release()
        raise


def _locked_folder(directory: Path) -> int | None:
    """The folder, opened and locked; None where the system locks no folders.

    Raises:
        BlockingIOError: another process has locked it.
    """
    if sys.platform == "win32":
        return None
    folder = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(folder)
        if error.errno in _BUSY:
            raise BlockingIOError(error.errno, error.strerror) from error
        # Some network file systems lock no folders: there the file alone holds.
        return None
    return folder
