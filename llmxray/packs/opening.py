"""Opening a pack from anybody: every member is checked before the first file is written.

A zip can name files outside the folder it is opened in, hold links, the same name twice, a hundred thousand
files, or a few kilobytes that grow to terabytes. Only the names that a pack has are taken, sizes are counted
while reading and never believed, and what the manifest does not list is refused.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import zstandard

from llmxray import names
from llmxray.cassette import bounds
from llmxray.cassette.bounds import Limit
from llmxray.errors import PackError
from llmxray.packs import manifest as manifests
from llmxray.packs.manifest import PackedFile, PackManifest
from llmxray.plain import open_plain

_PIECE_BYTES, _SHOWN = 1 << 20, 80
# Of 2,000 members with the longest names; members themselves are read in smaller pieces.
_MOST_READ_BYTES = 2 << 20
# Whatever zipfile raises for bytes that are damaged, or packed in a way that it does not know. A name that is not in
# the encoding that it claims is a ValueError.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    Warning,
)
# The others have errors and appetites of their own, and no pack needs them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZSTD_SUFFIX = ".zst"
# Compressed before they are packed. Zipped again they hardly shrink, and one that does was made to be small in the zip
# and to pass, unpacked, for a large file, which may become much in memory.
_COMPRESSED = (_ZSTD_SUFFIX, ".columns")
_AGAIN = Limit(floor=1 << 16, ratio=2)
# The record at the end of a zip, whose last two bytes are the length of a comment.
_END_MARK, _END_BYTES = b"PK\x05\x06", 22


# A mebibyte, and eight times the zip.
_GROWTH = Limit(floor=1 << 20, ratio=8)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a pack may be, so that a hostile one cannot fill a disk or the memory.

    Attributes:
        files: members of the zip.
        bytes: of all members together, as unpacked.
        growth: of the same, by the bytes of the zip: packs are stored, and zips of text grow a few times.
        decompressed_bytes: of each zstd member, decompressed; less for small members, as in a cassette.
        manifest_bytes: of ``pack.json``, which is read whole.
    """

    files: int = 2_000
    bytes: int = 2 << 30
    growth: Limit = _GROWTH
    decompressed_bytes: int = 4 << 30
    manifest_bytes: int = bounds.MANIFEST_BYTES


def read_manifest(path: Path) -> PackManifest:
    """The manifest of a pack, with nothing unpacked.

    Raises:
        PackError: the file is no pack, or not a safe one.
    """
    with _opened(path) as archive:
        return _manifest(archive, path, Limits())


def unpack(path: Path, folder: Path, limits: Limits | None = None) -> PackManifest:
    """Check a pack and write its files into an empty or new folder.

    Raises:
        PackError: the file is no pack, is not safe, or is not what its manifest says; nothing is left behind.
    """
    limits = limits or Limits()
    if folder.exists() and any(folder.iterdir()):
        raise PackError(f"{folder} is not empty: name a new folder")
    with _opened(path) as archive:
        manifest = _manifest(archive, path, limits)
        # All of them before the first is written: nothing has to be taken back.
        for record in manifest.files:
            _check(archive, record, path, limits)
        for record in manifest.files:
            target = folder / record.name
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x": never into a file that is there, whatever the checks overlooked.
            with archive.open(record.name) as source, target.open("xb") as out:
                while piece := source.read(_PIECE_BYTES):
                    out.write(piece)
        (folder / manifests.NAME).write_bytes(manifests.render(manifest))
    return manifest


