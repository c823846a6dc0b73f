"""What was heard of a reply so far: its texts and tool calls, put together from their pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmxray.types import ToolCall
from llmxray.wire.loose import NO_JSON, parse, well_formed
from llmxray.wire.openai_messages import CallPiece, Said

# Whatever nests in a JSON text, or ends its strings; an escape takes the character behind it with it.
_NESTING = re.compile(r'[{}\[\]"]|\\.?', re.DOTALL)
# White space that a server may add around the whole message.
_AROUND = 64
# How much longer the arguments of a call may be than the same ones without white space.
_SPACED = 4


class Text:
    """A text that comes in pieces."""

    __slots__ = ("_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0

    def add(self, piece: str) -> None:
        """Add what follows."""
        self._pieces.append(piece)
        self._size += len(piece)

    def joined(self) -> str:
        """The text so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def is_all(self, text: str) -> bool:
        """Whether a text is all of it so far, white space around it apart."""
        # Put together only where it may be: there may be as many such messages as events.
        return abs(self._size - len(text)) <= _AROUND and self.joined().strip() == text.strip()


class Heard:
    """All of one choice so far."""

    __slots__ = ("calls", "content", "reasoning", "refusal")

    def __init__(self) -> None:
        self.content, self.reasoning, self.refusal = Text(), Text(), Text()
        self.calls = Calls()

    def add(self, said: Said) -> None:
        """Add what a message or a delta says."""
        if said.text:
            self.content.add(said.text)
        if said.reasoning:
            self.reasoning.add(said.reasoning)
        if said.refusal:
            self.refusal.add(said.refusal)
        if said.calls:
            self.calls.add(said.calls)

    def tells(self, message: Said, now: Said) -> bool:
        """Whether a message says nothing else than the deltas before it, or the one beside it."""
        return (
            (message.text in ("", now.text) or self.content.is_all(message.text))
            and (message.reasoning in ("", now.reasoning) or self.reasoning.is_all(message.reasoning))
            and (message.refusal in ("", now.refusal) or self.refusal.is_all(message.refusal))
            and (not message.calls or message.calls == now.calls or self.calls.are(message.calls))
            and not message.unread
        )


@dataclass(slots=True)
class _Open:
    """A call whose pieces come."""

    id: str
    name: str
    arguments: list[str]
    size: int
    # How far they were looked through, and what is open there.
    _seen: int = 0
    _depth: int = 0
    _nests: bool = False
    _in_text: bool = False
    _escapes: bool = False
    _looked: bool = False

    @property
    def text(self) -> str:
        return "".join(self.arguments)

    def is_whole(self) -> bool:
        """Whether the arguments so far are a whole object or list; takes no longer however often it is asked.

        Brackets are counted as pieces come, and the text is read once, where they are closed for the first time: one
        that is no JSON there becomes none by what follows.
        """
        if self._looked:
            return False
        for piece in self.arguments[self._seen :]:
            self._look(piece)
        self._seen = len(self.arguments)
        if not self._nests or self._in_text or self._depth > 0:
            return False
        self._looked = True
        return parse(self.text) is not NO_JSON

    def _look(self, piece: str) -> None:
        mark = ""
        for found in _NESTING.finditer(piece, int(self._escapes)):
            mark = found[0]
            if mark == '"':
                self._in_text = not self._in_text
            elif not self._in_text and mark in "{[":
                self._depth += 1
                self._nests = True
            elif not self._in_text and mark in "}]":
                self._depth -= 1
        # A backslash at its end takes the first character of the next piece.
        self._escapes = mark == "\\"


class Calls:
    """Tool calls joined from their pieces."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._last: dict[int, _Open] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, pieces: Sequence[CallPiece]) -> None:
        """Add the pieces of one delta, or of a whole message."""
        for piece in pieces:
            call = self._last.get(piece.index)
            if call is None or _is_next(call, piece):
                arguments = [piece.arguments] if piece.arguments else []
                size = len(piece.arguments)
                call = self._last[piece.index] = _Open(piece.id, piece.name, arguments, size)
                self._open.append(call)
                continue
            call.id, call.name = call.id or piece.id, call.name or piece.name
            if piece.arguments:
                call.arguments.append(piece.arguments)
                call.size += len(piece.arguments)

    def are(self, pieces: Sequence[CallPiece]) -> bool:
        """Whether the calls so far are those of a whole message, white space in their arguments apart."""
        if len(pieces) != len(self._open):
            return False
        # Put together only where they may be: there may be as many such messages as events.
        return all(
            piece.name == call.name
            and call.size <= _SPACED * len(piece.arguments)
            and _is_same_json(piece.arguments, call.text)
            for piece, call in zip(pieces, self._open, strict=True)
        )

    def joined(self) -> Iterator[ToolCall]:
        """The calls in the order in which they began."""
        for call in self._open:
            yield ToolCall(well_formed(call.name), well_formed(call.text))


def _is_same_json(one: str, other: str) -> bool:
    # Parsed only where it must be, as a message may stand behind every event.
    if one.strip() == other.strip():
        return True
    value = parse(one)
    return value is not NO_JSON and value == parse(other)


def _is_next(call: _Open, piece: CallPiece) -> bool:
    """Whether a piece begins another call although its index is that of one before: Gemini's are all 0."""
    if piece.id and call.id:
        # Some servers invent an id for every piece, but name only the first.
        return piece.id != call.id and bool(piece.name)
    # Without ids a whole call behind a whole call is another one.
    return bool(piece.name and call.name and piece.arguments) and call.is_whole()
