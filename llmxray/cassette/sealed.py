"""The sealed form: files of lines, and how one line is found in them.

Small files are plain JSON lines. Above a threshold, plan and items are zstd frames of whole lines, each frame
about `FRAME_BYTES` of text; recordings, requests and the index become columns (`blocks`). The index lists every
line of every recordings file with its address; opening a cassette reads the manifest and the index only.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

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


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a recording without reading it.

    Attributes:
        complete: D4's rule held when it was sealed: a whole answer, cleanly ended, status 200.
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
    """Random access to the lines of one file, plain or in zstd frames.

    Args:
        path: ends in ``.zst`` when compressed.
        frames: for a compressed file, ``(byte offset, first line)`` of every frame, in order.
    """

    def __init__(self, path: Path, frames: Sequence[tuple[int, int]] = ()) -> None:
        self._path = path
        self._offsets = [offset for offset, _ in frames]
        self._firsts = [line for _, line in frames]
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()

    def line(self, number: int) -> Any:
        """The JSON value of a 0-based line.

        Raises:
            CassetteCorruptError: the file is gone, damaged, or too short.
        """
        frame = max(0, bisect_right(self._firsts, number) - 1)
        first = self._firsts[frame] if self._firsts else 0
        lines = self._lines(frame)
        try:
            return json.loads(lines[number - first])
        except (IndexError, ValueError) as error:
            raise CassetteCorruptError(str(self._path), number + 1, f"not readable: {error}") from error

    def _lines(self, frame: int) -> list[bytes]:
        if frame in self._cache:
            self._cache.move_to_end(frame)
            return self._cache[frame]
        try:
            data = self._read_frame(frame)
        except (OSError, zstandard.ZstdError) as error:
            raise CassetteCorruptError(str(self._path), None, f"cannot be read: {error}") from error
        lines = data.split(b"\n")
        self._cache[frame] = lines
        if len(self._cache) > _FRAMES_IN_MEMORY:
            self._cache.popitem(last=False)
        return lines

    def _read_frame(self, frame: int) -> bytes:
        if not self._offsets:
            return self._path.read_bytes()
        start, *rest = self._offsets[frame : frame + 2]
        with self._path.open("rb") as file:
            file.seek(start)
            raw = file.read(rest[0] - start) if rest else file.read()
        return zstandard.ZstdDecompressor().decompress(raw)


def unpack_lines(data: bytes, compressed: bool) -> Iterator[bytes]:
    """All lines of a file, without their newlines."""
    if compressed:
        # Told to read across frames, or it ends at the first one and says nothing.
        reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        data = reader.read()
    yield from data.split(b"\n")[:-1]
