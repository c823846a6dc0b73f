"""Is a cassette what was written? Every fault is named by file and, where there is one, by line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from llmxray.cassette import codec, manifest as manifests
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.scrub import KEY_SHAPES
from llmxray.cassette.sealed import unpack_lines
from llmxray.cassette.store import Cassette, read_file
from llmxray.errors import CassetteCorruptError, LlmxrayError
from llmxray.wire import request_key


def verify(directory: Path) -> list[str]:
    """Faults found, one line each; an empty list means the cassette is whole.

    Checked: every file against its SHA-256, every line as JSON, every recording as one that rebuilds,
    every request against its key, the index against the recordings, the counts, files nobody names.
    """
    try:
        manifest = manifests.read(directory)
        if manifest is None:
            return [f"{directory / manifests.NAME}: there is none"]
        faults = [fault for record in manifest.files for fault in _file_faults(directory, record)]
        return faults or [*_content_faults(directory, manifest), *_strays(directory, manifest)]
    except LlmxrayError as error:
        return [str(error)]


def scan(directory: Path) -> list[str]:
    """Places where something shaped like an API key stands, as ``file:line``; compressed files included."""
    found = []
    for path in sorted(directory.rglob("*")):
        if not path.is_file():
            continue
        if KEY_SHAPES.search(path.name.encode()):
            found.append(f"{path}: the file's name")
        compressed = path.suffix == ".zst"
        lines = unpack_lines(path.read_bytes() + (b"" if compressed else b"\n"), compressed)
        found += [
            f"{path}:{number}: something shaped like an API key"
            for number, line in enumerate(lines, 1)
            if KEY_SHAPES.search(line)
        ]
    return found


def _file_faults(directory: Path, record: FileRecord) -> Iterator[str]:
    path = directory / record.name
    data = read_file(path)
    if hashlib.sha256(data).hexdigest() == record.sha256:
        return
    yield f"{path}: its SHA-256 is not the one in {manifests.NAME}{_first_bad_line(data, record)}"


def _first_bad_line(data: bytes, record: FileRecord) -> str:
    if record.frames:
        return ""
    for number, line in enumerate(unpack_lines(data, False), 1):
        try:
            json.loads(line)
        except ValueError:
            return f" (line {number} is not JSON)"
    return ""


def _content_faults(directory: Path, manifest: Manifest) -> Iterator[str]:
    cassette = Cassette(directory)
    for number, request in enumerate(cassette.requests(), 1):
        entries = cassette.entries(request.key)
        endpoint = cassette.get(entries[0].address).endpoint if entries else None
        if endpoint is not None and request_key("POST", "/v1/chat/completions", endpoint, request.body) != request.key:
            yield f"{directory}: request {number} does not have the key {request.key}"
    for record in manifest.role("recordings"):
        yield from _recording_faults(directory, cassette, record)
    if manifest.counts.get("recordings") != len(cassette):
        yield f"{directory / manifests.NAME}: counts {manifest.counts.get('recordings')}, found {len(cassette)}"


def _recording_faults(directory: Path, cassette: Cassette, record: FileRecord) -> Iterator[str]:
    path = directory / record.name
    indexed = {entry.line: entry for entry in cassette.all_entries() if entry.file == record.name}
    for number, line in enumerate(unpack_lines(read_file(path), bool(record.frames))):
        try:
            interaction = codec.from_line(json.loads(line), {})
        except ValueError as error:
            yield f"{path}:{number + 1}: {error}"
            continue
        entry = indexed.pop(number, None)
        stated = (interaction.key, interaction.sample, interaction.attempt)
        if entry is None or (entry.address.key, entry.address.sample, entry.address.attempt) != stated:
            yield f"{path}:{number + 1}: the index has another recording here"
    for entry in indexed.values():
        raise CassetteCorruptError(str(path), entry.line + 1, "the index has a recording, the file does not")


def _strays(directory: Path, manifest: Manifest) -> Iterator[str]:
    named = {record.name for record in manifest.files} | {manifests.NAME}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_file() and name not in named and not name.startswith("journal."):
            yield f"{path}: no manifest names this file"
