"""Files of lines or of blocks: random access to recordings and requests as JSON lines or columns.

A file is a row of blocks; the manifest has the offset and the first line of each. A recordings file ends with a
block that says which symbols of the cassette's table it uses. Opened blocks are kept while they fit the cache.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from llmxray.cassette import bounds, codec
from llmxray.cassette.bounds import AMISS, Room, Together
from llmxray.cassette.columnar import Block, RequestBlock, Symbols
from llmxray.cassette.files import SealedFile
from llmxray.cassette.sealed import LinesFile, refuse_other_lines
from llmxray.errors import CassetteCorruptError
from llmxray.types import Completion, Interaction
from llmxray.wire import read_interaction
from llmxray.wire.json_size import json_bytes

SUFFIX = ".columns"
# Keeps replay of a gigabyte of streams within 30 MB over an empty proxy (bench/bench_memory.py).
CACHE_BYTES = 8 << 20
# A long prompt is asked for once a sample, of which a small file may have tens of thousands. Parsing a short one takes
# no longer than reading its recording.
_LONG_BODIES_BYTES, _LONG_BODY_BYTES = 64 << 20, 32 << 10


class _Sized(Protocol):
    @property
    def size_bytes(self) -> int: ...


class Cache[T: _Sized]:
    """What was used last, up to so many bytes, and always the very last.

    Args:
        least_bytes: what is smaller is not kept, but made anew.
    """

    def __init__(self, size_bytes: int = CACHE_BYTES, *, least_bytes: int = 0) -> None:
        self._room, self._least = size_bytes, least_bytes
        self._kept: OrderedDict[tuple[str, int], tuple[T, int]] = OrderedDict()

    def get(self, name: str, number: int, make: Callable[[], T]) -> T:
        """The thing of that name and number, made when it is not here."""
        place = name, number
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place][0]
        made = make()
        size = made.size_bytes
        if size < self._least:
            return made
        self._kept[place] = made, size
        self._room -= size
        # The last one stays even when it alone is too large: its lines are read one after the other.
        while self._room < 0 and len(self._kept) > 1:
            self._room += self._kept.popitem(last=False)[1][1]
        return made


class RecordingLines:
    """Recordings as JSON lines.

    Args:
        together: what the recordings of the cassette are rebuilt to.
    """

    def __init__(self, file: SealedFile, together: Together) -> None:
        self._lines, self._name, self._together = LinesFile(file), file.record.name, together

    def interaction(self, line: int, key: str, request: Mapping[str, Any]) -> Interaction:
        """The recording at a 0-based line.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        stored, size = self._lines.line(line), len(self._lines.text(line))
        try:
            return counted_line(self._together, self._name, line, stored, request, size)
        except ValueError as error:
            raise CassetteCorruptError(str(self._lines.path), line + 1, str(error)) from error

    def completion(self, line: int, key: str) -> Completion:
        """The reply of the recording at a line.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        return read_interaction(self.interaction(line, key, {}))

    def body(self, line: int) -> bytes:
        """The received bytes of the recording at a line.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        return self.interaction(line, "", {}).body

    def concurrency(self, line: int) -> int:
        """Requests in flight when the recording at a line began.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        return self.interaction(line, "", {}).concurrency

    def head(self, line: int) -> Interaction:
        """The recording at a line without its request.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        return self.interaction(line, "", {})


def weight_of(interaction: Interaction) -> int:
    """What a recording counts among those of its cassette."""
    return bounds.weight(interaction.body)


def counted_line(
    together: Together, file: str, line: int, stored: Any, request: Mapping[str, Any], size: int
) -> Interaction:
    """The recording of a line of so many bytes, counted among those of its cassette.

    Raises:
        ValueError: it is damaged, or it or all of them grow to more than they may.
    """
    together.check()
    grown = bounds.REBUILT.most(size)
    try:
        found = codec.from_line(stored, request, size=size)
        grown = weight_of(found)
    finally:
        together.count(file, line, grown)
    return found


