"""Members of a zip file in memory, with what the standard library of 3.12 and 3.13 cannot open: method 93, zstd.

The compressed bytes are ours to decompress, so a member, or all of them, can be stopped before they fill the memory.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable

from llmxray.cassette.bounds import AMISS, HELD, Limit, Room, ZstdPieces

_MIB = 1 << 20
# Transcripts repeat themselves: real logs come to some forty times their compressed size.
UNZIPPED = Limit(16 * _MIB, 64)
_MOST_MEMBERS = 1_000_000
# Each takes kilobytes of memory as a row; a repeat that says a letter or a number takes six bytes of its file.
_LEAST_ANSWERS, _ANSWER_BYTES = 20_000, 6
# What is right, what was found and how it was marked may be one text for any number of replies.
_TEXTS = Limit(64 * _MIB, 64)
_STORED, _DEFLATE, _ZSTD = 0, 8, 93
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_HEADER_BYTES, _LOCAL_MARK = 30, b"PK\x03\x04"
_ENCRYPTED, _UTF_8 = 1, 0x800


class Rooms:
    """What all files of one command may grow to together: many small ones are no more than one as large.

    Attributes:
        unzipped: members of archives. held: the JSON values in them.
        answers: replies to questions, in files of any kind. texts: characters of the rows that they become.
        read: bytes of all files.
    """

    def __init__(self) -> None:
        self.unzipped, self.held = (Room(each.floor, "files so small") for each in (UNZIPPED, HELD))
        self.answers = Room(_LEAST_ANSWERS, "files so small", "answers")
        self.texts = Room(_TEXTS.floor, "the tables of files so small", "characters")
        self.read = 0

    def add(self, size: int) -> None:
        """Make room for another file of so many bytes."""
        self.read += size
        self.answers.grow(size // _ANSWER_BYTES)
        self.texts.grow(_TEXTS.ratio * size)

    def grow(self, size: int) -> None:
        """Make room for another archive of so many bytes."""
        self.unzipped.grow(UNZIPPED.ratio * size)
        self.held.grow(HELD.ratio * size)


class Archive:
    """A zip file.

    Args:
        rooms: shared with the other archives of a command.

    Attributes:
        names: of its members, in the order of its directory.
        doubles: how many names stand in it more than once; the last member of each is read.
        held: what the JSON values of all members together may take.

    Raises:
        ValueError: it is no whole zip file.
    """

    def __init__(self, data: bytes, rooms: Rooms | None = None) -> None:
        rooms = rooms or Rooms()
        rooms.grow(len(data))
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                infos = opened.infolist()
        except (zipfile.BadZipFile, NotImplementedError, struct.error, OSError, ValueError, *AMISS) as error:
            raise ValueError(f"not a whole zip file ({error})") from error
        if len(infos) > _MOST_MEMBERS:
            raise ValueError(f"{len(infos):,} members, more than {_MOST_MEMBERS:,}")
        # A name that stands twice is the later one, as everywhere: appending is how members are replaced.
        self._infos = {each.filename: each for each in infos}
        self.names = tuple(self._infos)
        self.doubles = sum(n > 1 for n in Counter(each.filename for each in infos).values())
        self._data, self._room, self.held = data, rooms.unzipped, rooms.held
        self._zstd = ZstdPieces()

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        Raises:
            ValueError: there is none, it is damaged, or it grows to more than it may.
        """
        info = self._infos.get(name)
        if info is None:
            raise ValueError(f"there is no {name} in it")
        try:
            found = self._method(info)(self._packed(info), self._room)
        except (zlib.error, struct.error) as error:
            raise ValueError(f"{name} cannot be decompressed ({error})") from error
        if zlib.crc32(found) != info.CRC:
            raise ValueError(f"{name} is damaged: its checksum does not fit")
        return found

    def _method(self, info: zipfile.ZipInfo) -> Callable[[bytes, Room], bytes]:
        methods = {_STORED: _stored, _DEFLATE: _inflated, _ZSTD: self._zstd.read}
        if info.flag_bits & _ENCRYPTED:
            raise ValueError(f"{info.filename} is encrypted")
        if info.compress_type not in methods:
            raise ValueError(
                f"{info.filename} is compressed by method {info.compress_type}, which is not read"
            )
        return methods[info.compress_type]

    def _packed(self, info: zipfile.ZipInfo) -> bytes:
        header = self._data[info.header_offset : info.header_offset + _LOCAL_HEADER_BYTES]
        if len(header) < _LOCAL_HEADER_BYTES or info.header_offset < 0:
            raise ValueError(f"{info.filename} lies beyond the end of the file")
        mark, name, extra = _LOCAL_HEADER.unpack(header)
        start = info.header_offset + _LOCAL_HEADER_BYTES + name + extra
        if mark == _LOCAL_MARK and _named(self._data, info, name) != info.orig_filename:
            raise ValueError(f"{info.filename} has another name at its place than in the directory")
        packed = self._data[start : start + info.compress_size]
        if mark != _LOCAL_MARK or len(packed) < info.compress_size:
            raise ValueError(f"{info.filename} is not where the directory says, or is cut short")
        return packed


def _named(data: bytes, info: zipfile.ZipInfo, length: int) -> str:
    """The name in front of a member, in the encoding that its entry in the directory has."""
    start = info.header_offset + _LOCAL_HEADER_BYTES
    encoding = "utf-8" if info.flag_bits & _UTF_8 else "cp437"
    return data[start : start + length].decode(encoding, "replace")


def _stored(packed: bytes, room: Room) -> bytes:
    room.take(len(packed))
    return packed


def _inflated(packed: bytes, room: Room) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    # One more than there is room for, to tell a member that fits from one that does not.
    found = inflater.decompress(packed, room.left + 1)
    room.take(len(found))
    return found
