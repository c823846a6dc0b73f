"""A cassette directory, opened: find a recording, read it, add to it, seal it."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from llmxray.cassette import bounds, indexes, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.blocks import (
    Cache,
    RecordingBlocks,
    RecordingLines,
    RequestBlocks,
    RequestLines,
)
from llmxray.cassette.columnar import Block, Symbols
from llmxray.cassette.files import SealedFile, counted_bytes
from llmxray.cassette.indexes import NO_STATUS, Index
from llmxray.cassette.journal import Span
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.remembered import Remembered
from llmxray.cassette.sealed import Address, Entry, each_line
from llmxray.cassette.sections import Ints, Numbers, compact
from llmxray.errors import CassetteCorruptError, CassetteError
from llmxray.types import Completion, EndCause, Interaction
from llmxray.wire import is_whole, read_interaction, route_key
from llmxray.wire.json_size import json_bytes

_ENTRIES_IN_MEMORY = 4096
# Of so few recordings of a request one is found sooner by looking at each.
_FEW = 8


_ADDRESS = attrgetter("address")
_SAMPLE = attrgetter("address.sample")


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


class Cassette:
    """The recordings of one directory, sealed and journalled alike.

    No byte of a file is used before the file fits the hash that the manifest has of it; the manifest has one of
    itself.

    One thread reads it: two that share it would read each other's replies. Each thread opens its own, and each process.

    Args:
        directory: where the cassette is, or will be.
        check: False reads what does not fit its hash, too: to say what is wrong with it.

    Raises:
        CassetteCorruptError: a file is not what was written.
        CassetteVersionError: the cassette is from a newer llmxray.
    """

    def __init__(self, directory: Path, *, check: bool = True) -> None:
        self.directory = directory
        self._check = check
        manifests.refuse_orphans(directory)
        self.manifest: Manifest | None = manifests.read(directory, check=check)
        self._index = Index()
        self._recordings: dict[str, RecordingLines | RecordingBlocks] = {}
        self._requests: RequestLines | RequestBlocks | None = None
        self._cache: Cache[Block] = Cache()
        self._journalled: dict[Address, Span] = {}
        self._added: dict[str, list[Entry]] = {}
        self._endpoints: set[str] = set()
        self._ignored: set[str] = set()
        self._known: dict[str, list[Entry]] = {}
        self._remembered = Remembered()
        recordings = self.manifest.role("recordings") if self.manifest else ()
        self.together = bounds.Together(counted_bytes(directory, recordings))
        if self.manifest is not None:
            self._open(self.manifest)
        self._number = {key: number for number, key in enumerate(self._index.keys)}
        self._places = _places(self._index)
        for span, interaction in journal.read(directory):
            self.add(interaction, span)

    @classmethod
    def existing(cls, directory: Path) -> Cassette:
        """Open a cassette that must be there.

        Raises:
            CassetteError: nothing is recorded in that directory.
        """
        require(directory)
        return cls(directory)

    def __reduce__(self) -> tuple[type[Cassette], tuple[Path]]:
        # Another process opens its files again.
        return Cassette, (self.directory,)

    def add(self, interaction: Interaction, span: Span, *, complete: bool | None = None) -> None:
        """Index an interaction that the journal holds there; the same address twice keeps the first.

        Args:
            complete: whether its reply is whole, where that is known; reading the reply takes longest.
        """
        address = Address(interaction.key, interaction.sample, interaction.attempt)
        if any(entry.address == address for entry in self.tries(address.key, address.sample)):
            return  # sealed already, but the journal was not removed: sealing was interrupted there
        whole = is_whole(interaction) if complete is None else complete
        entry = Entry(address, whole, interaction.status, "", len(self._journalled))
        self._journalled[address] = span
        self._endpoints.add(interaction.endpoint)
        self._ignored.update(interaction.route.ignored)
        self._added.setdefault(address.key, []).append(entry)
        # Sorted anew for each line, many samples of one request would take hours.
        insort(self._known[address.key], entry, key=_ADDRESS)

    def entries(self, key: str) -> Sequence[Entry]:
        """The recordings of a request, by sample and attempt; empty when there are none."""
        known = self._known.get(key)
        if known is None:
            number = self._number.get(key)
            found = [] if number is None else [self._entry(*place) for place in self._places.of(number)]
            found += self._added.get(key, ())
            if len(found) > 1:
                found.sort(key=_ADDRESS)
            known = self._known[key] = found
            if len(self._known) > _ENTRIES_IN_MEMORY:
                del self._known[next(iter(self._known))]
        return known

    def tries(self, key: str, sample: int) -> Sequence[Entry]:
        """The recordings of one sample of a request, by attempt."""
        known = self.entries(key)
        if len(known) < _FEW:
            return [entry for entry in known if entry.address.sample == sample]
        low, high = (find(known, sample, key=_SAMPLE) for find in (bisect_left, bisect_right))
        return known[low:high]

    def all_entries(self) -> Iterator[Entry]:
        """Every recording, in the order of the files, then of the journal."""
        for number, file in enumerate(self._index.files):
            yield from self._entries(number, 0, len(file))
        for entries in self._added.values():
            yield from entries

    def __len__(self) -> int:
        return sum(map(len, self._index.files)) + len(self._journalled)

    def get(self, address: Address, request: Mapping[str, Any] | None = None) -> Interaction:
        """Read one recording.

        Args:
            request: the body of its request, where the one who asks has it at hand.

        Raises:
            CassetteError: there is no such recording.
            CassetteCorruptError: its line cannot be read.
        """
        return self.read(self._find(address), request)

    def read(self, entry: Entry, request: Mapping[str, Any] | None = None) -> Interaction:
        """The recording of an entry of this cassette: `get`, without looking for it.

        Raises:
            CassetteCorruptError: its line cannot be read.
        """
        address = entry.address
        if not entry.file:
            return journal.read_at(self.directory, self._journalled[address])
        body = self.request(address.key) if request is None else request
        return self._recordings[entry.file].interaction(entry.line, address.key, body)

    def completion(self, address: Address) -> Completion:
        """The reply of one recording, read from its columns where there are some: `read_interaction` of `get`.

        The first ones read are remembered until they fill the memory that is set aside for them.

        Raises:
            CassetteError: there is no such recording.
            CassetteCorruptError: its line cannot be read.
        """
        if (known := self._remembered.get(address)) is not None:
            return known
        entry = self._find(address)
        if entry.file:
            reply = self._recordings[entry.file].completion(entry.line, address.key)
        else:
            reply = read_interaction(self.get(address))
        self._remembered.put(address, reply)
        return reply

    def forget(self) -> None:
        """Give up the memory of replies that `completion` has read; they can be read again."""
        self._remembered = Remembered()

    def body(self, address: Address) -> bytes:
        """The received bytes of one recording: the body of `get`.

        Raises:
            CassetteError: there is no such recording.
            CassetteCorruptError: its line cannot be read.
        """
        entry = self._find(address)
        if not entry.file:
            return self.get(address).body
        return self._recordings[entry.file].body(entry.line)

    def concurrency(self, address: Address) -> int:
        """Requests in flight at the recorder when a recording began, itself included.

        Raises:
            CassetteError, CassetteCorruptError: there is no such recording, or its line cannot be read.
        """
        entry = self._find(address)
        file = self._recordings[entry.file] if entry.file else None
        return file.concurrency(entry.line) if file else self.get(address).concurrency

    def is_ended(self, address: Address) -> bool:
        """Whether a recording itself says that it ended cleanly, with status 200; errors as of `concurrency`."""
        return (head := self._head(address)).end is EndCause.CLEAN and head.status == 200

    def _head(self, address: Address) -> Interaction:
        entry = self._find(address)
        return self._recordings[entry.file].head(entry.line) if entry.file else self.get(address)

    def key_again(self, address: Address, request: Mapping[str, Any]) -> str:
        """The key that a recorded request has by its endpoint, its route and this body.

        Raises:
            CassetteError, CassetteCorruptError: there is no such recording, or its line cannot be read.
            RequestBodyError: the body has no identity.
        """
        recorded = self._head(address)
        return route_key(recorded.route, recorded.endpoint, request)

    def request(self, key: str) -> Mapping[str, Any]:
        """The body of a frozen or recorded request.

        Raises:
            CassetteError: the cassette does not know the key.
        """
        if key in self._number and self._requests is not None:
            return self._requests.body(self._number[key])
        for entry in self._added.get(key, ()):
            return journal.read_at(self.directory, self._journalled[entry.address]).request
        raise CassetteError(f"{self.directory}: no request {key}")

    def endpoints(self) -> set[str]:
        """Labels of the endpoints that were recorded from, judged by the first recording of every file."""
        return self._endpoints | {each.endpoint for each in self._first_of_files()}

    def ignored(self) -> set[str]:
        """Request fields that the user left out of the identity, judged by the first recording of every file."""
        return self._ignored | {name for each in self._first_of_files() for name in each.route.ignored}

    def group(self, key: str) -> str:
        """The group whose file holds the recordings of that request, "" when it has none yet."""
        return self._index.groups[self._number[key]] if key in self._number else ""

    def requests(self) -> Iterator[RequestRecord]:
        """Every request known, frozen ones first in plan order, then those that only the journal has.

        Raises:
            CassetteCorruptError: a body cannot be read, or all of them together grow to more than they may.
        """
        yield from self._frozen_records()
        for key in self._added:
            if key not in self._number:
                yield RequestRecord(key, "", self.request(key))

    def frozen_requests(self) -> Iterator[tuple[str, str]]:
        """Key and group of every request that is sealed, in order."""
        return zip(self._index.keys, self._index.groups, strict=True)

    @property
    def has_plan(self) -> bool:
        """Whether a plan is frozen into it."""
        return self.manifest is not None and bool(self.manifest.role("plan"))

    def frozen(self) -> Frozen | None:
        """Plan, items and requests as frozen; None for a recording made without an experiment.

        Raises:
            CassetteCorruptError: a file is not what was written, or grows to more than it may.
        """
        if not self.has_plan:
            return None
        return Frozen(tuple(self.lines("plan")), tuple(self.lines("items")), tuple(self._frozen_records()))

    def lines(self, role: str) -> Iterator[Any]:
        """The JSON values of the lines of the files with a role.

        Raises:
            CassetteCorruptError: a file is not what was written, or grows to more than it may.
        """
        for record in self.manifest.role(role) if self.manifest else ():
            for number, line in enumerate(self._texts(record, values=True), 1):
                try:
                    yield bounds.loads(line)
                except ValueError as error:
                    path = str(self.directory / record.name)
                    raise CassetteCorruptError(path, number, f"cannot be read: {error}") from error

    def texts(self, role: str) -> Iterator[bytes]:
        """The same lines as they stand there, without their newlines.

        Raises:
            CassetteCorruptError: a file is not what was written, or grows to more than it may.
        """
        for record in self.manifest.role(role) if self.manifest else ():
            yield from self._texts(record)

    def _texts(self, record: FileRecord, *, values: bool = False) -> Iterator[bytes]:
        """The lines of a file.

        Args:
            values: whether the values of all of them may be kept.
        """
        file, number = self._file(record), 0
        try:
            text = bounds.unzstd_all(file.read()) if record.frames else file.read()
            if values:
                # At once, which takes a tenth of the time that it takes line by line.
                bounds.HELD.room(file.size_bytes).take(json_bytes(text))
            for line in each_line(text):
                number += 1
                yield line
        except ValueError as error:
            raise CassetteCorruptError(str(file.path), number or None, f"cannot be read: {error}") from error
        if number != record.lines:
            why = f"{record.lines} lines were written, {number} are here"
            raise CassetteCorruptError(str(file.path), number + 1, why)

    def checksums(self) -> Mapping[str, Sequence[int]]:
        """By file, the CRC-32 of every line."""
        return self._index.crc32

    def file(self, name: str) -> RecordingLines | RecordingBlocks | RequestLines | RequestBlocks | None:
        """An opened file of recordings or requests."""
        return self._recordings.get(name, self._requests)

    def _file(self, record: FileRecord) -> SealedFile:
        return SealedFile(self.directory, record, check=self._check)

    def _frozen_records(self) -> Iterator[RequestRecord]:
        """The sealed requests with their bodies, which together stay within what their files may grow to."""
        # Requests that differ in a number take few bytes; each has its key in the index.
        records = [*self.manifest.role("requests"), *self.manifest.role("index")] if self.manifest else ()
        room, known = bounds.HELD.room(counted_bytes(self.directory, records)), dict[str, Any]()
        for number, (key, group) in enumerate(self.frozen_requests()):
            if self._requests is None:
                raise CassetteError(f"{self.directory}: no request {key}")
            body = self._requests.body(number, room)
            # Conditions ask the same questions: what is equal is kept once. By its text, for to Python 1 is True.
            shared = {sys.intern(name): known.setdefault(repr(value), value) for name, value in body.items()}
            yield RequestRecord(key, group, shared)

    def _first_of_files(self) -> Iterator[Interaction]:
        for number, file in enumerate(self._index.files):
            if len(file):
                yield self.get(self._entry(number, 0).address)

    def _find(self, address: Address) -> Entry:
        known = self.entries(address.key)
        for entry in known if len(known) < _FEW else self.tries(address.key, address.sample):
            # Mostly the very object that `entries` gave out.
            if entry.address is address or entry.address == address:
                return entry
        raise CassetteError(f"{self.directory}: no recording {address}")

    def _entry(self, number: int, line: int) -> Entry:
        file = self._index.files[number]
        # `item` gives Python's own numbers: JSON refuses numpy's, and comparing them is slow.
        key, status = self._index.keys[file.request.item(line)], file.status.item(line)
        address = Address(key, file.sample.item(line), file.attempt.item(line))
        complete = bool(file.complete.item(line))
        return Entry(address, complete, None if status == NO_STATUS else status, file.name, line)

    def _entries(self, number: int, start: int, end: int) -> Iterator[Entry]:
        file, keys = self._index.files[number], self._index.keys
        columns = (file.request, file.sample, file.attempt, file.complete, file.status)
        rows = zip(*(column[start:end].tolist() for column in columns), strict=True)
        for line, (request, sample, attempt, complete, status) in enumerate(rows, start):
            address = Address(keys[request], sample, attempt)
            yield Entry(address, bool(complete), None if status == NO_STATUS else status, file.name, line)

    def _open(self, manifest: Manifest) -> None:
        for record in manifest.role("requests"):
            self._requests = (RequestBlocks if record.is_columns else RequestLines)(self._file(record))
        for record in manifest.role("recordings"):
            self._recordings[record.name] = (
                RecordingBlocks(self._file(record), self._symbols, self._cache, self.together)
                if record.is_columns
                else RecordingLines(self._file(record), self.together)
            )
        for record in manifest.role("index"):
            file = self._file(record)
            try:
                if record.is_columns:
                    self._index = indexes.from_block(file.read())
                else:
                    self._index = indexes.from_lines(self.lines("index"))
            except ValueError as error:
                raise CassetteCorruptError(str(file.path), None, f"cannot be read: {error}") from error
        # Or recordings would be missing, and nobody would be told.
        path, found = str(self.directory / manifests.NAME), sum(map(len, self._index.files))
        if {file.name for file in self._index.files} != self._recordings.keys():
            raise CassetteCorruptError(path, None, "its recordings are not those that its index is about")
        if manifest.counts.get("recordings") != found:
            why = f"counts {manifest.counts.get('recordings')} recordings, its index has {found}"
            raise CassetteCorruptError(path, None, why)

    @cached_property
    def _table(self) -> Symbols:
        for record in self.manifest.role("symbols") if self.manifest else ():
            file = self._file(record)
            try:
                return Symbols.read(file.read())
            except ValueError as error:
                raise CassetteCorruptError(str(file.path), None, f"cannot be read: {error}") from error
        return Symbols()

    def _symbols(self) -> Symbols:
        return self._table


def is_there(directory: Path) -> bool:
    """Whether a directory has a cassette, sealed or as a journal."""
    return (directory / manifests.NAME).exists() or (directory / journal.NAME).exists()


def require(directory: Path) -> None:
    """Refuse a directory without a cassette, whatever state one is in.

    Raises:
        CassetteError: nothing is recorded in that directory.
        CassetteCorruptError: there are recordings, and their manifest is missing.
    """
    manifests.refuse_orphans(directory)
    if not is_there(directory):
        raise CassetteError(
            f"no cassette in {directory}: record one with `llmxray run EXPERIMENT --mode record`"
        )


class _Places:
    """Where the recordings of each request stand."""

    def __init__(self, request: Ints, file: Ints, line: Ints, requests: int) -> None:
        # Stable: the recordings of a request stay in the order of their lines.
        order = np.argsort(request, kind="stable")
        self._start: Numbers = compact(np.searchsorted(request[order], np.arange(requests + 1)))
        self._file: Numbers = compact(file[order])
        self._line: Numbers = compact(line[order])

    def of(self, number: int) -> Iterator[tuple[int, int]]:
        """File and line of each recording of the request with that number."""
        for at in range(self._start[number], self._start[number + 1]):
            yield self._file[at], self._line[at]


def _places(index: Index) -> _Places:
    files = index.files
    # numpy refuses to join nothing, which is what an empty cassette has.
    none = np.zeros(0, dtype=np.int64)
    return _Places(
        np.concatenate([none, *(file.request for file in files)]),
        np.concatenate([none, *(np.full(len(file), number) for number, file in enumerate(files))]),
        np.concatenate([none, *(np.arange(len(file)) for file in files)]),
        len(index.keys),
    )
