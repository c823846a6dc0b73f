"""Is a cassette what was written? Every fault is named by file and, where there is one, by line."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from llmxray.cassette import bounds, codec, indexes, journal
from llmxray.cassette import manifest as manifests
from llmxray.cassette.blocks import RecordingBlocks, RequestBlocks, counted_line, weight_of
from llmxray.cassette.bounds import AMISS
from llmxray.cassette.columnar import Block
from llmxray.cassette.files import SealedFile, counted_bytes, read_pieces
from llmxray.cassette.manifest import FileRecord, Manifest
from llmxray.cassette.sealed import Entry, unpack_lines
from llmxray.cassette.store import Cassette
from llmxray.errors import CassetteCorruptError, LlmxrayError
from llmxray.types import Completion, Interaction
from llmxray.wire import RequestBodyError, is_whole, read_interaction, route_key

type _Checksums = Mapping[str, Sequence[int]]
# A recording, its checksum, and the reply that its columns tell, if they do; or why it cannot be read, and 0.
type _Checked = tuple[Interaction | str, int, Completion | None]


def verify(directory: Path) -> list[str]:
    """Faults found, one line each; an empty list means the cassette is whole.

    Checked: the manifest and every file against their SHA-256, every line as JSON, every recording as one that
    rebuilds, every request against its key, the index against the recordings (which is where, its status, whether it is
    an answer), what the manifest says of them (the counts, when they were recorded, of which experiment and condition),
    files nobody names, and every line of a journal that is not sealed yet.
    """
    try:
        manifest = manifests.read(directory, check=False)
        if manifest is None:
            if not (directory / journal.NAME).exists():
                return [f"{directory / manifests.NAME}: there is none"]
            return _journal_faults(Cassette(directory))
        checksums = _checksums(directory, manifest)
        # What its files grow to counts together.
        opened = cache(lambda: Cassette(directory, check=False))
        faults = [
            fault for record in manifest.files for fault in _file_faults(directory, record, checksums, opened)
        ]
        # Inside of a damaged file the same fault would be found again, in other words.
        faults = faults or [*_content_faults(directory, manifest), *_strays(directory, manifest)]
        return [*_manifest_faults(directory), *faults]
    except LlmxrayError as error:
        return [str(error)]


def not_covered(directory: Path) -> list[str]:
    """What `verify` cannot judge, or what lies there and does no harm; one line each.

    Raises:
        CassetteCorruptError: the manifest cannot be read.
    """
    manifest, notes = manifests.read(directory, check=False), []
    if manifest is not None and not manifest.covered:
        notes.append(
            f"{directory / manifests.NAME}: not covered, llmxray 0.1 wrote no hash of it: facts, software and dates "
            "could have been changed; the next recording or `drop` writes one"
        )
    if any((directory / manifests.STAGING).glob("*")):
        notes.append(
            f"{directory / manifests.STAGING}: left by a sealing that was interrupted; it is no part of the "
            "cassette, and the next sealing removes it"
        )
    return notes


def _manifest_faults(directory: Path) -> list[str]:
    try:
        manifests.read(directory)
        return []
    except CassetteCorruptError as error:
        return [str(error)]


def _checksums(directory: Path, manifest: Manifest) -> _Checksums:
    """Checksums of every line by file, as the index has them; none where the index itself is damaged."""
    for record in manifest.role("index"):
        try:
            data = SealedFile(directory, record, check=False).read()
            if record.is_columns:
                return indexes.from_block(data).crc32
            room = bounds.HELD.room(len(data))
            lines = (bounds.loads(line, room) for line in unpack_lines(data, bool(record.frames)))
            return indexes.from_lines(lines).crc32
        except ValueError:
            continue
    return {}


def _file_faults(
    directory: Path, record: FileRecord, checksums: _Checksums, opened: Callable[[], Cassette]
) -> Iterator[str]:
    path = directory / record.name
    digest = hashlib.sha256()
    for piece in read_pieces(path):
        digest.update(piece)
    if digest.hexdigest() == record.sha256:
        if path.stat().st_size != record.bytes:
            yield f"{path}: has another size than {manifests.NAME} says"
        return
    sums = checksums.get(record.name, ())
    if record.is_columns:
        line, why = _first_bad_row(opened, record, sums)
    else:
        line, why = _first_bad_line(SealedFile(directory, record, check=False).read(), record, sums)
    place = str(path) if line is None else f"{path}:{line}"
    yield f"{place}: {why}; the file's SHA-256 is not the one in {manifests.NAME}"


def _first_bad_row(
    opened: Callable[[], Cassette], record: FileRecord, checksums: Sequence[int]
) -> tuple[int | None, str]:
    """The first recording or request in a file of columns that is not as written."""
    try:
        cassette = opened()
        file = cassette.file(record.name)
        if record.role == "recordings" and isinstance(file, RecordingBlocks):
            for number, found in enumerate(_recording_sums(cassette, file, record.lines)):
                if isinstance(found, str) or found != checksums[number]:
                    return number + 1, found if isinstance(found, str) else "this line is not as written"
        if record.role == "requests" and isinstance(file, RequestBlocks):
            for number, (key, _) in enumerate(cassette.frozen_requests()):
                for entry in cassette.entries(key)[:1]:
                    body = json.loads(file.text(number, check=False))
                    if cassette.key_again(entry.address, body) != key:
                        return number + 1, "this line is not as written"
    except CassetteCorruptError as error:
        return error.line, error.reason
    except (ValueError, *AMISS):
        pass
    return None, "changed"


def _recording_sums(cassette: Cassette, file: RecordingBlocks, lines: int) -> Iterator[int | str]:
    """The checksum of each recording, or why it has none; blocks that fail theirs are read all the same."""
    keys = [key for key, _ in cassette.frozen_requests()]
    for number, first in enumerate(file.firsts):
        block = file.open(number, check=False)
        for place in range(min(block.size, lines - first)):
            try:
                read = partial(block.interaction, place, keys[block.requests[place]], {})
                yield codec.checksum(file.counted(first + place, block, read, weight_of))
            except (ValueError, IndexError) as error:
                yield f"this line is not as written ({error})"


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
        text = bounds.unzstd_all(data) if record.frames else data
        return bounds.split_lines(text, len(data)), ""
    except ValueError:
        lines: list[bytes] = []
    # Frame by frame: read across all of them, it would not be known where it broke.
    ends = [start for start, _ in record.frames[1:]] + [len(data)]
    room = bounds.UNPACKED.room(len(data))
    for (start, _), end in zip(record.frames, ends, strict=True):
        try:
            text = bounds.unzstd(data[start:end], room.left)
            room.take(len(text))
            lines += bounds.split_lines(text, end - start)
        except ValueError as error:
            return lines, f"from this line on it cannot be decompressed ({error})"
    return lines, ""


def _content_faults(directory: Path, manifest: Manifest) -> Iterator[str]:
    cassette = Cassette(directory, check=False)
    # Read to the end: what is no JSON, or no line too many, is an error that names it.
    deque(cassette.lines("items"), maxlen=0)
    plan = cassette.lines("plan")
    header, trials = next(plan, None), sum(1 for _ in plan)
    times: list[str] = []
    faults = [*_request_faults(directory, cassette, manifest)]
    for record in manifest.role("recordings"):
        faults += _recording_faults(directory, cassette, record, times)
    # Beside one of these the same fault would be found again, in other words.
    yield from faults or _stated_faults(directory, cassette, manifest, header, trials, times)
    yield from _journal_faults(cassette)


def _stated_faults(
    directory: Path, cassette: Cassette, manifest: Manifest, header: Any, trials: int, times: Sequence[str]
) -> Iterator[str]:
    """What the manifest says of the files otherwise than they do: its hash can be made to fit.

    Args:
        header: the first line of the plan, None without one.
        trials: how many lines follow it.
        times: when each recording began; "" where that is not known.
    """
    path, sealed = directory / manifests.NAME, [each for each in cassette.all_entries() if each.file]
    counts = {
        "recordings": len(sealed),
        "complete": sum(entry.complete for entry in sealed),
        "requests": sum(1 for _ in cassette.frozen_requests()),
        "trials": trials,
    }
    # What it does not state is no fault: nothing says that older ones stated all of it.
    for name, count in counts.items():
        if manifest.counts.get(name, count) != count:
            yield f"{path}: counts {manifest.counts[name]} {name}, {count} are here"
    known = [time for time in times if time]
    recorded = {"first": min(known), "last": max(known)} if known else {}
    for name in sorted(manifest.recorded.keys() & {"first", "last"}):
        stated, found = manifest.recorded[name], recorded.get(name, "none")
        if stated != found:
            yield f"{path}: the {name} recording is said to be of {stated}, it is of {found}"
    experiment = header.get("experiment") if isinstance(header, dict) else None
    if isinstance(experiment, str) and experiment != manifest.experiment:
        yield f"{path}: names the experiment {manifest.experiment!r}, its plan {experiment!r}"


def _request_faults(directory: Path, cassette: Cassette, manifest: Manifest) -> Iterator[str]:
    for record in manifest.role("requests"):
        path = directory / record.name
        stated = _stated_keys(path, record)
        for number, (key, _) in enumerate(cassette.frozen_requests(), 1):
            try:
                if stated is not None and next(stated) != key:
                    yield f"{path}:{number}: the index has another request here"
                entries = cassette.entries(key)
                # The key is a hash with the label of the endpoint and the route in it, which only a recording tells.
                if not entries:
                    continue
                if cassette.key_again(entries[0].address, cassette.request(key)) != key:
                    yield f"{path}:{number}: this request does not have the key {key}"
            except StopIteration:
                yield f"{path}:{number}: the index has a request, the file does not"
            except (ValueError, *AMISS) as error:
                yield f"{path}:{number}: not a request ({error})"


def _stated_keys(path: Path, record: FileRecord) -> Iterator[str] | None:
    if record.is_columns:
        return None
    size = _size(path, record)
    return (str(_strict(line, size)["key"]) for line in _lines_of(path, record))


def _recording_faults(
    directory: Path, cassette: Cassette, record: FileRecord, times: list[str]
) -> Iterator[str]:
    """What is wrong with the recordings of a file; when each of them began is added to ``times``."""
    path, groups = directory / record.name, set[str]()
    file = cassette.file(record.name)
    indexed = {entry.line: entry for entry in cassette.all_entries() if entry.file == record.name}
    sums = cassette.checksums().get(record.name, ())
    found = (
        _in_blocks(cassette, file) if isinstance(file, RecordingBlocks) else _in_lines(cassette, path, record)
    )
    for number, (each, checksum, told) in enumerate(found):
        entry = indexed.pop(number, None)
        if isinstance(each, str):
            yield f"{path}:{number + 1}: {each}"
            continue
        times.append(each.started_at)
        groups.add(cassette.group(each.key))
        stated = (each.key, each.sample, each.attempt)
        if entry is None or (entry.address.key, entry.address.sample, entry.address.attempt) != stated:
            yield f"{path}:{number + 1}: the index has another recording here"
        # The hash of a file can be made to fit with the manifest alone; this also takes another index.
        elif [*sums[number : number + 1]] != [checksum]:
            yield f"{path}:{number + 1}: this recording does not have the checksum in the index"
        else:
            yield from (f"{path}:{number + 1}: {fault}" for fault in _reply_faults(each, entry, told))
    if groups - {record.condition}:
        yield f"{path}: {manifests.NAME} says that it holds {record.condition!r}, the index {min(groups)!r}"
    for entry in indexed.values():
        yield f"{path}:{entry.line + 1}: the index has a recording, the file does not"


def _reply_faults(each: Interaction, entry: Entry, told: Completion | None) -> Iterator[str]:
    """What the index says of a recording otherwise than the recording does.

    Args:
        told: the reply that its columns tell, if they do.
    """
    if entry.status != each.status:
        yield f"the index says that its status is {entry.status}, it is {each.status}"
    if told is not None and not _is_same(told, reply := read_interaction(each)):
        yield "its columns tell another reply than its bytes"
        told = reply
    whole = is_whole(each, told)
    if entry.complete and not whole:
        yield "the index says that it is a whole answer, and it is none: drop it and record it again"
    if whole and not entry.complete:
        yield "the index says that it is no whole answer, and it is one"


def _is_same(one: Completion, other: Completion) -> bool:
    # As text too: no number is equal to one that is none, and 1 is equal to 1.0.
    return one == other or repr(one) == repr(other)


def _in_lines(cassette: Cassette, path: Path, record: FileRecord) -> Iterator[_Checked]:
    size = _size(path, record)
    for number, line in enumerate(_lines_of(path, record)):
        try:
            stored = _strict(line, size)
            each = counted_line(cassette.together, record.name, number, stored, {}, len(line))
            yield each, zlib.crc32(line), None
        except ValueError as error:
            yield str(error), 0, None


def _lines_of(path: Path, record: FileRecord) -> Iterator[bytes]:
    try:
        yield from unpack_lines(b"".join(read_pieces(path)), bool(record.frames))
    except ValueError as error:
        raise CassetteCorruptError(str(path), None, str(error)) from error


def _size(path: Path, record: FileRecord) -> int:
    """Bytes of a file that the limit of its lines may grow with."""
    return counted_bytes(path.parents[record.name.count("/")], (record,))


def _strict(line: bytes, size: int) -> Any:
    """The value of a line in which no key stands twice.

    Args:
        size: bytes of its file.

    Raises:
        ValueError: it is none, or grows to more than the lines of its file may.
    """
    bounds.check_alone(line, size)
    return codec.loads_strictly(line)


def _in_blocks(cassette: Cassette, file: RecordingBlocks) -> Iterator[_Checked]:
    keys = [key for key, _ in cassette.frozen_requests()]
    for number, first in enumerate(file.firsts):
        block = file.open(number)
        for place in range(block.size):
            try:
                read = partial(block.interaction, place, keys[block.requests[place]], {})
                each = file.counted(first + place, block, read, weight_of)
                told = _told(file, first + place, block, place)
                if block.concurrency(place) != each.concurrency:
                    raise ValueError("its columns tell another number of requests in flight than its head")
                yield each, codec.checksum(each), told
            except (ValueError, IndexError) as error:
                yield str(error), 0, None


def _told(file: RecordingBlocks, line: int, block: Block, place: int) -> Completion | None:
    return file.counted(
        line, block, lambda: block.completion(place), lambda reply: block.weight() if reply else 0
    )


def _journal_faults(cassette: Cassette) -> list[str]:
    """Opening a cassette has checked every line of its journal; what is left is whether keys fit."""
    faults = []
    for span, interaction in journal.read(cassette.directory):
        place = f"{cassette.directory / journal.NAME}:{span.number}"
        try:
            if route_key(interaction.route, interaction.endpoint, interaction.request) != interaction.key:
                faults.append(f"{place}: this request does not have the key {interaction.key}")
        except RequestBodyError as error:
            faults.append(f"{place}: not a request ({error})")
    return faults


def _strays(directory: Path, manifest: Manifest) -> Iterator[str]:
    named = {record.name for record in manifest.files} | {manifests.NAME}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        # A journal and its lock come and go without the manifest; what a killed sealing left is told by `not_covered`.
        harmless = name.startswith(("journal.", f"{manifests.STAGING}/", f"{manifests.NAME}.part"))
        if path.is_file() and name not in named and not harmless:
            yield f"{path}: no manifest names this file"
