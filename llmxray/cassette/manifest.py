"""The manifest: it lists the parts of a cassette and is its commit point.

Files carry a piece of their hash in their names, so a new state is written beside the old one and becomes
real when the manifest is renamed over the old manifest. Interrupted before that, the old state stands.

It has the SHA-256 of every other file, and one of itself (`digest`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from llmxray.cassette import codec, journal
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteVersionError
from llmxray.limits import MANIFEST_BYTES
from llmxray.regular_files import open_regular_file

NAME = "manifest.json"
FORMAT = 3
STAGING = "sealing"
"""Folder inside of the cassette: renames from there stay within one file system."""
_ITSELF = "sha256"
# A stranger's manifest must not name files outside the cassette.
_NAME_OF_FILE = r"^(?:recordings/)?[A-Za-z0-9_][A-Za-z0-9._-]*$"
# What writers call their files; other files in the folder are not ours.
_WRITTEN = re.compile(
    r"(?:(?:plan|items|requests|index)|recordings/[A-Za-z0-9._-]+)\.[0-9a-f]{8}\.jsonl\.zst"
)
# The other roles have one file each.
_SEVERAL = "recordings"

type Role = Literal["plan", "items", "requests", "index", "recordings"]
type _Count = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a cassette: JSON lines in zstd frames.

    Attributes:
        name: path relative to the cassette, with forward slashes.
        condition: for recordings, the condition of all in the file; "" otherwise.
    """

    role: Role
    name: Annotated[str, Field(pattern=_NAME_OF_FILE)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: _Count
    lines: _Count
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Parts of a cassette.

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
    counts: Mapping[str, _Count] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)

    def role(self, role: str) -> tuple[FileRecord, ...]:
        """The files with that role, in manifest order."""
        return tuple(record for record in self.files if record.role == role)


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(directory: Path, *, check: bool = True) -> Manifest | None:
    """The manifest of a cassette, None without one.

    Args:
        check: refuse one whose own hash differs.

    Raises:
        CassetteCorruptError: it is unreadable or changed.
        CassetteVersionError: it was written by a newer llmxray.
    """
    path = directory / NAME
    if not path.exists():
        return None
    try:
        with open_regular_file(path) as file:
            written = codec.loads_strictly(file.read(MANIFEST_BYTES))
        version = written["format"]
        if version != FORMAT:
            why = "of before the first release: record it again"
            if isinstance(version, int) and version > FORMAT:
                why = f"newer than this llmxray, which reads {FORMAT}: upgrade llmxray"
            raise CassetteVersionError(f"{path}: cassette format {version} is {why}")
        found = _MANIFEST.validate_python(
            {name: value for name, value in written.items() if name not in ("format", _ITSELF)}
        )
        names = Counter(record.name for record in found.files)
        roles = Counter(record.role for record in found.files if record.role != _SEVERAL)
        for twice in (value for value, times in (*names.items(), *roles.items()) if times > 1):
            raise ValueError(f"{twice!r} stands twice among its files")
    except (ValueError, KeyError, TypeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise CassetteCorruptError(str(path), line, f"not a manifest ({_why(error)})") from error
    except OSError as error:
        raise CassetteCorruptError(str(path), None, f"cannot be read: {error.strerror or error}") from error
    if check and written.get(_ITSELF) != digest(written):
        raise CassetteCorruptError(
            str(path), None, f"was changed after it was written: its {_ITSELF} is not that of what it says"
        )
    return found


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON text of a manifest without its key "sha256": compact, its keys sorted."""
    rest = {key: value for key, value in data.items() if key != _ITSELF}
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # A server's facts may hold half a surrogate pair.
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
    # Commit: the old state before, only clean-up after.
    _write_durably(directory / NAME, render(manifest))
    remove_strays(directory, manifest)


def staging_name(directory: Path) -> Path:
    """A temporary file name in the folder, unique to this process.

    Raises:
        OSError: the folder cannot be made.
    """
    folder = directory / STAGING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.getpid()}-{secrets.token_hex(6)}.part"


def render(manifest: Manifest) -> bytes:
    """The bytes of manifest.json.

    Raises:
        CassetteError: it would be larger than is read again.
    """
    data = json.loads(codec.dumps({"format": FORMAT, **asdict(manifest)}))
    text = json.dumps({"format": FORMAT, _ITSELF: digest(data), **data}, indent=1, ensure_ascii=False)
    rendered = (text + "\n").encode("utf-8", "backslashreplace")
    if len(rendered) > MANIFEST_BYTES:
        raise CassetteError(
            f"the manifest of {manifest.experiment} would have {len(rendered):,} bytes, more than is read "
            f"({MANIFEST_BYTES:,}): record it in parts (--shard)"
        )
    return rendered


def remove_strays(directory: Path, manifest: Manifest) -> None:
    """Remove files of earlier states; only names this format writes are touched."""
    named = {record.name for record in manifest.files}
    for pattern in ("*.*", "recordings/*.*"):
        for path in directory.glob(pattern):
            name = path.relative_to(directory).as_posix()
            if name not in named and _WRITTEN.fullmatch(name):
                path.unlink()


def _write_durably(path: Path, data: bytes) -> None:
    """Write a file under another name, hand it to the disk, and rename it.

    Raises:
        CassetteError: it cannot be written; the old one stays.
    """
    part = None
    try:
        part = staging_name(path.parent)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            # Before the rename: otherwise a power cut could leave an empty file.
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        # A full disk gets its room back.
        if part is not None:
            part.unlink(missing_ok=True)
        raise CassetteError(f"cannot write {path}: {error.strerror or error}") from error
