"""Files about to become part of a cassette: written beside it line by line, named by their hash at the end."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import zstandard

from llmxray.cassette.index import FileIndex
from llmxray.cassette.manifest import STAGING, FileRecord, Role, staging_name
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteError, InputError

FRAME_BYTES = 128 << 10
# Read in order, and much alike: with more of them in a frame they take a third.
REQUEST_FRAME_BYTES = 8 << 20
# Written once and read often, and zstd decompresses about as fast at any level.
_LEVEL = 19


@contextmanager
def fresh_directory(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes the name ``target`` when the block ends without an error.

    Raises:
        InputError: something is there already.
        CassetteError: it cannot be written; nothing is left behind.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already: name a new directory")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, since a rename stays within one file system.
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name}.", dir=target.parent, ignore_cleanup_errors=True
        ) as folder:
            part = Path(folder, target.name)
            part.mkdir()
            yield part
            # Windows does not rename onto a folder, even an empty one; rmdir removes only empty ones.
            if target.exists():
                target.rmdir()
            part.replace(target)
    except OSError as error:
        raise CassetteError(f"cannot write {target}: {error.strerror or error}") from error


class StagedFile:
    """One file of lines in zstd frames, written under a temporary name until its hash is known."""

    def __init__(self, directory: Path, guard: SecretGuard, *, frame_bytes: int = FRAME_BYTES) -> None:
        self.path = staging_name(directory)
        self._guard, self._frame_bytes = guard, frame_bytes
        # "x": a second recorder, however it got in, writes into no file of this one.
        self._file = self.path.open("xb")
        self._digest = hashlib.sha256()
        self._pending: list[bytes] = []
        self._size = self._pending_bytes = 0
        self.frames: list[tuple[int, int]] = []
        self.crc32: list[int] = []
        # Readers decompress a frame in one call, which needs its size stated.
        self._zstd = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)

    def add(self, line: bytes) -> None:
        """Add a line.

        Raises:
            SecretLeakError: a secret is in it.
        """
        self._guard.check(line, where="the cassette")
        self.crc32.append(zlib.crc32(line))
        self._pending.append(line + b"\n")
        self._pending_bytes += len(line)
        if self._pending_bytes >= self._frame_bytes:
            self._frame()

    def finish(self, role: Role, stem: str, condition: str = "") -> tuple[FileRecord, FileIndex]:
        """Flush to disk; returns the file's record."""
        if self._pending:
            self._frame()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        digest = self._digest.hexdigest()
        name = f"{stem}.{digest[:8]}.jsonl.zst"
        record = FileRecord(role, name, digest, self._size, len(self.crc32), condition)
        return record, FileIndex(self.frames, self.crc32)

    def close(self) -> None:
        """Give the file up, or do nothing after `finish`."""
        # On a full disk even closing fails, because it flushes; the file is removed anyway.
        with suppress(OSError):
            self._file.close()

    def _frame(self) -> None:
        frame = self._zstd.compress(b"".join(self._pending))
        self.frames.append((self._size, len(self.crc32) - len(self._pending)))
        self._file.write(frame)
        self._digest.update(frame)
        self._size += len(frame)
        self._pending.clear()
        self._pending_bytes = 0


def clear(directory: Path) -> None:
    """Remove what an interrupted sealing left."""
    shutil.rmtree(directory / STAGING, ignore_errors=True)
