"""Replies of OpenAI's Responses and Anthropic's Messages → Completion.

Both name the kind of every event in ``type`` and end with the whole story: the Responses API repeats all of a reply in
its last event, Messages counts its tokens there. So parts are gathered as they come, for their times, and texts are
taken from the last event where it has them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.limits import REPLY_TOKENS
from llmxray.types import Chunk, Completion, Json, TokenLogprob, TokenPart, ToolCall
from llmxray.wire.json_values import count_of, dicts_of, parse, text_of, well_formed
from llmxray.wire.openai_errors import error_text, find_error, one_line
from llmxray.wire.openai_logprobs import token_of
from llmxray.wire.sse import is_stream, timed_events

type Object = Mapping[str, Json]

# What a reply ends with, by the events of the Responses API that say so.
_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_CALLS = ("function_call", "custom_tool_call")
# Texts of the kinds of parts.
_TEXTS = {
    "output_text": "text",
    "text": "text",
    "refusal": "refusal",
    "reasoning_text": "text",
    "summary_text": "text",
}
_PIECES: Mapping[str, TokenPart] = {
    "response.output_text": "answer",
    "response.reasoning": "reasoning",
    "response.refusal": "refusal",
}
_LONGEST_REASON = 200


@dataclass(slots=True)
class _SoFar:
    """What a reply says so far."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    tokens: list[TokenLogprob] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    hidden: int = 0
    finish: str = ""
    usage: dict[str, Json] = field(default_factory=dict)
    model: str = ""
    error: str = ""
    ended: bool = False
    ttft_s: float | None = None
    ttfa_s: float | None = None

    def add(self, part: TokenPart, text: str, t_s: float) -> None:
        """A piece of one of the texts, as it arrived."""
        if not text:
            return
        self.ttft_s = t_s if self.ttft_s is None else self.ttft_s
        if part == "answer":
            self.text += text
            self.ttfa_s = t_s if self.ttfa_s is None else self.ttfa_s
        elif part == "reasoning":
            self.reasoning += text
        else:
            self.refusal += text

    def completion(self, latency_s: float | None) -> Completion:
        usage = self.usage
        details = usage.get("output_tokens_details")
        thought = count_of(details.get("reasoning_tokens")) if isinstance(details, dict) else None
        return Completion(
            text=well_formed(self.text),
            reasoning=well_formed(self.reasoning),
            tokens=tuple(self.tokens),
            finish_reason=self.finish or None,
            refusal=well_formed(self.refusal) or None,
            prompt_tokens=_prompt_tokens(usage),
            completion_tokens=count_of(usage.get("output_tokens")),
            model=self.model,
            ttft_s=self.ttft_s,
            ttfa_s=self.ttfa_s,
            latency_s=latency_s,
            saw_done=self.ended,
            error=self.error or ("" if self.ended else "the reply ended before it was complete"),
            whole=self.ended and not self.error,
            reasoning_tokens=thought,
            tool_calls=tuple(self.calls),
            hidden_reasoning=self.hidden,
            unread=tuple(sorted(self.unread.items())),
        )


def read_other(chunks: Sequence[Chunk], *, path: str, content_type: str, status: int) -> Completion:
    """The reply of a recorded exchange with ``/v1/responses`` or ``/v1/messages``.

    Args:
        chunks: the content-decoded body as it arrived.
        path: of the route, without the query.
    """
    body = b"".join(chunk.raw for chunk in chunks)
    latency_s, reply = chunks[-1].t_s if chunks else None, _SoFar()
    is_responses = path.endswith("/responses")
    if is_stream(body, content_type):
        take = _response_event if is_responses else _MessageEvents().take
        try:
            events = timed_events(body, chunks)
        except ValueError as error:
            events, reply.error = iter(()), str(error)
        for event, t_s in events:
            if event.data.strip() in ("", "[DONE]"):
                continue
            payload = parse(event.data)
            if isinstance(payload, dict):
                take(reply, payload, t_s)
            else:
                reply.error = (
                    reply.error or f"event at byte {event.start} is not a JSON object: {one_line(event.data)}"
                )
    else:
        whole = parse(body.decode("utf-8-sig", "replace"))
        if isinstance(whole, dict):
            (_response if is_responses else _message)(reply, whole, latency_s or 0.0)
            # The body came at once: its arrival says nothing about when the first token was ready.
            reply.ttft_s = reply.ttfa_s = None
        else:
            reply.error = f"body is not a JSON object: {one_line(body.decode('utf-8', 'replace'))}"
    if status >= 400 and not reply.error:
        reply.error = f"HTTP {status}"
    return reply.completion(latency_s)


