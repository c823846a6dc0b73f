"""Members of a zip file in memory, with what the standard library of 3.12 and 3.13 cannot open: method 93, zstd."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import zstandard

# Transcripts repeat themselves: real logs come to some forty times their compressed size.
_UNZIPPED_BYTES, _UNZIPPED_RATIO = 16 << 20, 64
_ZSTD = 93
_LOCAL_HEADER_BYTES = 30


class Archive:
    """A zip file.

    Attributes:
        names: of its members, in the order of its directory; the last member of each is read.

    Raises:
        ValueError: it is no whole zip file, or grows to more than it may.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, struct.error, OSError) as error:
            raise ValueError(f"not a whole zip file ({error})") from error
        most_bytes, infos = _UNZIPPED_BYTES + _UNZIPPED_RATIO * len(data), self._zip.infolist()
        # No member gives more than its entry states.
        if sum(info.file_size for info in infos) > most_bytes:
            raise ValueError(
                f"grows to more than {most_bytes:,} bytes, the most that so small a file may hold"
            )
        self.names = tuple(dict.fromkeys(info.filename for info in infos))
        self._data = data

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        Raises:
            ValueError: it is damaged, encrypted, or compressed in another way.
        """
        info = self._zip.getinfo(name)
        try:
            return self._unzstd(info) if info.compress_type == _ZSTD else self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            zstandard.ZstdError,
            struct.error,
            EOFError,
            RuntimeError,
        ) as error:
            raise ValueError(f"{name} is damaged, or cannot be decompressed ({error})") from error

    def _unzstd(self, info: zipfile.ZipInfo) -> bytes:
        # The name and an extra field stand in front of a member, and may be longer than in the directory.
        name, extra = struct.unpack_from("<HH", self._data, info.header_offset + 26)
        start = info.header_offset + _LOCAL_HEADER_BYTES + name + extra
        packed = self._data[start : start + info.compress_size]
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            data = stream.read(info.file_size + 1)
        if zlib.crc32(data) != info.CRC:
            raise zipfile.BadZipFile("its checksum does not fit")
        return data