def members(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and content of each member of any zip, in pieces; how much all may be is up to whoever reads.

    Raises:
        PackError: it is no zip, or has a table of contents larger than that of any pack.
        UNREADABLE: a member is damaged.
    """
    with _opened(path) as archive:
        for member in archive.infolist():
            if member.flag_bits & 0x1 or member.compress_type not in _METHODS:
                raise PackError(
                    f"{path}: {member.filename!r} is encrypted, or compressed in a way that no pack is"
                )
            with archive.open(member) as source:
                yield member.filename, iter(partial(source.read, _PIECE_BYTES), b"")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with open_plain(path) as plain:
            file = _Bounded(os.dup(plain.fileno()))
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error.strerror or error}") from error
    with file, warnings.catch_warnings():
        # Members that lie over each other are refused, not printed about.
        warnings.simplefilter("error")
        try:
            archive = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise PackError(f"{path}: not a zip file ({error}): is the download complete?") from error
        with archive:
            yield archive


class _Bounded(io.FileIO):
    """A file of which nobody reads much at once: zipfile reads a whole table of contents, and makes it ten times
    as large in memory, before anybody can count its entries.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file, up to `_MOST_READ_BYTES`."""
        if size is not None and size > _MOST_READ_BYTES:
            raise zipfile.BadZipFile("its table of contents is larger than that of any pack")
        return super().read(_MOST_READ_BYTES if size is None or size < 0 else size)


def _check_ends(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what lies before the first member or behind the last record, where no hash covers it."""
    assert archive.fp is not None
    # What zipfile calls an offset counts bytes before the archive in, whatever the table says.
    if min((member.header_offset for member in archive.infolist()), default=0) != 0:
        raise PackError(f"{path}: something stands before the archive, which no pack has")
    archive.fp.seek(-_END_BYTES, os.SEEK_END)
    end = archive.fp.read(_END_BYTES)
    if not (end.startswith(_END_MARK) and end.endswith(b"\0\0")):
        raise PackError(f"{path}: something stands behind the archive, or a comment, which no pack has")


def _manifest(archive: zipfile.ZipFile, path: Path, limits: Limits) -> PackManifest:
    _check_ends(archive, path)
    members = archive.infolist()
    if len(members) > limits.files:
        raise PackError(f"{path}: {len(members)} files, more than a pack may have ({limits.files})")
    seen: set[str] = set()
    for member in members:
        _check_member(member, path)
        # On file systems of Windows and macOS these would be one file.
        if member.filename.casefold() in seen:
            raise PackError(f"{path}: {member.filename!r} is there twice")
        seen.add(member.filename.casefold())
    for member in members:
        if member.filename.casefold().rpartition("/")[0] in seen:
            raise PackError(f"{path}: {member.filename!r} lies in what is a file: nothing was unpacked")
    held = [member.filename for member in members]
    if manifests.NAME not in held:
        raise PackError(f"{path}: no {manifests.NAME} in it: this zip is not a pack")
    if archive.getinfo(manifests.NAME).file_size > limits.manifest_bytes:
        raise PackError(f"{path}: its {manifests.NAME} is larger than one may be ({limits.manifest_bytes:,})")
    total = sum(member.file_size for member in members)
    most = min(limits.bytes, limits.growth.most(path.stat().st_size))
    if total > most:
        raise PackError(
            f"{path}: unpacks to {total:,} bytes, more than a pack of its size may have ({most:,})"
        )
    try:
        data = archive.read(manifests.NAME)
    except UNREADABLE as error:
        raise PackError(f"{path}: {manifests.NAME!r} cannot be read ({error})") from error
    manifest = manifests.parse(data, file=str(path))
    _check_listing(manifest, held, path)
    return manifest


def _check_member(member: zipfile.ZipInfo, path: Path) -> None:
    name = member.filename
    if names.MEMBER.complaint(name) or any(map(names.is_device, name.split("/"))):
        raise PackError(f"{path}: {name[:_SHOWN]!r} is no name that a pack has: nothing was unpacked")
    # Zip tools that know no Unix leave the kind of file out.
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise PackError(f"{path}: {name!r} is not a plain file: nothing was unpacked")
    if member.flag_bits & 0x1:
        raise PackError(f"{path}: {name!r} is encrypted: packs are open")
    if member.compress_type not in _METHODS:
        raise PackError(f"{path}: {name!r} is compressed in a way that no pack is: nothing was unpacked")
    if name.endswith(_COMPRESSED) and member.file_size > _AGAIN.most(member.compress_size):
        raise PackError(
            f"{path}: {name!r} grows too much for what is compressed already: nothing was unpacked"
        )


def _check_listing(manifest: PackManifest, members: list[str], path: Path) -> None:
    listed = {record.name for record in manifest.files}
    held = set(members) - {manifests.NAME}
    for name in sorted(held - listed):
        raise PackError(f"{path}: {name!r} is in the zip, but its manifest does not list it")
    for name in sorted(listed - held):
        raise PackError(f"{path}: {name!r} is listed in the manifest, but not in the zip")


def _check(archive: zipfile.ZipFile, record: PackedFile, path: Path, limits: Limits) -> None:
    """Read one member whole, in pieces, and refuse it where it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    grown = _Grown(path, record, limits) if record.name.endswith(_ZSTD_SUFFIX) else None
    try:
        with archive.open(record.name) as source:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                # A header may state any size: what is read counts.
                if size > record.bytes:
                    break
                if grown is not None:
                    grown.feed(piece)
    except UNREADABLE as error:
        raise PackError(f"{path}: {record.name!r} cannot be read ({error})") from error
    if (size, digest.hexdigest()) != (record.bytes, record.sha256):
        raise PackError(
            f"{path}: {record.name!r} is not what the manifest says: it was changed after packing"
        )


class _Grown:
    """Counts what a zstd member decompresses to, without keeping it."""

    def __init__(self, path: Path, record: PackedFile, limits: Limits) -> None:
        self._path, self._name = path, record.name
        self._most = min(limits.decompressed_bytes, bounds.UNPACKED.most(record.bytes))
        self._size = 0
        self._writer = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the compressed member."""
        # Four bytes can stand for 128 KiB: no single call may grow without bound.
        step = 1 << 8
        try:
            for start in range(0, len(piece), step):
                self._size += len(self._writer.decompress(piece[start : start + step]))
                if self._size > self._most:
                    raise PackError(
                        f"{self._path}: {self._name!r} grows to more than {self._most:,} bytes: nothing was unpacked"
                    )
        except zstandard.ZstdError as error:
            raise PackError(f"{self._path}: {self._name!r} cannot be decompressed ({error})") from error
