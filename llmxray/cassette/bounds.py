"""How much memory the bytes of a stranger's file may become: limits that grow with its size.

=============  ====================  ======================================================================
`UNPACKED`     16 MiB + 512 × bytes  decompressed text of a file in a pack
`CLAIMS`       4 MiB + 64 × bytes    what a pack claims
`WRITTEN`      1 GiB + 2,048 × bytes files exported for other tools, where every trial repeats its prompt
=============  ====================  ======================================================================
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import zstandard

from llmxray.wire.json_size import json_bytes

_MIB = 1 << 20
# The most that our level of compression asks for; a larger window is memory taken before anything is read.
_WINDOW_BYTES = 8 * _MIB
_PIECE_BYTES = 1 << 16
MANIFEST_BYTES = 2 * _MIB
"""Of a pack: read whole and parsed."""

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


UNPACKED = Limit(16 * _MIB, 512)
CLAIMS = Limit(4 * _MIB, 64)
WRITTEN = Limit(1024 * _MIB, 2048)


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


def loads(text: bytes | str, room: Room | None = None, *, strict: bool = True) -> Any:
    """The value of a JSON text.

    Args:
        room: of which to take what the value takes; None where that was done, or where the text stands on the disk as
            it is.
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
