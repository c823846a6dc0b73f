"""The index, read when a cassette opens: the place of every recording, the checksum of every line.

It can be rebuilt from the other files. In memory it consists of arrays; an object is
made for a recording on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmxray.cassette.body import MALFORMED

NO_STATUS = -1
"""Status without a response."""
_COLUMNS = ("request", "sample", "attempt", "complete", "status")

type Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileIndex:
    """Lines of one file.

    Attributes:
        frames: byte offset and first line of each zstd frame.
        crc32: of each line, without its newline.
    """

    frames: Sequence[Sequence[int]]
    crc32: Sequence[int]


@dataclass(frozen=True, slots=True)
class RecordingTable:
    """The recordings of one file, by line.

    Attributes:
        request: position of the request in `Index.keys`.
        complete: 1 for a whole answer, cleanly ended, with status 200.
        status: HTTP status, or `NO_STATUS`.
    """

    request: Column
    sample: Column
    attempt: Column
    complete: Column
    status: Column

    def __len__(self) -> int:
        return len(self.request)


@dataclass(frozen=True, slots=True)
class Index:
    """Contents of a cassette.

    Attributes:
        keys: of every request, in the order of the requests file.
        groups: for each of them, the group whose file holds its recordings.
        files: by name.
        recordings: by name of the files of recordings.
    """

    keys: Sequence[str] = ()
    groups: Sequence[str] = ()
    files: Mapping[str, FileIndex] = field(default_factory=dict)
    recordings: Mapping[str, RecordingTable] = field(default_factory=dict)


def recording_table(rows: Iterable[Sequence[int]]) -> RecordingTable:
    """The table of a file from rows of (request, sample, attempt, complete, status)."""
    # Reshaped: a file without recordings gives an array without columns.
    return RecordingTable(*np.array([*rows], dtype=np.int64).reshape(-1, len(_COLUMNS)).T)


def to_json(index: Index) -> dict[str, Any]:
    """The index as it is written."""
    return {
        "requests": list(index.keys),
        "groups": list(index.groups),
        "files": {
            name: {"frames": [*map(list, file.frames)], "crc32": list(file.crc32)}
            for name, file in index.files.items()
        },
        "recordings": {
            name: {column: getattr(found, column).tolist() for column in _COLUMNS}
            for name, found in index.recordings.items()
        },
    }


def from_json(stored: Any) -> Index:
    """The inverse of `to_json`.

    Raises:
        ValueError: it is not an index.
    """
    try:
        index = Index(
            keys=stored["requests"],
            groups=stored["groups"],
            files={name: FileIndex(each["frames"], each["crc32"]) for name, each in stored["files"].items()},
            recordings={
                name: RecordingTable(*(np.array(each[column], dtype=np.int64) for column in _COLUMNS))
                for name, each in stored["recordings"].items()
            },
        )
        _check(index)
        return index
    except MALFORMED as error:
        raise ValueError(f"not an index ({error})") from error


def _check(index: Index) -> None:
    """Refuse inconsistent numbers, which would cause later errors or another's reply."""
    if {*map(type, (*index.keys, *index.groups))} - {str} or len(index.keys) != len(index.groups):
        raise ValueError("keys and groups do not fit together")
    if len({*index.keys}) < len(index.keys):
        raise ValueError("a key stands twice")
    for name, file in index.files.items():
        frames = np.array(file.frames, dtype=np.int64).reshape(-1, 2)
        if len(frames) and (frames[0].any() or (np.diff(frames, axis=0) <= 0).any()):
            raise ValueError(f"{name}: its frames are not in order")
    addresses = set[tuple[int, int, int]]()
    for name, found in index.recordings.items():
        n = len(index.files[name].crc32)
        if any(getattr(found, column).shape != (n,) for column in _COLUMNS):
            raise ValueError(f"{name}: its columns are not of one length")
        if n and not 0 <= found.request.min() <= found.request.max() < len(index.keys):
            raise ValueError(f"{name}: a request that there is not")
        rows = zip(*(getattr(found, column).tolist() for column in _COLUMNS[:3]), strict=True)
        before = len(addresses)
        addresses.update(rows)
        if len(addresses) < before + n:
            # Looking up its address would find another reply.
            raise ValueError(f"{name}: a recording stands twice")
