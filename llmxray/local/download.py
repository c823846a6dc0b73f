"""Fetching weights from the hub, or from a file that one has. The file gets its name only once its SHA-256 is right."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from llmxray.errors import InputError
from llmxray.local.models import LocalModel, cache_folder, digest

_TIMEOUT_S, _PIECE_BYTES = 60, 1 << 24
_LICENCE = Path(__file__).parent / "LICENSE-qwen2.5-coder.txt"


def fetch(model: LocalModel, on_progress: Callable[[int], None], own: Path | None = None) -> Path:
    """Fetch the weights of a model into the user's cache; returns at once if they are there.

    Args:
        on_progress: called with the number of bytes on the disk.
        own: file that has them; None for the hub.

    Raises:
        InputError: the weights come with a package, or cannot be had, or are not the official ones.
    """
    file, folder = model.file, cache_folder()
    if file is None:
        raise InputError(f"the weights of {model.name} come with a package: `make recorder` installs it")
    target = folder / file.name
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{file.name}.partial"
    try:
        with FileLock(folder / f"{file.name}.lock", timeout=0):
            if own is not None:
                shutil.copyfile(own, partial)
            elif not partial.exists() or partial.stat().st_size < file.size_bytes:
                _download(file.address, partial, on_progress)
            if digest(partial) != file.sha256:
                partial.unlink()
                raise InputError(f"{own or file.address} is not the official {file.name}: removed")
            # The licence demands to be passed on with the weights, so it is copied beside them.
            shutil.copyfile(_LICENCE, folder / f"{file.name}.LICENSE.txt")
            return partial.replace(target)
    except Timeout:
        raise InputError(f"another process is fetching {file.name}: wait until it is done") from None
    except OSError as error:
        raise InputError(
            f"{own or file.address} cannot be had ({error}): run the same command again, it goes on from there; name "
            f"the file if you have it, with --from FILE; or serve {file.repository} with any llama.cpp, Ollama or "
            "vLLM server: --endpoint NAME=URL"
        ) from error


def _download(address: str, partial: Path, on_progress: Callable[[int], None]) -> None:
    """Download a file, or the rest of one."""
    with partial.open("ab") as out:
        request = urllib.request.Request(
            address, headers={"Range": f"bytes={out.tell()}-"} if out.tell() else {}
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply:
            # A server may send all of it again.
            if reply.status != 206:
                out.truncate(0)
            while piece := reply.read(_PIECE_BYTES):
                out.write(piece)
                on_progress(out.tell())
