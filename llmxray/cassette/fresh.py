"""A new directory that is there whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmxray.errors import CassetteError, InputError


@contextmanager
def fresh_directory(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes the name ``target`` when the block ends without an error.

    Raises:
        InputError: something is there already.
        CassetteError: it cannot be written; nothing is left behind.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already: name a new directory")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, since a rename stays within one file system.
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name}.", dir=target.parent, ignore_cleanup_errors=True
        ) as folder:
            part = Path(folder, target.name)
            part.mkdir()
            yield part
            # Windows does not rename onto a folder, even an empty one; rmdir removes only empty ones.
            if target.exists():
                target.rmdir()
            part.replace(target)
    except OSError as error:
        raise CassetteError(f"cannot write {target}: {error.strerror or error}") from error
