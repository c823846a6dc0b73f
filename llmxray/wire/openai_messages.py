"""What a message, or a piece of one, says: text, thinking, refusal, tool calls, and what cannot be read of it.

- Content is a text, or a list of parts ``{type: text | thinking | refusal | tool_use | …}`` (Mistral, Anthropic's
  models behind gateways). A part of an unknown type is counted under its name.
- Thinking is the first non-empty of ``reasoning_content``, ``reasoning``, ``reasoning_text``, ``thinking``, the parts
  of the content, ``reasoning_details`` and ``thinking_blocks``, so that a server sending one text twice is read once.
  Pieces that come without their text (encrypted, redacted) are counted.
- What is of a known kind (content, thinking, refusal, tool calls), is not empty, and gives no text or call is counted:
  its text stands elsewhere, or in another form.
- Tool calls are ``tool_calls``, the older ``function_call``, and parts and messages of type ``tool_use``.
- Legacy completions have their text beside the message. A text there is read where delta and message say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.types import Json
from llmxray.wire.json_values import count_of, inside, text_of

BESIDE = frozenset(("text", "content", "output_text"))
"""Fields of a choice, or beside the choices, in which an answer may stand as a text."""
_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
_REASONING_LISTS = ("reasoning_details", "thinking_blocks")
_TEXT_PARTS = ("text", "output_text")
_THINKING_PARTS = ("thinking", "reasoning", "thought", "summary_text", "reasoning_text")
_HIDDEN_PARTS = ("redacted_thinking", "reasoning.encrypted")
_ARGUMENTS = ("arguments", "input", "parameters")
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
_LABELS = frozenset(("role", "type", "index", "id"))
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
class MessageDelta:
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


def read_choice(choice: Mapping[str, Json]) -> MessageDelta | None:
    """What the delta, the message or the bare text of a choice says; None where it has none of them."""
    for name in ("delta", "message") if speaks_in_delta(choice) else ("message", "delta"):
        message = choice.get(name)
        if isinstance(message, dict):
            delta = read_message(message)
            # Together sends it beside the delta as well, where it is the same again.
            if not BESIDE.isdisjoint(choice) and delta.is_silent and (text := _text_beside(choice)):
                delta.text, delta.beside = text, True
            return delta
    text = _text_beside(choice)
    return None if text is None else MessageDelta(text)


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
    """Whether a value holds more than who speaks, an index, an id, a type, or the zero values that Go clients send."""
    if isinstance(value, str):
        return bool(value)
    held = [value[name] for name in value.keys() - _LABELS] if isinstance(value, dict) else inside(value)
    return any(says_something(entry) if isinstance(entry, dict | list) else entry for entry in held)


def read_message(message: Mapping[str, Json]) -> MessageDelta:
    """What a message or a delta says."""
    content = message.get("content")
    # Nearly every delta of a stream.
    if isinstance(content, str) and len(message) == 1:
        return MessageDelta(content)
    refusal = message.get("refusal")
    delta = MessageDelta(refusal=text_of(refusal))
    if refusal and not delta.refusal:
        delta.unread.append(f"refusal of type {type(refusal).__name__}")
    _add_content(delta, content)
    direct = [_reasoning(delta, name, message.get(name)) for name in _REASONING_FIELDS if name in message]
    listed = [_details(delta, name, message.get(name)) for name in _REASONING_LISTS if name in message]
    delta.reasoning = next(filter(None, (*direct, delta.reasoning, *listed)), "")
    _add_calls(delta, message)
    delta.hidden += [name for name in _HIDDEN_FIELDS if message.get(name)]
    delta.unread += [name for name in _OTHER_MEDIA if says_something(message.get(name))]
    delta.strange += [
        name[:_NAME_CHARS]
        for name, value in message.items()
        if name not in _ACCOMPANYING and value and isinstance(value, str | list | dict)
    ]
    return delta


def _add_content(delta: MessageDelta, content: Json) -> None:
    if isinstance(content, str):
        delta.text = content
    elif isinstance(content, list | dict):
        texts: tuple[list[str], ...] = ([], [], [])
        for part in _listed(content):
            for gathered, text in zip(texts, _part(delta, part), strict=True):
                if text:
                    gathered.append(text)
        delta.text, delta.reasoning, refused = map("".join, texts)
        delta.refusal += refused
    elif content is not None:
        delta.unread.append(f"content of type {type(content).__name__}")


def _listed(value: Json) -> Sequence[Json]:
    """The entries of a list, or the one that stands for it."""
    return value if isinstance(value, list) else [value] if value else []


def _part(delta: MessageDelta, part: Json) -> tuple[str, str, str]:
    """(text, thinking, refusal) of a part of the content; whatever else it is goes into ``delta``."""
    if isinstance(part, str):
        return part, "", ""
    if not isinstance(part, dict):
        delta.unread.append("content part that is no object")
        return "", "", ""
    kind = text_of(part.get("type"))
    if kind in _TEXT_PARTS or (not kind and "text" in part):
        return _part_text(delta, part, kind), "", ""
    if kind in _THINKING_PARTS:
        if not part.keys() & _THINKS:
            _add_untold(delta, part, kind)
        return "", _thought(part), ""
    if kind == "refusal":
        refused = text_of(part.get("refusal")) or text_of(part.get("text"))
        if not refused and says_something(part):
            _add_untold(delta, part, kind)
        return "", "", refused
    if kind in _HIDDEN_PARTS:
        delta.hidden.append(_name(part))
    elif kind == "tool_use":
        _add_piece(delta, part, part, len(delta.calls))
    elif kind not in _SILENT_PARTS:
        delta.unread.append(f"content part {kind[:_NAME_CHARS]!r}" if kind else "content part without a type")
    return "", "", ""


def _part_text(delta: MessageDelta, part: Mapping[str, Json], kind: str) -> str:
    inner = part.get("text", False)
    # OpenAI's assistants and their imitations wrap it.
    inner = inner.get("value", False) if isinstance(inner, dict) else inner
    # Null is no text; one that stands elsewhere, or in another form, must not pass for none.
    if not isinstance(inner, str | None):
        delta.unread.append(f"content part {kind or 'text'!r} without its text")
    return text_of(inner)


def _add_untold(delta: MessageDelta, part: Mapping[str, Json], kind: str) -> None:
    if part.keys() & _CIPHERS:
        delta.hidden.append(_name(part))
    else:
        delta.unread.append(f"content part {kind!r} without its text")


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


def _reasoning(delta: MessageDelta, name: str, value: Json) -> str:
    """The text of a field of thinking; one in a form without any known name is counted."""
    text = _thought(value)
    # OpenRouter's first piece of thinking may have its format only.
    bare = {key: value[key] for key in value if key != "format"} if isinstance(value, dict) else value
    if not text and says_something(bare):
        parts = _listed(value)
        if not all(isinstance(part, dict) and part.keys() & _THINKS for part in parts):
            delta.unread.append(f"{name} of type {type(value).__name__}")
    return text


def _details(delta: MessageDelta, name: str, value: Json) -> str:
    """The text of OpenRouter's or LiteLLM's list of thinking; pieces without any are noted in ``delta``."""
    texts = []
    for detail in _listed(value):
        kind = text_of(detail.get("type")) if isinstance(detail, dict) else ""
        if isinstance(detail, dict) and kind in _HIDDEN_PARTS:
            delta.hidden.append(_name(detail))
        else:
            texts.append(_reasoning(delta, name, detail))
    return "".join(texts)


def _name(part: Mapping[str, Json]) -> str:
    """What tells a piece of hidden thinking from the next: it may come in several events."""
    return "|".join(str(part[name]) for name in ("id", "index") if isinstance(part.get(name), str | int))


def _add_calls(delta: MessageDelta, message: Mapping[str, Json]) -> None:
    for place, entry in enumerate(_listed(message.get("tool_calls"))):
        if not isinstance(entry, dict):
            delta.unread.append(f"tool call of type {type(entry).__name__}")
            continue
        body = next(
            (each for name in ("function", "custom") if isinstance(each := entry.get(name), dict)), None
        )
        kind = text_of(entry.get("type"))
        is_call = kind in ("", "function", "custom")
        if body is None and is_call and ("name" in entry or "arguments" in entry):
            # Gateways flatten it.
            body = entry
        if body is not None:
            _add_piece(delta, entry, body, place)
        elif not is_call or says_something(entry):
            delta.unread.append(f"tool call of type {kind[:_NAME_CHARS] or 'function'!r}")
    older = message.get("function_call")
    if isinstance(older, dict):
        # Beside the newer field it is the same again.
        again, delta.calls = delta.calls, []
        _add_piece(delta, older, older, 0)
        delta.calls = again + [
            piece
            for piece in delta.calls
            if not again or (again[0].name, again[0].arguments) != (piece.name, piece.arguments)
        ]
    elif older:
        delta.unread.append(f"function_call of type {type(older).__name__}")
    if message.get("type") == "tool_use":
        # Snowflake's deltas are a call, or a piece of one.
        _add_piece(delta, {"id": message.get("tool_use_id")}, message, 0)


def _add_piece(delta: MessageDelta, entry: Mapping[str, Json], body: Mapping[str, Json], place: int) -> None:
    index, id_, name = count_of(entry.get("index")), text_of(entry.get("id")), text_of(body.get("name"))
    given = [value for name in _ARGUMENTS if (value := body.get(name)) is not None]
    # One may be empty beside another.
    texts = [_argument_text(value) for value in ([value for value in given if value] or given or [""])]
    if len({*texts}) > 1:
        delta.unread.append("tool call with several arguments")
    # Go clients send a call's zero value where there is none.
    if id_ or name or any(given):
        delta.calls.append(CallPiece(place if index is None else index, id_, name, texts[0]))


def _argument_text(given: Json) -> str:
    # Ollama's own form has an object, and so has Anthropic's.
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
