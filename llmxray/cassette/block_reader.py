"""One block of columns → interactions, byte for byte, and completions without rebuilding the bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from llmxray.cassette import codec
from llmxray.cassette.block_writer import GAP
from llmxray.cassette.sections import Ints, Numbers, SectionReader, compact
from llmxray.cassette.symbols import Symbols
from llmxray.cassette.templates import CARRY, SLOT, SPELLED, Templates
from llmxray.cassette.tokens import Tokens
from llmxray.types import Chunk, Completion, Interaction
from llmxray.wire import ReadToken, entry_text, read_parts, read_token
from llmxray.wire.entries import ENTRY, SPACED

_DATA = "data: "


class Block:
    """A block, opened.

    Args:
        symbols: those of its file.
        check: refuse it when it fails its checksum.

    Raises:
        ValueError: it is damaged.
    """

    def __init__(self, data: bytes, symbols: Symbols, *, check: bool = True) -> None:
        self._sections = sections = SectionReader(data, check=check)
        self._symbols = symbols
        try:
            self.size: int = sections.meta["recordings"]
            self._parse = frozenset(sections.meta["parse"])
            self._heads = Templates(sections.meta["heads"], sections, "heads")
            self._bodies = Templates(sections.meta["bodies"], sections, "bodies")
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"not a block of recordings ({error})") from error
        self.requests: Numbers = sections.numbers("request")
        self.samples: Numbers = sections.numbers("sample")
        self.attempts: Numbers = sections.numbers("attempt")
        self._events: Numbers = _edges(sections.ints("events"))
        chunks = sections.ints("chunks")
        self._chunks: Numbers = _edges(chunks)
        self._cut: Numbers = sections.numbers("cut")
        self._spans: Numbers = sections.numbers("spans")
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
            ValueError: it is damaged.
        """
        try:
            head = json.loads(self._heads.text(place))
            return codec.with_head(
                head, key, self.samples[place], self.attempts[place], request, self._read_chunks(place)
            )
        # `verify` opens blocks that fail their checksum: wherever such numbers lead, it is one kind of fault.
        except (KeyError, TypeError, IndexError, StopIteration, OverflowError) as error:
            raise ValueError(f"not a recorded interaction ({type(error).__name__}: {error})") from error

    def body(self, place: int) -> bytes:
        """The received bytes of the recording at a place.

        Raises:
            ValueError: it is damaged.
        """
        try:
            if self._events[place] != self._events[place + 1]:
                return GAP.join(self._pieces(place)).encode()
            size = sum(self._spans[self._chunks[place] : self._chunks[place + 1]])
            return self._raw[self._raw_start[place] : self._raw_start[place] + size]
        except (KeyError, TypeError, IndexError, StopIteration, OverflowError) as error:
            raise ValueError(f"not a recorded interaction ({type(error).__name__}: {error})") from error

    def concurrency(self, place: int) -> int:
        """Requests in flight when the recording at a place began.

        Raises:
            ValueError: it is damaged.
        """
        heads = self._heads
        # One column of the head, not all of it: results ask this of every reply.
        kind = heads.sequence[place]
        return int(heads.columns[kind][heads.names[kind].index("in_flight")](heads.rows[place]))

    def completion(self, place: int) -> Completion | None:
        """The reply of a recording of status 200; None where only its bytes tell.

        Raises:
            ValueError: it is damaged.
        """
        if place in self._parse or self._events[place] == self._events[place + 1]:
            return None
        try:
            latency_s = self._times[self._chunks[place + 1] - 1] / 1e6 if self._has_chunks(place) else None
            return read_parts(self._parts(place), latency_s)
        except (KeyError, TypeError, IndexError, StopIteration, OverflowError) as error:
            raise ValueError(f"not a recorded interaction ({type(error).__name__}: {error})") from error

    def _has_chunks(self, place: int) -> bool:
        return self._chunks[place] < self._chunks[place + 1]

    def _read_chunks(self, place: int) -> tuple[Chunk, ...]:
        start, end = self._chunks[place : place + 2]
        times, spans = self._times[start:end].tolist(), self._spans[start:end].tolist()
        if self._events[place] == self._events[place + 1]:
            body = self._raw[self._raw_start[place] : self._raw_start[place] + sum(spans)]
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
            sum(self._spans[self._chunks[place] : self._chunks[place + 1]])
            if self._events[place] == self._events[place + 1]
            else 0
            for place in range(self.size)
        ]
        return [0, *accumulate(sizes)]

    def _pieces(self, place: int) -> list[str]:
        """The text of every event."""
        last: dict[str, str] = {}
        return [
            self._fill(event, last, self._entry_texts)
            for event in range(self._events[place], self._events[place + 1])
        ]

    def _fill(self, event: int, last: dict[str, str], entry_texts: Any) -> str:
        bodies = self._bodies
        kind, row = bodies.sequence[event], bodies.rows[event]
        pieces = bodies.skeletons[kind]
        if len(pieces) == 1:
            return pieces[0]
        out = list(pieces)
        columns, names = iter(bodies.columns[kind]), iter(bodies.names[kind])
        first = self._entries[event]
        entries = None
        for at in range(1, len(pieces), 2):
            mark = pieces[at]
            if mark == CARRY:
                out[at] = last[next(names)]
            elif mark == SLOT:
                out[at] = last[next(names)] = next(columns)(row)
            elif mark == SPELLED:
                # Not remembered as the key's last value, for the writer does not remember it either.
                next(names)
                out[at] = self._spelled(event)
            else:
                entries = entries or iter(entry_texts(first, self._entries[event + 1], mark == SPACED))
                out[at] = next(entries)
        return "".join(out)

    def _spelled(self, event: int) -> str:
        first, end = self._entries[event], self._entries[event + 1]
        return "".join([self._symbols[self._symbol(entry)].spelled for entry in range(first, end)])

    def _symbol(self, entry: int) -> int:
        tokens = self._tokens
        rank = tokens.rank[entry]
        if rank:
            return int(tokens.rows.symbols[tokens.start[tokens.row[entry]] + rank - 1])
        return int(tokens.loose.symbols[tokens.loose_at[entry]])

    def _entry_texts(self, first: int, end: int, spaced: bool) -> list[str]:
        tokens, symbols = self._tokens, self._symbols
        texts = []
        for entry in range(first, end):
            row, rank = tokens.row[entry], tokens.rank[entry]
            start, stop = tokens.start[row], tokens.start[row + 1]
            opened = symbols.some(tokens.rows.symbols[start:stop].tolist())
            numbers = tokens.rows.texts(start, stop)
            if rank:
                mine, number = opened[rank - 1], numbers[rank - 1]
            else:
                at = tokens.loose_at[entry]
                mine, number = symbols[int(tokens.loose.symbols[at])], tokens.loose.texts(at, at + 1)[0]
            tops = (
                [f"{each.head}{text}{each.tail}}}" for each, text in zip(opened, numbers, strict=True)]
                if tokens.listed[row]
                else None
            )
            texts.append(entry_text(mine.head, number, mine.tail, tops, spaced=spaced))
        return texts

    def _parts(self, place: int) -> Iterator[tuple[str, float, list[ReadToken]]]:
        """What `read_parts` takes."""
        last: dict[str, str] = {}
        chunk, ends = self._chunks[place], self._arrivals(place)
        events = range(self._events[place], self._events[place + 1])
        for event in events:
            # As in `wire.openai`: an event comes with the chunk that completes it.
            while ends[chunk - self._chunks[place]] <= event - events.start:
                chunk += 1
            # The entries were read apart from the text: there a number keeps their places, cheap to parse.
            text = self._fill(event, last, lambda first, end, spaced: ["0"] * (end - first))
            if event == events[-1]:
                return  # what follows the last blank line is no event
            if not text.startswith(_DATA) or "\n" in text or "\r" in text:
                raise ValueError("an event that is more than data")
            tokens = [self._read(entry) for entry in range(self._entries[event], self._entries[event + 1])]
            yield text[len(_DATA) :], self._times[chunk] / 1e6, tokens

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

    def _read(self, entry: int) -> ReadToken:
        tokens, symbols = self._tokens, self._symbols
        row, rank = tokens.row[entry], tokens.rank[entry]
        start, stop = tokens.start[row], tokens.start[row + 1]
        listed: list[int] = tokens.rows.symbols[start:stop].tolist()
        values = tokens.rows.values(start, stop)
        if rank:
            mine, value = symbols[listed[rank - 1]].read, values[rank - 1]
        else:
            at = tokens.loose_at[entry]
            mine, value = symbols[int(tokens.loose.symbols[at])].read, tokens.loose.values(at, at + 1)[0]
        # A reply for which parsing the bytes tells otherwise is in `parse`.
        return read_token(mine, value, symbols.alternatives(listed), values)


def _edges(sizes: Ints) -> Numbers:
    return compact(np.concatenate(([0], np.cumsum(sizes))))


def _times(chunks: Any, first: Any, later: Any) -> Any:
    """Microseconds of every chunk since its request."""
    changes = np.zeros(int(chunks.sum()), dtype=np.int64)
    starts = (np.cumsum(chunks) - chunks)[chunks > 0]
    inside = np.ones(len(changes), dtype=bool)
    inside[starts] = False
    changes[inside] = later
    sums = np.cumsum(changes)
    return sums + np.repeat(first - sums[starts], chunks[chunks > 0])
