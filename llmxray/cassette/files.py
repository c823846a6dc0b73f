"""The files that a manifest names: no byte of one is used before all of them fit the SHA-256 in the manifest."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import zstandard

from llmxray.cassette import codec
from llmxray.cassette.manifest import NAME, FileRecord
from llmxray.errors import CassetteCorruptError
from llmxray.limits import FRAME_BYTES
from llmxray.regular_files import open_regular_file

# Keeps replay of a gigabyte of streams within 30 MB over an empty proxy (bench/bench_memory.py).
_CACHE_BYTES = 8 << 20
_PIECE_BYTES = 1 << 20


class SealedFile:
    """One file of a cassette, compared with the manifest before the first byte of it is used.

    Args:
        check: False to read a changed file, for its faults.
    """

    def __init__(self, directory: Path, record: FileRecord, *, check: bool = True) -> None:
        self.path, self.record = directory / record.name, record
        self._check, self._is_verified = check, not check

    def read(self) -> bytes:
        """All of its bytes.

        Raises:
            CassetteCorruptError: it is missing or changed.
        """
        return b"".join(self.pieces())

    def read_range(self, start: int, end: int) -> bytes:
        """Its bytes from one place to another.

        Raises:
            CassetteCorruptError: it is missing or changed.
        """
        if not self._is_verified:
            # Hashing takes about a second per gigabyte or two, once.
            for _ in self.pieces():
                pass
        try:
            with open_regular_file(self.path) as file:
                file.seek(start)
                return file.read(max(0, end - start))
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def pieces(self) -> Iterator[bytes]:
        """Its bytes a piece at a time; changes are detected at the end.

        Raises:
            CassetteCorruptError: it is missing or changed.
        """
        digest = hashlib.sha256()
        for piece in read_pieces(self.path):
            digest.update(piece)
            yield piece
        if self._check and digest.hexdigest() != self.record.sha256:
            raise CassetteCorruptError(str(self.path), None, self._why())
        self._is_verified = True

    def lines(self) -> Iterator[bytes]:
        """The lines of a file of zstd frames, without their newlines.

        Raises:
            CassetteCorruptError: it is missing, changed, or cannot be decompressed.
        """
        rest, number = b"", 0
        try:
            with zstandard.ZstdDecompressor().stream_reader(self.read(), read_across_frames=True) as reader:
                while text := reader.read(_PIECE_BYTES):
                    *lines, rest = (rest + text).split(b"\n")
                    number += len(lines)
                    yield from lines
                    if len(rest) > FRAME_BYTES:
                        raise CassetteCorruptError(str(self.path), number + 1, "is too long a line")
        except zstandard.ZstdError as error:
            raise CassetteCorruptError(str(self.path), number + 1, f"cannot be read: {error}") from error

    def values(self) -> Iterator[Any]:
        """The JSON values of these lines.

        Raises:
            CassetteCorruptError: as for `lines`, or one is not JSON.
        """
        for number, line in enumerate(self.lines(), 1):
            try:
                yield codec.loads(line)
            except ValueError as error:
                raise CassetteCorruptError(str(self.path), number, f"cannot be read: {error}") from error

    def _why(self) -> str:
        data = next(read_pieces(self.path), b"")
        if hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest() == self.record.sha256:
            return (
                "its line ends were changed to those of Windows, as git does: write the line "
                "`cassettes/** -text` into .gitattributes and check the file out again"
            )
        return (
            f"is not what was written, its SHA-256 is not the one in {NAME}: take it from a copy; "
            "`llmxray cassette verify` names the line"
        )


class LinesFile:
    """Random access to the lines of a file of zstd frames.

    Args:
        frames: byte offset and first line of each frame.
        lines: how many there are in all of them.
    """

    def __init__(self, file: SealedFile, frames: Sequence[Sequence[int]], lines: int) -> None:
        self._file = file
        ends = [*frames, (file.record.bytes, lines)]
        self._frames = [(start, end, first, last) for (start, first), (end, last) in pairwise(ends)]
        self._firsts = [first for _, first in frames]
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()
        self._cache_bytes = 0
        self._zstd = zstandard.ZstdDecompressor()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def line(self, number: int) -> bytes:
        """A 0-based line, without its newline.

        Raises:
            CassetteCorruptError: the file is missing or damaged, or too short.
        """
        frame = bisect_right(self._firsts, number) - 1
        lines = self._cache.get(frame)
        if lines is None:
            lines = self._cache[frame] = self._read(frame)
            self._cache_bytes += sum(map(len, lines))
            # The last one stays even when it alone is too large: its lines are read one after the other.
            while self._cache_bytes > _CACHE_BYTES and len(self._cache) > 1:
                self._cache_bytes -= sum(map(len, self._cache.popitem(last=False)[1]))
        else:
            self._cache.move_to_end(frame)
        return lines[number - self._frames[frame][2]]

    def value(self, number: int) -> Any:
        """The JSON value of a line.

        Raises:
            CassetteCorruptError: as for `line`, or it is not JSON.
        """
        try:
            return codec.loads(self.line(number))
        except ValueError as error:
            raise self.corrupt(number, error) from error

    def corrupt(self, number: int, error: Exception) -> CassetteCorruptError:
        """What to raise about a line."""
        return CassetteCorruptError(str(self.path), number + 1, f"cannot be read: {error}")

    def _read(self, frame: int) -> list[bytes]:
        if frame < 0:
            raise CassetteCorruptError(str(self.path), None, "has no such line")
        start, end, first, last = self._frames[frame]
        try:
            lines = _decompressed(self._file.read_range(start, end), self._zstd).split(b"\n")
            if lines.pop() or len(lines) != last - first:
                raise ValueError(f"has {len(lines):,} lines where {last - first:,} were written")
        except ValueError as error:
            why = f"this line and those up to {last} cannot be read: {error}"
            raise CassetteCorruptError(str(self.path), first + 1, why) from error
        return lines


def _decompressed(frame: bytes, by: zstandard.ZstdDecompressor) -> bytes:
    try:
        # It is allocated before anything is decompressed.
        size = zstandard.frame_content_size(frame)
        if not 0 <= size <= FRAME_BYTES:
            raise ValueError(f"a frame of {size:,} bytes, the most is {FRAME_BYTES:,}")
        return by.decompress(frame)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def read_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a cassette file, a piece at a time, whatever they are.

    Raises:
        CassetteCorruptError: the manifest names it, and it is not there.
    """
    try:
        with open_regular_file(path) as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> CassetteCorruptError:
    return CassetteCorruptError(
        str(path), None, f"named by the manifest, cannot be read: {error.strerror or error}"
    )
