"""Sealing: everything a cassette knows, written in its final form; also freezing and dropping.

The same recordings give the same bytes: lines follow the order of the plan, then sample and attempt.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmxray.cassette import codec, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.scrub import SecretGuard
from llmxray.cassette.sealed import Address, pack_lines
from llmxray.cassette.store import Cassette, Frozen, RequestRecord, read_file
from llmxray.errors import CassetteError
from llmxray.types import Interaction
from llmxray.wire import is_complete


@dataclass(frozen=True, slots=True)
class _Built:
    """A file about to be written; ``crc32`` of each line lets `verify` name the line that was changed."""

    record: FileRecord
    data: bytes
    crc32: list[int]


def freeze(
    directory: Path,
    experiment: str,
    frozen: Frozen,
    *,
    software: Mapping[str, str],
    guard: SecretGuard | None = None,
) -> None:
    """Write plan, items and requests into a cassette before its first request is sent.

    Raises:
        SecretLeakError: a secret is in what would be written; the cassette stays as it was.
    """
    with journal.locked(directory):
        cassette = Cassette(directory)
        # Recordings that a changed plan no longer asks for were paid for: `drop` or a fresh recording removes them.
        kept = [cassette.get(entry.address) for entry in cassette.all_entries()]
        _write(cassette, experiment, frozen, kept, software=software, guard=guard)


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
            cassette.frozen() or Frozen(),
            [cassette.get(entry.address) for entry in cassette.all_entries()],
            facts={**(old.facts if old else {}), **(facts or {})},
            software=software,
            guard=guard,
        )


def drop(directory: Path, addresses: Iterable[Address]) -> int:
    """Remove recordings so that the next replay of them is a miss; returns how many there were.

    Raises:
        CassetteError: one of them is not in the cassette; nothing is removed.
    """
    gone = set(addresses)
    Cassette.existing(directory)
    with journal.locked(directory):
        cassette = Cassette(directory)
        known = {entry.address for entry in cassette.all_entries()}
        for address in sorted(gone - known):
            raise CassetteError(f"{directory}: no recording {address}")
        kept = [cassette.get(address) for address in known - gone]
        experiment = cassette.manifest.experiment if cassette.manifest else directory.name
        _write(cassette, experiment, cassette.frozen() or Frozen(), kept)
    return len(gone)


def supersede(directory: Path, fresh: Path) -> None:
    """Put the sealed cassette ``fresh`` in the place of another, which stands until the one moment of change."""
    with journal.locked(directory):
        if (directory / journal.NAME).exists():
            seal(directory)  # or its recordings would mix with the new ones
        manifest = manifests.read(fresh)
        if manifest is None:
            raise CassetteError(f"{fresh}: nothing is sealed there")
        files = {record.name: read_file(fresh / record.name) for record in manifest.files}
        manifests.commit(directory, manifest, files)


def _write(
    cassette: Cassette,
    experiment: str,
    frozen: Frozen,
    interactions: Iterable[Interaction],
    *,
    facts: Mapping[str, Any] | None = None,
    software: Mapping[str, str] | None = None,
    guard: SecretGuard | None = None,
) -> Manifest:
    interactions = list(interactions)
    requests = _all_requests(frozen, interactions)
    order = {record.key: number for number, record in enumerate(requests)}
    interactions.sort(key=lambda each: (order[each.key], each.sample, each.attempt))
    guard = guard or SecretGuard(())
    built = _build(frozen, requests, order, interactions, guard)
    old = cassette.manifest or Manifest(experiment)
    times = sorted(each.started_at for each in interactions if each.started_at)
    manifest = replace(
        old,
        experiment=experiment,
        files=tuple(each.record for each in built),
        facts=old.facts if facts is None else facts,
        software=old.software if software is None else software,
        counts={
            "recordings": len(interactions),
            "complete": sum(map(is_complete, interactions)),
            "requests": len(requests),
            "trials": max(0, len(frozen.plan) - 1),
        },
        recorded={"first": times[0], "last": times[-1]} if times else {},
    )
    guard.check(manifests.render(manifest), where="the cassette")
    manifests.commit(cassette.directory, manifest, {each.record.name: each.data for each in built})
    (cassette.directory / journal.NAME).unlink(missing_ok=True)
    return manifest


def _all_requests(frozen: Frozen, interactions: Iterable[Interaction]) -> list[RequestRecord]:
    requests = {record.key: record for record in frozen.requests}
    for each in sorted(interactions, key=lambda each: (each.key, each.sample, each.attempt)):
        group = _slug(str(each.request.get("model") or "other"))
        requests.setdefault(each.key, RequestRecord(each.key, group, each.request))
    return list(requests.values())


def _build(
    frozen: Frozen,
    requests: list[RequestRecord],
    order: Mapping[str, int],
    interactions: list[Interaction],
    guard: SecretGuard,
) -> list[_Built]:
    built: list[_Built] = []
    if frozen.plan:
        built.append(_file("plan", "plan", map(codec.dumps, frozen.plan), guard))
        built.append(_file("items", "items", map(codec.dumps, frozen.items), guard))
    bodies = (
        codec.dumps({"key": each.key, "group": each.group, "body": dict(each.body)}) for each in requests
    )
    built.append(_file("requests", "requests", bodies, guard))
    index: list[dict[str, Any]] = [
        {"requests": [each.key for each in requests], "groups": [each.group for each in requests]}
    ]
    groups: dict[str, list[Interaction]] = {}
    for each in interactions:
        groups.setdefault(requests[order[each.key]].group, []).append(each)
    for group, members in groups.items():
        lines = (codec.dumps(codec.to_line(each)) for each in members)
        built.append(_file("recordings", f"recordings/{_slug(group)}", lines, guard, condition=group))
        index.append(_index_line(built[-1].record.name, members, order))
    index.append({"crc32": {each.record.name: each.crc32 for each in built}})
    built.append(_file("index", "index", map(codec.dumps, index), guard))
    return built


def _index_line(file: str, members: list[Interaction], order: Mapping[str, int]) -> dict[str, Any]:
    return {
        "file": file,
        "request": [order[each.key] for each in members],
        "sample": [each.sample for each in members],
        "attempt": [each.attempt for each in members],
        "complete": [int(is_complete(each)) for each in members],
        "status": [each.status for each in members],
    }


def _file(role: str, stem: str, lines: Iterable[str], guard: SecretGuard, *, condition: str = "") -> _Built:
    encoded = [line.encode("utf-8", "surrogatepass") for line in lines]
    for line in encoded:
        guard.check(line, where="the cassette")
    data, frames = pack_lines(encoded)
    name, digest = manifests.hashed_name(stem, ".jsonl.zst" if frames else ".jsonl", data)
    record = FileRecord(role, name, digest, len(data), len(encoded), condition, frames)
    return _Built(record, data, [zlib.crc32(line) for line in encoded])


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "other"
