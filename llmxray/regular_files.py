"""Regular files of folders that came from elsewhere, and nothing that would be waited for without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from llmxray.errors import InputError
from llmxray.limits import FILE_BYTES


def open_regular_file(path: Path, *, follow: bool = True) -> BinaryIO:
    """A plain file, opened for reading. A pipe would wait for a writer for ever, a device give bytes without end.

    Args:
        follow: open what a link leads to.

    Raises:
        OSError: it is no plain file, or cannot be opened.
        ValueError: no file can have such a name.
    """

    def opener(name: str, flags: int) -> int:
        # Windows has neither. The first one changes nothing for plain files.
        flags |= getattr(os, "O_NONBLOCK", 0)
        return os.open(name, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0))

    file = open(path, "rb", opener=opener)  # noqa: SIM115  whoever asked for it closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "is no plain file", str(path))
    return file


def read_regular_file(path: Path) -> bytes:
    """The content of a plain file.

    Raises:
        InputError: it is none, cannot be read, or is larger than `refuse_too_large` allows.
    """
    try:
        with open_regular_file(path) as file:
            refuse_too_large(file)
            return file.read()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def check_target(path: Path) -> None:
    """Refuse to write a file in the place of what is none.

    Raises:
        InputError: it is a link, which may lead to any file of this user in a folder from elsewhere; or a folder, or a
            pipe, which would wait for a reader for ever.
    """
    if path.is_symlink():
        raise InputError(f"{path} is a link: remove it, or name another file with --out")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no plain file: name the file to write with --out FILE")


def refuse_too_large(file: BinaryIO) -> None:
    """Refuse a file that is too large to be read whole.

    Raises:
        OSError: it is larger than `FILE_BYTES`.
    """
    size = os.fstat(file.fileno()).st_size
    if size > FILE_BYTES:
        raise OSError(errno.EFBIG, f"{size:,} bytes, more than are read at once ({FILE_BYTES:,})", file.name)
