"""The sealed form: files of lines, and how one line is found in them.

Small files are plain JSON lines. Above a threshold, plan and items are zstd frames of whole lines, each frame
about `FRAME_BYTES` of text; recordings, requests and the index become columns (`blocks`). The index lists every
line of every recordings file with its address; opening a cassette reads the manifest and the index only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmxray.cassette import bounds
from llmxray.cassette.files import SealedFile
from llmxray.errors import CassetteCorruptError

FRAME_BYTES = 128 * 1024
PLAIN_BELOW_BYTES = 32 * 1024
# Written once and read often, and zstd decompresses about as fast at any level.
LEVEL = 19
_FRAMES_IN_MEMORY = 16


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a recording is found: request key, index of the repeat, index of the try."""

    key: str
    sample: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.key}/{self.sample}/{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that a row names: ``key/sample/attempt``."""
        key, sample, attempt = text.rsplit("/", 2)
        return cls(key, int(sample), int(attempt))


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a recording without reading it.

    Attributes:
        complete: the completeness rule held when it was sealed (`llmxray.wire.is_complete`).
        status: HTTP status, None when there was no response.
        file: name of the recordings file, "" for the journal.
        line: 0-based line in it.
    """

    address: Address
    complete: bool
    status: int | None
    file: str
    line: int


class LinesFile:
    """Random access to the lines of one file, plain or in zstd frames."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._offsets = [offset for offset, _ in file.record.frames]
        self._firsts = [line for _, line in file.record.frames]
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def text(self, number: int) -> bytes:
        """A 0-based line, without its newline.

        Raises:
            CassetteCorruptError: the file is gone, damaged, or too short.
        """
        frame = max(0, bisect_right(self._firsts, number) - 1)
        place = number - (self._firsts[frame] if self._firsts else 0)
        lines = self._lines(frame)
        # A place below zero would count from the end.
        if not 0 <= place < len(lines):
            raise CassetteCorruptError(str(self.path), number + 1, "there is no such line")
        return lines[place]

    def line(self, number: int) -> Any:
        """The JSON value of a 0-based line.

        Raises:
            CassetteCorruptError: the file is gone, damaged, or too short.
        """
        text = self.text(number)
        try:
            return bounds.loads_alone(text, self._file.size_bytes)
        except ValueError as error:
            raise CassetteCorruptError(str(self.path), number + 1, f"not readable: {error}") from error

    def _lines(self, frame: int) -> list[bytes]:
        if frame in self._cache:
            self._cache.move_to_end(frame)
            return self._cache[frame]
        try:
            lines = self._read_frame(frame)
        except ValueError as error:
            raise CassetteCorruptError(str(self.path), None, str(error)) from error
        self._cache[frame] = lines
        if len(self._cache) > _FRAMES_IN_MEMORY:
            self._cache.popitem(last=False)
        return lines

    def _read_frame(self, frame: int) -> list[bytes]:
        if not self._offsets:
            data = self._file.read()
            return bounds.split_lines(data, len(data))
        start, *rest = self._offsets[frame : frame + 2]
        raw = self._file.part(start, rest[0] if rest else None)
        # All frames of it, as whoever reads the file as a whole does: one may be hidden in what that one skips.
        lines = bounds.split_lines(bounds.unzstd_all(raw), len(raw))
        refuse_other_lines(len(lines), frame, self._firsts, self._file.record.lines)
        return lines


def refuse_other_lines(found: int, frame: int, firsts: Sequence[int], total: int) -> None:
    """Refuse a frame or block that holds other lines than the manifest says, which may have been written anew.

    Args:
        found: how many lines it holds.
        firsts: first line of every one.
        total: lines of the file.

    Raises:
        ValueError: it holds more, or fewer.
    """
    said = (*firsts, total)[frame + 1] - firsts[frame]
    if found != said:
        raise ValueError(f"holds {found:,} lines, and the manifest says {said:,}")


def unpack_lines(data: bytes, compressed: bool) -> Iterator[bytes]:
    """All lines of a file, without their newlines.

    Raises:
        ValueError: it cannot be decompressed, or grows to more than it may.
    """
    yield from each_line(bounds.unzstd_all(data) if compressed else data)


def each_line(text: bytes) -> Iterator[bytes]:
    """One line at a time, without its newline: short lines as a list take twenty times their text."""
    start = 0
    # What follows the last newline is no line.
    while (end := text.find(b"\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
