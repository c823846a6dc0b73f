"""What each field of a reply says over the events of its stream, joined: for whoever looks for a text told in pieces.

A stream gives a text a few characters an event, so that it never stands in the bytes in one piece. Events of several
speakers take turns: choices, items of an answer, kinds of events. So the texts of a field are joined as they came, and
also speaker by speaker.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from itertools import repeat

from llmxray.wire.loose import NO_JSON, parse

type _Names = tuple[tuple[str, object], ...]
# What says of an object whose texts it holds; where it stands in its list says nothing.
_NAMING = frozenset({"index", "type", "item_id", "output_index", "content_index", "id"})
_SCALARS = (str, int, float)
# Of fields and of speakers that are put together one by one; a reply has some dozens. The rest counts as one.
_MOST = 1 << 16
# Of one speaker; a server may nest without end.
_MOST_NAMES = 24
_NAMES, _OTHERS, _LINES = -1, -2, -3
# However it ends, as the event-stream rules have it.
_LINE = re.compile(rb"([^\r\n]*+)(?:\r\n?|\n|\Z)")


class SpokenFields:
    """The texts of each field of JSON values and of lines, one after the other."""

    def __init__(self) -> None:
        # As bytes: millions of short texts would take many times as much.
        self._texts: defaultdict[int, bytearray] = defaultdict(bytearray)
        # By field: where a speaker begins, and its number, by turns.
        self._turns: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        # Fields by the number of the field that they are in, and their key there.
        self._places: dict[tuple[int, object], int] = {}
        # Speakers by the number of the one that they are part of, and what names them there.
        self._speakers: dict[tuple[int, _Names], int] = {}
        self._named: list[_Names] = [()]

    def texts(self) -> Iterator[str]:
        """What each field says, also of each speaker, and the names of all fields that were looked at."""
        for place, text in self._texts.items():
            yield text.decode("utf-8", "replace")
            turns = self._turns.get(place)
            if turns is not None and len(turns) > 2:
                yield from self._apart(text, turns)

    def add_lines(self, body: bytes) -> None:
        """Add what an event stream says, or any other body: each of its lines is an event, as JSON or as a field."""
        data: list[bytes] = []
        for match in _LINE.finditer(body.removeprefix(b"\xef\xbb\xbf")):
            line = match[1]
            name, colon, value = line.partition(b":")
            if name == b"data":
                data.append(value.removeprefix(b" "))
            elif line:
                self._add_line(line, name if colon else None, value.removeprefix(b" "))
            elif data:
                self._add_data(data)
                data.clear()
        # The last event, where the stream broke off before its blank line.
        if data:
            self._add_data(data)

    def add(self, value: object, *, with_names: bool) -> None:
        """Add the texts of a value to those of the same field.

        Args:
            with_names: also the names of its fields, where they may be written otherwise than they read.
        """
        # Not by recursion: a server may nest deeper than Python goes, with the key at the bottom.
        left: list[tuple[Iterator[tuple[object, int]], int]] = [(iter([(value, 0)]), 0)]
        while left:
            members, speaker = left[-1]
            for each, place in members:
                if isinstance(each, str):
                    self._say(place, speaker, each.encode("utf-8", "replace"))
                elif isinstance(each, dict):
                    if with_names:
                        self._texts[_NAMES] += "\n".join(each).encode("utf-8", "replace") + b"\n"
                    inner = speaker if _NAMING.isdisjoint(each) else self._speaker(speaker, each)
                    left.append((self._members(each, place), inner))
                    break
                elif isinstance(each, list):
                    left.append((zip(each, repeat(place), strict=False), speaker))
                    break
            else:
                left.pop()

    def _add_line(self, line: bytes, name: bytes | None, value: bytes) -> None:
        # A line of its own (NDJSON, JSON text sequences, an array a line each), or llama.cpp's field for errors.
        for text in (line.strip(b" \t\x1e,"), value):
            if text.startswith((b"{", b"[", b'"')) and self._add_json(text):
                return
        self._say(self._numbered((_LINES, name)), 0, line if name is None else value)

    def _add_data(self, data: list[bytes]) -> None:
        if not self._add_json(b"\n".join(data)):
            self._say(self._numbered((_LINES, b"data")), 0, b"".join(data))

    def _add_json(self, raw: bytes) -> bool:
        """Add what reads as JSON with texts in it; a number may be a piece of one."""
        value = parse(raw.decode("utf-8", "replace"), deeper=True)
        if value is NO_JSON or not isinstance(value, str | dict | list):
            return False
        self.add(value, with_names=b"\\" in raw)
        return True

    def _say(self, place: int, speaker: int, text: bytes) -> None:
        said, turns = self._texts[place], self._turns[place]
        if not turns or turns[-1] != speaker:
            turns.extend((len(said), speaker))
        said += text

    def _members(self, value: dict[str, object], place: int) -> Iterator[tuple[object, int]]:
        return ((each, self._numbered((place, key))) for key, each in value.items())

    def _numbered(self, place: tuple[int, object]) -> int:
        if place not in self._places and len(self._places) >= _MOST:
            return _OTHERS
        return self._places.setdefault(place, len(self._places) + 1)

    def _speaker(self, outer: int, value: dict[str, object]) -> int:
        """The number of whoever says what an object holds."""
        names = tuple([(name, value[name]) for name in _NAMING if type(value.get(name)) in _SCALARS])
        if not names:
            return outer
        number = self._speakers.get((outer, names))
        if number is None:
            if len(self._named) >= _MOST:
                return 0
            number = self._speakers[outer, names] = len(self._named)
            self._named.append((*self._named[outer], *names)[:_MOST_NAMES])
        return number

    def _apart(self, text: bytearray, turns: array[int]) -> Iterator[str]:
        """What each speaker says of a field, by each of their names alone, by all, and by all but the id."""
        speakers = {*turns[1::2]}
        views = {
            frozenset({name}) for name in _NAMING if len({*self._told_by({name}, speakers).values()}) > 1
        }
        every = frozenset[str]().union(*views)
        for view in views | ({every, every - {"id"}} if len(views) > 1 else set()):
            told_by = self._told_by(view, speakers)
            apart: defaultdict[_Names, bytearray] = defaultdict(bytearray)
            count: Counter[_Names] = Counter()
            for at in range(0, len(turns), 2):
                whose = told_by[turns[at + 1]]
                apart[whose] += text[turns[at] : turns[at + 2] if at + 2 < len(turns) else len(text)]
                count[whose] += 1
            # What is said in one turn stands in the text of all.
            yield from (said.decode("utf-8", "replace") for whose, said in apart.items() if count[whose] > 1)

    def _told_by(self, view: Set[str], speakers: Set[int]) -> dict[int, _Names]:
        """Of each speaker those names that a view tells apart."""
        return {each: tuple(pair for pair in self._named[each] if pair[0] in view) for each in speakers}
