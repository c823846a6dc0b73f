"""Sealing: write a cassette in its final form; also freezing and dropping.

The same recordings give the same bytes: they follow the order of the plan, then sample and attempt. One recording
is read and written at a time, so a large cassette needs no more memory than a small one.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from llmxray.cassette import codec, journal, staging
from llmxray.cassette import index as indexes
from llmxray.cassette import manifest as manifests
from llmxray.cassette.address import Address, Entry
from llmxray.cassette.files import SealedFile
from llmxray.cassette.index import NO_STATUS, FileIndex, Index, RecordingTable
from llmxray.cassette.manifest import FileRecord, Manifest, Role
from llmxray.cassette.scrub import SecretGuard
from llmxray.cassette.staging import REQUEST_FRAME_BYTES, StagedFile
from llmxray.cassette.store import Cassette, Frozen
from llmxray.errors import CassetteError, LlmxrayError
from llmxray.names import is_device
from llmxray.wire import read_interaction

# Ids of conditions have at most 129; file systems take names of 255 bytes.
_LONGEST_SLUG = 140


@dataclass(frozen=True, slots=True)
class _Request:
    """A request about to be written; its body is read when its turn comes."""

    key: str
    group: str
    body: Callable[[], Mapping[str, Any]]


@dataclass(slots=True)
class _Source:
    """Parts of a sealed cassette.

    Attributes:
        frozen_already: plan, items and requests are those that the cassette has.
        owners: the cassettes of recordings, if not this one.
    """

    plan: Iterable[Any]
    items: Iterable[Any]
    requests: list[_Request]
    entries: Sequence[Entry]
    frozen_already: bool = False
    owners: Mapping[Address, Cassette] = field(default_factory=dict)


class _StagedCassette:
    """Staged files."""

    def __init__(self, directory: Path, guard: SecretGuard) -> None:
        self.directory, self.guard = directory, guard
        self.records: list[FileRecord] = []
        self.files: dict[str, FileIndex] = {}
        self.paths: dict[str, Path] = {}
        self._staged: list[StagedFile] = []

    def write(
        self, role: Role, lines: Iterable[bytes], *, stem: str = "", condition: str = "", frame_bytes: int = 0
    ) -> FileRecord:
        """Stage a file of these lines."""
        staged = StagedFile(self.directory, self.guard, frame_bytes=frame_bytes or staging.FRAME_BYTES)
        self._staged.append(staged)
        for line in lines:
            staged.add(line)
        record, index = staged.finish(role, stem or role, condition)
        self.files[record.name] = index
        self.records.append(record)
        self.paths[record.name] = staged.path
        return record

    def discard(self) -> None:
        """Give everything up."""
        for staged in self._staged:
            staged.close()
        staging.clear(self.directory)


def write_plan(
    directory: Path,
    experiment: str,
    frozen: Frozen,
    *,
    software: Mapping[str, str],
    facts: Mapping[str, Any] | None = None,
    guard: SecretGuard | None = None,
) -> None:
    """Write plan, items and requests into a cassette before its first request is sent.

    Args:
        software: versions of what records, by name.
        facts: of servers, in place of those of the same name; None leaves all as they are.

    Raises:
        SecretLeakError: the data hold a secret; the cassette is unchanged.
    """
    with journal.lock_cassette(directory):
        cassette = Cassette(directory)
        # Recordings that a changed plan no longer asks for were paid for, so they stay until somebody removes them.
        requests = [_Request(each.key, each.group, partial(dict, each.body)) for each in frozen.requests]
        source = _Source(frozen.plan, frozen.items, requests, list(cassette.all_entries()))
        known = {**(cassette.manifest.facts if cassette.manifest else {}), **(facts or {})}
        _write(cassette, experiment, source, facts=known, software=software, guard=guard)


def seal(
    directory: Path,
    *,
    experiment: str = "",
    facts: Mapping[str, Any] | None = None,
    software: Mapping[str, str] | None = None,
    guard: SecretGuard | None = None,
) -> Manifest:
    """Write journal and sealed recordings together as one sealed cassette; the journal goes last.

    Raises:
        SecretLeakError: the data hold a secret; the cassette is unchanged.
    """
    with journal.lock_cassette(directory):
        cassette = Cassette(directory)
        old = cassette.manifest
        return _write(
            cassette,
            experiment or (old.experiment if old else directory.name),
            _source(cassette, list(cassette.all_entries())),
            facts={**(old.facts if old else {}), **(facts or {})},
            software=software,
            guard=guard,
        )


def seal_from(
    directory: Path,
    taken: Iterable[tuple[Entry, Cassette]],
    *,
    experiment: str,
    facts: Mapping[str, Any],
    software: Mapping[str, str],
) -> None:
    """Write recordings of other cassettes into an empty one, sealed.

    Args:
        taken: recordings, each with the cassette that it is read from.
    """
    owners = {entry.address: (entry, owner) for entry, owner in taken}
    with journal.lock_cassette(directory):
        cassette = Cassette(directory)
        source = _source(cassette, [entry for entry, _ in owners.values()])
        source.owners = {address: owner for address, (_, owner) in owners.items()}
        _write(cassette, experiment, source, facts=facts, software=software)


def remove_recordings(directory: Path, addresses: Iterable[Address]) -> int:
    """Remove recordings: replay misses them; returns their number.

    Raises:
        CassetteError: one of them is not in the cassette; nothing is removed.
    """
    gone = set(addresses)
    # Before the lock, which makes the directory.
    Cassette.existing(directory)
    with journal.lock_cassette(directory):
        cassette = Cassette(directory)
        entries = list(cassette.all_entries())
        for address in sorted(gone - {entry.address for entry in entries}):
            raise CassetteError(f"{directory}: no recording {address}")
        experiment = cassette.manifest.experiment if cassette.manifest else directory.name
        kept = [entry for entry in entries if entry.address not in gone]
        _write(cassette, experiment, _source(cassette, kept))
    return len(gone)


def replace_cassette(directory: Path, fresh: Path) -> None:
    """Replace a cassette by the sealed one ``fresh``, in one step."""
    with journal.lock_cassette(directory):
        if (directory / journal.NAME).exists():
            seal(directory)  # or its recordings would mix with the new ones
        manifest = manifests.read_manifest(fresh)
        if manifest is None:
            raise CassetteError(f"{fresh}: nothing is sealed there")
        staging.clear(directory)
        files = {}
        for record in manifest.files:
            # A copy: until the manifest is in place, `fresh` must be whole as well.
            files[record.name] = manifests.staging_name(directory)
            with files[record.name].open("xb") as file:
                for piece in SealedFile(fresh, record).pieces():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        manifests.commit(directory, manifest, files)
        staging.clear(directory)


def _source(cassette: Cassette, entries: Sequence[Entry]) -> _Source:
    """The cassette's frozen parts, with these recordings."""
    if not cassette.has_plan:
        return _Source((), (), [], entries)
    requests = [
        _Request(key, group, partial(cassette.request, key)) for key, group in cassette.frozen_requests()
    ]
    return _Source(cassette.lines("plan"), cassette.lines("items"), requests, entries, frozen_already=True)


