"""What an event without choices may say in the form of another API, or with its choices inside of something. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from llmxray.types import Json
from llmxray.wire.loose import inside

OTHER_WORDS = (
    *("tool_calls", "function_call", "reasoning", "reasoning_content", "reasoning_text", "thinking"),
    *("answer", "refusal", "data", "value"),
)
"""Fields of an event in which a reply speaks, as it does in those of a delta."""
_HELD = frozenset({"choices", "delta", "message"})
# What has words in a message or a delta.
_WORDED = (
    "content",
    "text",
    "refusal",
    "tool_calls",
    "reasoning",
    "reasoning_content",
    "thinking",
    "summary",
)
# Fields that hold anything, and what says of the event that they hold words.
_ANYTHING = ("data", "value")
_SPEAKS = ("text", "delta", "message", "answer", "content", "token")


def is_aside(name: str, payload: Mapping[str, Json]) -> bool:
    """Whether a field that may hold anything holds something else than words of the reply, as far as is known."""
    if name not in _ANYTHING:
        return False
    if not isinstance(payload[name], str):
        return True
    kinds = [each for each in map(payload.get, ("type", "event", "object")) if isinstance(each, str)]
    return bool(kinds) and not any(word in kind.lower() for kind in kinds for word in _SPEAKS)


def is_setting(name: str, value: Json) -> bool:
    """Whether a field of thinking holds how to think ("effort"), and no thoughts."""
    return name in ("reasoning", "thinking") and isinstance(value, dict) and not any(map(value.get, _WORDED))


def held_within(payload: Mapping[str, Json]) -> str:
    """The name of what a reply is made of, in whatever capitals, anywhere in an event; "" where there is none.

    Requests that are repeated have messages of users, and remarks have messages too.
    """
    level: list[object] = [payload]
    while level:
        for each in level:
            if not isinstance(each, dict):
                continue
            for name, value in each.items():
                if (held := str(name).lower()) in _HELD and _is_reply(held, value):
                    return held
        level = [below for each in level for below in inside(each)]
    return ""


def _is_reply(name: str, value: object) -> bool:
    if name == "choices":
        return isinstance(value, list) and any(
            isinstance(each, dict) and any(map(each.get, ("delta", "message", "text"))) for each in value
        )
    if not isinstance(value, dict) or value.get("role") in ("user", "system"):
        return False
    # The text of a message may be that of a status.
    return any(value.get(each) for each in _WORDED if name == "delta" or each != "text")
