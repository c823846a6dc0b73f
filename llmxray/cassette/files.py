"""The files that a manifest names: no byte of one is used before all of them fit the SHA-256 in the manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from llmxray.cassette import manifest as manifests
from llmxray.cassette.manifest import FileRecord
from llmxray.errors import CassetteCorruptError
from llmxray.plain import open_plain, refuse_holes

_PIECE_BYTES = 1 << 20
# Zeros make a file large enough for what it holds; some copies, and some file systems, leave them out. Limits of blocks
# go by their bytes with such holes, of which sixty mebibytes would allow gigabytes.
MOST_PADDING = 1 << 20


class SealedFile:
    """One file of a cassette.

    It is checked when it is first read from, and whenever it is read whole. After that, parts of it are read as
    they are asked for: hashing costs a second for every gigabyte or two, once.

    Attributes:
        path: where it is.
        record: what the manifest says of it.

    Args:
        check: compare it with the manifest; only those who look into damaged files do not.
    """

    def __init__(self, directory: Path, record: FileRecord, *, check: bool = True) -> None:
        self.path, self.record, self._directory = directory / record.name, record, directory
        self._check, self._checked = check, not check

    @cached_property
    def size_bytes(self) -> int:
        """Its bytes that limits may grow with."""
        return counted_bytes(self._directory, (self.record,))

    def read(self) -> bytes:
        """All of its bytes.

        Raises:
            CassetteCorruptError: it is gone, or not what was written.
        """
        return b"".join(self.pieces())

    def part(self, start: int, end: int | None = None) -> bytes:
        """Its bytes from one place to another, or to its end.

        Raises:
            CassetteCorruptError: it is gone, or not what was written.
        """
        if not self._checked:
            for _ in self.pieces():
                pass
        try:
            with open_plain(self.path) as file:
                if not self._check:
                    refuse_holes(file, MOST_PADDING)
                # What a damaged manifest says would be allocated before anything is read.
                size = os.fstat(file.fileno()).st_size
                start, end = min(start, size), size if end is None else min(end, size)
                file.seek(start)
                return file.read(max(0, end - start))
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def pieces(self) -> Iterator[bytes]:
        """The same a piece at a time; what was changed is known only at the end.

        Raises:
            CassetteCorruptError: it is gone, or not what was written.
        """
        if not self._check:
            yield from read_pieces(self.path)
            return
        digest, size = hashlib.sha256(), 0
        for piece in read_pieces(self.path):
            size += len(piece)
            # A file that has grown is not read to its end.
            if size > self.record.bytes:
                break
            digest.update(piece)
            yield piece
        if size != self.record.bytes or digest.hexdigest() != self.record.sha256:
            raise CassetteCorruptError(str(self.path), None, self._why())
        self._checked = True

    def _why(self) -> str:
        """Why the file is refused."""
        if self._has_windows_lines():
            return (
                "its line ends were changed to those of Windows, as git does: write the line "
                "`cassettes/** -text` into .gitattributes and check the file out again"
            )
        return (
            f"is not what was written, its SHA-256 is not the one in {manifests.NAME}: take it from a copy; "
            "`llmxray cassette verify` names the line"
        )

    def _has_windows_lines(self) -> bool:
        data = next(read_pieces(self.path), b"")
        return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest() == self.record.sha256


def read_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a cassette file, a piece at a time, whatever they are.

    Raises:
        CassetteCorruptError: the manifest names it, and it is not there.
    """
    try:
        with open_plain(path) as file:
            refuse_holes(file, MOST_PADDING)
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        raise _unreadable(path, error) from error


def counted_bytes(directory: Path, records: Iterable[FileRecord]) -> int:
    """Bytes of files that limits may grow with: nobody can make them up, whatever a manifest says that it has.

    One that is not there, or is refused, counts nothing: who reads it is told.
    """
    counted = holes = 0
    for record in records:
        try:
            with open_plain(directory / record.name) as file:
                stored = min(record.bytes, refuse_holes(file, MOST_PADDING))
                holes += min(record.bytes, os.fstat(file.fileno()).st_size) - stored
                counted += stored
        except OSError:
            continue
    # Once for all of them: each file could have some.
    return counted + min(holes, MOST_PADDING)


def _unreadable(path: Path, error: OSError) -> CassetteCorruptError:
    return CassetteCorruptError(
        str(path), None, f"named by the manifest, cannot be read: {error.strerror or error}"
    )
