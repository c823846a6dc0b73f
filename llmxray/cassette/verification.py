"""Check that a cassette is as written; every fault names its file and, if possible, line."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llmxray.cassette import index as indexes
from llmxray.cassette import journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.address import Entry
from llmxray.cassette.body import MALFORMED
from llmxray.cassette.files import LinesFile, SealedFile, read_pieces
from llmxray.cassette.index import Index
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.store import Cassette
from llmxray.errors import CassetteCorruptError, LlmxrayError
from llmxray.wire import RequestBodyError, is_whole, read_interaction, route_key


def verify(directory: Path) -> list[str]:
    """Faults found, one line each; an empty list means the cassette is whole.

    Checked: the manifest and every file against their SHA-256, every line against its checksum, every recording as one
    that rebuilds and whose reply stands beside it, every request against its key, the index against the recordings,
    what the manifest says of them, files that it does not name, and every line of a journal that is not sealed yet.
    """
    try:
        manifest = manifests.read_manifest(directory, check=False)
        if manifest is None:
            if not (directory / journal.NAME).exists():
                return [f"{directory / manifests.NAME}: there is none"]
            return [*_journal_faults(Cassette(directory))]
        index = _read_index(directory, manifest)
        faults = [fault for record in manifest.files for fault in _file_faults(directory, record, index)]
        # Inside of a damaged file the same fault would be found again, in other words.
        faults = faults or [*_content_faults(directory, manifest), *_strays(directory, manifest)]
    except LlmxrayError as error:
        return [str(error)]
    try:
        manifests.read_manifest(directory)
    except CassetteCorruptError as error:
        faults = [str(error), *faults]
    return faults


def harmless_leftovers(directory: Path) -> list[str]:
    """What lies in a cassette and does no harm; one line each."""
    staging = directory / manifests.STAGING
    left = (
        f"{staging}: left by a sealing that was interrupted; it is no part of the cassette, and the next sealing "
        "removes it"
    )
    return [left] if any(staging.glob("*")) else []


def _read_index(directory: Path, manifest: Manifest) -> Index:
    """The index, even if changed; empty if unreadable."""
    for record in manifest.role("index"):
        try:
            for value in SealedFile(directory, record, check=False).values():
                return indexes.from_json(value)
        except (CassetteCorruptError, ValueError):
            pass
    return Index()


def _file_faults(directory: Path, record: FileRecord, index: Index) -> Iterator[str]:
    path, digest = directory / record.name, hashlib.sha256()
    for piece in read_pieces(path):
        digest.update(piece)
    if digest.hexdigest() == record.sha256:
        if path.stat().st_size != record.bytes:
            yield f"{path}: has another size than {manifests.NAME} says"
        return
    place, why = str(path), "changed"
    if record.name in index.files:
        known = index.files[record.name]
        lines = LinesFile(SealedFile(directory, record, check=False), known.frames, record.lines)
        for number, checksum in enumerate(known.crc32):
            try:
                if zlib.crc32(lines.line(number)) != checksum:
                    place, why = f"{path}:{number + 1}", "this line is not as written"
                    break
            except CassetteCorruptError as error:
                place, why = f"{path}:{error.line}", error.reason
                break
    yield f"{place}: {why}; the file's SHA-256 is not the one in {manifests.NAME}"


def _content_faults(directory: Path, manifest: Manifest) -> Iterator[str]:
    cassette = Cassette(directory, check=False)
    faults = [fault for record in manifest.files for fault in _line_faults(cassette, record)]
    faults += _request_faults(cassette)
    times: list[str] = []
    for entry in cassette.all_entries():
        if entry.file:
            place = f"{directory / entry.file}:{entry.line + 1}"
            faults += [f"{place}: {fault}" for fault in _recording_faults(cassette, entry, times)]
    # Beside one of these the same fault would be found again, in other words.
    yield from faults or _stated_faults(cassette, manifest, times)
    yield from _journal_faults(cassette)


def _line_faults(cassette: Cassette, record: FileRecord) -> Iterator[str]:
    """Lines that differ from the index, or are too many or too few."""
    path, n = cassette.directory / record.name, 0
    known = cassette.index.files.get(record.name)
    for line in SealedFile(cassette.directory, record, check=False).lines():
        n += 1
        if known is not None and [*known.crc32[n - 1 : n]] != [zlib.crc32(line)]:
            yield f"{path}:{n}: this line does not have the checksum in the index"
            return
    if n != record.lines:
        yield f"{path}:{n + 1}: {record.lines} lines were written, {n} are here"


def _request_faults(cassette: Cassette) -> Iterator[str]:
    for number, (key, _) in enumerate(cassette.frozen_requests(), 1):
        place = f"{cassette.directory}: request {number}"
        try:
            # The key is a hash with the label of the endpoint and the route in it, which only a recording tells.
            for entry in cassette.entries(key)[:1]:
                head = cassette.head(entry.address)
                if route_key(head.route, head.endpoint, cassette.request(key)) != key:
                    yield f"{place} does not have the key {key}"
        except (LlmxrayError, *MALFORMED) as error:
            yield f"{place} is not a request ({error})"


def _recording_faults(cassette: Cassette, entry: Entry, times: list[str]) -> Iterator[str]:
    """Faults of a recording; adds its start to ``times``."""
    try:
        interaction, stored = cassette.read(entry, {}), cassette.raw_line(entry)
        told = cassette.completion(entry.address)
    except CassetteCorruptError as error:
        yield error.reason
        return
    times.append(interaction.started_at)
    address = entry.address
    if (interaction.sample, interaction.attempt) != (address.sample, address.attempt) or (
        cassette.key_of(stored) != address.key
    ):
        yield "the index has another recording here"
        return
    if entry.status != interaction.status:
        yield f"the index says that its status is {entry.status}, it is {interaction.status}"
    reply = read_interaction(interaction)
    # As text too: NaN differs from itself, and 1 equals 1.0.
    if told != reply and repr(told) != repr(reply):
        yield "its events tell another reply than its bytes"
    if stored.get("reply", "") != reply.text:
        yield "the reply beside it is another one"
    whole = is_whole(interaction, reply)
    if entry.complete and not whole:
        yield "the index says that it is a whole answer, and it is none: drop it and record it again"
    if whole and not entry.complete:
        yield "the index says that it is no whole answer, and it is one"


def _stated_faults(cassette: Cassette, manifest: Manifest, times: list[str]) -> Iterator[str]:
    """Differences between manifest and files: its hash can be forged."""
    path = cassette.directory / manifests.NAME
    sealed = [entry for entry in cassette.all_entries() if entry.file]
    plan = cassette.lines("plan")
    header: Any = next(plan, None)
    counts = {
        "recordings": len(sealed),
        "complete": sum(entry.complete for entry in sealed),
        "requests": sum(1 for _ in cassette.frozen_requests()),
        "trials": sum(1 for _ in plan),
    }
    for name, count in counts.items():
        if manifest.counts.get(name) != count:
            yield f"{path}: counts {manifest.counts.get(name)} {name}, {count} are here"
    known = [time for time in times if time]
    recorded = {"first": min(known), "last": max(known)} if known else {}
    for name in sorted(recorded.keys() | manifest.recorded.keys()):
        stated, found = manifest.recorded.get(name, "none"), recorded.get(name, "none")
        if stated != found:
            yield f"{path}: the {name} recording is said to be of {stated}, it is of {found}"
    experiment = header.get("experiment") if isinstance(header, dict) else None
    if isinstance(experiment, str) and experiment != manifest.experiment:
        yield f"{path}: names the experiment {manifest.experiment!r}, its plan {experiment!r}"
    for record in manifest.role("recordings"):
        groups = {cassette.group(entry.address.key) for entry in sealed if entry.file == record.name}
        if groups - {record.condition}:
            yield f"{path}: says that {record.name} holds {record.condition!r}, the index {min(groups)!r}"


def _journal_faults(cassette: Cassette) -> Iterator[str]:
    """Wrong keys in the journal, whose lines were checked on opening."""
    for span, interaction in journal.read_journal(cassette.directory):
        place = f"{cassette.directory / journal.NAME}:{span.number}"
        try:
            if route_key(interaction.route, interaction.endpoint, interaction.request) != interaction.key:
                yield f"{place}: this request does not have the key {interaction.key}"
        except RequestBodyError as error:
            yield f"{place}: not a request ({error})"


def _strays(directory: Path, manifest: Manifest) -> Iterator[str]:
    named = {record.name for record in manifest.files} | {manifests.NAME}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        # A journal and its lock come and go; `harmless_leftovers` reports the rest of a killed sealing.
        harmless = name.startswith(("journal.", f"{manifests.STAGING}/", f"{manifests.NAME}.part"))
        if path.is_file() and name not in named and not harmless:
            yield f"{path}: no manifest names this file"