def _error_in(reply: _SoFar, payload: Object) -> bool:
    found = (
        find_error({**payload, "choices": []})
        if "error" in payload or payload.get("type") == "error"
        else None
    )
    if found is not None:
        reply.error = reply.error or error_text(found)
    return found is not None


def response_texts(payload: Object) -> tuple[str, str]:
    """(thinking, answer) that one event of the Responses API adds."""
    part, text = _part_of(text_of(payload.get("type"))), text_of(payload.get("delta"))
    return (text if part == "reasoning" else "", text if part == "answer" else "")


def _part_of(kind: str) -> TokenPart | None:
    """The part that a piece of text belongs to; None for an event that brings none."""
    known = (part for start, part in _PIECES.items() if kind.startswith(start) and kind.endswith(".delta"))
    return next(known, None)


def _response_event(reply: _SoFar, payload: Object, t_s: float) -> None:
    kind = text_of(payload.get("type"))
    if kind in _ENDS:
        end = payload.get("response")
        _response(reply, end if isinstance(end, dict) else {}, t_s)
    elif kind == "error":
        _error_in(reply, payload)
    elif kind.endswith(".delta"):
        if part := _part_of(kind):
            reply.add(part, text_of(payload.get("delta")), t_s)
            _take_tokens(reply, payload, t_s, part)
        elif reply.ttft_s is None:
            # Arguments of a call: the item at the end has them whole.
            reply.ttft_s = reply.ttfa_s = t_s
    elif kind == "response.output_item.done":
        item = payload.get("item")
        _item(reply, item if isinstance(item, dict) else {}, t_s, only_calls=True)


def _response(reply: _SoFar, payload: Object, t_s: float) -> None:
    """A whole response: the last event's, or the body."""
    _error_in(reply, payload)
    reply.model = text_of(payload.get("model"))
    usage, why = payload.get("usage"), payload.get("incomplete_details")
    reply.usage = usage if isinstance(usage, dict) else {}
    status = text_of(payload.get("status"))
    reply.ended = status in ("completed", "complete", "incomplete")
    reason = text_of(why.get("reason")) if isinstance(why, dict) else ""
    reply.finish = (reason or status)[:_LONGEST_REASON]
    if items := dicts_of(payload.get("output")):
        # They say again what the deltas said; of a stream they have no logprobs that are not there already.
        reply.text = reply.reasoning = reply.refusal = ""
        reply.calls, reply.hidden, reply.unread = [], 0, Counter()
        had = bool(reply.tokens)
        for item in items:
            _item(reply, item, t_s, with_tokens=not had)


def _item(
    reply: _SoFar, item: Object, t_s: float, *, only_calls: bool = False, with_tokens: bool = False
) -> None:
    kind = text_of(item.get("type"))
    if kind in _CALLS:
        given = item.get("arguments" if kind == "function_call" else "input")
        reply.calls.append(ToolCall(text_of(item.get("name")), text_of(given)))
    elif kind not in ("message", "reasoning"):
        reply.unread[f"output item {kind!r}"] += 1
    elif kind == "reasoning" and not (item.get("summary") or item.get("content")):
        reply.hidden += bool(item.get("encrypted_content"))
    elif not only_calls:
        part: TokenPart = "answer" if kind == "message" else "reasoning"
        for piece in (*dicts_of(item.get("summary")), *dicts_of(item.get("content"))):
            _piece(reply, piece, part, t_s)
            if with_tokens:
                _take_tokens(reply, piece, t_s, part)


