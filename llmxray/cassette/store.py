"""A cassette directory, opened: find a recording, read it, add to it, seal it."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from llmxray.cassette import codec, journal
from llmxray.cassette import index as indexes
from llmxray.cassette import manifest as manifests
from llmxray.cassette.address import Address, Entry
from llmxray.cassette.files import LinesFile, SealedFile
from llmxray.cassette.index import NO_STATUS, Index
from llmxray.cassette.journal import Span
from llmxray.cassette.manifest import Manifest
from llmxray.errors import CassetteCorruptError, CassetteError
from llmxray.types import Completion, Interaction
from llmxray.wire import is_whole, read_interaction

_ENTRIES_IN_MEMORY = 4096
# Tokens and alternatives of replies that are remembered, some 60 MB: a build reads every reply two or three times.
_CACHE_TOKENS = 300_000
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
    """Plan, items and requests, which replay needs beside the recordings.

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
        check: False also reads files whose hash differs, for their faults.

    Raises:
        CassetteCorruptError: a file was changed.
        CassetteVersionError: the cassette is from a newer llmxray.
    """

    def __init__(self, directory: Path, *, check: bool = True) -> None:
        self.directory = directory
        self._check = check
        manifests.refuse_orphans(directory)
        self.manifest: Manifest | None = manifests.read_manifest(directory, check=check)
        self.index = self._read_index()
        self._recordings = {name: self._lines_file(name) for name in self.index.recordings}
        requests = self.manifest.role("requests") if self.manifest else ()
        self._requests = next((self._lines_file(record.name) for record in requests), None)
        self._journalled: dict[Address, Span] = {}
        self._added: dict[str, list[Entry]] = {}
        self._endpoints: set[str] = set()
        self._ignored: set[str] = set()
        self._entries_by_key: dict[str, list[Entry]] = {}
        self.clear_cache()
        self._number = {key: number for number, key in enumerate(self.index.keys)}
        self._places = _RecordingPlaces(self.index)
        for span, interaction in journal.read_journal(directory):
            self.add(interaction, span)

    @classmethod
    def existing(cls, directory: Path) -> Cassette:
        """Open a cassette that must be there.

        Raises:
            CassetteError: nothing is recorded in that directory.
        """
        require_cassette(directory)
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
        insort(self._entries_by_key[address.key], entry, key=_ADDRESS)

    def entries(self, key: str) -> Sequence[Entry]:
        """The recordings of a request, by sample and attempt."""
        known = self._entries_by_key.get(key)
        if known is None:
            number = self._number.get(key)
            found = [] if number is None else [self._entry(*place) for place in self._places.of(number)]
            found += self._added.get(key, ())
            if len(found) > 1:
                found.sort(key=_ADDRESS)
            known = self._entries_by_key[key] = found
            if len(self._entries_by_key) > _ENTRIES_IN_MEMORY:
                del self._entries_by_key[next(iter(self._entries_by_key))]
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
        for name in self.index.recordings:
            yield from self._entries(name)
        for entries in self._added.values():
            yield from entries

    def __len__(self) -> int:
        return sum(map(len, self.index.recordings.values())) + len(self._journalled)

    def get(self, address: Address, request: Mapping[str, Any] | None = None) -> Interaction:
        """Read one recording.

        Args:
            request: the body of its request, if known.

        Raises:
            CassetteError: the recording does not exist.
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
        return self._read_line(entry, codec.from_line, body)

    def _read_line[T](self, entry: Entry, read: Callable[..., T], *request: Mapping[str, Any]) -> T:
        file = self._recordings[entry.file]
        try:
            return read(file.line(entry.line), entry.address.key, *request)
        except ValueError as error:
            raise file.corrupt(entry.line, error) from error

    def completion(self, address: Address) -> Completion:
        """The reply of one recording: `read_interaction` of `get`, without putting its bytes together.

        The first ones read are remembered until they fill the memory that is set aside for them.

        Raises:
            CassetteError: the recording does not exist.
            CassetteCorruptError: its line cannot be read.
        """
        if (known := self._completions.get(address)) is not None:
            return known
        entry = self._find(address)
        reply = self._read_line(entry, codec.read_reply) if entry.file else read_interaction(self.read(entry))
        size = 1 + len(reply.tokens) + sum(len(token.top) for token in reply.tokens)
        size += (len(reply.text) + len(reply.reasoning)) // 100
        if size <= self._cache_left:
            self._cache_left -= size
            self._completions[address] = reply
        return reply

    def clear_cache(self) -> None:
        """Give up the memory of replies that `completion` has read; they can be read again."""
        self._completions: dict[Address, Completion] = {}
        self._cache_left = _CACHE_TOKENS

    def raw_line(self, entry: Entry) -> Mapping[str, Any]:
        """The line of a sealed recording.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        value: Mapping[str, Any] = self._recordings[entry.file].value(entry.line)
        return value

    def key_of(self, stored: Mapping[str, Any]) -> str:
        """The key of the request that such a line names."""
        number = stored["request"]
        return self.index.keys[number] if type(number) is int and 0 <= number < len(self.index.keys) else ""

    def head(self, address: Address) -> Interaction:
        """A recording without its request and its chunks.

        Raises:
            CassetteError, CassetteCorruptError: the recording does not exist, or is unreadable.
        """
        entry = self._find(address)
        if not entry.file:
            return self.get(address)
        return self._read_line(entry, codec.head_of)

    def request(self, key: str) -> Mapping[str, Any]:
        """The body of a frozen or recorded request.

        Raises:
            CassetteError: the cassette does not know the key.
        """
        if key in self._number and self._requests is not None:
            return self._body(self._number[key])
        for entry in self._added.get(key, ()):
            return journal.read_at(self.directory, self._journalled[entry.address]).request
        raise CassetteError(f"{self.directory}: no request {key}")

    def endpoints(self) -> set[str]:
        """Labels of the endpoints that were recorded from, judged by the first recording of every file."""
        return self._endpoints | {file.endpoint for file in self._first_of_files()}

    def ignored(self) -> set[str]:
        """Request fields that the user left out of the identity, judged by the first recording of every file."""
        return self._ignored | {name for file in self._first_of_files() for name in file.route.ignored}

    def group(self, key: str) -> str:
        """The group whose file holds the recordings of that request, "" without one."""
        return self.index.groups[self._number[key]] if key in self._number else ""

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
        return zip(self.index.keys, self.index.groups, strict=True)

    @property
    def has_plan(self) -> bool:
        """Whether a plan is frozen into it."""
        return self.manifest is not None and bool(self.manifest.role("plan"))

    def frozen(self) -> Frozen | None:
        """Plan, items and requests as frozen; None for a recording made without an experiment.

        Raises:
            CassetteCorruptError: a file was changed, or is too large decompressed.
        """
        if not self.has_plan:
            return None
        return Frozen(tuple(self.lines("plan")), tuple(self.lines("items")), tuple(self._frozen_records()))

    def lines(self, role: str) -> Iterator[Any]:
        """The JSON values of the lines of the files with a role.

        Raises:
            CassetteCorruptError: a file was changed, or is too large decompressed.
        """
        for record in self.manifest.role(role) if self.manifest else ():
            yield from SealedFile(self.directory, record, check=self._check).values()

    def _frozen_records(self) -> Iterator[RequestRecord]:
        known = dict[str, Any]()
        for number, (key, group) in enumerate(self.frozen_requests()):
            body = self._body(number)
            # Conditions ask the same questions: keep equal values once. By text, because 1 == True.
            shared = {sys.intern(name): known.setdefault(repr(value), value) for name, value in body.items()}
            yield RequestRecord(key, group, shared)

    def _body(self, number: int) -> Mapping[str, Any]:
        if self._requests is None:
            raise CassetteError(f"{self.directory}: no requests are sealed in it")
        body = self._requests.value(number)
        if not isinstance(body, dict):
            raise self._requests.corrupt(number, TypeError("not a JSON object"))
        return body

    def _first_of_files(self) -> Iterator[Interaction]:
        for name in self.index.recordings:
            for entry in islice(self._entries(name), 1):
                yield self.get(entry.address)

    def _find(self, address: Address) -> Entry:
        known = self.entries(address.key)
        for entry in known if len(known) < _FEW else self.tries(address.key, address.sample):
            # Mostly the very object that `entries` gave out.
            if entry.address is address or entry.address == address:
                return entry
        raise CassetteError(f"{self.directory}: no recording {address}")

    def _entry(self, name: str, line: int) -> Entry:
        found = self.index.recordings[name]
        # `item` gives Python's own numbers: JSON refuses numpy's, and comparing them is slow.
        key, status = self.index.keys[found.request.item(line)], found.status.item(line)
        address = Address(key, found.sample.item(line), found.attempt.item(line))
        return Entry(
            address, bool(found.complete.item(line)), None if status == NO_STATUS else status, name, line
        )

    def _entries(self, name: str) -> Iterator[Entry]:
        found, keys = self.index.recordings[name], self.index.keys
        columns = (found.request, found.sample, found.attempt, found.complete, found.status)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for line, (request, sample, attempt, complete, status) in enumerate(rows):
            address = Address(keys[request], sample, attempt)
            yield Entry(address, bool(complete), None if status == NO_STATUS else status, name, line)

    def _lines_file(self, name: str) -> LinesFile:
        record = (
            next(record for record in self.manifest.files if record.name == name) if self.manifest else None
        )
        if record is None or name not in self.index.files:
            path = str(self.directory / manifests.NAME)
            raise CassetteCorruptError(path, None, "its files are not those that its index is about")
        frames = self.index.files[name].frames
        return LinesFile(SealedFile(self.directory, record, check=self._check), frames, record.lines)

    def _read_index(self) -> Index:
        if self.manifest is None:
            return Index()
        path = str(self.directory / manifests.NAME)
        for value in self.lines("index"):
            try:
                index = indexes.from_json(value)
            except ValueError as error:
                raise CassetteCorruptError(path, None, str(error)) from error
            # Otherwise missing recordings would go unnoticed.
            found = sum(map(len, index.recordings.values()))
            if self.manifest.counts.get("recordings") != found:
                why = f"counts {self.manifest.counts.get('recordings')} recordings, its index has {found}"
                raise CassetteCorruptError(path, None, why)
            return index
        raise CassetteCorruptError(path, None, "names no index")


def is_cassette(directory: Path) -> bool:
    """Whether a directory has a cassette, sealed or as a journal."""
    return (directory / manifests.NAME).exists() or (directory / journal.NAME).exists()


def require_cassette(directory: Path) -> None:
    """Refuse a directory without a cassette, whatever state one is in.

    Raises:
        CassetteError: nothing is recorded in that directory.
        CassetteCorruptError: there are recordings, and their manifest is missing.
    """
    manifests.refuse_orphans(directory)
    if not is_cassette(directory):
        raise CassetteError(
            f"no cassette in {directory}: record one with `llmxray run {directory.name} --mode record`"
        )


class _RecordingPlaces:
    """The places of each request's recordings."""

    def __init__(self, index: Index) -> None:
        self._names = [*index.recordings]
        columns = [np.zeros((3, 0), dtype=np.int64)]
        for number, found in enumerate(index.recordings.values()):
            lines = np.arange(len(found))
            columns.append(np.array([found.request, np.full(len(found), number), lines]))
        request, file, line = np.concatenate(columns, axis=1)
        # Stable: the recordings of a request stay in the order of their lines.
        order = np.argsort(request, kind="stable")
        self._start = np.searchsorted(request[order], np.arange(len(index.keys) + 1))
        self._file, self._line = file[order], line[order]

    def of(self, number: int) -> Iterator[tuple[str, int]]:
        """File and line of each recording of the request with that number."""
        for at in range(self._start[number], self._start[number + 1]):
            yield self._names[self._file[at]], self._line.item(at)
