"""A cassette directory, opened: find a recording, read it, add to it, seal it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from llmxray.cassette import codec, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.journal import Span
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.sealed import Address, Entry, LinesFile, unpack_lines
from llmxray.errors import CassetteCorruptError, CassetteError
from llmxray.types import Completion, Interaction
from llmxray.wire import is_complete, read_interaction

# A build reads every reply two or three times; so many alternatives take some 200 MB.
_REMEMBERED_ALTERNATIVES = 1_500_000


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as frozen: its key, the group (condition) whose file holds its recordings, its body."""

    key: str
    group: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is frozen beside the recordings so that replay needs nothing else.

    Attributes:
        plan: lines of the plan, opaque here; they name requests by position in ``requests``.
        items: lines of the items used.
        requests: every request of the plan, recorded or not, in plan order.
    """

    plan: tuple[Any, ...] = ()
    items: tuple[Any, ...] = ()
    requests: tuple[RequestRecord, ...] = ()


@dataclass(slots=True)
class _Files:
    recordings: dict[str, LinesFile] = field(default_factory=dict)
    requests: LinesFile | None = None


class Cassette:
    """The recordings of one directory, sealed and journalled alike.

    Args:
        directory: where the cassette is, or will be.

    Raises:
        CassetteCorruptError: a file is not what was written.
        CassetteVersionError: the cassette is from a newer llmxray.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest: Manifest | None = manifests.read(directory)
        self._files = _Files()
        self._request_line: dict[str, int] = {}
        self._groups: dict[str, str] = {}
        self._journalled: dict[Address, Span] = {}
        self._endpoints: set[str] = set()
        self._by_key: dict[str, list[Entry]] = {}
        self._replies: dict[Address, Completion] = {}
        self._room = _REMEMBERED_ALTERNATIVES
        if self.manifest is not None:
            self._read_index(self.manifest)
        for span, interaction in journal.read(directory):
            self.add(interaction, span)

    @classmethod
    def existing(cls, directory: Path) -> Cassette:
        """Open a cassette that must be there.

        Raises:
            CassetteError: nothing is recorded in that directory.
        """
        if not (directory / manifests.NAME).exists() and not (directory / journal.NAME).exists():
            raise CassetteError(
                f"no cassette in {directory}: record one with `llmxray run EXPERIMENT --mode record`"
            )
        return cls(directory)

    def add(self, interaction: Interaction, span: Span) -> None:
        """Index an interaction that the journal holds there; the same address twice keeps the first."""
        address = Address(interaction.key, interaction.sample, interaction.attempt)
        entries = self._by_key.setdefault(address.key, [])
        if any(entry.address == address for entry in entries):
            return  # sealed already, but the journal was not removed: sealing was interrupted there
        entry = Entry(address, is_complete(interaction), interaction.status, "", len(self._journalled))
        self._journalled[address] = span
        self._endpoints.add(interaction.endpoint)
        entries.append(entry)
        entries.sort(key=lambda each: each.address)

    def entries(self, key: str) -> Sequence[Entry]:
        """The recordings of a request, by sample and attempt; empty when there are none."""
        return self._by_key.get(key, ())

    def all_entries(self) -> Iterator[Entry]:
        """Every recording, in the order of the files, then of the journal."""
        for entries in self._by_key.values():
            yield from entries

    def __len__(self) -> int:
        return sum(map(len, self._by_key.values()))

    def get(self, address: Address) -> Interaction:
        """Read one recording.

        Raises:
            CassetteError: there is no such recording.
            CassetteCorruptError: its line cannot be read.
        """
        entry = next((each for each in self.entries(address.key) if each.address == address), None)
        if entry is None:
            raise CassetteError(f"{self.directory}: no recording {address}")
        if not entry.file:
            return journal.read_at(self.directory, self._journalled[address])
        line = self._files.recordings[entry.file].line(entry.line)
        try:
            return codec.from_line(line, self.request(address.key))
        except ValueError as error:
            raise CassetteCorruptError(
                str(self.directory / entry.file), entry.line + 1, str(error)
            ) from error

    def completion(self, address: Address, interaction: Interaction | None = None) -> Completion:
        """The reply of one recording; the first ones read are remembered until they fill the memory.

        Args:
            interaction: the recording, where the caller has read it already.
        """
        if address in self._replies:
            return self._replies[address]
        reply = read_interaction(interaction or self.get(address))
        size = sum(len(token.top) + 1 for token in reply.tokens) + 1
        if size <= self._room:
            self._room -= size
            self._replies[address] = reply
        return reply

    def request(self, key: str) -> Mapping[str, Any]:
        """The body of a frozen or recorded request.

        Raises:
            CassetteError: the cassette does not know the key.
        """
        if key in self._request_line and self._files.requests is not None:
            body: Mapping[str, Any] = self._files.requests.line(self._request_line[key])["body"]
            return body
        for entry in self.entries(key):
            if entry.address in self._journalled:
                return self.get(entry.address).request
        raise CassetteError(f"{self.directory}: no request {key}")

    def endpoints(self) -> set[str]:
        """Labels of the endpoints that were recorded from, judged by the first recording of every file."""
        first = {entry.file: entry.address for entry in self.all_entries() if entry.file and entry.line == 0}
        return self._endpoints | {self.get(address).endpoint for address in first.values()}

    def group(self, key: str) -> str:
        """The group whose file holds the recordings of that request, "" when it has none yet."""
        return self._groups.get(key, "")

    def requests(self) -> Iterator[RequestRecord]:
        """Every request known, frozen ones first in plan order, then those that only the journal has."""
        for key in self._request_line:
            yield RequestRecord(key, self._groups[key], self.request(key))
        for key in self._by_key:
            if key not in self._request_line:
                yield RequestRecord(key, "", self.request(key))

    def frozen(self) -> Frozen | None:
        """Plan, items and requests as frozen; None for a recording made without an experiment."""
        if self.manifest is None or not self.manifest.role("plan"):
            return None
        plan = tuple(self._lines(self.manifest.role("plan")))
        items = tuple(self._lines(self.manifest.role("items")))
        requests = tuple(RequestRecord(**line) for line in self._lines(self.manifest.role("requests")))
        return Frozen(plan, items, requests)

    def _lines(self, records: Iterable[FileRecord]) -> Iterator[Any]:
        for record in records:
            path = self.directory / record.name
            number = 0
            try:
                for line in unpack_lines(read_file(path), bool(record.frames)):
                    number += 1
                    yield json.loads(line)
            except (ValueError, zstandard.ZstdError) as error:
                raise CassetteCorruptError(str(path), number or None, f"cannot be read: {error}") from error
            if number != record.lines:
                why = f"{record.lines} lines were written, {number} are here"
                raise CassetteCorruptError(str(path), number + 1, why)

    def _read_index(self, manifest: Manifest) -> None:
        for record in manifest.role("requests"):
            self._files.requests = LinesFile(self.directory / record.name, record.frames)
        for record in manifest.role("recordings"):
            self._files.recordings[record.name] = LinesFile(self.directory / record.name, record.frames)
        for line in self._lines(manifest.role("index")):
            if "requests" in line:
                self._request_line = {key: number for number, key in enumerate(line["requests"])}
                self._groups = dict(zip(line["requests"], line["groups"], strict=True))
                keys = line["requests"]
            elif "file" in line:
                self._index_file(line, keys)

    def _index_file(self, line: Mapping[str, Any], keys: Sequence[str]) -> None:
        columns = (line["request"], line["sample"], line["attempt"], line["complete"], line["status"])
        for number, (request, sample, attempt, complete, status) in enumerate(zip(*columns, strict=True)):
            key = keys[request]
            entry = Entry(Address(key, sample, attempt), bool(complete), status, line["file"], number)
            self._by_key.setdefault(key, []).append(entry)


def read_file(path: Path) -> bytes:
    """The bytes of a cassette file.

    Raises:
        CassetteCorruptError: the manifest names it, and it is not there.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CassetteCorruptError(
            str(path), None, f"named by the manifest, cannot be read: {error.strerror}"
        ) from error