class BlocksFile:
    """The blocks of one file."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._offsets = [offset for offset, _ in file.record.frames]
        self.firsts = [line for _, line in file.record.frames]

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def check_size(self, number: int, size: int) -> None:
        """Refuse a block that does not hold the lines that the manifest says: each after it would be another one.

        Raises:
            ValueError: it holds more of them, or fewer.
        """
        refuse_other_lines(size, number, self.firsts, self._file.record.lines)

    @property
    def size_bytes(self) -> int:
        """Its bytes that limits may grow with."""
        return self._file.size_bytes

    def block_of(self, line: int) -> int:
        """The block that holds a line."""
        return bisect_right(self.firsts, line) - 1

    def data(self, number: int) -> bytes:
        """The bytes of a block.

        Raises:
            CassetteCorruptError: the file is gone, is not what was written, or has no such block.
        """
        if not 0 <= number < len(self._offsets):
            raise CassetteCorruptError(str(self.path), None, "has no such block")
        return self._file.part(*self._offsets[number : number + 2])

    def corrupt(self, number: int, error: Exception) -> CassetteCorruptError:
        """What to raise about a block."""
        return CassetteCorruptError(str(self.path), self.firsts[number] + 1, f"cannot be read: {error}")


class RecordingBlocks:
    """Recordings as columns.

    Args:
        table: the symbols of the cassette, read when they are needed.
        together: what the recordings of the cassette are rebuilt to.
    """

    def __init__(
        self, file: SealedFile, table: Callable[[], Symbols], cache: Cache[Block], together: Together
    ) -> None:
        self._together = together
        self._file, self._name = BlocksFile(file), file.record.name
        self._table, self._cache = table, cache

    def interaction(self, line: int, key: str, request: Mapping[str, Any]) -> Interaction:
        """The recording at a 0-based line.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        block, place = self._place(line)
        try:
            return self.counted(line, block, lambda: block.interaction(place, key, request), weight_of)
        except ValueError as error:
            raise CassetteCorruptError(str(self._file.path), line + 1, str(error)) from error

    def completion(self, line: int, key: str) -> Completion:
        """The reply of the recording at a line.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        block, place = self._place(line)
        try:
            found = self.counted(
                line, block, lambda: block.completion(place), lambda each: block.weight() if each else 0
            )
        except ValueError as error:
            raise CassetteCorruptError(str(self._file.path), line + 1, str(error)) from error
        return read_interaction(self.interaction(line, key, {})) if found is None else found

    def body(self, line: int) -> bytes:
        """The received bytes of the recording at a line.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        block, place = self._place(line)
        try:
            return self.counted(line, block, lambda: block.body(place), bounds.weight)
        except ValueError as error:
            raise CassetteCorruptError(str(self._file.path), line + 1, str(error)) from error

    def concurrency(self, line: int) -> int:
        """Requests in flight when the recording at a line began.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        block, place = self._place(line)
        try:
            return block.concurrency(place)
        except (ValueError, IndexError) as error:
            raise CassetteCorruptError(str(self._file.path), line + 1, str(error)) from error

    def head(self, line: int) -> Interaction:
        """The recording at a line without its request and its bytes.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        block, place = self._place(line)
        try:
            return block.head(place)
        except (ValueError, IndexError) as error:
            raise CassetteCorruptError(str(self._file.path), line + 1, str(error)) from error

    def counted[R](self, line: int, block: Block, read: Callable[[], R], weigh: Callable[[R], int]) -> R:
        """What is read of the recording at a line, counted among those of its cassette.

        Raises:
            ValueError: it is damaged, or it or all of them grow to more than they may.
        """
        self._together.check()
        # Of one that fails it is not known how far it was rebuilt.
        size = block.limit
        try:
            found = read()
            size = weigh(found)
        finally:
            self._together.count(self._name, line, size)
        return found

    def open(self, number: int, *, check: bool = True) -> Block:
        """A block, opened afresh.

        Raises:
            CassetteCorruptError: it is damaged or gone.
        """
        try:
            block = Block(self._file.data(number), self._symbols, check=check)
            self._file.check_size(number, block.size)
        except ValueError as error:
            raise self._file.corrupt(number, error) from error
        return block

    @property
    def firsts(self) -> list[int]:
        """First line of every block but the one of the symbols."""
        return self._file.firsts[:-1]

    def _place(self, line: int) -> tuple[Block, int]:
        number = self._file.block_of(line)
        block = self._cache.get(self._name, number, lambda: self.open(number))
        place = line - self._file.firsts[number]
        if not 0 <= place < block.size:
            raise CassetteCorruptError(str(self._file.path), line + 1, "there is no such line")
        return block, place

    @cached_property
    def _symbols(self) -> Symbols:
        last = len(self._file.firsts) - 1
        try:
            return self._table().of_file(self._file.data(last))
        except ValueError as error:
            raise self._file.corrupt(last, error) from error


class RequestLines:
    """Requests as JSON lines."""

    def __init__(self, file: SealedFile) -> None:
        self._lines = LinesFile(file)

    def body(self, line: int, room: Room | None = None) -> Mapping[str, Any]:
        """The body of the request at a 0-based line.

        Args:
            room: for those who keep the bodies of many.

        Raises:
            CassetteCorruptError: it cannot be read.
        """
        try:
            if room is not None:
                room.take(json_bytes(self._lines.text(line)))
            return _object(self._lines.line(line)["body"])
        except (ValueError, *AMISS) as error:
            raise _no_request(self._lines.path, line, error) from error


class _Body(NamedTuple):
    value: Mapping[str, Any]
    size_bytes: int


class RequestBlocks:
    """Requests as columns."""

    def __init__(self, file: SealedFile) -> None:
        self._file = BlocksFile(file)
        self._cache: Cache[RequestBlock] = Cache(CACHE_BYTES // 2)
        self._long: Cache[_Body] = Cache(_LONG_BODIES_BYTES, least_bytes=_LONG_BODY_BYTES)

    def text(self, line: int, *, check: bool = True) -> str:
        """The JSON text of the body of the request at a 0-based line.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        number = self._file.block_of(line)
        try:
            block = self._cache.get("", number, lambda: self._open(number, check=check))
            return block.texts.text(line - self._file.firsts[number])
        except (ValueError, *AMISS) as error:
            raise _no_request(self._file.path, line, error) from error

    def body(self, line: int, room: Room | None = None) -> Mapping[str, Any]:
        """The body of the request at a 0-based line.

        Args:
            room: for those who keep the bodies of many.

        Raises:
            CassetteCorruptError: its block is damaged or gone.
        """
        if room is None:
            return self._long.get("", line, lambda: self._body(line)).value
        text = self.text(line)
        try:
            return _object(bounds.loads(text, room))
        except (ValueError, *AMISS) as error:
            raise _no_request(self._file.path, line, error) from error

    def _open(self, number: int, *, check: bool) -> RequestBlock:
        block = RequestBlock(self._file.data(number), check=check)
        self._file.check_size(number, len(block.texts))
        return block

    def _body(self, line: int) -> _Body:
        text = self.text(line)
        try:
            value = _object(bounds.loads_alone(text, self._file.size_bytes))
        except (ValueError, *AMISS) as error:
            raise _no_request(self._file.path, line, error) from error
        return _Body(value, json_bytes(text) if len(text) >= _LONG_BODY_BYTES // 2 else len(text))


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return value


def _no_request(path: Path, line: int, error: Exception) -> CassetteCorruptError:
    return CassetteCorruptError(str(path), line + 1, f"not readable: {error}")
