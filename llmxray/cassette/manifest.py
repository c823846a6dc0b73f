"""The manifest: the one file that says what a cassette consists of, and its commit point.

Files carry a piece of their hash in their names, so a new state is written beside the old one and becomes
real when the manifest is renamed over the old manifest. Interrupted before that, the old state stands.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmxray.cassette import codec, journal
from llmxray.cassette.migrate import FORMAT, upgrade
from llmxray.errors import CassetteCorruptError, CassetteError

NAME = "manifest.json"
# Inside of the cassette: renames from there stay within one file system.
STAGING = "sealing"
# A frame on one line, not on four.
_PAIR = re.compile(r"\[\n +(\d+),\n +(\d+)\n +\]")
# A stranger's manifest must not have files read that are none of the cassette's.
_NAME_OF_FILE = re.compile(r"(?:recordings/)?[A-Za-z0-9_][A-Za-z0-9._-]*")


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
    """

    experiment: str
    files: tuple[FileRecord, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)

    def role(self, role: str) -> tuple[FileRecord, ...]:
        """The files with that role, in manifest order."""
        return tuple(record for record in self.files if record.role == role)


def read(directory: Path) -> Manifest | None:
    """The manifest of a cassette, None when there is none yet.

    Raises:
        CassetteCorruptError: it is not readable.
        CassetteVersionError: it was written by a newer llmxray.
    """
    path = directory / NAME
    if not path.exists():
        return None
    try:
        data = upgrade(codec.loads_strictly(path.read_bytes()), file=str(path))
        files = tuple(
            FileRecord(**{**record, "frames": tuple(map(tuple, record.get("frames", ())))})
            for record in data["files"]
        )
        for record in files:
            if not _NAME_OF_FILE.fullmatch(record.name):
                raise ValueError(f"{record.name!r} is no name of a file in a cassette")
        return Manifest(
            data["experiment"], files, data["facts"], data["software"], data["counts"], data["recorded"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise CassetteCorruptError(str(path), line, f"not a manifest ({error})") from error


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
    text = json.dumps(data, indent=1, ensure_ascii=False, sort_keys=False)
    return (_PAIR.sub(r"[\1,\2]", text) + "\n").encode()


def remove_strays(directory: Path, manifest: Manifest) -> None:
    """Remove files of earlier states; only names this format writes are touched."""
    named = {record.name for record in manifest.files}
    for pattern in ("plan.*", "items.*", "requests.*", "symbols.*", "index.*", "recordings/*"):
        for path in directory.glob(pattern):
            if path.relative_to(directory).as_posix() not in named:
                path.unlink()


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
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            # Before the rename: after a power cut the name could otherwise stand for nothing.
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        # What was there before stands; a full disk gets its room back.
        part.unlink(missing_ok=True)
        raise CassetteError(f"cannot write {path}: {error.strerror or error}") from error
