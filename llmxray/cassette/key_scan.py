"""Is there anything in a cassette that looks like an API key? Compressed files included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from llmxray.cassette import body as bodies
from llmxray.cassette import codec
from llmxray.cassette.body import MALFORMED
from llmxray.cassette.files import SealedFile, read_pieces
from llmxray.cassette.manifest import FileRecord
from llmxray.cassette.scrub import KEY_SHAPES


def find_keys(directory: Path) -> list[str]:
    """Places where something shaped like an API key stands, as ``file:line``, compressed files included; and links.

    Raises:
        CassetteCorruptError: a compressed file cannot be read.
    """
    found = []
    for path in sorted(directory.rglob("*")):
        if path.is_symlink():
            # Links are not followed: their targets may change.
            found.append(f"{path}: a link, which is not looked through")
        elif path.is_file():
            if KEY_SHAPES.search(path.name.encode()):
                found.append(f"{path}: the file's name")
            found += [
                f"{path}:{line}: something shaped like an API key"
                for line, text in decoded_lines(path)
                if KEY_SHAPES.search(text)
            ]
    return found


def decoded_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line of a cassette file, with the reply's bytes that it holds.

    Raises:
        CassetteCorruptError: it is compressed and cannot be read.
    """
    if path.suffix == ".zst":
        record = FileRecord("recordings", path.name, "", 0, 0)
        lines: Iterator[bytes] = SealedFile(path.parent, record, check=False).lines()
    else:
        # A last line without its end, such as a torn one of the journal, is looked at too.
        lines = iter(b"".join(read_pieces(path)).split(b"\n"))
    for number, line in enumerate(lines, 1):
        yield number, line
        with suppress(*MALFORMED):
            # A journal's line begins with its checksum.
            value = codec.loads(line[line.index(b"{") :])
            yield number, bodies.decode(value.get("body", value))
