"""Unpacking a pack that may come from anybody: every member is checked before the first file is written.

A zip can name files outside the folder it is unpacked into, hold links, the same name twice, a hundred thousand files,
or a few kilobytes that grow to terabytes. Only names that a pack can have are accepted, sizes are counted while reading
and not taken from the zip, and a member that the manifest does not list is refused.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from llmxray import limits, names
from llmxray.errors import PackError
from llmxray.packs import manifest as manifests
from llmxray.packs.manifest import PackedFile, PackManifest
from llmxray.regular_files import open_regular_file

_PIECE_BYTES, _STEP_BYTES, _SHOWN = 1 << 20, 1 << 8, 80
# The errors that zipfile raises for bytes that are damaged, or packed in a way that it does not know. ValueError is
# raised for a name that is not in the encoding that it claims.
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
# Other methods raise other errors and can take much memory, and no pack needs them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZSTD_SUFFIX = ".zst"


# A pack with more files, or larger ones, could fill a disk or the memory. Members are stored, and zips of text grow a
# few times.
_GROWTH_BYTES, _GROWTH_RATIO = 1 << 20, 8


def read_manifest(path: Path) -> PackManifest:
    """Read the manifest of a pack without unpacking anything.

    Raises:
        PackError: the file is no pack, or is not safe.
    """
    with _open_zip(path) as archive:
        return _manifest(archive, path)


def unpack(path: Path, folder: Path) -> PackManifest:
    """Check a pack and write its files into an empty or new folder.

    Raises:
        PackError: the file is no pack, is not safe, or differs from its manifest; no files are written then.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PackError(f"{folder} is not empty: name a new folder")
    with _open_zip(path) as archive:
        manifest = _manifest(archive, path)
        # All members are checked before the first is written, so that nothing has to be removed again.
        for record in manifest.files:
            _check(archive, record, path)
        for record in manifest.files:
            target = folder / record.name
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x" never writes into an existing file, even if the checks overlooked something.
            with archive.open(record.name) as source, target.open("xb") as out:
                while piece := source.read(_PIECE_BYTES):
                    out.write(piece)
        (folder / manifests.NAME).write_bytes(manifests.render(manifest))
    return manifest


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = open_regular_file(path)
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error.strerror or error}") from error
    with file, warnings.catch_warnings():
        # zipfile only warns about members that overlap; here the warning is an error.
        warnings.simplefilter("error")
        try:
            archive = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise PackError(f"{path}: not a zip file ({error}): is the download complete?") from error
        with archive:
            yield archive


def _manifest(archive: zipfile.ZipFile, path: Path) -> PackManifest:
    members = archive.infolist()
    if len(members) > limits.PACK_FILES:
        raise PackError(f"{path}: {len(members)} files, more than a pack may have ({limits.PACK_FILES})")
    seen: set[str] = set()
    for member in members:
        _check_member(member, path)
        # On Windows and macOS, names that differ only in case are one file.
        if member.filename.casefold() in seen:
            raise PackError(f"{path}: {member.filename!r} is there twice")
        seen.add(member.filename.casefold())
    for member in members:
        if member.filename.casefold().rpartition("/")[0] in seen:
            raise PackError(f"{path}: {member.filename!r} lies in what is a file: nothing was unpacked")
    filenames = [member.filename for member in members]
    if manifests.NAME not in filenames:
        raise PackError(f"{path}: no {manifests.NAME} in it: this zip is not a pack")
    if archive.getinfo(manifests.NAME).file_size > limits.MANIFEST_BYTES:
        raise PackError(f"{path}: its {manifests.NAME} is larger than one may be ({limits.MANIFEST_BYTES:,})")
    total = sum(member.file_size for member in members)
    most_bytes = min(limits.PACK_BYTES, _GROWTH_BYTES + _GROWTH_RATIO * path.stat().st_size)
    if total > most_bytes:
        raise PackError(
            f"{path}: unpacks to {total:,} bytes, more than a pack of its size may have ({most_bytes:,})"
        )
    try:
        data = archive.read(manifests.NAME)
    except UNREADABLE as error:
        raise PackError(f"{path}: {manifests.NAME!r} cannot be read ({error})") from error
    manifest = manifests.parse(data, file=str(path))
    _check_listing(manifest, filenames, path)
    return manifest


def _check_member(member: zipfile.ZipInfo, path: Path) -> None:
    name = member.filename
    if not names.is_member(name):
        raise PackError(f"{path}: {name[:_SHOWN]!r} is no name that a pack has: nothing was unpacked")
    # The kind of file may be 0, because zip tools on other systems than Unix leave it out.
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise PackError(f"{path}: {name!r} is not a plain file: nothing was unpacked")
    if member.flag_bits & 0x1:
        raise PackError(f"{path}: {name!r} is encrypted: packs are open")
    if member.compress_type not in _METHODS:
        raise PackError(f"{path}: {name!r} is compressed in a way that no pack is: nothing was unpacked")


def _check_listing(manifest: PackManifest, members: list[str], path: Path) -> None:
    listed = {record.name for record in manifest.files}
    zipped = set(members) - {manifests.NAME}
    if unlisted := sorted(zipped - listed):
        raise PackError(f"{path}: {unlisted[0]!r} is in the zip, but its manifest does not list it")
    if missing := sorted(listed - zipped):
        raise PackError(f"{path}: {missing[0]!r} is listed in the manifest, but not in the zip")


def _check(archive: zipfile.ZipFile, record: PackedFile, path: Path) -> None:
    """Read one member whole, in pieces, and refuse it if it differs from the manifest."""
    digest, size, decompressed = hashlib.sha256(), 0, 0
    most_bytes = min(
        limits.PACK_DECOMPRESSED_BYTES, limits.UNPACKED_BYTES + limits.UNPACKED_RATIO * record.bytes
    )
    zstd = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
    try:
        with archive.open(record.name) as source:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                # The bytes that are read are counted, because a header may state any size.
                if size > record.bytes:
                    break
                # Fed in small steps, because four bytes can stand for 128 KiB.
                for start in range(0, len(piece), _STEP_BYTES) if record.name.endswith(_ZSTD_SUFFIX) else ():
                    decompressed += len(zstd.decompress(piece[start : start + _STEP_BYTES]))
                    if decompressed > most_bytes:
                        raise PackError(
                            f"{path}: {record.name!r} grows to more than {most_bytes:,} bytes: nothing was unpacked"
                        )
    except zstandard.ZstdError as error:
        raise PackError(f"{path}: {record.name!r} cannot be decompressed ({error})") from error
    except UNREADABLE as error:
        raise PackError(f"{path}: {record.name!r} cannot be read ({error})") from error
    if (size, digest.hexdigest()) != (record.bytes, record.sha256):
        raise PackError(
            f"{path}: {record.name!r} is not what the manifest says: it was changed after packing"
        )
