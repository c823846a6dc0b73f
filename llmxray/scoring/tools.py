"""Tool calls: what was called beside what was expected, as exact JSON (see `wire.call_text`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from llmxray.scoring.extraction import Extracted
from llmxray.types import Completion, Item, ToolCall
from llmxray.wire import call_text

# What models trained by Nous' format write where the server does not take it for a call.
_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


def shown_calls(calls: Sequence[ToolCall]) -> str:
    """The calls for a reader, one a line, each with its arguments as they were sent."""
    return "\n".join(f"{call.name}({call.arguments})" for call in calls)


def read_call(reply: Completion, text: str) -> Extracted | None:
    """The call that a reply makes; None without a call, and where its arguments are no JSON object.

    Several calls are joined by "; ", which equals no single one.

    Args:
        text: the reply without its thinking, looked through where the server found no call.
    """
    calls, rule = reply.tool_calls, "tool-call"
    if not calls:
        calls, rule = tuple(_written(text)), "tool-call-text"
    texts = [call_text(call) for call in calls]
    if not texts or None in texts:
        return None
    return Extracted("; ".join(filter(None, texts)), rule)


def is_expected(answer: str, item: Item) -> bool:
    """Whether a call is the one that the item expects, or another that it accepts."""
    return answer in (item.answer, *item.accept)


def _written(text: str) -> Iterator[ToolCall]:
    """Calls written into the text as ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``."""
    start = text.find(_OPEN)
    while start >= 0:
        end = text.find(_CLOSE, start)
        if end < 0:
            return
        # A call that cannot be read is one all the same.
        yield _call(text[start + len(_OPEN) : end]) or ToolCall("", "")
        start = text.find(_OPEN, end)


def _call(text: str) -> ToolCall | None:
    try:
        call = json.loads(text)
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            return ToolCall(call["name"], json.dumps(call.get("arguments", {})))
    except (ValueError, RecursionError):
        pass
    return None
