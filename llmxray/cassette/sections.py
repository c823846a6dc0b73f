"""The container of a block: named arrays of integers and named bytes, each compressed by itself.

::

    block   = CRC-32 of the rest (4 bytes) │ size of the header (4 bytes) │ header (zstd of JSON) │ data
    header  = {"meta": anything, "sections": {name: [kind, count, [size, …]]}}

Integers are little-endian. An array is stored as byte planes: first the lowest byte of every number, then the
next, and so on; each plane is one zstd frame, or stands as it is (negative size), or is all zero (size 0).
Planes keep apart what has different statistics: the low bytes of a float32 are noise, the high ones are not.
Kinds: ``u`` numbers as they are, ``z`` zigzag (0, -1, 1, -2, … as 0, 1, 2, 3, …), ``d`` zigzag of the
differences, ``b`` bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from llmxray.cassette import bounds
from llmxray.cassette.bounds import AMISS
from llmxray.wire.json_size import json_bytes

type Ints = NDArray[np.int64]
type Numbers = memoryview[int]

_FRAME = struct.Struct("<II")
_LEVEL = 19
# Only a reply that is longer than a block makes such a section: a tenth smaller is not worth twenty times as long.
_LONG_BYTES, _LONG_LEVEL = 4 << 20, 9
_KINDS = ("u", "z", "d", "b")
_MOST_PLANES = 8
# Zeros that nobody reads, in a block that would be too small for what it holds.
_PADDING = "padding"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a section stands: its kind, how many numbers or bytes, the size of each plane, and its first byte."""

    kind: str
    count: int
    sizes: list[int]
    at: int


class SectionWriter:
    """Gathers the sections of one block."""

    def __init__(self) -> None:
        self._sections: dict[str, list[Any]] = {}
        self._data: list[bytes] = []

    def ints(self, name: str, values: Sequence[int] | NDArray[Any]) -> None:
        """Add integers below 2^62, in whichever kind is smallest."""
        array = np.asarray(values, dtype=np.int64)
        # Tried, not foretold: what is smallest differs from server to server.
        best: tuple[int, str, list[int], list[bytes]] | None = None
        for kind in ("u", "z") if array.size < 2 else ("u", "z", "d"):
            if kind == "u" and array.size and array.min() < 0:
                continue
            sizes, planes = _planes(_forward(array, kind))
            total = sum(map(len, planes))
            if best is None or total < best[0]:
                best = total, kind, sizes, planes
        assert best is not None
        self._sections[name] = [best[1], array.size, best[2]]
        self._data += best[3]

    def unsigned(self, name: str, values: NDArray[np.uint32]) -> None:
        """Add 32-bit numbers whose order says nothing, as they are."""
        sizes, planes = _planes(values.astype(np.uint64))
        self._sections[name] = ["u", values.size, sizes]
        self._data += planes

    def data(self, name: str, data: bytes) -> None:
        """Add bytes."""
        size, packed = _pack(data)
        self._sections[name] = ["b", len(data), [size]]
        self._data.append(packed)

    def texts(self, name: str, texts: Sequence[str]) -> None:
        """Add texts that hold no NUL."""
        self.data(name, "\0".join(texts).encode("utf-8", "surrogatepass"))

    def finish(self, meta: Mapping[str, Any], *, least: int = 0) -> bytes:
        """The bytes of the block.

        Args:
            least: how many there must be.
        """
        header = self._header(meta)
        grown = len(header) + sum(_grown(*section) for section in self._sections.values())
        least = max(least, bounds.UNPACKED.least(grown), bounds.DESCRIBED.least(json_bytes(header)))
        short = least - sum(map(len, self._data))
        if short > 0:
            # Or readers would take it for one of those that grow without end.
            self._sections[_PADDING] = ["b", short, [-short]]
            self._data.append(bytes(short))
            header = self._header(meta)
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(header)
        rest = b"".join((packed, *self._data))
        size = struct.pack("<I", len(packed))
        return struct.pack("<I", zlib.crc32(rest, zlib.crc32(size))) + size + rest

    def _header(self, meta: Mapping[str, Any]) -> bytes:
        return json.dumps({"meta": meta, "sections": self._sections}, separators=(",", ":")).encode()


