"""The append-only journal of a recording in progress.

One interaction a line: eight hex digits of CRC-32, a space, JSON, a newline. A line is written with one call
and handed to the kernel before the recorder goes on, so a killed process loses at most the line it was
writing. A reader drops a torn last line, one without its newline, and nothing else: any other bad line is
corruption.

One recorder at a time: open files hold a cassette, not a file name. ``journal.lock`` is locked, as by every version of
llmxray; and the folder too, since whoever deletes that file during a recording would let a second recorder lock a new
one. On Windows, which locks no folders, an open file cannot be deleted.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from llmxray.cassette import codec
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteLockedError
from llmxray.regular_files import open_regular_file
from llmxray.types import Interaction

if sys.platform != "win32":
    import fcntl

NAME, LOCK_NAME = "journal.jsonl", "journal.lock"
# What recording and sealing write or clear; the folder itself may be a link, chosen by the user.
_WRITTEN = (LOCK_NAME, NAME, "manifest.json", "sealing", "recordings")
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
    file = FileLock(directory / LOCK_NAME, thread_local=False)
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


_OPEN: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a line stands in the journal: byte offset, bytes, and its 1-based number."""

    start: int
    size: int
    number: int


class Journal:
    """Writes interactions to a cassette directory, one recorder at a time.

    Args:
        directory: the cassette; made if absent.
        guard: searched for in everything about to be written.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written.
    """

    def __init__(self, directory: Path, guard: SecretGuard | None = None) -> None:
        self.directory = directory
        self._guard = guard or SecretGuard(())
        self._lock = acquire(directory)
        # One journal, by whatever path it is named.
        self._path = (directory / NAME).resolve()
        try:
            # The lock may be taken twice within one process; the journal may not.
            if self._path in _OPEN:
                raise CassetteLockedError(
                    f"{directory} is being recorded already: wait for it, or record elsewhere"
                )
            self._lines = _cut_torn_line(self._path)
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._identity = _identity(os.fstat(self._fd))
            _OPEN.add(self._path)
        except CassetteError:
            self._lock.release()
            raise
        except OSError as error:
            self._lock.release()
            raise CassetteError(f"cannot record into {directory}: {error.strerror or error}") from error

    def check_there(self) -> None:
        """Check that the journal still exists: writes to a removed file succeed and are lost.

        Raises:
            CassetteError: it was removed, moved or replaced.
        """
        try:
            there = _identity(os.stat(self._path)) == self._identity
        except OSError:
            there = False
        if not there:
            raise CassetteError(
                f"{self.directory} was removed or moved while it was being recorded; what was recorded there has gone "
                "with it: start again"
            )

    def append(self, interaction: Interaction) -> Span:
        """Write one interaction to the kernel; returns its place.

        Raises:
            SecretLeakError: a secret is in it; nothing was written.
            CassetteError: the disk is full or gone, or the line is unreadable; earlier lines are intact.
        """
        return self.append_all((interaction,))[0]

    def append_all(self, interactions: Sequence[Interaction]) -> list[Span]:
        """Write all interactions with one call, or none; returns their places.

        Raises:
            SecretLeakError, CassetteError: as for `append`.
        """
        self.check_there()
        lines = [self._line(interaction) for interaction in interactions]
        start = os.fstat(self._fd).st_size
        data = b"".join(lines)
        try:
            written = os.write(self._fd, data)
            # A disk that fills up takes a part, and fails at the rest.
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError as error:
            # A half line would corrupt the next one.
            os.ftruncate(self._fd, start)
            raise CassetteError(f"cannot write to {self.directory}: {error.strerror}") from error
        spans = []
        for line in lines:
            self._lines += 1
            spans.append(Span(start, len(line), self._lines))
            start += len(line)
        return spans

    def _line(self, interaction: Interaction) -> bytes:
        try:
            payload = codec.dumps(codec.to_journal(interaction)).encode()
        except ValueError as error:
            # One unreadable line would make all others unreadable.
            raise CassetteError(f"{self.directory}: this exchange cannot be recorded: {error}") from error
        # The line holds the body chunk by chunk.
        for data in (payload, interaction.body):
            self._guard.check(data, where="the journal")
        return b"%08x %b\n" % (zlib.crc32(payload), payload)

    def close(self) -> None:
        """Flush to the disk and let the next recorder in."""
        if self._fd >= 0:
            # Here, not at every line: what the kernel has outlives a killed process (docs/trust.md).
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
            _OPEN.discard(self._path)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def lock_cassette(directory: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold a cassette for the whole of a recording, sealing included; a `Journal` inside shares the lock.

    Args:
        alone: also refuse a cassette that this process holds.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written.
    """
    lock = acquire(directory, alone=alone)
    try:
        yield
    finally:
        lock.release()


def read_journal(directory: Path) -> Iterator[tuple[Span, Interaction]]:
    """The interactions of a journal and their places, in recorded order; none without a journal.

    Raises:
        CassetteCorruptError: a line other than a torn last one fails its checksum, or it cannot be read.
    """
    path = directory / NAME
    if not path.exists():
        return
    start = 0
    try:
        with open_regular_file(path) as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    yield Span(start, len(line), number), _interaction(path, number, line)
                start += len(line)
    except OSError as error:
        raise CassetteCorruptError(str(path), None, f"cannot be read: {error.strerror}") from error


def read_at(directory: Path, span: Span) -> Interaction:
    """One interaction of a journal.

    Raises:
        CassetteCorruptError: its line fails its checksum, or is gone.
    """
    path = directory / NAME
    try:
        with open_regular_file(path) as file:
            file.seek(span.start)
            return _interaction(path, span.number, file.read(span.size))
    except OSError as error:
        raise CassetteCorruptError(str(path), span.number, f"cannot be read: {error.strerror}") from error


def _interaction(path: Path, number: int, line: bytes) -> Interaction:
    checksum, payload = line[:9], line[9:-1]
    if not line.endswith(b"\n") or checksum != b"%08x " % zlib.crc32(payload):
        raise CassetteCorruptError(str(path), number, "this line fails its checksum")
    try:
        return codec.from_journal(codec.loads(payload))
    except ValueError as error:
        raise CassetteCorruptError(str(path), number, str(error)) from error


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _cut_torn_line(path: Path) -> int:
    """Cut a torn last line off, which a line appended after it would turn into corruption; lines that stay."""
    if not path.exists():
        return 0
    whole = lines = 0
    with open_regular_file(path) as file:
        for line in file:
            if not line.endswith(b"\n"):
                os.truncate(path, whole)
                break
            whole += len(line)
            lines += 1
    return lines