def _write(
    cassette: Cassette,
    experiment: str,
    source: _Source,
    *,
    facts: Mapping[str, Any] | None = None,
    software: Mapping[str, str] | None = None,
    guard: SecretGuard | None = None,
) -> Manifest:
    staging.clear(cassette.directory)
    guard = guard or SecretGuard(())
    old = cassette.manifest or Manifest(experiment)
    built = _StagedCassette(cassette.directory, guard)
    try:
        requests, trials, times = _build(cassette, source, built)
        manifest = replace(
            old,
            experiment=experiment,
            files=tuple(built.records),
            facts=old.facts if facts is None else facts,
            software=old.software if software is None else software,
            counts={
                "recordings": len(source.entries),
                "complete": sum(entry.complete for entry in source.entries),
                "requests": requests,
                "trials": trials,
            },
            recorded={"first": min(times), "last": max(times)} if times else {},
        )
        # A server's facts may echo the key.
        guard.check(manifests.render(manifest), where="the cassette")
    except LlmxrayError:
        built.discard()
        raise
    except OSError as error:
        built.discard()
        raise CassetteError(f"cannot write to {cassette.directory}: {error.strerror or error}") from error
    manifests.commit(cassette.directory, manifest, built.paths)
    staging.clear(cassette.directory)
    # Last: reading the journal twice is harmless, losing it is not.
    (cassette.directory / journal.NAME).unlink(missing_ok=True)
    return manifest


