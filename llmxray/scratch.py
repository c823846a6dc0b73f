"""Temporary folders that do not outlive a killed process for longer than until the next start.

mitmproxy writes the key of a certificate authority into its folder, and an unpacked pack takes room. A process that
is killed (SIGKILL, power) cannot remove them, so its number is part of the name, and whoever makes the next one
removes those of the dead.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

_PREFIX = "llmxray-"
_NAME = re.compile(rf"{_PREFIX}[a-z]+-(\d{{1,9}})-[a-z0-9_]+")


def scratch_folder(kind: str) -> tempfile.TemporaryDirectory[str]:
    """A new temporary folder, once those of dead processes are gone; a context manager.

    Args:
        kind: what it is for, in small letters; part of its name.
    """
    _remove_stale(Path(tempfile.gettempdir()))
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{kind}-{os.getpid()}-")


def _remove_stale(parent: Path) -> None:
    # Windows has no harmless signal to ask whether a process lives, and no owner in a stat.
    if os.name == "nt":
        return
    for path in parent.glob(f"{_PREFIX}*"):
        found = _NAME.fullmatch(path.name)
        if found and _is_own_folder(path) and not _is_alive(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder of this user; anybody may put a link of that name into a shared place."""
    try:
        about = path.lstat()
    except OSError:  # another process removed it just now
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
