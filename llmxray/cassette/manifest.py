"""The manifest: the one file that says what a cassette consists of, and its commit point.

Files carry a piece of their hash in their names, so a new state is written beside the old one and becomes
real when the manifest is renamed over the old manifest. Interrupted before that, the old state stands.

It has the SHA-256 of every other file, and one of itself (`digest`); manifests of llmxray 0.1 have none of themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmxray.cassette import bounds, codec, journal
from llmxray.cassette.migrate import FORMAT, upgrade
from llmxray.errors import CassetteCorruptError, CassetteError
from llmxray.plain import open_plain

NAME = "manifest.json"
# Inside of the cassette: renames from there stay within one file system.
STAGING = "sealing"
_ITSELF = "sha256"
_KNOWN = frozenset(("format", "experiment", "counts", "recorded", "software", "facts", "files"))
# A frame on one line, not on four.
_PAIR = re.compile(r"\[\n +(\d+),\n +(\d+)\n +\]")
# A stranger's manifest must not have files read that are none of the cassette's.
_NAME_OF_FILE = re.compile(r"(?:recordings/)?[A-Za-z0-9_][A-Za-z0-9._-]*")
# What writers call their files, those of format 1 included; anything else in the folder is somebody's own.
_WRITTEN = re.compile(
    r"(?:(?:plan|items|requests|symbols|index)|recordings/[A-Za-z0-9._-]+)\.[0-9a-f]{1,8}\.(?:jsonl(?:\.zst)?|columns)"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
# There is one of each of the others.
_SEVERAL = "recordings"
_ROLES = ("plan", "items", "requests", "symbols", "index", _SEVERAL)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a cassette.

    Attributes:
        role: "plan", "items", "requests", "recordings", "symbols" or "index".
        name: path relative to the cassette, with forward slashes.
        condition: for recordings, what the file holds; "" otherwise.
        frames: zstd frames, or blocks of columns, as (offset, first line); empty for plain text.
    """

    role: str
    name: str
    sha256: str
    bytes: int
    lines: int
    condition: str = ""
    frames: tuple[tuple[int, int], ...] = ()

    @property
    def is_columns(self) -> bool:
        """Whether the file is blocks of columns, not lines of text."""
        return self.name.endswith(".columns")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a cassette consists of.

    Attributes:
        facts: server facts by endpoint and model, as probed when recording.
        software: versions of what recorded it.
        counts: recordings, complete ones, requests, trials.
        recorded: first and last time of the recordings, ISO 8601 UTC.
        covered: whether it was read from a file that has a hash of itself.
    """

    experiment: str
    files: tuple[FileRecord, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)
    covered: bool = True

    def role(self, role: str) -> tuple[FileRecord, ...]:
        """The files with that role, in manifest order."""
        return tuple(record for record in self.files if record.role == role)


def read(directory: Path, *, check: bool = True) -> Manifest | None:
    """The manifest of a cassette, None when there is none yet.

    Args:
        check: refuse one that does not fit the hash of itself.

    Raises:
        CassetteCorruptError: it is not readable, or not what was written.
        CassetteVersionError: it was written by a newer llmxray.
    """
    path = directory / NAME
    if not path.exists():
        return None
    try:
        written = _json_object(path)
        found = _manifest(upgrade(written, file=str(path)), covered=_ITSELF in written)
        fits = not found.covered or written[_ITSELF] == digest(written)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise CassetteCorruptError(str(path), line, f"not a manifest ({error})") from error
    except OSError as error:
        raise CassetteCorruptError(str(path), None, f"cannot be read: {error.strerror or error}") from error
    if check and not fits:
        raise CassetteCorruptError(
            str(path), None, f"was changed after it was written: its {_ITSELF} is not that of what it says"
        )
    return found


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON text of a manifest without its key "sha256": compact, its keys sorted."""
    rest = {key: value for key, value in data.items() if key != _ITSELF}
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # What a server says of itself may hold half a surrogate pair.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_orphans(directory: Path) -> None:
    """Refuse sealed recordings that have lost their manifest.

    Taken for an empty cassette, they would be recorded again, and swept away.

    Raises:
        CassetteCorruptError: names the manifest that is missing.
    """
    path = directory / NAME
    # A first sealing that was interrupted has its journal still.
    if path.exists() or (directory / journal.NAME).exists():
        return
    if any((directory / "recordings").glob("*")):
        raise CassetteCorruptError(str(path), None, "is missing, though there are recordings beside it")


def commit(directory: Path, manifest: Manifest, new_files: Mapping[str, Path]) -> None:
    """Put new files in their places, make the manifest real, then remove files that no manifest names.

    Args:
        new_files: by name in the cassette, files that are on the disk already, in `STAGING`.
    """
    for name, staged in new_files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(path)
    # The moment of change: before it the old state stands, after it only clearing up is left.
    _write_durably(directory / NAME, render(manifest))
    remove_strays(directory, manifest)


def staging_name(directory: Path) -> Path:
    """A name in the folder for files that are being written, which no other process has.

    Raises:
        OSError: the folder cannot be made.
    """
    folder = directory / STAGING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.getpid()}-{secrets.token_hex(6)}.part"


