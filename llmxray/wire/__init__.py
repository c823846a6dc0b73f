"""The wire room: bytes and requests ↔ values; sans-io, no files, clock or sockets.

::

    chunks ──sse──► events ──openai──► Completion      what a reply says, whatever server sent it
    tokens ──thinking──► reasoning | answer            inline <think> tags
    request ──identity──► RequestKey, nearest miss     which requests are the same
    ToolCall ──calls──► name(arguments)                which calls are the same
    path ────routes─────► Route, is it whole           what is passed on, beyond chat
    error ───refusals───► FieldRefusal                 which field a server does not take
    name ────apis───────► Api                          how our own requests are sent and read

Only ``openai`` and its neighbours know vendor field names: ``openai_messages``, ``openai_logprobs`` and
``openai_errors``, and ``other_apis`` those of Responses and Messages; ``apis`` spells requests, ``refusals`` knows how
servers complain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.wire.apis import APIS, prompt_of
    from llmxray.wire.calls import call_text
    from llmxray.wire.identity import (
        IGNORED,
        FieldDiff,
        RequestBodyError,
        encode_body,
        miss_message,
        nearest_request,
        parse_body,
        request_key,
    )
    from llmxray.wire.openai import (
        event_texts,
        is_complete,
        is_cut,
        is_filtered,
        read_completion,
        read_interaction,
    )
    from llmxray.wire.refusals import LOGPROB_FIELDS, FieldRefusal, refused_field, wants_more_tokens
    from llmxray.wire.routes import IDENTIFYING_HEADERS, VERSION, RouteError, is_whole, route_key, route_of
    from llmxray.wire.sse import Event, SseDecoder, decode_events
    from llmxray.wire.thinking import closes_thinking, mark_answer, mark_thinking, opening_tag, split_thinking


__getattr__, __dir__ = lazy_names(__name__)
