"""Is there anything in a cassette that looks like an API key? Compressed files and columns included."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from llmxray.cassette import bounds, codec, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.blocks import SUFFIX, RecordingBlocks, RequestBlocks
from llmxray.cassette.files import MOST_PADDING, counted_bytes
from llmxray.cassette.scrub import KEY_SHAPES
from llmxray.cassette.sealed import unpack_lines
from llmxray.cassette.sections import sections_of
from llmxray.cassette.store import Cassette
from llmxray.errors import CassetteCorruptError
from llmxray.plain import MOST_HOLES, open_plain, refuse_holes

_BASE64_BODY = re.compile(rb'"b64":"([A-Za-z0-9+/=]+)"')


def scan(directory: Path) -> list[str]:
    """Places where something shaped like an API key stands, as ``file:line``, compressed files included; and links.

    Raises:
        CassetteCorruptError: a compressed file cannot be read.
    """
    found, opened = [], _opened(directory)
    for path in sorted(directory.rglob("*")):
        if path.is_symlink():
            # Nothing outside is read, and what it leads to may become another file.
            found.append(f"{path}: a link, which is not looked through")
            continue
        if not path.is_file():
            continue
        if KEY_SHAPES.search(path.name.encode()):
            found.append(f"{path}: the file's name")
        found += [
            f"{path}{f':{line}' if line else ''}: something shaped like an API key"
            for line, text in readable(directory, path, opened)
            if KEY_SHAPES.search(text) or any(KEY_SHAPES.search(body) for body in _base64_bodies(text))
        ]
    return found


def readable(
    directory: Path, path: Path, opened: Callable[[], Cassette] | None = None
) -> Iterator[tuple[int, bytes]]:
    """All that one file of a cassette says, as (line, text); line 0 where it has none.

    Args:
        opened: gives the cassette, for those who read several files of it: what they grow to counts together.

    Raises:
        CassetteCorruptError: it is compressed and cannot be read.
    """
    compressed = path.suffix == ".zst"
    try:
        if path.suffix == SUFFIX:
            yield from _rows(directory, path, opened or _opened(directory))
            return
        # A last line without its end, such as a torn one of the journal, is looked at too.
        data = _stored(path) + (b"" if compressed else b"\n")
        yield from enumerate(unpack_lines(data, compressed), 1)
    except ValueError as error:
        raise CassetteCorruptError(str(path), None, f"cannot be read: {error}") from error


def _opened(directory: Path) -> Callable[[], Cassette]:
    """The cassette of a folder, opened when it is first asked for; damaged files are looked through, too."""
    return cache(lambda: Cassette(directory, check=False))


def _rows(directory: Path, path: Path, opened: Callable[[], Cassette]) -> Iterator[tuple[int, bytes]]:
    """Recordings and requests as they were received and sent; then the sections of the file as they stand."""
    # Damaged files are looked through as far as they can be read.
    manifest = manifests.read(directory, check=False)
    name = path.relative_to(directory).as_posix()
    record = next((each for each in manifest.files if each.name == name), None) if manifest else None
    if record is not None and record.role in ("recordings", "requests"):
        file = opened().file(name)
        if isinstance(file, RequestBlocks):
            room = bounds.HELD.room(counted_bytes(directory, (record,)))
            for line in range(record.lines):
                text = file.text(line)
                room.take(len(text))
                yield line + 1, text.encode("utf-8", "replace")
        elif isinstance(file, RecordingBlocks):
            for line in range(record.lines):
                each = file.interaction(line, "", {})
                yield line + 1, codec.dumps(codec.head(each)).encode("utf-8", "replace") + b"\n" + each.body
        return
    yield from ((0, text) for text in sections_of(_stored(path)))


def _stored(path: Path) -> bytes:
    """The content of a file, which is not mostly holes."""
    try:
        with open_plain(path, follow=False) as file:
            # The torn end of a journal may be a hole.
            refuse_holes(file, MOST_HOLES if path.name == journal.NAME else MOST_PADDING)
            return file.read()
    except OSError as error:
        raise CassetteCorruptError(str(path), None, f"cannot be read: {error.strerror or error}") from error


def _base64_bodies(line: bytes) -> list[bytes]:
    # Of another length it is no base64 of ours, and decoding would raise.
    return [b64decode(text) for text in _BASE64_BODY.findall(line) if len(text) % 4 == 0]
