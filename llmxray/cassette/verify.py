"""Is a cassette what was written? Every fault is named by file and, where there is one, by line."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import zstandard

from llmxray.cassette import codec, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.scrub import KEY_SHAPES
from llmxray.cassette.sealed import unpack_lines
from llmxray.cassette.store import Cassette, read_file
from llmxray.errors import CassetteCorruptError, LlmxrayError
from llmxray.wire import request_key

_PATH = "/v1/chat/completions"
_BASE64_BODY = re.compile(rb'"b64":"([A-Za-z0-9+/=]+)"')

type _Checksums = Mapping[str, Sequence[int]]


def verify(directory: Path) -> list[str]:
    """Faults found, one line each; an empty list means the cassette is whole.

    Checked: every file against its SHA-256, every line as JSON, every recording as one that rebuilds,
    every request against its key, the index against the recordings, the counts, files nobody names, and
    every line of a journal that is not sealed yet.
    """
    try:
        manifest = manifests.read(directory)
        if manifest is None:
            if not (directory / journal.NAME).exists():
                return [f"{directory / manifests.NAME}: there is none"]
            return _journal_faults(Cassette(directory))
        checksums = _checksums(directory, manifest)
        faults = [fault for record in manifest.files for fault in _file_faults(directory, record, checksums)]
        return faults or [*_content_faults(directory, manifest), *_strays(directory, manifest)]
    except LlmxrayError as error:
        return [str(error)]


def scan(directory: Path) -> list[str]:
    """Places where something shaped like an API key stands, as ``file:line``; compressed files included.

    Raises:
        CassetteCorruptError: a compressed file cannot be read.
    """
    found = []
    for path in sorted(directory.rglob("*")):
        if not path.is_file():
            continue
        if KEY_SHAPES.search(path.name.encode()):
            found.append(f"{path}: the file's name")
        compressed = path.suffix == ".zst"
        try:
            lines = list(unpack_lines(path.read_bytes() + (b"" if compressed else b"\n"), compressed))
        except zstandard.ZstdError as error:
            raise CassetteCorruptError(str(path), None, f"cannot be read: {error}") from error
        found += [
            f"{path}:{number}: something shaped like an API key"
            for number, line in enumerate(lines, 1)
            if KEY_SHAPES.search(line) or any(KEY_SHAPES.search(body) for body in _base64_bodies(line))
        ]
    return found


def _base64_bodies(line: bytes) -> list[bytes]:
    return [b64decode(text) for text in _BASE64_BODY.findall(line) if len(text) % 4 == 0]


def _checksums(directory: Path, manifest: Manifest) -> _Checksums:
    """CRC-32 of every line by file, as the index has them; none where the index itself is damaged."""
    for record in manifest.role("index"):
        try:
            lines = list(unpack_lines(read_file(directory / record.name), bool(record.frames)))
            last = json.loads(lines[-1])
        except (ValueError, IndexError, zstandard.ZstdError):
            continue
        if isinstance(last, dict) and "crc32" in last:
            sums: _Checksums = last["crc32"]
            return sums
    return {}


def _file_faults(directory: Path, record: FileRecord, checksums: _Checksums) -> Iterator[str]:
    path = directory / record.name
    data = read_file(path)
    if hashlib.sha256(data).hexdigest() == record.sha256:
        return
    line, why = _first_bad_line(data, record, checksums.get(record.name, ()))
    place = str(path) if line is None else f"{path}:{line}"
    yield f"{place}: {why}; the file's SHA-256 is not the one in {manifests.NAME}"


def _first_bad_line(data: bytes, record: FileRecord, checksums: Sequence[int]) -> tuple[int | None, str]:
    lines, damage = _readable_lines(data, record)
    for number, line in enumerate(lines, 1):
        if number <= len(checksums) and zlib.crc32(line) == checksums[number - 1]:
            continue
        try:
            codec.loads_strictly(line)
        except ValueError as error:
            return number, f"this line is not as written ({error})"
        if checksums:
            return number, "this line is not as written"
    if damage or len(lines) < record.lines:
        return len(lines) + 1, damage or f"{record.lines} lines were written, {len(lines)} are here"
    return None, "changed"


def _readable_lines(data: bytes, record: FileRecord) -> tuple[list[bytes], str]:
    """The lines up to the first frame that cannot be read, and what is wrong with that one."""
    try:
        return list(unpack_lines(data, bool(record.frames))), ""
    except zstandard.ZstdError:
        lines: list[bytes] = []
    ends = [start for start, _ in record.frames[1:]] + [len(data)]
    for (start, _), end in zip(record.frames, ends, strict=True):
        try:
            lines += zstandard.ZstdDecompressor().decompress(data[start:end]).split(b"\n")[:-1]
        except zstandard.ZstdError as error:
            return lines, f"from this line on it cannot be decompressed ({error})"
    return lines, ""


def _content_faults(directory: Path, manifest: Manifest) -> Iterator[str]:
    cassette = Cassette(directory)
    yield from _request_faults(directory, cassette, manifest)
    for record in manifest.role("recordings"):
        yield from _recording_faults(directory, cassette, record)
    yield from _journal_faults(cassette)
    sealed = sum(bool(entry.file) for entry in cassette.all_entries())
    if manifest.counts.get("recordings") != sealed:
        yield f"{directory / manifests.NAME}: counts {manifest.counts.get('recordings')}, found {sealed}"


def _request_faults(directory: Path, cassette: Cassette, manifest: Manifest) -> Iterator[str]:
    for record in manifest.role("requests"):
        path = directory / record.name
        for number, line in enumerate(unpack_lines(read_file(path), bool(record.frames)), 1):
            try:
                request = codec.loads_strictly(line)
                entries = cassette.entries(request["key"])
                endpoint = cassette.get(entries[0].address).endpoint if entries else None
                if (
                    endpoint is not None
                    and request_key("POST", _PATH, endpoint, request["body"]) != request["key"]
                ):
                    yield f"{path}:{number}: this request does not have the key {request['key']}"
            except (ValueError, KeyError, TypeError) as error:
                yield f"{path}:{number}: not a request ({error})"


def _recording_faults(directory: Path, cassette: Cassette, record: FileRecord) -> Iterator[str]:
    path = directory / record.name
    indexed = {entry.line: entry for entry in cassette.all_entries() if entry.file == record.name}
    for number, line in enumerate(unpack_lines(read_file(path), bool(record.frames))):
        try:
            interaction = codec.from_line(codec.loads_strictly(line), {})
        except ValueError as error:
            yield f"{path}:{number + 1}: {error}"
            continue
        entry = indexed.pop(number, None)
        stated = (interaction.key, interaction.sample, interaction.attempt)
        if entry is None or (entry.address.key, entry.address.sample, entry.address.attempt) != stated:
            yield f"{path}:{number + 1}: the index has another recording here"
    for entry in indexed.values():
        yield f"{path}:{entry.line + 1}: the index has a recording, the file does not"


def _journal_faults(cassette: Cassette) -> list[str]:
    """Opening a cassette has checked every line of its journal; what is left is whether keys fit."""
    faults = []
    for span, interaction in journal.read(cassette.directory):
        if request_key("POST", _PATH, interaction.endpoint, interaction.request) != interaction.key:
            place = f"{cassette.directory / journal.NAME}:{span.number}"
            faults.append(f"{place}: this request does not have the key {interaction.key}")
    return faults


def _strays(directory: Path, manifest: Manifest) -> Iterator[str]:
    named = {record.name for record in manifest.files} | {manifests.NAME}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_file() and name not in named and not name.startswith("journal."):
            yield f"{path}: no manifest names this file"