def render(manifest: Manifest) -> bytes:
    """The bytes of manifest.json."""
    data = {
        "format": FORMAT,
        "experiment": manifest.experiment,
        "counts": dict(manifest.counts),
        "recorded": dict(manifest.recorded),
        "software": dict(manifest.software),
        "facts": manifest.facts,
        "files": [_file_json(record) for record in manifest.files],
    }
    # Of what a reader will find: facts may be mappings and tuples of any kind.
    found = json.loads(json.dumps(data, ensure_ascii=False))
    head = {"format": FORMAT, _ITSELF: digest(found)}
    text = json.dumps({**head, **data}, indent=1, ensure_ascii=False, sort_keys=False)
    return (_PAIR.sub(r"[\1,\2]", text) + "\n").encode("utf-8", "surrogatepass")


def remove_strays(directory: Path, manifest: Manifest) -> None:
    """Remove files of earlier states; only names this format writes are touched."""
    named = {record.name for record in manifest.files}
    for pattern in ("*.*", "recordings/*.*"):
        for path in directory.glob(pattern):
            name = path.relative_to(directory).as_posix()
            if name not in named and _WRITTEN.fullmatch(name):
                path.unlink()


def _json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a manifest's file.

    Raises:
        ValueError: it is none, or larger than one may be.
        OSError: it cannot be read.
    """
    with open_plain(path) as file:
        text = file.read(bounds.MANIFEST_BYTES + 1)
    if len(text) > bounds.MANIFEST_BYTES:
        raise ValueError(f"it is larger than one may be, {bounds.MANIFEST_BYTES:,} bytes")
    data = codec.loads_strictly(text)
    if not isinstance(data, dict):
        raise TypeError("it is no JSON object")
    return data


def _manifest(data: Mapping[str, Any], *, covered: bool) -> Manifest:
    """The manifest that a JSON object says.

    Raises:
        ValueError, KeyError, TypeError: it says none.
    """
    files = tuple(_file_record(record) for record in data["files"])
    for what in (
        Counter(record.name for record in files),
        Counter(record.role for record in files if record.role != _SEVERAL),
    ):
        for twice in (value for value, times in what.items() if times > 1):
            raise ValueError(f"{twice!r} stands twice among its files")
    if not covered and (unknown := data.keys() - _KNOWN):
        # Whoever adds a key writes the hash; or it is the hash, under a name that nobody looks for.
        raise ValueError(f"{min(unknown)!r} is no key of one without {_ITSELF!r}")
    facts, software, counts, recorded = mappings = [
        data[name] for name in ("facts", "software", "counts", "recorded")
    ]
    if not isinstance(data["experiment"], str) or not all(isinstance(each, dict) for each in mappings):
        raise TypeError("a field of the wrong kind")
    if any(type(count) is not int for count in data["counts"].values()):
        raise TypeError("a count that is no whole number")
    if not all(isinstance(text, str) for text in (*software.values(), *recorded.values())):
        raise TypeError("a version or a time that is no text")
    if any(len(version) > bounds.VERSION_CHARACTERS for version in software.values()):
        raise ValueError(f"a version of more than {bounds.VERSION_CHARACTERS:,} characters")
    if recorded and not {"first", "last"} <= recorded.keys():
        raise KeyError("first and last")
    return Manifest(data["experiment"], files, facts, software, counts, recorded, covered)


def _file_record(data: Mapping[str, Any]) -> FileRecord:
    record = FileRecord(**{**data, "frames": tuple(map(tuple, data.get("frames", ())))})
    if not all(isinstance(each, str) for each in (record.role, record.name, record.condition)):
        raise TypeError("a name that is no text")
    if record.role not in _ROLES:
        raise ValueError(f"{record.name}: {record.role!r} is nothing that a file of a cassette holds")
    if not _NAME_OF_FILE.fullmatch(record.name):
        raise ValueError(f"{record.name!r} is no name of a file in a cassette")
    if not _DIGEST.fullmatch(record.sha256):
        raise ValueError(f"{record.name}: {record.sha256!r} is no SHA-256")
    numbers = (record.bytes, record.lines, *(number for frame in record.frames for number in frame))
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError(f"{record.name}: a size or a place that is no whole number")
    _check_frames(record)
    return record


def _check_frames(record: FileRecord) -> None:
    # A line is looked for in the last frame that begins before it: unordered, another would be found.
    before = None
    for offset, line in record.frames:
        if before is None and (offset, line) != (0, 0):
            raise ValueError(f"{record.name}: its first frame does not begin at its beginning")
        if before is not None and (offset <= before[0] or line < before[1]):
            raise ValueError(f"{record.name}: its frames are not in order")
        before = offset, line


def _file_json(record: FileRecord) -> dict[str, Any]:
    data: dict[str, Any] = {
        "role": record.role,
        "name": record.name,
        "sha256": record.sha256,
        "bytes": record.bytes,
        "lines": record.lines,
    }
    if record.condition:
        data["condition"] = record.condition
    if record.frames:
        data["frames"] = [list(frame) for frame in record.frames]
    return data


def _write_durably(path: Path, data: bytes) -> None:
    """Write a file under another name, hand it to the disk, and rename it.

    Raises:
        CassetteError: it cannot be written; what was there before stands.
    """
    part = None
    try:
        part = staging_name(path.parent)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            # Before the rename: after a power cut the name could otherwise stand for nothing.
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        # A full disk gets its room back.
        if part is not None:
            part.unlink(missing_ok=True)
        raise CassetteError(f"cannot write {path}: {error.strerror or error}") from error
