"""One block of columns → interactions, byte for byte, and completions without rebuilding the bytes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from llmxray.cassette import bounds, codec
from llmxray.cassette.bounds import AMISS, Room
from llmxray.cassette.columnar.block_writer import GAP
from llmxray.cassette.columnar.slots import Text
from llmxray.cassette.columnar.symbols import Symbol, Symbols
from llmxray.cassette.columnar.templates import CARRY, SLOT, SPELLED, Templates
from llmxray.cassette.columnar.tokens import Tokens
from llmxray.cassette.sections import Ints, Numbers, SectionReader, compact
from llmxray.types import Chunk, Completion, Interaction
from llmxray.wire import NotTold, ReadToken, entry_text, read_parts, read_token
from llmxray.wire.entries import ENTRY, SPACED
from llmxray.wire.loose import COUNTED_ABOVE
from llmxray.wire.sse import MOST_LINES

_DATA = "data: "
_DONE = "data: [DONE]"
# What stands for an entry where only its place is wanted. Nobody who wrote a file can have foreseen it, so that no
# number of the file passes for one; as long as any number, and shorter than any entry.
_PLACE = 10**18 + secrets.randbits(59)
# Characters that an alternative takes in a body, at least: the key of its number, and the number.
_ALTERNATIVE_CHARACTERS = 16

# The texts of the entries from one to another, spaced or not.
type _EntryTexts = Callable[[int, int, bool, Room], Sequence[str]]
# Place of a mark in its skeleton, the mark, the key behind which it stands, the column of a value.
type _Mark = tuple[int, str, str, Text | None]


class Block:
    """A block, opened.

    Args:
        symbols: those of its file.
        check: refuse it when it fails its checksum.

    Raises:
        ValueError: it is damaged, or grows to more than it may.
    """

    def __init__(self, data: bytes, symbols: Symbols, *, check: bool = True) -> None:
        self._sections = sections = SectionReader(data, check=check)
        self._symbols = symbols
        self._forms: dict[int, list[_Mark]] = {}
        self.limit = bounds.REBUILT.most(len(data))
        self._weight = 0
        try:
            self.size: int = sections.meta["recordings"]
            self._parse = frozenset(sections.meta["parse"])
            self._heads = Templates(sections.meta["heads"], sections, "heads")
            self._bodies = Templates(sections.meta["bodies"], sections, "bodies")
            self._open(sections)
        except AMISS as error:
            raise ValueError(f"not a block of recordings ({error})") from error

    def _open(self, sections: SectionReader) -> None:
        self.requests: Numbers = sections.numbers("request")
        self.samples: Numbers = sections.numbers("sample")
        self.attempts: Numbers = sections.numbers("attempt")
        events, chunks = sections.ints("events"), sections.ints("chunks")
        self._cut: Numbers = sections.numbers("cut")
        self._spans: Numbers = sections.numbers("spans")
        heads, bodies = len(self._heads), len(self._bodies)
        sizes = [*map(len, (self.requests, self.samples, self.attempts, events, chunks, self._cut)), heads]
        # Before the times are spread over as many chunks as are said.
        if type(self.size) is not int or {*sizes} != {self.size} or not _adds_up(events, bodies):
            raise ValueError("not a block of recordings: its columns do not fit together")
        # One below zero would give an event to two chunks.
        if not _adds_up(chunks, len(self._spans)) or np.asarray(self._spans).min(initial=0) < 0:
            raise ValueError("not a block of recordings: its chunks do not fit together")
        self._events: Numbers = _edges(events)
        self._chunks: Numbers = _edges(chunks)
        self._times: Numbers = compact(_times(chunks, sections.ints("first_us"), sections.ints("later_us")))
        self._tokens = Tokens(sections)
        # Counted by skeleton: any event then finds its entries without those before it being read.
        entries = [sum(mark in (ENTRY, SPACED) for mark in pieces[1::2]) for pieces in self._bodies.skeletons]
        self._entries: Numbers = _edges(
            np.array(entries, dtype=np.int64)[np.asarray(self._bodies.sequence, dtype=np.int64)]
        )

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        numbers = (self._events, self._chunks, self._spans, self._times, self._entries)
        # Forms are kept three times: as text, in pieces, and the names in them.
        return (
            self._tokens.size_bytes
            + sum(each.nbytes for each in numbers)
            + self._sections.read_bytes
            + 3 * self._sections.header_bytes
            + self._sections.size_bytes
        )

    def interaction(self, place: int, key: str, request: Mapping[str, Any]) -> Interaction:
        """The recording at a place of the block.

        Raises:
            ValueError: it is damaged, or longer than it may be.
        """
        try:
            head = json.loads(self._heads.text(place))
            return codec.with_head(
                head, key, self.samples[place], self.attempts[place], request, self._read_chunks(place)
            )
        # `verify` opens blocks that fail their checksum: wherever such numbers lead, it is one kind of fault.
        except AMISS as error:
            raise _no_recording(error) from error

    def body(self, place: int) -> bytes:
        """The received bytes of the recording at a place.

        Raises:
            ValueError: it is damaged, or longer than it may be.
        """
        try:
            if not self._is_raw(place):
                return GAP.join(self._pieces(place)).encode()
            size = sum(self._spans[self._chunks[place] : self._chunks[place + 1]])
            body = self._raw_body(place, size)
        except AMISS as error:
            raise _no_recording(error) from error
        if len(body) != size:
            raise ValueError(f"body has {len(body)} bytes, its chunks {size}")
        return body

    def concurrency(self, place: int) -> int:
        """Requests in flight when the recording at a place began.

        Raises:
            ValueError: it is damaged.
        """
        heads = self._heads
        try:
            # One column of the head, not all of it: results ask this of every reply.
            kind = heads.sequence[place]
            # Where it may stand twice, only all of the head tells which one is read: a name can be spelled by escapes.
            form = "".join(heads.skeletons[kind])
            if heads.names[kind].count("in_flight") == 1 == form.count("in_flight") and "\\" not in form:
                number = int(heads.columns[kind][heads.names[kind].index("in_flight")](heads.rows[place]))
            else:
                number = json.loads(heads.text(place))["in_flight"]
            codec.check_number(number)
            return number
        except AMISS as error:
            raise _no_recording(error) from error

    def head(self, place: int) -> Interaction:
        """The recording at a place without its request and its bytes.

        Raises:
            ValueError: it is damaged.
        """
        try:
            head = json.loads(self._heads.text(place))
            return codec.with_head(head, "", self.samples[place], self.attempts[place], {}, ())
        except AMISS as error:
            raise _no_recording(error) from error

    def completion(self, place: int) -> Completion | None:
        """The reply of a recording of status 200; None where only its bytes tell, or may tell another one.

        Raises:
            ValueError: it is damaged, or longer than it may be.
        """
        if place in self._parse or self._is_raw(place) or not self._tokens.are_plain:
            return None
        try:
            latency_s = self._times[self._chunks[place + 1] - 1] / 1e6 if self._has_chunks(place) else None
            return read_parts(self._parts(place), latency_s, mark=_PLACE)
        except NotTold:
            return None
        except AMISS as error:
            raise _no_recording(error) from error

    def weight(self) -> int:
        """What the last reply of `completion` counts in `Together`, at most the `bounds.weight` of its bytes."""
        return self._weight

    def _is_raw(self, place: int) -> bool:
        """Whether a body was kept as its received bytes, not as events."""
        return bool(self._events[place] == self._events[place + 1])

    def _raw_body(self, place: int, size: int) -> bytes:
        return self._raw[self._raw_start[place] : self._raw_start[place] + size]

    def _has_chunks(self, place: int) -> bool:
        return self._chunks[place] < self._chunks[place + 1]

    def _read_chunks(self, place: int) -> tuple[Chunk, ...]:
        start, end = self._chunks[place : place + 2]
        times, spans = self._times[start:end].tolist(), self._spans[start:end].tolist()
        if self._is_raw(place):
            body = self._raw_body(place, sum(spans))
        else:
            pieces = self._pieces(place)
            if not self._cut[place]:
                # The usual case: chunks end between events, so no body has to be joined and cut again.
                texts = [piece + GAP for piece in pieces[:-1]] + pieces[-1:]
                edges = [0, *accumulate(spans)]
                if edges[-1] != len(texts):
                    raise ValueError(f"body has {len(texts)} events, its chunks {edges[-1]}")
                raws = ["".join(texts[a:b]).encode() for a, b in pairwise(edges)]
                return tuple([Chunk(t / 1e6, raw) for t, raw in zip(times, raws, strict=True)])
            body = GAP.join(pieces).encode()
        if sum(spans) != len(body):
            raise ValueError(f"body has {len(body)} bytes, its chunks {sum(spans)}")
        edges = [0, *accumulate(spans)]
        return tuple([Chunk(t / 1e6, body[a:b]) for t, a, b in zip(times, edges, edges[1:], strict=False)])

    # Unpacked when first asked for: hardly any recording keeps its body as received.
    @cached_property
    def _raw(self) -> bytes:
        return self._sections.data("raw")

    @cached_property
    def _raw_start(self) -> list[int]:
        sizes = [
            sum(self._spans[self._chunks[place] : self._chunks[place + 1]]) if self._is_raw(place) else 0
            for place in range(self.size)
        ]
        return [0, *accumulate(sizes)]

    def _pieces(self, place: int) -> list[str]:
        """The text of every event."""
        last: dict[str, str] = {}
        room = Room(self.limit)
        return [
            self._fill(event, last, room, self._entry_texts)
            for event in range(self._events[place], self._events[place + 1])
        ]

    def _fill(self, event: int, last: dict[str, str], room: Room, entry_texts: _EntryTexts) -> str:
        bodies = self._bodies
        kind, row = bodies.sequence[event], bodies.rows[event]
        pieces = bodies.skeletons[kind]
        if len(pieces) == 1:
            room.take(len(pieces[0]))
            return pieces[0]
        out = list(pieces)
        entries: Iterator[str] | None = None
        spelled: str | None = None
        for at, mark, name, column in self._forms.get(kind) or self._form(kind):
            if column is not None:
                out[at] = last[name] = column(row)
            elif mark == CARRY:
                out[at] = last[name]
            elif mark == SPELLED:
                # Not remembered as the key's last value, for the writer does not remember it either.
                spelled = self._spelled(event, room) if spelled is None else spelled
                out[at] = spelled
            else:
                if entries is None:
                    first, end = self._entries[event], self._entries[event + 1]
                    entries = iter(entry_texts(first, end, mark == SPACED, room))
                out[at] = next(entries)
        # Before it is put together: until then a text that stands in a million places is there once.
        room.take(sum(map(len, out)))
        return "".join(out)

    def _form(self, kind: int) -> list[_Mark]:
        """The marks of a skeleton in order; worked out once, for most events have one of a few skeletons."""
        bodies = self._bodies
        columns, names = iter(bodies.columns[kind]), iter(bodies.names[kind])
        pieces = bodies.skeletons[kind]
        form: list[_Mark] = []
        for at in range(1, len(pieces), 2):
            mark = pieces[at]
            name = "" if mark in (ENTRY, SPACED) else next(names)
            form.append((at, mark, name, next(columns) if mark == SLOT else None))
        self._forms[kind] = form
        return form

    def _spelled(self, event: int, room: Room) -> str:
        first, end = self._entries[event], self._entries[event + 1]
        texts = [self._symbols[self._symbol(entry)].spelled for entry in range(first, end)]
        room.fits(sum(map(len, texts)))
        return "".join(texts)

    def _symbol(self, entry: int) -> int:
        tokens = self._tokens
        rank = tokens.rank[entry]
        if rank:
            return int(tokens.rows.symbols[tokens.start[tokens.row[entry]] + rank - 1])
        return int(tokens.loose.symbols[tokens.loose_at[entry]])

    def _entry_texts(self, first: int, end: int, spaced: bool, room: Room) -> list[str]:
        tokens, symbols = self._tokens, self._symbols
        rows, starts = tokens.rows, tokens.start
        texts, left = [], Room(room.left)
        for entry in range(first, end):
            row, rank = tokens.row[entry], tokens.rank[entry]
            start, stop = starts[row], starts[row + 1]
            opened = symbols.some(rows.symbols[start:stop].tolist())
            numbers = rows.texts(start, stop)
            if rank:
                mine, number = opened[rank - 1], numbers[rank - 1]
            else:
                at = tokens.loose_at[entry]
                mine, number = symbols[int(tokens.loose.symbols[at])], tokens.loose.texts(at, at + 1)[0]
            # Rarely near the limit, and so rarely counted to the character.
            if (len(opened) + 1) * (symbols.longest + tokens.longest) > left.left:
                left.fits(_characters([*opened, mine], [*numbers, number]))
            tops = None
            if tokens.listed[row]:
                tops = [f"{each.head}{text}{each.tail}}}" for each, text in zip(opened, numbers, strict=True)]
            text = entry_text(mine.head, number, mine.tail, tops, spaced=spaced)
            left.take(len(text))
            texts.append(text)
        return texts

    def _parts(self, place: int) -> Iterator[tuple[str, float, list[ReadToken]]]:
        """What `read_parts` takes."""
        last: dict[str, str] = {}
        room, objects, values = Room(self.limit), 0, 0
        chunk, ends = self._chunks[place], self._arrivals(place)
        events = range(self._events[place], self._events[place + 1])
        # What stands behind the last blank line is no event, and might hold any.
        if self._bodies.skeletons[self._bodies.sequence[events[-1]]] != [""] or 2 * len(events) > MOST_LINES:
            raise NotTold("a stream that does not end with its last event")
        try:
            for event in events:
                # As in `wire.openai`: an event comes with the chunk that completes it.
                while ends[chunk - self._chunks[place]] <= event - events.start:
                    chunk += 1
                # The entries were read apart from the text: there a number keeps their places, cheap to parse.
                text = self._fill(event, last, room, _places)
                if event == events[-1]:
                    return
                objects += text.count("{")
                values += text.count(",")
                if text == _DONE and event != events[-2]:
                    raise NotTold("a stream that goes on after its end")
                if not text.startswith(_DATA) or "\n" in text or "\r" in text:
                    raise ValueError("an event that is more than data")
                entries = range(self._entries[event], self._entries[event + 1])
                tokens = [self._read(entry, room) for entry in entries]
                if self._characters(entries) + len(text) > COUNTED_ABOVE:
                    raise NotTold("an event that may be too large to be read")
                yield text[len(_DATA) :], self._times[chunk] / 1e6, tokens
        finally:
            # Whoever reads may stop before the end.
            lines = 2 * (len(events) - 1)
            self._weight = bounds.weight_of(self.limit - room.left, lines, objects, values)

    def _characters(self, entries: range) -> int:
        """Characters that entries write at most, once they were read."""
        tokens = self._tokens
        rows = [tokens.row[entry] for entry in entries]
        listed = sum(int(tokens.start[row + 1] - tokens.start[row]) for row in rows)
        return (listed + len(rows)) * (self._symbols.longest + tokens.longest)

    def _arrivals(self, place: int) -> list[int]:
        """For each chunk, how many events had come whole when it came."""
        start, end = self._chunks[place : place + 2]
        if not self._cut[place]:
            return list(accumulate(self._spans[start:end].tolist()))
        sizes = [len(piece.encode()) + len(GAP) for piece in self._pieces(place)]
        events = np.array(list(accumulate(sizes)))
        bytes_ = np.array(list(accumulate(self._spans[start:end].tolist())))
        whole: list[int] = np.searchsorted(events, bytes_, side="right").tolist()
        # Nothing follows the last piece, and its size was counted with a blank line behind it.
        whole[-1] = max(whole[-1], len(sizes))
        return whole

    def _read(self, entry: int, room: Room) -> ReadToken:
        tokens, symbols = self._tokens, self._symbols
        row, rank = tokens.row[entry], tokens.rank[entry]
        start, stop = tokens.start[row], tokens.start[row + 1]
        room.take(_ALTERNATIVE_CHARACTERS * (stop - start))
        listed: list[int] = tokens.rows.symbols[start:stop].tolist()
        values = tokens.rows.values(start, stop)
        if rank:
            mine, value = symbols[listed[rank - 1]].read, values[rank - 1]
        else:
            at = tokens.loose_at[entry]
            mine, value = symbols[int(tokens.loose.symbols[at])].read, tokens.loose.values(at, at + 1)[0]
        # A reply for which parsing the bytes tells otherwise is in `parse`.
        return read_token(mine, value, symbols.alternatives(listed), values)


def _places(first: int, end: int, spaced: bool, room: Room) -> Sequence[str]:
    return [str(_PLACE)] * (end - first)


def _no_recording(error: Exception) -> ValueError:
    return ValueError(f"not a recorded interaction ({type(error).__name__}: {error})")


def _characters(symbols: Sequence[Symbol], numbers: Sequence[str]) -> int:
    """Characters of these symbols with these numbers in them."""
    return sum(each.size for each in symbols) + sum(map(len, numbers))


def _adds_up(sizes: Ints, total: int) -> bool:
    """Whether sizes are none below zero, and together that many."""
    # Looked at one by one first: a sum may go round past the largest number.
    return total == 0 if not sizes.size else bool(sizes.min() >= 0 and sizes.max() <= total == sizes.sum())


def _edges(sizes: Ints) -> Numbers:
    return compact(np.concatenate(([0], np.cumsum(sizes))))


def _times(chunks: Any, first: Any, later: Any) -> Any:
    """Microseconds of every chunk since its request.

    Raises:
        ValueError: a chunk came before the one before it, or after more than `codec.LONGEST_US`.
    """
    changes = np.zeros(int(chunks.sum()), dtype=np.int64)
    starts = (np.cumsum(chunks) - chunks)[chunks > 0]
    inside = np.ones(len(changes), dtype=bool)
    inside[starts] = False
    changes[inside] = later
    sums = np.cumsum(changes)
    times = sums + np.repeat(first - sums[starts], chunks[chunks > 0])
    _check_times(first, later, times)
    return times


def _check_times(first: Any, later: Any, times: Any) -> None:
    # A sum that goes round past the largest number is negative at some chunk: each step is below that number.
    if min(first.min(initial=0), later.min(initial=0), times.min(initial=0)) < 0:
        raise ValueError("not a block of recordings: a chunk that came before the one before it")
    if times.max(initial=0) > codec.LONGEST_US:
        seconds = codec.LONGEST_US // 10**6
        raise ValueError(f"not a block of recordings: a chunk that came after more than {seconds:,} s")
