"""Refuse to pass on anything shaped like an API key: experiments with their cassettes, packs and sites."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from llmxray import limits, packs
from llmxray import report as report_room
from llmxray.cassette import scan
from llmxray.cassette.scrub import KEY_SHAPES
from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.workflow.preparation import Prepared

# Files are searched for keys in overlapping pieces, so that a key (up to about two hundred characters) is in one piece.
_PIECE_BYTES, _OVERLAP_BYTES, _PACKED_BYTES, _GATHERED_BYTES = 1 << 20, 1 << 12, 1 << 12, 1 << 16
_GZIP = b"\x1f\x8b"


def refuse_keys_in_experiment(prepared: Prepared, others: Mapping[str, bytes] | None = None) -> None:
    """Refuse an experiment whose file or cassette holds something shaped like an API key.

    Args:
        prepared: the experiment.
        others: further files by name, such as the members of its pack.

    Raises:
        InputError: names the file and the line.
    """
    places = scan(prepared.cassette) if prepared.cassette.is_dir() else []
    files = {f"{prepared.experiment.experiment}.yaml": prepared.source.encode(), **(others or {})}
    places += [
        f"{name}:{line}: something shaped like an API key"
        for name, content in files.items()
        if (line := _key_line([content]))
    ]
    if places:
        raise InputError(
            f"{places[0]}: remove it first. `llmxray cassette scan` lists all places in a cassette"
        )


def refuse_keys_in_site(site: Path) -> None:
    """Refuse a site with something shaped like an API key.

    Raises:
        InputError: names the file and the line.
    """
    # Every file is searched, because hosts publish all of them.
    paths = sorted(path for path in site.rglob("*") if path.is_file())
    room = limits.SITE_UNPACKED.room(sum(path.stat().st_size for path in paths))
    for path in paths:
        texts = _texts(path, site, plain_bytes(path), room)
        try:
            key_place = next((f"{what}{line}" for what, text in texts if (line := _key_line(text))), "")
        except packs.UNREADABLE as error:
            raise InputError(f"{path}: cannot be searched for keys ({error}): remove it") from error
        if key_place:
            raise InputError(
                f"{path}:{key_place}: something shaped like an API key: not published. "
                "Remove it and build the site again"
            )


def _texts(path: Path, site: Path, data: bytes, room: limits.Room) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The texts of a file, in pieces, each with where it stands: its name, its bytes, and what is packed in them."""
    yield "its name:", [path.relative_to(site).as_posix().encode("utf-8", "replace")]
    yield "", [data]
    yield "", _packed_content(data, room)
    if data.startswith(_GZIP):
        yield "", _inflate(data, 31, room)
    # Tested by content, because a zip is read from its end and may have other bytes before it.
    if zipfile.is_zipfile(io.BytesIO(data)):
        for name, pieces in packs.members(path):
            yield f"{name}:", _counted_pieces(room, pieces)


def _counted_pieces(room: limits.Room, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        room.take(len(piece))
        yield piece


def _key_line(pieces: Iterable[bytes]) -> int:
    """Number of the line with something shaped like a key; 0 for none."""
    overlap, line = b"", 1
    for piece in _merge_pieces(pieces):
        data = overlap + piece
        # In UTF-16 a zero stands beside each letter of a key, so zeros are left out too.
        for text in (data, data.replace(b"\0", b"")) if b"\0" in data else (data,):
            # The first character is kept from the last piece only to tell whether the second one begins a word.
            if key := KEY_SHAPES.search(text, 1 if overlap else 0):
                return line + text.count(b"\n", 0, key.start())
        done = max(0, len(data) - _OVERLAP_BYTES)
        line += data.count(b"\n", 0, done)
        overlap = data[done:]
    return 0


def _merge_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Merge small pieces: the overlap is searched again with every piece, even with one of a single byte."""
    buffer: list[bytes] = []
    size = 0
    for piece in pieces:
        if piece:
            buffer.append(piece)
            size += len(piece)
        if size >= _GATHERED_BYTES:
            yield b"".join(buffer)
            buffer, size = [], 0
    if buffer:
        yield b"".join(buffer)


def _packed_content(data: bytes, room: limits.Room) -> Iterator[bytes]:
    """The content of a packed data file; nothing if the file is of another kind."""
    if packed := report_room.PACKED_SCRIPT.fullmatch(data):
        # A damaged file is searched as far as it can be read.
        with suppress(binascii.Error, zlib.error):
            yield from _inflate(base64.b64decode(packed[1]), zlib.MAX_WBITS, room)


def _inflate(data: bytes, wbits: int, room: limits.Room) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits)
    # Fed in small pieces: zlib copies the unread rest for every stream, and the rest of a whole file is large.
    for start in range(0, len(data), _PACKED_BYTES):
        unread = data[start : start + _PACKED_BYTES]
        while unread:
            piece = inflater.decompress(unread, _PIECE_BYTES)
            room.take(len(piece))
            yield piece
            unread = inflater.unconsumed_tail
            if inflater.eof:
                # A file may hold several streams, one after the other.
                unread, inflater = inflater.unused_data, zlib.decompressobj(wbits)
