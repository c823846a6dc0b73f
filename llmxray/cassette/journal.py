"""The append-only journal of a recording in progress.

One interaction a line: eight hex digits of CRC-32, a space, JSON, a newline. A line is written with one call
and handed to the kernel before the recorder goes on, so a killed process loses at most the line it was
writing. A reader drops a torn last line, one without its newline, and nothing else: any other bad line is
corruption.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llmxray.cassette import codec, locks
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteLockedError
from llmxray.regular_files import open_regular_file
from llmxray.types import Interaction

NAME = "journal.jsonl"
LOCK_NAME = locks.NAME
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
        self._lock = locks.acquire(directory)
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
        lines = [self._line(each) for each in interactions]
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
    lock = locks.acquire(directory, alone=alone)
    try:
        yield
    finally:
        lock.release()


def read(directory: Path) -> Iterator[tuple[Span, Interaction]]:
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
