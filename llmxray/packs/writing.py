"""Writing a pack. The same contents give the same bytes on every machine."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from llmxray.packs import manifest as manifests
from llmxray.packs.manifest import PackedFile, PackManifest

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can state
_READABLE_FILE = 0o100644 << 16


def write_pack(target: Path, manifest: PackManifest, contents: Mapping[str, bytes]) -> PackManifest:
    """Write a pack; an older file of that name is replaced only when the new one is complete.

    Args:
        target: the file to write.
        manifest: without its files, which are filled in.
        contents: bytes by member name, in the order of the zip.

    Returns:
        The manifest as written.
    """
    files = tuple(
        PackedFile(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in contents.items()
    )
    whole = replace(manifest, files=files)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    # Members are stored uncompressed: large files of a cassette are compressed already, and deflate gives other bytes
    # with another build of zlib. A leftover part is removed first, because writing would follow a link of that name.
    part.unlink(missing_ok=True)
    with zipfile.ZipFile(part, "x", zipfile.ZIP_STORED) as archive:
        for name, data in {manifests.NAME: manifests.render(whole), **contents}.items():
            add_member(archive, name, data, zipfile.ZIP_STORED)
    part.replace(target)
    return whole


def add_member(archive: zipfile.ZipFile, name: str, data: bytes, compression: int) -> None:
    """Add a file to a zip so that the same content gives the same bytes at any time and on any system.

    Args:
        archive: open for writing.
        name: path in the zip.
        data: content of the file.
        compression: a method of `zipfile`.
    """
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.external_attr = _READABLE_FILE
    info.create_system = 3  # Unix, on every system; Windows would write another byte
    archive.writestr(info, data, compression)
