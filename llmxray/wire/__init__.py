"""The wire room: bytes and requests ↔ values; sans-io, no files, clock or sockets.

::

    chunks ──sse──► events ──openai──► Completion      what a reply says, whatever server sent it
    event  ──columns──► skeleton + columns ──► event   compact storage that rebuilds exactly
    tokens ──thinking──► reasoning | answer            inline <think> tags
    request ──identity──► RequestKey, nearest miss     which requests are the same

Only ``openai`` knows vendor field names.
"""

from __future__ import annotations

from llmxray.wire.columns import EventColumns, Number, assemble, disassemble, double_text, float32_text
from llmxray.wire.identity import (
    FieldDiff,
    RequestBodyError,
    encode_body,
    miss_message,
    nearest,
    parse_body,
    request_key,
)
from llmxray.wire.openai import event_parts, is_complete, read_completion, read_interaction
from llmxray.wire.sse import Event, SseDecoder, decode_events
from llmxray.wire.thinking import mark_answer, mark_thinking, split_thinking

__all__ = [
    "Event",
    "EventColumns",
    "FieldDiff",
    "Number",
    "RequestBodyError",
    "SseDecoder",
    "assemble",
    "decode_events",
    "disassemble",
    "double_text",
    "encode_body",
    "event_parts",
    "float32_text",
    "is_complete",
    "mark_answer",
    "mark_thinking",
    "miss_message",
    "nearest",
    "parse_body",
    "read_completion",
    "read_interaction",
    "request_key",
    "split_thinking",
]
