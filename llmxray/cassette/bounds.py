"""How much memory the bytes of a file may become: every limit of the cassette format, in one place.

A few kilobytes can say that they decompress to terabytes, that an array has a billion numbers, or that a text
repeats a million times. Each limit grows with the bytes on the disk, which nobody can make up:

=============  ====================  ======================================================================
`UNPACKED`     2 MiB + 32 × bytes    decompressed text, and columns at eight bytes a number
`REBUILT`      4 MiB + 64 × bytes    the text of one recording, and the texts of the table of symbols
`DESCRIBED`    8 MiB + 128 × bytes   the JSON values of the header of a block
`HELD`         16 MiB + 512 × bytes  the JSON values of a file: plan, items, requests
=============  ====================  ======================================================================

Writers stay within them: they pad what would be too small for what it holds, and keep a recording as its received
bytes where its text would be too long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import zstandard

_MIB = 1 << 20
# The most that our level of compression asks for; a larger window is memory taken before anything is read.
_WINDOW_BYTES = 8 * _MIB
_PIECE_BYTES = 1 << 16
# An empty list, or an object of a key or two, and the place of it in another; a character beyond ASCII.
_LIST_BYTES, _OBJECT_BYTES, _WIDE_BYTES = 72, 200, 4
# Read whole and parsed: as JSON of empty lists it becomes some thirty times as much.
MANIFEST_BYTES = 2 * _MIB

# What taking values apart may raise, besides ValueError, when they are not of the shape that was written. An iterator
# at its end inside of a generator, and a text nested too deeply, are a RuntimeError.
AMISS = (LookupError, TypeError, AttributeError, StopIteration, ArithmeticError, RuntimeError)


class Room:
    """What is left of a limit.

    Attributes:
        left: bytes, or characters, that may still be taken.
    """

    __slots__ = ("_most", "left")

    def __init__(self, most: int) -> None:
        self._most = self.left = most

    def take(self, size: int) -> None:
        """Take some of it.

        Raises:
            ValueError: there is less left.
        """
        self.left -= size
        if self.left < 0:
            raise self._error()

    def fits(self, size: int) -> None:
        """Nothing, where so much is left.

        Raises:
            ValueError: there is less left.
        """
        if size > self.left:
            raise self._error()

    def _error(self) -> ValueError:
        return ValueError(f"grows to more than {self._most:,} bytes, the most that so small a file may hold")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that grows with the bytes on the disk.

    Attributes:
        floor: bytes that anything may grow to.
        ratio: more of them for each byte on the disk.
    """

    floor: int
    ratio: int

    def most(self, size: int) -> int:
        """What so many bytes may grow to."""
        return self.floor + self.ratio * size

    def room(self, size: int) -> Room:
        """The same, to be used up."""
        return Room(self.most(size))

    def least(self, grown: int) -> int:
        """Bytes that there must be on the disk for something to grow to so much."""
        return max(0, -(-(grown - self.floor) // self.ratio))


UNPACKED = Limit(2 * _MIB, 32)
REBUILT = Limit(4 * _MIB, 64)
DESCRIBED = Limit(8 * _MIB, 128)
HELD = Limit(16 * _MIB, 512)


def unzstd(data: bytes, most: int, by: zstandard.ZstdDecompressor | None = None) -> bytes:
    """The first zstd frame of some bytes, decompressed.

    Args:
        by: a decompressor at hand: making one costs as much as decompressing a little.

    Raises:
        ValueError: it is damaged, does not state its size, or states more than ``most``.
    """
    try:
        # A stated size is allocated before anything is decompressed.
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= most:
            raise ValueError(f"cannot be decompressed: {size:,} bytes are stated, {most:,} are the most")
        return (by or zstandard.ZstdDecompressor()).decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(f"cannot be decompressed: {error}") from error


class ZstdPieces:
    """Decompresses rows of zstd frames piece by piece, so that one that grows too far is stopped on the way."""

    def __init__(self) -> None:
        self._by = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)

    def read(self, data: bytes, room: Room) -> bytes:
        """A row of frames, decompressed; what it grows to is taken from ``room``.

        Raises:
            ValueError: one is damaged, or there is no room for all of them.
        """
        pieces = []
        try:
            # Told to read across frames, or it ends at the first one and says nothing.
            with self._by.stream_reader(data, read_across_frames=True) as reader:
                while piece := reader.read(_PIECE_BYTES):
                    room.take(len(piece))
                    pieces.append(piece)
        except zstandard.ZstdError as error:
            raise ValueError(f"cannot be decompressed: {error}") from error
        return b"".join(pieces)


def unzstd_all(data: bytes) -> bytes:
    """A row of zstd frames, decompressed.

    Raises:
        ValueError: one is damaged, or all together grow to more than they may.
    """
    return ZstdPieces().read(data, UNPACKED.room(len(data)))


def loads(text: bytes | str, room: Room) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or there is no room for it.
    """
    room.take(json_bytes(text))
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def json_bytes(text: bytes | str) -> int:
    """Bytes of memory that the value of a JSON text takes, about, and no less."""
    # Brackets inside of strings are counted too, which only makes it a little more.
    if isinstance(text, bytes):
        lists, objects = text.count(b"["), text.count(b"{")
    else:
        lists, objects = text.count("["), text.count("{")
    characters = len(text) * (1 if text.isascii() else _WIDE_BYTES)
    return characters + _LIST_BYTES * lists + _OBJECT_BYTES * objects
