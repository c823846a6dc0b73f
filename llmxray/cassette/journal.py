"""The append-only journal of a recording in progress.

One interaction a line: eight hex digits of CRC-32, a space, JSON, a newline. A line is written with one call
and handed to the kernel before the recorder goes on, so a killed process loses at most the line it was
writing. A reader drops a torn last line and nothing else: a bad line in the middle is corruption.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import BaseFileLock, FileLock, Timeout

from llmxray.cassette import codec
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteLockedError
from llmxray.types import Interaction

NAME = "journal.jsonl"
LOCK_NAME = "journal.lock"


class Journal:
    """Writes interactions to a cassette directory, one recorder at a time.

    Args:
        directory: the cassette; made when absent.
        guard: searched for in everything about to be written.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written.
    """

    def __init__(self, directory: Path, guard: SecretGuard | None = None) -> None:
        self.directory = directory
        self._guard = guard or SecretGuard(())
        self._lock = _acquire(directory)
        try:
            _cut_torn_line(directory / NAME)
            self._fd = os.open(directory / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            self._lock.release()
            raise CassetteError(f"cannot record into {directory}: {error.strerror or error}") from error

    def append(self, interaction: Interaction) -> None:
        """Write one interaction and hand it to the kernel.

        Raises:
            SecretLeakError: a secret is in it; nothing was written.
            CassetteError: the disk is full or gone; what was written before is whole.
        """
        payload = codec.dumps(codec.to_line(interaction, with_request=True)).encode("utf-8", "surrogatepass")
        self._guard.check(payload, where="the journal")
        self._guard.check(interaction.body, where="the journal")
        line = b"%08x %b\n" % (zlib.crc32(payload), payload)
        start = os.fstat(self._fd).st_size
        try:
            written = os.write(self._fd, line)
            while written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError as error:
            os.ftruncate(self._fd, start)
            raise CassetteError(f"cannot write to {self.directory}: {error.strerror}") from error

    def close(self) -> None:
        """Flush to the disk and let the next recorder in."""
        if self._fd >= 0:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a cassette for the whole of a recording, sealing included; a `Journal` inside shares the lock.

    Raises:
        CassetteLockedError: another process is recording here.
        CassetteError: the directory cannot be written.
    """
    lock = _acquire(directory)
    try:
        yield
    finally:
        lock.release()


def read(directory: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal in recorded order, as JSON objects; none when there is no journal.

    Raises:
        CassetteCorruptError: a line other than a torn last one fails its CRC.
    """
    path = directory / NAME
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            payload = _payload(line)
            if payload is not None:
                yield json.loads(payload)
            elif file.read(1):
                raise CassetteCorruptError(str(path), number, "this line fails its checksum")


def _acquire(directory: Path) -> BaseFileLock:
    # One lock object per path in this process, whichever thread asks: the holder may take it again.
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(directory / LOCK_NAME, thread_local=False, is_singleton=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CassetteLockedError(
            f"{directory} is being recorded by another process: wait for it, or record elsewhere"
        ) from error
    except OSError as error:
        raise CassetteError(f"cannot record into {directory}: {error.strerror or error}") from error
    return lock


def _payload(line: bytes) -> bytes | None:
    if len(line) < 10 or line[8:9] != b" " or not line.endswith(b"\n"):
        return None
    payload = line[9:-1]
    return payload if line[:8] == b"%08x" % zlib.crc32(payload) else None


def _cut_torn_line(path: Path) -> None:
    # A line appended after a torn one would turn the tear into corruption in the middle.
    if not path.exists():
        return
    whole = 0
    with path.open("rb") as file:
        for line in file:
            if _payload(line) is None:
                break
            whole += len(line)
        else:
            return
        if file.read(1):
            return  # not at the end: corruption, which `read` reports
    os.truncate(path, whole)