class SectionReader:
    """Gives the sections of a block; each is decompressed when asked for.

    Attributes:
        size_bytes, header_bytes: of the block, and of its header decompressed.
        read_bytes: decompressed so far.

    Args:
        check: refuse a block whose CRC-32 is not the one it states.
        alone: refuse bytes that do not end where the block does.

    Raises:
        ValueError: this is no whole block, or its header grows to more than it may.
    """

    def __init__(self, block: bytes, *, check: bool = True, alone: bool = True) -> None:
        self._room = bounds.UNPACKED.room(len(block))
        self._taken: set[str] = set()
        try:
            crc, size = _FRAME.unpack_from(block)
            # A view, for a slice would copy the block.
            if check and zlib.crc32(memoryview(block)[4:]) != crc:
                raise ValueError("the block fails its checksum")
            text = bounds.unzstd(block[_FRAME.size : _FRAME.size + size], self._room.left)
            self._room.take(len(text))
            header = bounds.loads(text, bounds.DESCRIBED.room(len(block)))
            self.meta: Any = header["meta"]
            self._places: dict[str, _Place] = {}
            at = _FRAME.size + size
            for name, section in header["sections"].items():
                place = self._places[name] = _place(name, section, at)
                at += sum(map(abs, place.sizes))
            if at > len(block) or (alone and at < len(block)):
                raise ValueError(f"the block should have {at} bytes, not {len(block)}")
        except (struct.error, *AMISS) as error:
            raise ValueError(f"not a block ({error})") from error
        self._block = block
        # Making one costs as much as decompressing a section.
        self._zstd = zstandard.ZstdDecompressor()
        self.size_bytes: int = at
        self.header_bytes, self.read_bytes = len(text), 0

    def kinds(self) -> dict[str, str]:
        """The kind of every section, by name."""
        return {name: place.kind for name, place in self._places.items()}

    def ints(self, name: str) -> Ints:
        """The integers of a section.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        kind, count, planes = self._planes(name)
        array = np.zeros(count, dtype=np.int64)
        for number, plane in enumerate(planes):
            if plane is not None:
                array |= np.frombuffer(plane, dtype=np.uint8).astype(np.int64) << (8 * number)
        return _backward(array, kind)

    def numbers(self, name: str) -> Numbers:
        """The integers of a section, for reading one at a time.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        kind, count, planes = self._planes(name)
        # The one plane is the array already.
        if kind == "u" and len(planes) < 2:
            return memoryview(next(iter(planes), None) or bytes(count))
        return compact(self.ints(name))

    def unsigned(self, name: str) -> NDArray[np.uint32]:
        """The 32-bit numbers of a section.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        _, count, planes = self._planes(name)
        if len(planes) > 4:
            raise ValueError(f"section {name} has wider numbers than 32 bits")
        array = np.zeros((count, 4), dtype=np.uint8)
        for number, plane in enumerate(planes):
            if plane is not None:
                array[:, number] = np.frombuffer(plane, dtype=np.uint8)
        return array.view("<u4").ravel().astype(np.uint32, copy=False)

    def data(self, name: str) -> bytes:
        """The bytes of a section.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        kind, count, planes = self._planes(name)
        if kind != "b":
            raise ValueError(f"section {name} holds no bytes")
        return planes[0] or bytes(count)

    def texts(self, name: str) -> list[str]:
        """The texts of a section.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        return self.data(name).decode("utf-8", "surrogatepass").split("\0")

    def joined(self, name: str) -> tuple[bytes, Numbers]:
        """The texts of a section as bytes, a NUL between them, and where each begins; one place more at the end.

        Raises:
            ValueError: it is damaged, or there is none.
        """
        data = self.data(name)
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 0)
        return data, compact(np.concatenate(([0], ends + 1, [len(data) + 1])))

    def _planes(self, name: str) -> tuple[str, int, list[bytes | None]]:
        if name not in self._places:
            raise ValueError(f"the block has no section {name}")
        place = self._places[name]
        kind, count, sizes, at = place.kind, place.count, place.sizes, place.at
        # Before anything is allocated: a count is whatever somebody wrote.
        if name not in self._taken:
            self._room.take(_grown(kind, count, sizes))
            self._taken.add(name)
        planes: list[bytes | None] = []
        for size in sizes:
            stored = self._block[at : at + abs(size)]
            at += abs(size)
            plane = None if not size else stored if size < 0 else bounds.unzstd(stored, count, self._zstd)
            if plane is not None and len(plane) != count:
                raise ValueError(f"section {name} should have {count} numbers, not {len(plane)}")
            planes.append(plane)
        self.read_bytes += count * len(planes)
        return kind, count, planes


def compact(array: NDArray[Any]) -> Numbers:
    """Whole numbers in as few bytes each as the widest needs; reading one gives an int, as from a list.

    A list takes up to forty bytes a number, and longer to make than to decompress what it is made of.
    """
    if not array.size:
        return memoryview(b"")
    low, high = int(array.min()), int(array.max())
    kind = np.min_scalar_type(high)
    if low < 0:
        # Asked of a positive number numpy answers with an unsigned type: the mirror image has the signed one.
        kind = np.result_type(np.min_scalar_type(low), np.min_scalar_type(-abs(high) - 1))
    return memoryview(np.ascontiguousarray(array, dtype=kind))


def sections_of(data: bytes) -> Iterator[bytes]:
    """Every header and every section of bytes in a row of blocks.

    Raises:
        ValueError: these are no blocks.
    """
    while data:
        reader = SectionReader(data, check=False, alone=False)
        yield json.dumps(reader.meta, ensure_ascii=False).encode("utf-8", "replace")
        yield from (reader.data(name) for name, kind in reader.kinds().items() if kind == "b")
        data = data[reader.size_bytes :]


def _forward(array: Ints, kind: str) -> NDArray[np.uint64]:
    if kind == "d":
        array = np.diff(array, prepend=np.int64(0))
    if kind != "u":
        # Zigzag as in Protocol Buffers: shifted down arithmetically, a negative number is all ones.
        array = (array << 1) ^ (array >> 63)
    return array.astype(np.uint64)


def _backward(array: Ints, kind: str) -> Ints:
    if kind != "u":
        array = (array >> 1) ^ -(array & 1)
    return np.cumsum(array) if kind == "d" else array


def _planes(array: NDArray[np.uint64]) -> tuple[list[int], list[bytes]]:
    rows = array.astype("<u8").view(np.uint8).reshape(-1, 8)
    last = max((number + 1 for number in range(8) if rows[:, number].any()), default=0)
    packed = [_pack(rows[:, number].tobytes()) for number in range(last)]
    return [size for size, _ in packed], [data for _, data in packed]


def _pack(data: bytes) -> tuple[int, bytes]:
    if not data.strip(b"\0"):
        return 0, b""
    level = _LEVEL if len(data) <= _LONG_BYTES else _LONG_LEVEL
    packed = zstandard.ZstdCompressor(level=level).compress(data)
    return (len(packed), packed) if len(packed) < len(data) else (-len(data), data)


def _place(name: str, section: Any, at: int) -> _Place:
    """Where a section stands, of its description in a header.

    Raises:
        ValueError, TypeError: it is no description.
    """
    kind, count, sizes = section
    numbers = (count, *sizes)
    planes = 1 if kind == "b" else _MOST_PLANES
    if kind not in _KINDS or {*map(type, numbers)} != {int} or count < 0 or len(sizes) > planes:
        raise ValueError(f"section {name} is described wrongly")
    if kind == "b" and len(sizes) != 1:
        raise ValueError(f"section {name} of bytes has no place for them")
    return _Place(kind, count, sizes, at)


def _grown(kind: str, count: int, sizes: Sequence[int]) -> int:
    """Bytes that a section takes when it is read: numbers become 64 bits wide, bytes as they are stay."""
    if kind != "b":
        return 8 * count
    return 0 if sizes[0] < 0 else count
