"""Refuse to pass on anything shaped like an API key: experiments with their cassettes, packs and sites."""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from llmxray import report as report_room
from llmxray.cassette import find_keys
from llmxray.cassette.scrub import KEY_SHAPES
from llmxray.errors import InputError
from llmxray.workflow.preparation import Prepared


def refuse_keys_in_experiment(prepared: Prepared, others: Mapping[str, bytes] | None = None) -> None:
    """Refuse an experiment whose file or cassette holds something shaped like an API key.

    Args:
        prepared: the experiment.
        others: further files by name, such as the members of its pack.

    Raises:
        InputError: names the file and the line.
    """
    places = find_keys(prepared.cassette) if prepared.cassette.is_dir() else []
    files = {f"{prepared.experiment.experiment}.yaml": prepared.source.encode(), **(others or {})}
    places += [
        f"{name}:{line}: something shaped like an API key"
        for name, content in files.items()
        if (line := _key_line(content))
    ]
    if places:
        raise InputError(
            f"{places[0]}: remove it first. `llmxray cassette scan` lists all places in a cassette"
        )


def refuse_keys_in_site(site: Path) -> None:
    """Refuse a site, as the build wrote it, with something shaped like an API key.

    Raises:
        InputError: names the file and the line.
    """
    # Every file is searched, because hosts publish all of them.
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        for member, text in _texts(path):
            if line := _key_line(text):
                raise InputError(
                    f"{path}:{member}{line}: something shaped like an API key: not published. "
                    "Remove it and build the site again"
                )


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, decompressed, and of the members of a zip."""
    data = path.read_bytes()
    yield "", data
    if packed := report_room.PACKED_SCRIPT.fullmatch(data):
        yield "", zlib.decompress(base64.b64decode(packed[1]))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{name}:", archive.read(name)


def _key_line(text: bytes) -> int:
    """Number of the line with something shaped like a key; 0 for none."""
    key = KEY_SHAPES.search(text)
    return 1 + text.count(b"\n", 0, key.start()) if key else 0
