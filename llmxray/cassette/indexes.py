"""The index: for every recording its address, place and checksum; what opening a cassette reads.

It repeats nothing that the recordings do not say. Small ones are JSON lines, larger ones columns; in memory both
are arrays, and an object is made for a recording only when someone asks for it.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmxray.cassette import bounds, codec
from llmxray.cassette.bounds import AMISS
from llmxray.cassette.sections import SectionReader, SectionWriter

_HASH = re.compile(r"v1:[0-9a-f]{64}")
_COLUMNS = ("request", "sample", "attempt", "complete", "status")
# Columns hold integers only.
NO_STATUS = -1
_LARGEST = 1 << 63

type Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileIndex:
    """The recordings of one file, by line.

    Attributes:
        request: position of the request in `Index.keys`.
        complete: 1 for a whole answer, cleanly ended, with status 200.
        status: HTTP status, -1 when there was no response.
    """

    name: str
    request: Column
    sample: Column
    attempt: Column
    complete: Column
    status: Column

    def __len__(self) -> int:
        return len(self.request)


@dataclass(frozen=True, slots=True)
class Index:
    """What a cassette has.

    Attributes:
        keys: key of every request, in the order of the requests file.
        groups: for each of them, the group whose file holds its recordings.
        crc32: by file, the checksum of every line (a line of text, or `codec.checksum` of a recording).
    """

    keys: Sequence[str] = ()
    groups: Sequence[str] = ()
    files: Sequence[FileIndex] = ()
    crc32: Mapping[str, Sequence[int]] = field(default_factory=dict)


def file_index(name: str, rows: Iterable[Sequence[int | None]]) -> FileIndex:
    """The index of a file from rows of (request, sample, attempt, complete, status)."""
    array = np.array([[NO_STATUS if each is None else each for each in row] for row in rows], dtype=np.int64)
    # Reshaped, for a file without recordings gives an array without columns.
    return FileIndex(name, *array.reshape(-1, len(_COLUMNS)).T)


def to_lines(index: Index) -> list[str]:
    """The index as JSON lines."""
    lines: list[dict[str, Any]] = [{"requests": list(index.keys), "groups": list(index.groups)}]
    for file in index.files:
        columns = {name: getattr(file, name).tolist() for name in _COLUMNS}
        columns["status"] = [None if each == NO_STATUS else each for each in columns["status"]]
        lines.append({"file": file.name, **columns})
    lines.append({"crc32": {name: list(sums) for name, sums in index.crc32.items()}})
    return [codec.dumps(line) for line in lines]


def from_lines(lines: Iterable[Any]) -> Index:
    """The inverse of `to_lines`, of parsed lines.

    Raises:
        ValueError: they are not an index.
    """
    index, files, sums = Index(), [], {}
    try:
        for line in lines:
            if "requests" in line:
                index = Index(line["requests"], line["groups"])
            elif "file" in line:
                files.append(file_index(line["file"], zip(*(line[each] for each in _COLUMNS), strict=True)))
            else:
                sums = line["crc32"]
        return _checked(Index(index.keys, index.groups, tuple(files), sums))
    except AMISS as error:
        raise ValueError(f"not an index ({error})") from error


def to_block(index: Index) -> bytes:
    """The index as columns."""
    out = SectionWriter()
    hashes = all(map(_HASH.fullmatch, index.keys))
    if hashes:
        # Hashes are noise to a compressor: as bytes they are as small as they get.
        out.data("keys", bytes.fromhex("".join(key[3:] for key in index.keys)))
    else:
        out.data("keys", json.dumps(list(index.keys)).encode())
    groups = list(dict.fromkeys(index.groups))
    places = {group: number for number, group in enumerate(groups)}
    out.ints("groups", [places[group] for group in index.groups])
    for number, file in enumerate(index.files):
        for name in _COLUMNS:
            out.ints(f"{number}.{name}", getattr(file, name))
    for number, sums in enumerate(index.crc32.values()):
        out.unsigned(f"crc.{number}", np.array(sums, dtype=np.uint32))
    return out.finish(
        {
            "hashes": hashes,
            "groups": groups,
            "files": [file.name for file in index.files],
            "crc32": list(index.crc32),
        }
    )


def from_block(data: bytes) -> Index:
    """The inverse of `to_block`.

    Raises:
        ValueError: this is no index.
    """
    sections = SectionReader(data)
    try:
        meta, stored = sections.meta, sections.data("keys")
        if meta["hashes"]:
            digits = stored.hex()
            keys = [f"v1:{digits[a:b]}" for a, b in pairwise(range(0, len(digits) + 1, 64))]
        else:
            keys = bounds.loads(stored, bounds.HELD.room(len(data)))
        groups = [meta["groups"][each] for each in sections.ints("groups").tolist()]
        files = [
            FileIndex(name, *(sections.ints(f"{number}.{column}") for column in _COLUMNS))
            for number, name in enumerate(meta["files"])
        ]
        sums = {
            name: array("I", sections.unsigned(f"crc.{number}").tolist())
            for number, name in enumerate(meta["crc32"])
        }
        return _checked(Index(keys, groups, files, sums))
    except AMISS as error:
        raise ValueError(f"not an index ({error})") from error


def _checked(index: Index) -> Index:
    names = (*index.keys, *index.groups, *(file.name for file in index.files), *index.crc32)
    sums = {*map(type, index.crc32.values())}
    if not {*map(type, names)} <= {str} or not sums <= {list, array}:
        raise ValueError("not an index: a name that is no text")
    fits = len(index.keys) == len(index.groups)
    for file in index.files:
        # Once for all lookups: a number out of range would be an error far from here, or another's reply.
        sizes = {len(getattr(file, name)) for name in _COLUMNS}
        known = not len(file) or bool(0 <= file.request.min() <= file.request.max() < len(index.keys))
        fits = fits and known and len(sizes) == 1
    if not fits:
        raise ValueError("not an index: its columns do not fit together")
    _check_once(index)
    return index


def _check_once(index: Index) -> None:
    """Refuse an index in which an address stands twice: whoever finds a recording by it finds another's reply.

    Raises:
        ValueError: one does.
    """
    columns = [
        np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(file, name) for file in index.files)])
        for name in _COLUMNS[:3]
    ]
    if len(set(index.keys)) < len(index.keys):
        first = {key: number for number, key in reversed([*enumerate(index.keys)])}
        columns[0] = np.array([first[key] for key in index.keys], dtype=np.int64)[columns[0]]
    sizes = [column.max(initial=0).item() + 1 for column in columns]
    if min(column.min(initial=0) for column in columns) >= 0 and math.prod(sizes) < _LARGEST:
        # Sorting one number each takes a tenth of the time.
        columns_in_one = (columns[0] * sizes[1] + columns[1]) * sizes[2] + columns[2]
        order, sorted_by = np.argsort(columns_in_one, kind="stable"), [columns_in_one]
    else:
        order, sorted_by = np.lexsort(columns), columns
    same = np.logical_and.reduce([np.diff(column[order]) == 0 for column in sorted_by])
    if same.any():
        request, sample, attempt = (column.item(order.item(np.argmax(same))) for column in columns)
        raise ValueError(f"not an index: the recording {index.keys[request]}/{sample}/{attempt} stands twice")