def _piece(reply: _SoFar, piece: Object, part: TokenPart, t_s: float) -> None:
    kind = text_of(piece.get("type"))
    if kind in _TEXTS:
        reply.add("refusal" if kind == "refusal" else part, text_of(piece.get(_TEXTS[kind])), t_s)
    else:
        reply.unread[f"content part {kind!r}"] += 1


def _take_tokens(reply: _SoFar, where: Object, t_s: float, part: TokenPart) -> None:
    entries = dicts_of(where.get("logprobs"))
    if len(reply.tokens) + len(entries) > REPLY_TOKENS:
        reply.error = reply.error or f"more than {REPLY_TOKENS:,} tokens"
        return
    reply.tokens += [token_of(entry, t_s, part) for entry in entries]


class _MessageEvents:
    """Events of the Messages API, whose calls come in pieces."""

    def __init__(self) -> None:
        self._call: tuple[str, list[str]] | None = None

    def take(self, reply: _SoFar, payload: Object, t_s: float) -> None:
        kind = text_of(payload.get("type"))
        inner = payload.get(
            {"message_start": "message", "content_block_start": "content_block"}.get(kind, "delta")
        )
        inner = inner if isinstance(inner, dict) else {}
        if kind == "error":
            _error_in(reply, payload)
        elif kind == "message_start":
            reply.model = text_of(inner.get("model"))
            _count_usage(reply, inner)
        elif kind == "content_block_start":
            self._call = (text_of(inner.get("name")), []) if inner.get("type") == "tool_use" else None
            if self._call is None:
                _block(reply, inner, t_s)
        elif kind == "content_block_delta":
            if self._call is not None:
                self._call[1].append(text_of(inner.get("partial_json")))
            else:
                reply.add("answer", text_of(inner.get("text")), t_s)
                reply.add("reasoning", text_of(inner.get("thinking")), t_s)
        elif kind == "content_block_stop" and self._call is not None:
            reply.calls.append(ToolCall(self._call[0], "".join(self._call[1])))
            self._call = None
        elif kind == "message_delta":
            reply.finish = text_of(inner.get("stop_reason"))[:_LONGEST_REASON]
            _count_usage(reply, payload)
        elif kind == "message_stop":
            reply.ended = bool(reply.finish)
        elif kind != "ping" and kind not in ("content_block_stop",):
            # Bedrock's own events, behind some gateways, are of another form.
            reply.unread[f"event {kind!r}" if kind else f"event with {next(iter(payload), '')!r}"] += 1


def _message(reply: _SoFar, payload: Object, t_s: float) -> None:
    """A message that came whole."""
    if _error_in(reply, payload):
        return
    reply.model, reply.finish = (
        text_of(payload.get("model")),
        text_of(payload.get("stop_reason"))[:_LONGEST_REASON],
    )
    reply.ended = bool(reply.finish)
    _count_usage(reply, payload)
    for block in dicts_of(payload.get("content")):
        _block(reply, block, t_s)


def _block(reply: _SoFar, block: Object, t_s: float) -> None:
    match text_of(block.get("type")):
        case "text":
            reply.add("answer", text_of(block.get("text")), t_s)
        case "thinking":
            reply.add("reasoning", text_of(block.get("thinking")), t_s)
        case "redacted_thinking":
            reply.hidden += 1
        case "tool_use":
            # As text, which the other APIs send.
            reply.calls.append(ToolCall(text_of(block.get("name")), _as_json(block.get("input"))))
        case kind:
            reply.unread[f"content block {kind!r}"] += 1


def _as_json(value: Json) -> str:
    return json.dumps(value if isinstance(value, dict) else {}, ensure_ascii=False, separators=(",", ":"))


def _count_usage(reply: _SoFar, where: Object) -> None:
    usage = where.get("usage")
    reply.usage |= (
        {name: value for name, value in usage.items() if value is not None} if isinstance(usage, dict) else {}
    )


def _prompt_tokens(usage: Object) -> int | None:
    """What was read, cached or not: Anthropic counts the cache apart."""
    read = count_of(usage.get("input_tokens"))
    cached = (
        count_of(usage.get(name)) for name in ("cache_creation_input_tokens", "cache_read_input_tokens")
    )
    return None if read is None else read + sum(filter(None, cached))
