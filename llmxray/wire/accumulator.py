"""One reply as it arrives: its texts and tool calls, put together from their pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmxray.types import ToolCall
from llmxray.wire.json_values import NO_JSON, parse, well_formed
from llmxray.wire.openai_messages import CallPiece, MessageDelta


class Text:
    """A text that comes in pieces."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Add what follows."""
        self._pieces.append(piece)

    def joined(self) -> str:
        """The text so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def equals(self, text: str) -> bool:
        """Whether a text is all of it so far, white space around it apart."""
        return self.joined().strip() == text.strip()


class ReplyAccumulator:
    """All of one choice so far."""

    __slots__ = ("calls", "content", "reasoning", "refusal")

    def __init__(self) -> None:
        self.content, self.reasoning, self.refusal = Text(), Text(), Text()
        self.calls = Calls()

    def add(self, delta: MessageDelta) -> None:
        """Add what a message or a delta says."""
        if delta.text:
            self.content.add(delta.text)
        if delta.reasoning:
            self.reasoning.add(delta.reasoning)
        if delta.refusal:
            self.refusal.add(delta.refusal)
        if delta.calls:
            self.calls.add(delta.calls)

    def already_has(self, message: MessageDelta, now: MessageDelta) -> bool:
        """Whether a message says nothing else than the deltas before it, or the one beside it."""
        return (
            (message.text in ("", now.text) or self.content.equals(message.text))
            and (message.reasoning in ("", now.reasoning) or self.reasoning.equals(message.reasoning))
            and (message.refusal in ("", now.refusal) or self.refusal.equals(message.refusal))
            and (not message.calls or message.calls == now.calls or self.calls.match(message.calls))
            and not message.unread
        )


@dataclass(slots=True)
class _OpenCall:
    """A call whose pieces come."""

    id: str
    name: str
    arguments: str


class Calls:
    """Tool calls joined from their pieces."""

    def __init__(self) -> None:
        self._calls: list[_OpenCall] = []
        self._by_index: dict[int, _OpenCall] = {}

    def add(self, pieces: Sequence[CallPiece]) -> None:
        """Add the pieces of one delta, or of a whole message."""
        for piece in pieces:
            call = self._by_index.get(piece.index)
            if call is None or _is_next(call, piece):
                call = self._by_index[piece.index] = _OpenCall(piece.id, piece.name, piece.arguments)
                self._calls.append(call)
                continue
            call.id, call.name = call.id or piece.id, call.name or piece.name
            call.arguments += piece.arguments

    def match(self, pieces: Sequence[CallPiece]) -> bool:
        """Whether the calls so far are those of a whole message, white space in their arguments apart."""
        return len(pieces) == len(self._calls) and all(
            piece.name == call.name and _is_same_json(piece.arguments, call.arguments)
            for piece, call in zip(pieces, self._calls, strict=True)
        )

    def joined(self) -> Iterator[ToolCall]:
        """The calls in the order in which they began."""
        for call in self._calls:
            yield ToolCall(well_formed(call.name), well_formed(call.arguments))


def _is_same_json(one: str, other: str) -> bool:
    value = parse(one)
    return one.strip() == other.strip() or (value is not NO_JSON and value == parse(other))


def _is_next(call: _OpenCall, piece: CallPiece) -> bool:
    """Whether a piece begins another call although its index is that of one before: Gemini's are all 0."""
    if piece.id and call.id:
        # Some servers invent an id for every piece, but name only the first.
        return piece.id != call.id and bool(piece.name)
    # Without ids a whole call behind a whole call is another one.
    whole = piece.name and call.name and piece.arguments and parse(call.arguments)
    return isinstance(whole, dict | list)
