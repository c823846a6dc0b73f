"""Files about to become part of a cassette: written beside it piece by piece, named by their hash at the end."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import zstandard

from llmxray.cassette import bounds, codec
from llmxray.cassette.blocks import SUFFIX
from llmxray.cassette.columnar import BlockWriter, RequestBlock
from llmxray.cassette.manifest import STAGING, FileRecord, staging_name
from llmxray.cassette.scrub import SecretGuard
from llmxray.cassette.sealed import FRAME_BYTES, LEVEL, PLAIN_BELOW_BYTES
from llmxray.types import Interaction
from llmxray.wire.json_size import json_bytes

# So much raw text is held in memory while a block is made.
BLOCK_BYTES = 2 << 20
BLOCK_LINES = 1024
# One reply of that size makes the file a large one, without trying how long its line would be.
_LONG_BYTES = 8 * PLAIN_BELOW_BYTES
_SKIPPABLE, _SKIPPABLE_MAGIC = struct.Struct("<II"), 0x184D2A50


class Staged:
    """One file, written under a name of its own until its hash is known."""

    def __init__(self, directory: Path, guard: SecretGuard) -> None:
        self.guard = guard
        self.path = staging_name(directory)
        self.frames: list[tuple[int, int]] = []
        self.crc32: list[int] = []
        # "x": a second recorder, however it got in, writes into no file of this one.
        self._file = self.path.open("xb")
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def frame(self, data: bytes, first: int) -> None:
        """Append a frame whose first line has that number."""
        self.frames.append((self._size, first))
        self.write(data)

    def finish(self, role: str, stem: str, suffix: str, condition: str = "") -> FileRecord:
        """Hand everything to the disk, and say what the file is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        digest = self._digest.hexdigest()
        name = f"{stem}.{digest[:8]}{suffix}"
        return FileRecord(role, name, digest, self._size, len(self.crc32), condition, tuple(self.frames))

    def close(self) -> None:
        """Give the file up, or do nothing after `finish`."""
        # On a full disk even closing fails, since it writes what is held back; the file goes away in any case.
        with suppress(OSError):
            self._file.close()


