"""What a message, or a piece of one, says: text, thinking, refusal, tool calls, and what cannot be read of it.

- Content is a text, or a list of parts ``{type: text | thinking | refusal | tool_use | …}`` (Mistral, Anthropic's
  models behind gateways). A part of an unknown type is counted under its name.
- Thinking is the first non-empty of ``reasoning_content``, ``reasoning``, ``reasoning_text``, ``thinking``, the parts
  of the content, ``reasoning_details`` and ``thinking_blocks``, so that a server sending one text twice is read once.
  Pieces that come without their text (encrypted, redacted) are counted.
- A part of a known type that holds its text elsewhere, or in another form, is counted as one of an unknown type.
- Tool calls are ``tool_calls``, the older ``function_call``, and parts and messages of type ``tool_use``.
- Legacy completions have their text beside the message. A text there is read where delta and message say nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.types import Json, ToolCall
from llmxray.wire.loose import NO_JSON, count_of, dicts_of, parse, text_of, well_formed

BESIDE = frozenset(("text", "content", "output_text"))
"""Fields of a choice, or beside the choices, in which an answer may stand as a text."""
# Whatever nests in a JSON text, or ends its strings; an escape takes the character behind it with it.
_NESTING = re.compile(r'[{}\[\]"]|\\.?', re.DOTALL)
_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
_REASONING_LISTS = ("reasoning_details", "thinking_blocks")
_TEXT_PARTS = ("text", "output_text")
_THINKING_PARTS = ("thinking", "reasoning", "thought", "summary_text", "reasoning_text")
_HIDDEN_PARTS = ("redacted_thinking", "reasoning.encrypted")
# GitHub Copilot's.
_HIDDEN_FIELDS = ("reasoning_opaque",)
# Names the sources of what the text says; Mistral sends it between two texts.
_SILENT_PARTS = ("reference",)
_THOUGHTS = ("thinking", "reasoning", "text", "summary", "content")
# Of a part of thinking: its text, or the signature alone that follows it.
_THINKS = frozenset({*_THOUGHTS, "signature"})
_CIPHERS = frozenset({"data", "encrypted_content"})
# Answers in another medium.
_OTHER_MEDIA = ("audio", "images", "video")
# Names that servers give: a hostile one may be a whole book.
_NAME_CHARS = 40
# What accompanies a reply and is no part of it, or is read above.
_ACCOMPANYING = frozenset(
    {
        *("role", "content", "refusal", "tool_calls", "function_call", "name", "id", "index", "object"),
        *(*_REASONING_FIELDS, *_REASONING_LISTS, *_HIDDEN_FIELDS, *_OTHER_MEDIA),
        *("channel", "annotations", "citations", "padding", "obfuscation", "provider_specific_fields"),
        *("token_id", "token_ids", "content_filter_results", "content_filters", "parsed", "tool_call_id"),
        *("type", "tool_use_id"),
    }
)


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A piece of a tool call: ``index`` and ``id`` say of which."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class Said:
    """What a message or a delta says.

    Attributes:
        hidden: names of pieces of thinking that came without their text.
        unread: kinds of parts that are not known.
        strange: fields with something in them that are not known.
        beside: whether its text stands beside a delta or a message that says nothing.
    """

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[CallPiece] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    beside: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether nothing of it is heard, and nothing is known to be missing."""
        return not (self.text or self.reasoning or self.refusal or self.calls or self.hidden or self.unread)


def said_by(choice: Mapping[str, Json]) -> Said | None:
    """What the delta, the message or the bare text of a choice says; None where it has none of them."""
    for name in ("delta", "message") if speaks_in_delta(choice) else ("message", "delta"):
        message = choice.get(name)
        if isinstance(message, dict):
            said = _said(message)
            # Together sends it beside the delta as well, where it is the same again.
            if not BESIDE.isdisjoint(choice) and said.is_silent and (text := _text_beside(choice)):
                said.text, said.beside = text, True
            return said
    text = _text_beside(choice)
    return None if text is None else Said(text)


def _text_beside(choice: Mapping[str, Json]) -> str | None:
    """The first text that stands in a choice itself, an empty one where there is no other."""
    texts = [text for name, text in choice.items() if name in BESIDE and isinstance(text, str)]
    return next(filter(None, texts), texts[0]) if texts else None


def speaks_in_delta(choice: Mapping[str, Json]) -> bool:
    """Whether what a choice says stands in its delta: not beside an empty one, in its message."""
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return False
    message = choice.get("message")
    return not (message and isinstance(message, dict)) or says_something(delta)


def says_something(value: Json) -> bool:
    """Whether there is anything in a value but who speaks, and of what type it is."""
    if isinstance(value, dict):
        return any(each for name, each in value.items() if name not in ("role", "type", "index"))
    return bool(value) and isinstance(value, str | list)


def _said(message: Mapping[str, Json]) -> Said:
    content = message.get("content")
    # Nearly every delta of a stream.
    if isinstance(content, str) and len(message) == 1:
        return Said(content)
    said = Said(refusal=text_of(message.get("refusal")))
    _add_content(said, content)
    direct = next((text for name in _REASONING_FIELDS if (text := _thought(message.get(name)))), "")
    listed = [_details(said, message.get(name)) for name in _REASONING_LISTS]
    said.reasoning = direct or said.reasoning or next(filter(None, listed), "")
    _add_calls(said, message)
    said.hidden += [name for name in _HIDDEN_FIELDS if message.get(name)]
    said.unread += [name for name in _OTHER_MEDIA if message.get(name)]
    said.strange += [
        name[:_NAME_CHARS]
        for name, value in message.items()
        if name not in _ACCOMPANYING and value and isinstance(value, str | list | dict)
    ]
    return said


