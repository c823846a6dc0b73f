"""Interactions → one block of columns, exact to the byte and the microsecond.

A body is cut at blank lines into events. Of each event, token entries go into columns of symbols and numbers
(`tokens`), and the rest into a skeleton and values (`templates`). Within one recording, a value that repeats the
last one behind the same key is only marked (``CARRY``), and so is a text that its own tokens spell (``SPELLED``).
Every block is read back before it is used: a recording that would not come out as it went in is kept as its
received bytes instead, compressed. So is one with too many values, each of which would be a column, or too many lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from llmxray.cassette import bounds, codec
from llmxray.cassette.columnar.templates import (
    CARRY,
    SLOT,
    SPELLED,
    TemplateWriter,
    TooManyValues,
    has_marks,
    names,
    split_values,
)
from llmxray.cassette.columnar.tokens import TokenWriter
from llmxray.cassette.sections import SectionWriter
from llmxray.types import Interaction
from llmxray.wire import TextEntry, take_entries, token_text
from llmxray.wire.loose import is_too_large
from llmxray.wire.short_texts import cached_if_short
from llmxray.wire.sse import MOST_LINES, count_lines

# LF only: a stream with other line ends is one long event, just as exact and rarely sent.
GAP = "\n\n"
# No stream has more; kilobytes of an encoding do, and each line is taken apart whatever it holds.
_MOST_EVENTS = MOST_LINES // 2

# The number of its request in the index, and itself.
type Recording = tuple[int, Interaction]


class _Event(NamedTuple):
    skeleton: str
    values: tuple[str, ...]
    places: int
    entries: list[TextEntry]


@dataclass(slots=True)
class _Columns:
    """What is one number a recording, an event or a chunk."""

    events: list[int] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    first_us: list[int] = field(default_factory=list)
    later_us: list[int] = field(default_factory=list)


def write_block(
    recordings: Sequence[Recording],
    symbols: dict[str, int],
    *,
    raw: set[int],
    parse: set[int],
    least: int = 0,
) -> bytes:
    """The bytes of a block.

    Args:
        symbols: number of each symbol in this file; new ones are added.
        raw: recordings (by place) whose bodies are kept as received; any that must be are added.
        parse: those whose replies the columns do not tell: a reader has to parse their bytes.
        least: how many bytes there must be.
    """
    out, columns = SectionWriter(), _Columns()
    heads, bodies, tokens = TemplateWriter(), TemplateWriter(), TokenWriter(symbols)
    kept: list[bytes] = []
    for place, (_, interaction) in enumerate(recordings):
        heads.add_text(codec.dumps(codec.head(interaction)))
        body = interaction.body
        events = [] if place in raw else _events(body, bodies)
        if events is None:
            raw.add(place)
        # Having no events is what marks a raw body; an empty one is raw, of no bytes.
        if not events:
            kept.append(body)
        for event in events or ():
            bodies.add(event.skeleton, event.values, event.places)
            for entry in event.entries:
                tokens.add(entry)
        _add_chunks(columns, interaction, body, len(events or ()))
    out.ints("request", [request for request, _ in recordings])
    out.ints("sample", [each.sample for _, each in recordings])
    out.ints("attempt", [each.attempt for _, each in recordings])
    for name in columns.__slots__:
        out.ints(name, getattr(columns, name))
    tokens.write(out)
    out.data("raw", b"".join(kept))
    meta = {
        "recordings": len(recordings),
        "heads": heads.write(out, "heads"),
        "bodies": bodies.write(out, "bodies"),
        # Sorted, or the same recordings would not give the same bytes.
        "parse": sorted(parse | raw),
    }
    # A reply that repeats itself takes next to nothing; what all of a cassette may be rebuilt to goes by its bytes.
    weight = sum(bounds.weight(each.body) for _, each in recordings)
    return out.finish(meta, least=max(least, -(-weight // bounds.TOGETHER.ratio)))


def _events(body: bytes, written: TemplateWriter) -> list[_Event] | None:
    """The events of a body; None where it is not text, holds characters that are marks, has too many values or lines.

    Args:
        written: what the block has so far.
    """
    if count_lines(body) > MOST_LINES or body.count(GAP.encode()) > _MOST_EVENTS:
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # What is too large to be read is not taken apart either, which takes more.
    if has_marks(text) or any(is_too_large(piece) for piece in text.split(GAP)):
        return None
    events: list[_Event] = []
    room, new = written.room, set[str]()
    try:
        for event in _split(text) if text else ():
            if event.skeleton not in written and event.skeleton not in new:
                new.add(event.skeleton)
                room -= 1 + event.places
                if room < 0:
                    return None
            events.append(event)
    except TooManyValues:
        return None
    return events


def _split(text: str) -> Iterator[_Event]:
    last: dict[str, str] = {}
    for piece in text.split(GAP):
        # Found by a plain search first, which costs next to nothing where no logprobs were asked for.
        rest, entries = take_entries(piece) if '"logprob"' in piece else (piece, [])
        skeleton, values = split_values(rest)
        spelled = "".join([token_text(entry.symbol, "") for entry in entries])
        marks, kept = [], []
        for name, value in zip(names(skeleton), values, strict=True):
            if spelled and value == spelled:
                marks.append(SPELLED)
            elif last.get(name) == value:
                marks.append(CARRY)
            else:
                marks.append(SLOT)
                kept.append(value)
                last[name] = value
        yield _Event(_marked(skeleton, "".join(marks)), tuple(kept), len(values), entries)


# Thousands of events of a stream share a handful of skeletons.
@cached_if_short(4096, longest=10_000)
def _marked(skeleton: str, marks: str) -> str:
    pieces = skeleton.split(SLOT)
    return pieces[0] + "".join(mark + piece for mark, piece in zip(marks, pieces[1:], strict=True))


def _add_chunks(columns: _Columns, interaction: Interaction, body: bytes, events: int) -> None:
    times = [round(chunk.t_s * 1e6) for chunk in interaction.chunks]
    spans = [len(chunk.raw) for chunk in interaction.chunks]
    counts = _events_per_chunk(body, spans) if events else None
    columns.events.append(events)
    columns.chunks.append(len(spans))
    columns.cut.append(int(counts is None))
    columns.spans += spans if counts is None else counts
    columns.first_us += times[:1]
    columns.later_us += [now - before for before, now in pairwise(times)]


def _events_per_chunk(body: bytes, spans: Sequence[int]) -> list[int] | None:
    """How many events each chunk holds; None where a chunk ends inside an event."""
    pieces = body.split(GAP.encode())
    sizes = [len(piece) + 2 for piece in pieces[:-1]] + [len(pieces[-1])]
    counts, at = [], 0
    for span in spans:
        first = at
        while at < len(sizes) and sizes[at] <= span:
            span -= sizes[at]
            at += 1
        if span:
            return None
        counts.append(at - first)
    return counts if at == len(sizes) else None
