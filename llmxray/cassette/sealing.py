"""Sealing: everything a cassette knows, written in its final form; also freezing and dropping.

The same recordings give the same bytes: they follow the order of the plan, then sample and attempt. One recording
is read and written at a time, so a large cassette needs no more memory than a small one.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmxray.cassette import bounds, codec, indexes, journal, staging
from llmxray.cassette import manifest as manifests
from llmxray.cassette.columnar import Symbols
from llmxray.cassette.files import SealedFile
from llmxray.cassette.indexes import FileIndex, Index
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.scrub import SecretGuard
from llmxray.cassette.sealed import PLAIN_BELOW_BYTES, Address, Entry
from llmxray.cassette.staging import LinesWriter, RecordingsWriter, RequestsWriter, Staged
from llmxray.cassette.store import Cassette, Frozen
from llmxray.errors import CassetteError, LlmxrayError
from llmxray.names import is_device

# An index of more hardly ever stays small enough for plain lines: they are not made to find out.
_LINES_BELOW = 1000
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
    """What a sealed cassette is made of.

    Attributes:
        frozen_already: plan, items and requests are those that the cassette has; large files of them are kept as they
            are, for to compress them takes longest.
        owners: the cassettes that recordings are taken from, where it is another one than this.
    """

    plan: Iterable[Any]
    items: Iterable[Any]
    requests: list[_Request]
    entries: Sequence[Entry]
    frozen_already: bool = False
    owners: Mapping[Address, Cassette] = field(default_factory=dict)


@dataclass(slots=True)
class _Built:
    """What was staged."""

    directory: Path
    guard: SecretGuard
    staged: list[Staged] = field(default_factory=list)
    records: list[FileRecord] = field(default_factory=list)
    paths: dict[str, Path] = field(default_factory=dict)
    crc32: dict[str, list[int]] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)

    def stage(self) -> Staged:
        """A new file."""
        self.staged.append(Staged(self.directory, self.guard))
        return self.staged[-1]

    def discard(self) -> None:
        """Give everything up."""
        for each in self.staged:
            each.close()
        staging.clear(self.directory)

    def add(self, record: FileRecord, staged: Staged) -> None:
        """Take a finished file over."""
        self.records.append(record)
        self.paths[record.name] = staged.path
        self.crc32[record.name] = staged.crc32


def freeze(
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
        SecretLeakError: a secret is in what would be written; the cassette stays as it was.
    """
    with journal.locked(directory):
        cassette = Cassette(directory)
        # Recordings that a changed plan no longer asks for were paid for: `drop` or a fresh recording removes them.
        requests = [_Request(each.key, each.group, _given(each.body)) for each in frozen.requests]
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
        SecretLeakError: a secret is in what would be written; the cassette stays as it was.
    """
    with journal.locked(directory):
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
    """Write recordings of other cassettes into one that has none yet, as one sealed cassette.

    Args:
        taken: recordings, each with the cassette that it is read from.
    """
    owners = {entry.address: (entry, owner) for entry, owner in taken}
    with journal.locked(directory):
        cassette = Cassette(directory)
        source = _source(cassette, [entry for entry, _ in owners.values()])
        source.owners = {address: owner for address, (_, owner) in owners.items()}
        _write(cassette, experiment, source, facts=facts, software=software)


def drop(directory: Path, addresses: Iterable[Address]) -> int:
    """Remove recordings so that the next replay of them is a miss; returns how many there were.

    Raises:
        CassetteError: one of them is not in the cassette; nothing is removed.
    """
    gone = set(addresses)
    # Before the lock, which makes the directory.
    Cassette.existing(directory)
    with journal.locked(directory):
        cassette = Cassette(directory)
        entries = list(cassette.all_entries())
        for address in sorted(gone - {entry.address for entry in entries}):
            raise CassetteError(f"{directory}: no recording {address}")
        experiment = cassette.manifest.experiment if cassette.manifest else directory.name
        kept = [entry for entry in entries if entry.address not in gone]
        _write(cassette, experiment, _source(cassette, kept))
    return len(gone)


def supersede(directory: Path, fresh: Path) -> None:
    """Put the sealed cassette ``fresh`` in the place of another, which stands until the one moment of change."""
    with journal.locked(directory):
        if (directory / journal.NAME).exists():
            seal(directory)  # or its recordings would mix with the new ones
        manifest = manifests.read(fresh)
        if manifest is None:
            raise CassetteError(f"{fresh}: nothing is sealed there")
        staging.clear(directory)
        # Nothing to look for: it was looked through when it was sealed.
        guard = SecretGuard(())
        files = {}
        for record in manifest.files:
            # A copy: until the manifest is in place, `fresh` must be whole as well.
            staged = Staged(directory, guard)
            for piece in SealedFile(fresh, record).pieces():
                staged.write(piece)
            staged.finish(record.role, "", "")
            files[record.name] = staged.path
        manifests.commit(directory, manifest, files)
        staging.clear(directory)


def _given(body: Mapping[str, Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: body


def _source(cassette: Cassette, entries: Sequence[Entry]) -> _Source:
    """What the cassette has frozen, with these of its recordings."""
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
    built = _Built(cassette.directory, guard)
    try:
        requests, trials = _build(cassette, source, built)
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
            recorded={"first": min(built.times), "last": max(built.times)} if built.times else {},
            covered=True,
        )
        # Facts are what a server says of itself, and a server may echo the key.
        rendered = manifests.render(manifest)
        guard.check(rendered, where="the cassette")
        if len(rendered) > bounds.MANIFEST_BYTES:
            # It could be written, and never be read again.
            raise CassetteError(
                f"{cassette.directory}: its manifest would have {len(rendered):,} bytes, more than is read "
                f"({bounds.MANIFEST_BYTES:,}): record it in parts (--shard)"
            )
    except LlmxrayError:
        built.discard()
        raise
    except OSError as error:
        built.discard()
        raise CassetteError(f"cannot write to {cassette.directory}: {error.strerror or error}") from error
    manifests.commit(cassette.directory, manifest, built.paths)
    staging.clear(cassette.directory)
    # Last: a journal read beside its sealed recordings does no harm, its loss before them would.
    (cassette.directory / journal.NAME).unlink(missing_ok=True)
    return manifest


def _build(cassette: Cassette, source: _Source, built: _Built) -> tuple[int, int]:
    """Stage every file; the number of requests and of trials."""
    # The first line of a plan is its header.
    trials = max(0, _add_lines(cassette, built, source, "plan", source.plan) - 1)
    if trials or built.records:
        _add_lines(cassette, built, source, "items", source.items)
    requests = _all_requests(cassette, source)
    _add_requests(cassette, built, source, requests)
    index, table = Index([each.key for each in requests], [each.group for each in requests]), dict[str, int]()
    files = list(_add_recordings(cassette, source, index, table, built))
    if table:
        staged = built.stage()
        built.add(staging.write_whole(staged, "symbols", Symbols.write(table)), staged)
    _add_index(replace(index, files=files, crc32=dict(built.crc32)), built)
    return len(requests), trials


def _all_requests(cassette: Cassette, source: _Source) -> list[_Request]:
    requests = {each.key: each for each in source.requests}
    owners = {entry.address.key: source.owners.get(entry.address, cassette) for entry in source.entries}
    # Sorted, for the order of recording must not show in the bytes.
    for key in sorted(owners.keys() - requests.keys()):
        body = partial(owners[key].request, key)
        requests[key] = _Request(key, _slug(str(body().get("model") or "other")), body)
    return list(requests.values())


def _large_file(cassette: Cassette, source: _Source, role: str) -> FileRecord | None:
    """The file of that role that can be kept as it is; small ones are quickly written again."""
    kept = cassette.manifest.role(role) if cassette.manifest and source.frozen_already else ()
    return next((record for record in kept if record.frames), None)


def _keep(cassette: Cassette, built: _Built, record: FileRecord, crc32: Sequence[int]) -> None:
    staged = built.stage()
    for piece in SealedFile(cassette.directory, record).pieces():
        staged.write(piece)
    # Its name and its hash come out as they were.
    staged.finish(record.role, "", "")
    staged.crc32 = list(crc32)
    built.add(record, staged)


def _add_requests(cassette: Cassette, built: _Built, source: _Source, requests: Sequence[_Request]) -> None:
    record = _large_file(cassette, source, "requests")
    # Of format 1 they are lines, which the next sealing writes anew.
    if record is not None and record.is_columns and len(requests) == len(source.requests):
        for each in requests if built.guard.is_needed else ():
            text = codec.dumps(dict(each.body()))
            built.guard.check(text.encode("utf-8", "surrogatepass"), where="the cassette")
        _keep(cassette, built, record, ())
        return
    staged = built.stage()
    writer = RequestsWriter(staged)
    for each in requests:
        writer.add(each.key, each.group, dict(each.body()))
    built.add(writer.finish(), staged)


def _add_lines(cassette: Cassette, built: _Built, source: _Source, role: str, lines: Iterable[Any]) -> int:
    """Stage a file of lines, unless it would be an empty plan; the number of lines."""
    kept = _large_file(cassette, source, role)
    if kept is not None:
        crc32 = []
        for line in cassette.texts(role):
            built.guard.check(line, where="the cassette")
            crc32.append(zlib.crc32(line))
        _keep(cassette, built, kept, crc32)
        return kept.lines
    staged = built.stage()
    writer = LinesWriter(staged)
    for line in lines:
        writer.add(codec.dumps(line))
    record = writer.finish(role, role)
    if record.lines or role != "plan":
        built.add(record, staged)
    return record.lines


def _add_recordings(
    cassette: Cassette, source: _Source, index: Index, table: dict[str, int], built: _Built
) -> Iterable[FileIndex]:
    order = {key: number for number, key in enumerate(index.keys)}
    entries = sorted(
        source.entries, key=lambda each: (order[each.address.key], each.address.sample, each.address.attempt)
    )
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(index.groups[order[entry.address.key]], []).append(entry)
    for group, members in groups.items():
        staged = built.stage()
        writer = RecordingsWriter(staged, table)
        for entry in members:
            interaction = source.owners.get(entry.address, cassette).read(entry)
            writer.add(order[entry.address.key], interaction)
            built.times = _ends(built.times, interaction.started_at)
        record = writer.finish(f"recordings/{_slug(group)}", group)
        built.add(record, staged)
        rows = (
            (order[a.key], a.sample, a.attempt, int(entry.complete), entry.status)
            for entry in members
            for a in (entry.address,)
        )
        yield indexes.file_index(record.name, rows)


def _ends(times: Sequence[str], time: str) -> list[str]:
    """First and last of the times, of which one may be unknown."""
    known = [*times, time] if time else [*times]
    return [min(known), max(known)] if known else []


def _add_index(index: Index, built: _Built) -> None:
    staged = built.stage()
    lines = indexes.to_lines(index) if sum(map(len, index.files)) < _LINES_BELOW else []
    if lines and sum(map(len, lines)) < PLAIN_BELOW_BYTES:
        writer = LinesWriter(staged)
        for line in lines:
            writer.add(line)
        built.add(writer.finish("index", "index"), staged)
    else:
        built.add(staging.write_whole(staged, "index", indexes.to_block(index)), staged)


def _slug(text: str) -> str:
    """A piece of a file's name; the name of a model may have any characters, and any number of them."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "other"
    plain = f"_{plain}" if is_device(plain) else plain
    if len(plain) <= _LONGEST_SLUG:
        return plain
    return f"{plain[:_LONGEST_SLUG]}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