def _add_content(said: Said, content: Json) -> None:
    if isinstance(content, str):
        said.text = content
    elif isinstance(content, list | dict):
        parts = [_part(said, part) for part in (content if isinstance(content, list) else [content])]
        said.text, said.reasoning, refused = map("".join, zip(*parts, strict=True)) if parts else ("", "", "")
        said.refusal += refused
    elif content is not None:
        said.unread.append(f"content of type {type(content).__name__}")


def _part(said: Said, part: Json) -> tuple[str, str, str]:
    """(text, thinking, refusal) of a part of the content; whatever else it is goes into ``said``."""
    if isinstance(part, str):
        return part, "", ""
    if not isinstance(part, dict):
        said.unread.append("content part that is no object")
        return "", "", ""
    kind = text_of(part.get("type"))
    if kind in _TEXT_PARTS or (not kind and "text" in part):
        return _part_text(said, part, kind), "", ""
    if kind in _THINKING_PARTS:
        if not part.keys() & _THINKS:
            _add_untold(said, part, kind)
        return "", _thought(part), ""
    if kind == "refusal":
        return "", "", text_of(part.get("refusal"))
    if kind in _HIDDEN_PARTS:
        said.hidden.append(_name(part))
    elif kind == "tool_use":
        said.calls.append(_piece(part, part, len(said.calls)))
    elif kind not in _SILENT_PARTS:
        said.unread.append(f"content part {kind[:_NAME_CHARS]!r}" if kind else "content part without a type")
    return "", "", ""


def _part_text(said: Said, part: Mapping[str, Json], kind: str) -> str:
    text = part.get("text", False)
    # OpenAI's assistants and their imitations wrap it.
    inner = text.get("value", False) if isinstance(text, dict) else text
    # Null is no text; one that stands elsewhere, or in another form, must not pass for none.
    if not isinstance(inner, str | None):
        said.unread.append(f"content part {kind or 'text'!r} without its text")
    return text_of(inner)


def _add_untold(said: Said, part: Mapping[str, Json], kind: str) -> None:
    if part.keys() & _CIPHERS:
        said.hidden.append(_name(part))
    else:
        said.unread.append(f"content part {kind!r} without its text")


def _thought(value: Json) -> str:
    """The text of a piece of thinking in any of its forms; one level deep."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_plain(part) for part in value)
    if not isinstance(value, dict):
        return ""
    inner = next((value[name] for name in _THOUGHTS if value.get(name)), None)
    return inner if isinstance(inner, str) else "".join(map(_plain, inner)) if isinstance(inner, list) else ""


def _plain(part: Json) -> str:
    if not isinstance(part, dict):
        return text_of(part)
    return next((text for name in _THOUGHTS if (text := text_of(part.get(name)))), "")


def _details(said: Said, value: Json) -> str:
    """The text of OpenRouter's or LiteLLM's list of thinking; pieces without any are noted in ``said``."""
    texts = []
    for detail in dicts_of(value):
        kind = text_of(detail.get("type"))
        if kind in _HIDDEN_PARTS:
            said.hidden.append(_name(detail))
        else:
            texts.append(_thought(detail))
    return "".join(texts)


def _name(part: Mapping[str, Json]) -> str:
    """What tells a piece of hidden thinking from the next: it may come in several events."""
    return "|".join(str(part[name]) for name in ("id", "index") if isinstance(part.get(name), str | int))


def _add_calls(said: Said, message: Mapping[str, Json]) -> None:
    listed = message.get("tool_calls")
    entries = [listed] if isinstance(listed, dict) else dicts_of(listed)
    for place, entry in enumerate(entries):
        body = next(
            (each for name in ("function", "custom") if isinstance(each := entry.get(name), dict)), None
        )
        kind = text_of(entry.get("type"))
        is_call = kind in ("", "function", "custom")
        if body is None and is_call and ("name" in entry or "arguments" in entry):
            # Gateways flatten it.
            body = entry
        if body is not None:
            said.calls.append(_piece(entry, body, place))
        elif not is_call:
            said.unread.append(f"tool call of type {kind[:_NAME_CHARS]!r}")
    older = message.get("function_call")
    if isinstance(older, dict):
        said.calls.append(_piece(older, older, 0))
    if message.get("type") == "tool_use":
        # Snowflake's deltas are a call, or a piece of one.
        said.calls.append(_piece({"id": message.get("tool_use_id")}, message, 0))


def _piece(entry: Mapping[str, Json], body: Mapping[str, Json], place: int) -> CallPiece:
    index = count_of(entry.get("index"))
    given = next((body[name] for name in ("arguments", "input") if body.get(name) is not None), "")
    # Ollama's own form has an object, and so has Anthropic's.
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return CallPiece(
        place if index is None else index, text_of(entry.get("id")), text_of(body.get("name")), arguments
    )


@dataclass(slots=True)
class _Open:
    """A call whose pieces come."""

    id: str
    name: str
    arguments: list[str]
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
                call = self._last[piece.index] = _Open(piece.id, piece.name, arguments)
                self._open.append(call)
                continue
            call.id, call.name = call.id or piece.id, call.name or piece.name
            if piece.arguments:
                call.arguments.append(piece.arguments)

    def joined(self) -> Iterator[ToolCall]:
        """The calls in the order in which they began."""
        for call in self._open:
            yield ToolCall(well_formed(call.name), well_formed(call.text))


def _is_next(call: _Open, piece: CallPiece) -> bool:
    """Whether a piece begins another call although its index is that of one before: Gemini's are all 0."""
    if piece.id and call.id:
        # Some servers invent an id for every piece, but name only the first.
        return piece.id != call.id and bool(piece.name)
    # Without ids a whole call behind a whole call is another one.
    return bool(piece.name and call.name and piece.arguments) and call.is_whole()
