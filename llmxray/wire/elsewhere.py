"""What an event without choices may say in the form of another API, or with its choices inside of something. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from llmxray.types import Json
from llmxray.wire.loose import inside
from llmxray.wire.openai_messages import says_something

OTHER_WORDS = (
    *("tool_calls", "function_call", "reasoning", "reasoning_content", "reasoning_text", "thinking"),
    *("answer", "refusal", "data", "value"),
)
"""Fields of an event in which a reply speaks, as it does in those of a delta."""
_HELD = frozenset({"choices", "delta", "message"})
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


def held_within(payload: Mapping[str, Json]) -> str:
    """The name of what a reply is made of, in whatever capitals, anywhere in an event; "" where there is none.

    A message in words may be a remark.
    """
    level: list[object] = [payload]
    while level:
        for each in level:
            if not isinstance(each, dict):
                continue
            for name, value in each.items():
                held = str(name).lower()
                is_remark = held == "message" and isinstance(value, str)
                if held in _HELD and not is_remark and says_something(value):
                    return held
        level = [below for each in level for below in inside(each)]
    return ""