class LinesWriter:
    """Lines of text: plain while they are few, then zstd frames of whole lines."""

    def __init__(self, staged: Staged) -> None:
        self.staged = staged
        self._held: list[bytes] = []
        self._first = self._size = 0
        # Readers decompress a frame in one call, which needs its size stated.
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)

    def add(self, line: str) -> None:
        """Add a line.

        Raises:
            SecretLeakError: a secret is in it.
        """
        encoded = line.encode("utf-8", "surrogatepass")
        self.staged.guard.check(encoded, where="the cassette")
        self.staged.crc32.append(zlib.crc32(encoded))
        self._held.append(encoded + b"\n")
        self._size += len(encoded) + 1
        if self._size >= FRAME_BYTES:
            self._frame()

    def finish(self, role: str, stem: str) -> FileRecord:
        """The file is whole."""
        if not self.staged.frames and self._size < PLAIN_BELOW_BYTES:
            self.staged.write(b"".join(self._held))
            return self.staged.finish(role, stem, ".jsonl")
        if self._held:
            self._frame()
        return self.staged.finish(role, stem, ".jsonl.zst")

    def _frame(self) -> None:
        text = b"".join(self._held)
        least = max(-(-len(text) // bounds.UNPACKED.ratio), -(-json_bytes(text) // bounds.HELD.ratio))
        self.staged.frame(_padded(self._compressor.compress(text), least), self._first)
        self._first, self._size = len(self.staged.crc32), 0
        self._held.clear()


def _padded(frame: bytes, least: int) -> bytes:
    """A zstd frame, followed by as much as is missing to so many bytes, so that a reader takes all that it grows to.

    What is behind it is a skippable frame (RFC 8878, 3.1.2), which decompresses to nothing.
    """
    short = least - len(frame)
    if short <= 0:
        return frame
    rest = max(0, short - _SKIPPABLE.size)
    return frame + _SKIPPABLE.pack(_SKIPPABLE_MAGIC, rest) + bytes(rest)


class _FirstLines:
    """The lines of a small file, until there are too many for one."""

    def __init__(self) -> None:
        self.lines: list[bytes] | None = []
        self._size = 0

    def add(self, make: Callable[[], str]) -> None:
        """Add a line, unless it is decided that the file is a large one."""
        if self.lines is None:
            return
        self.lines.append(make().encode("utf-8", "surrogatepass") + b"\n")
        self._size += len(self.lines[-1])
        if self._size >= PLAIN_BELOW_BYTES:
            self.lines = None


class RecordingsWriter:
    """The recordings of one group: JSON lines while they are few, then blocks of columns.

    Args:
        table: the symbols of the cassette by text; new ones are added.
    """

    def __init__(self, staged: Staged, table: dict[str, int]) -> None:
        self.staged = staged
        self._table = table
        self._few = _FirstLines()
        self._blocks = BlockWriter(self._check)
        self._held: list[tuple[int, Interaction]] = []
        self._size = self._first = 0

    def add(self, request: int, interaction: Interaction) -> None:
        """Add a recording.

        Args:
            request: the number of its request in the index.

        Raises:
            SecretLeakError: a secret is in it.
        """
        size = sum(len(chunk.raw) for chunk in interaction.chunks)
        if size > _LONG_BYTES:
            self._few.lines = None
        self._few.add(lambda: codec.dumps(codec.to_line(interaction)))
        # A thousand samples of one long prompt hold it once.
        if self._held and (last := self._held[-1][1]).key == interaction.key:
            interaction = replace(interaction, request=last.request)
        self._held.append((request, interaction))
        self._size += size
        if self._few.lines is None and (self._size >= BLOCK_BYTES or len(self._held) >= BLOCK_LINES):
            self._block()

    def finish(self, stem: str, group: str) -> FileRecord:
        """The file is whole."""
        few = self._few.lines
        # Lines are not padded: where they would be too short for what they are rebuilt to, a block is.
        weight = sum(bounds.weight(each.body) for _, each in self._held)
        if few is not None and weight <= bounds.TOGETHER.ratio * sum(map(len, few)):
            for _, each in self._held:
                self._check(each.body)
            for line in few:
                self._check(line)
                self.staged.crc32.append(zlib.crc32(line[:-1]))
                self.staged.write(line)
            return self.staged.finish("recordings", stem, ".jsonl", group)
        if self._held:
            self._block()
        self.staged.frame(self._blocks.symbols(self._table), len(self.staged.crc32))
        return self.staged.finish("recordings", stem, SUFFIX, group)

    def _block(self) -> None:
        for _, each in self._held:
            self._check(codec.dumps(codec.head(each)).encode("utf-8", "surrogatepass"))
            self._check(each.body)
        self.staged.frame(self._blocks.block(self._held), self._first)
        self.staged.crc32 += [codec.checksum(each) for _, each in self._held]
        self._first += len(self._held)
        self._held, self._size = [], 0

    def _check(self, data: bytes) -> None:
        self.staged.guard.check(data, where="the cassette")


class RequestsWriter:
    """Requests: JSON lines while they are few, then blocks of columns of their bodies."""

    def __init__(self, staged: Staged) -> None:
        self.staged = staged
        self._few = _FirstLines()
        self._bodies: list[str] = []
        self._size = self._first = 0

    def add(self, key: str, group: str, body: dict[str, Any]) -> None:
        """Add a request.

        Raises:
            SecretLeakError: a secret is in it.
        """
        text = codec.dumps(body)
        encoded = text.encode("utf-8", "surrogatepass")
        self.staged.guard.check(encoded, where="the cassette")
        self._few.add(lambda: codec.dumps({"key": key, "group": group, "body": body}))
        # Keeps count of the lines; `finish` settles what stands there.
        self.staged.crc32.append(0)
        self._bodies.append(text)
        self._size += len(text)
        if self._few.lines is None and (self._size >= BLOCK_BYTES or len(self._bodies) >= BLOCK_LINES):
            self._block()

    def finish(self) -> FileRecord:
        """The file is whole."""
        if self._few.lines is not None:
            self.staged.crc32[:] = [zlib.crc32(line[:-1]) for line in self._few.lines]
            self.staged.write(b"".join(self._few.lines))
            return self.staged.finish("requests", "requests", ".jsonl")
        if self._bodies:
            self._block()
        record = self.staged.finish("requests", "requests", SUFFIX)
        self.staged.crc32 = []  # a request is checked by its key, which is a hash of it
        return record

    def _block(self) -> None:
        self.staged.frame(RequestBlock.write(self._bodies), self._first)
        self._first += len(self._bodies)
        self._bodies, self._size = [], 0


def clear(directory: Path) -> None:
    """Remove what an interrupted sealing left."""
    shutil.rmtree(directory / STAGING, ignore_errors=True)


def write_whole(staged: Staged, role: str, data: bytes) -> FileRecord:
    """A file of one block."""
    staged.write(data)
    return staged.finish(role, role, SUFFIX)
