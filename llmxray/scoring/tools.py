"""Tool calls, compared with the expected call as exact JSON (see `wire.call_text`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from llmxray.scoring.extraction import Extracted
from llmxray.types import Completion, Item, ToolCall
from llmxray.wire import call_text

# Models trained in Nous Research's format write these tags, which some servers do not parse as a call.
_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


def shown_calls(calls: Sequence[ToolCall]) -> str:
    """Return the calls for display, one per line, with their arguments as sent."""
    return "\n".join(f"{call.name}({call.arguments})" for call in calls)


def read_call(reply: Completion, text: str) -> Extracted | None:
    """Return the call that a reply makes; None without a call, or when its arguments are no JSON object.

    Several calls are joined by "; ", which equals no single one.

    Args:
        text: the reply without its thinking, looked through where the server found no call.
    """
    calls, rule = reply.tool_calls, "tool-call"
    if not calls:
        calls, rule = tuple(_parse_written_calls(text)), "tool-call-text"
    texts = [call_text(call) for call in calls]
    if not texts or None in texts:
        return None
    return Extracted("; ".join(filter(None, texts)), rule)


def is_expected(answer: str, item: Item) -> bool:
    """Return whether a call is the expected one, or another that the item accepts."""
    return answer in (item.answer, *item.accept)


def _parse_written_calls(text: str) -> Iterator[ToolCall]:
    """Calls written into the text as ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``."""
    start = text.find(_OPEN)
    while start >= 0:
        end = text.find(_CLOSE, start)
        if end < 0:
            return
        # An unreadable call still counts as a call, and then equals none that is expected.
        yield _parse_call(text[start + len(_OPEN) : end]) or ToolCall("", "")
        start = text.find(_OPEN, end)


def _parse_call(text: str) -> ToolCall | None:
    try:
        call = json.loads(text)
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            return ToolCall(call["name"], json.dumps(call.get("arguments", {})))
    except (ValueError, RecursionError):
        pass
    return None