def _build(cassette: Cassette, source: _Source, built: _StagedCassette) -> tuple[int, int, set[str]]:
    """Stage every file; the numbers of requests and of trials, and when recordings began."""
    plan = [*map(_line, source.plan)]
    if plan:
        built.write("plan", plan)
    if plan or source.frozen_already:
        built.write("items", map(_line, source.items))
    requests = _all_requests(cassette, source)
    # As they stand in the index, which has their keys and groups.
    built.write("requests", (_line(dict(each.body())) for each in requests), frame_bytes=REQUEST_FRAME_BYTES)
    keys, groups = [request.key for request in requests], [each.group for each in requests]
    times = set[str]()
    recordings = dict(_add_recordings(cassette, source, dict(zip(keys, groups, strict=True)), times, built))
    built.write("index", [_line(indexes.to_json(Index(keys, groups, built.files, recordings)))])
    # The first line of a plan is its header.
    return len(requests), max(0, len(plan) - 1), times


def _line(value: Any) -> bytes:
    return codec.dumps(value).encode()


def _all_requests(cassette: Cassette, source: _Source) -> list[_Request]:
    requests = {request.key: request for request in source.requests}
    owners = {entry.address.key: source.owners.get(entry.address, cassette) for entry in source.entries}
    # Sorted: bytes must not depend on the order of recording.
    for key in sorted(owners.keys() - requests.keys()):
        body = partial(owners[key].request, key)
        requests[key] = _Request(key, _slug(str(body().get("model") or "other")), body)
    return list(requests.values())


def _add_recordings(
    cassette: Cassette, source: _Source, groups: Mapping[str, str], times: set[str], built: _StagedCassette
) -> Iterable[tuple[str, RecordingTable]]:
    """Stage a file for each group; its name, and the table of its recordings."""
    order = {key: number for number, key in enumerate(groups)}
    first = {group: number for number, group in reversed([*enumerate(groups.values())])}

    def place(entry: Entry) -> tuple[int, int, int, int]:
        address = entry.address
        return first[groups[address.key]], order[address.key], address.sample, address.attempt

    for group, entries in groupby(sorted(source.entries, key=place), lambda each: groups[each.address.key]):
        members = [*entries]
        lines = _recording_lines(cassette, source, members, order, times, built.guard)
        record = built.write("recordings", lines, stem=f"recordings/{_slug(group)}", condition=group)
        yield (
            record.name,
            indexes.recording_table(
                (
                    order[entry.address.key],
                    entry.address.sample,
                    entry.address.attempt,
                    entry.complete,
                    NO_STATUS if entry.status is None else entry.status,
                )
                for entry in members
            ),
        )


def _recording_lines(
    cassette: Cassette,
    source: _Source,
    entries: Iterable[Entry],
    order: Mapping[str, int],
    times: set[str],
    guard: SecretGuard,
) -> Iterable[bytes]:
    for entry in entries:
        interaction = source.owners.get(entry.address, cassette).read(entry, {})
        # A line holds the body in pieces.
        guard.check(interaction.body, where="the cassette")
        times.update(filter(None, [interaction.started_at]))
        reply = read_interaction(interaction)
        yield codec.to_line(interaction, order[entry.address.key], reply).encode()


def _slug(text: str) -> str:
    """A piece of a file's name; the name of a model may have any characters, and any number of them."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "other"
    plain = f"_{plain}" if is_device(plain) else plain
    if len(plain) <= _LONGEST_SLUG:
        return plain
    return f"{plain[:_LONGEST_SLUG]}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
