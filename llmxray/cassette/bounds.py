"""How much memory the bytes of a file may become: every limit of the cassette format and of tables, in one place.

A few kilobytes can say that they decompress to terabytes, that an array has a billion numbers, or that a text
repeats a million times. Each limit grows with the bytes on the disk (`plain.refuse_holes`), which nobody can make up:

=============  ====================  ======================================================================
`UNPACKED`     2 MiB + 32 × bytes    decompressed text, and columns at eight bytes a number
`REBUILT`      4 MiB + 64 × bytes    the text of one recording, and the texts of the table of symbols
`TOGETHER`     64 MiB + 512 × bytes  the texts of all recordings of a cassette, by their `weight`
`TEXTS`        12 Mi + 16 × bytes    characters of the rows of a cassette: what its replies say, and what is right
`AGAIN`        1 Mi + 1 × bytes      tokens and alternatives of replies that several trials share, after the first
`DESCRIBED`    8 MiB + 128 × bytes   the JSON values of the header of a block
`HELD`         16 MiB + 512 × bytes  the JSON values of a file: plan, items; of requests with the index of their keys
`READING`      512 MiB + 64 × bytes  the process that reads a Parquet or Arrow file (`llmxray.reading_process`)
`WRITTEN`      1 GiB + 2,048 × bytes files exported for other tools, where every trial repeats its prompt
=============  ====================  ======================================================================

Writers stay within them: they pad what would be too small for what it holds, and keep a recording as its received
bytes where its text would be too long.
"""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import dataclass
from typing import Any

import zstandard

from llmxray.wire.json_size import MOST_PER_CHARACTER, json_bytes
from llmxray.wire.sse import count_lines

_MIB = 1 << 20
# The most that our level of compression asks for; a larger window is memory taken before anything is read.
_WINDOW_BYTES = 8 * _MIB
_PIECE_BYTES = 1 << 16
# A line beside its characters, with its place in a list.
_LINE_BYTES = 56
# Read whole and parsed: as JSON of empty lists it becomes some thirty times as much.
MANIFEST_BYTES = 2 * _MIB
# Of one program that recorded: a merged cassette names those of all its parts. Pages show it.
VERSION_CHARACTERS = 10_000

# What taking values apart may raise, besides ValueError, when they are not of the shape that was written. An iterator
# at its end inside of a generator, and a text nested too deeply, are a RuntimeError.
AMISS = (LookupError, TypeError, AttributeError, StopIteration, ArithmeticError, RuntimeError)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        # NaN, Infinity, and what is read as infinite: 1e999.
        raise ValueError(f"{text} is no number of JSON")
    return value


_STRICT = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


class Room:
    """What is left of a limit.

    Attributes:
        left: bytes, or characters, that may still be taken.
    """

    __slots__ = ("_most", "_unit", "_whose", "left")

    def __init__(self, most: int, whose: str = "so small a file", unit: str = "bytes") -> None:
        self._most = self.left = most
        self._whose, self._unit = whose, unit

    def take(self, size: int) -> None:
        """Take some of it.

        Raises:
            ValueError: there is less left.
        """
        self.left -= size
        if self.left < 0:
            raise self._error()

    def fits(self, size: int) -> None:
        """Refuse, unless so much is left; take none of it.

        Raises:
            ValueError: there is less left.
        """
        if size > self.left:
            raise self._error()

    def grow(self, size: int) -> None:
        """Make it larger, for another file that shares it."""
        self._most += size
        self.left += size

    def _error(self) -> ValueError:
        return ValueError(
            f"grows to more than {self._most:,} {self._unit}, the most that {self._whose} may hold"
        )


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
# Not memory but time: texts that are let go one after the other. Real recordings grow thirty-fold at most.
TOGETHER = Limit(64 * _MIB, 512)
# Taking these apart takes as long as so many characters do: a line, of which an event of a stream has two at least, an
# object (a token without a text), and a value of a list or an object. Usual replies are longer than their values count.
_LINE, _OBJECT, _VALUE = 50, 50, 20
# Time again: each rule of each chain reads each character, four microseconds at worst. What ships says a tenth of a
# character for each byte of its recordings.
TEXTS = Limit(12 * _MIB, 16)
# Time once more: ten microseconds for each in a report. What ships has a quarter of one for each byte.
AGAIN = Limit(_MIB, 1)
DESCRIBED = Limit(8 * _MIB, 128)
HELD = Limit(16 * _MIB, 512)
READING = Limit(512 * _MIB, 64)
WRITTEN = Limit(1024 * _MIB, 2048)


def weight(body: bytes) -> int:
    """What a recording of these bytes counts in `Together`."""
    return weight_of(len(body), count_lines(body), body.count(b"{"), body.count(b","))


def weight_of(characters: int, lines: int, objects: int, values: int) -> int:
    """The same by its characters, line ends, braces and commas: it goes by what takes the longest to read."""
    return max(characters + _LINE * lines, _OBJECT * objects, _VALUE * values)


class Together:
    """What the recordings of a cassette are rebuilt to, all together. Each counts once, however often it is read.

    Args:
        size: bytes of all its files of recordings.
    """

    def __init__(self, size: int) -> None:
        self._room = Room(TOGETHER.most(size), "all recordings of so small a cassette")
        # By file, what the recording at each line counted so far.
        self._counted: dict[str, array[int]] = {}

    def check(self) -> None:
        """Refuse, once too much was rebuilt.

        Raises:
            ValueError: it was.
        """
        self._room.fits(0)

    def count(self, file: str, line: int, size: int) -> None:
        """Count a recording of such a `weight`; of several readings of it the largest counts.

        Raises:
            ValueError: with it there are too many.
        """
        counted = self._counted.setdefault(file, array("Q"))
        # No longer than there are recordings: this one was just read.
        counted.extend([0] * max(0, line + 1 - len(counted)))
        more, counted[line] = max(0, size - counted[line]), max(size, counted[line])
        self._room.take(more)


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


def loads(text: bytes | str, room: Room | None = None, *, strict: bool = True) -> Any:
    """The value of a JSON text.

    Args:
        room: of which to take what the value takes; None where that was done, or where the text stands on the disk as
            it is: no value takes as much as `HELD` allows of its own text.
        strict: refuse NaN and Infinity, which Python reads and no file of ours may hold.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or there is no room for it.
    """
    if room is not None:
        room.take(json_bytes(text))
    try:
        if strict:
            return _STRICT.decode(text if isinstance(text, str) else text.decode("utf-8", "surrogatepass"))
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def loads_alone(text: bytes | str, size: int) -> Any:
    """The value of a JSON text that is let go before the next one of its file is read.

    Args:
        size: bytes on the disk that the text came out of.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or grows to more than it may.
    """
    check_alone(text, size)
    return loads(text)


def split_lines(text: bytes, size: int) -> list[bytes]:
    """The lines of a text that came out of so many bytes on the disk, without their newlines.

    Raises:
        ValueError: they grow to more than they may: short lines take twenty times their text.
    """
    HELD.room(size).fits(len(text) + _LINE_BYTES * text.count(b"\n"))
    # What follows the last newline is no line.
    return text.split(b"\n")[:-1]


def check_alone(text: bytes | str, size: int) -> None:
    """Refuse a text that `loads_alone` would have no room for.

    Raises:
        ValueError: there is none.
    """
    # Counting takes about as long as parsing: usual lines need none.
    if MOST_PER_CHARACTER * len(text) > HELD.floor:
        HELD.room(size).fits(json_bytes(text))
