"""Chat completions as a dozen servers send them → Completion.

The only file that knows vendor field names. Decisions it takes:

- Reasoning is the first non-empty of ``reasoning_content``, ``reasoning``, ``reasoning_details[].text``
  of each delta, so that a server sending the same text twice is read once.
- A logprob at or below -9999, ``-Infinity``, ``NaN`` or ``null`` is -inf and the token is kept;
  an alternative without a number is left out.
- A token belongs to the part its delta carries, on an empty delta to the part before it. Where the
  tokens of a chunk do not spell its delta (mixed chunks, swallowed tags), the text decides.
- Text with half a surrogate pair is mended when the other half follows, else it becomes U+FFFD.
- A chunk that is not JSON is noted in ``error`` but is no error event: D4's rule still decides.
- A reply that is not streamed has no time to first token: None.
"""

from __future__ import annotations

import json
import math
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from typing import Literal, NamedTuple

from llmxray.types import Alternative, Chunk, Completion, EndCause, Interaction, Json, TokenLogprob
from llmxray.wire.sse import Event, decode_events
from llmxray.wire.thinking import mark_answer

TEXT_FIELDS = ("reasoning_content", "reasoning", "content")
# vLLM clamps -inf to -9999; llama.cpp sends the lowest float32, about -3.4e38.
_SENTINEL_NATS = -9999.0
# None is taken: it is what the JSON text null reads as.
_NO_JSON = object()
# A gateway's error body is a whole web page.
_ERROR_CHARS = 500


class ReadSymbol(NamedTuple):
    """A token's object without its number, read: as an alternative, as a sampled token, and its bytes."""

    alternative: str
    token: str
    bytes: bytes | None


class ReadToken(NamedTuple):
    """A token entry that was read already: all of a `TokenLogprob` but when it came, and in which part."""

    token: str
    bytes: bytes | None
    logprob_nats: float
    top: tuple[Alternative, ...]


def read_completion(
    chunks: Sequence[Chunk], *, content_type: str, status: int, choice: int = 0
) -> Completion:
    """One choice of a reply, streamed or not, error bodies included.

    Args:
        chunks: the content-decoded body as it arrived.
        content_type: the header; only believed where the body itself does not tell.
        status: HTTP status.
        choice: ``index`` of the choice to read.
    """
    body = b"".join(chunk.raw for chunk in chunks)
    reader = _Reader(choice)
    latency_s = chunks[-1].t_s if chunks else None
    if _is_stream(body, content_type):
        reader.read_stream(body, chunks)
    else:
        reader.read_body(body, latency_s or 0.0)
    if status >= 400 and not reader.error:
        reader.error = f"HTTP {status}: {_one_line(body.decode('utf-8', 'replace'))}".removesuffix(": ")
    return reader.completion(latency_s)


def read_interaction(interaction: Interaction, *, choice: int = 0) -> Completion:
    """The reply of a recorded exchange; without a response, an empty one with the transport's error."""
    if interaction.status is None:
        return Completion("", error=interaction.error or "no response")
    content_type = dict(interaction.headers).get("content-type", "text/event-stream")
    return read_completion(
        interaction.chunks, content_type=content_type, status=interaction.status, choice=choice
    )


def is_complete(interaction: Interaction) -> bool:
    """D4's rule: framing ended cleanly, status 200, and the reply is whole."""
    if interaction.end is not EndCause.CLEAN or interaction.status != 200:
        return False
    return read_interaction(interaction).whole


def read_symbol(text: str) -> ReadSymbol:
    """Read the JSON object of a token, whatever number it holds.

    Raises:
        ValueError: it is no such object.
    """
    entry = json.loads(text)
    if not isinstance(entry, dict):
        raise ValueError("a token that is no object")
    plain = _token({**entry, "top_logprobs": None}, 0.0, "answer")
    return ReadSymbol(_well_formed(_text(entry.get("token"))), plain.token, plain.bytes)


def read_parts(
    parts: Iterable[tuple[str, float, Sequence[ReadToken]]], latency_s: float | None
) -> Completion:
    """The completion of a stream whose token entries were read already; the first choice.

    Args:
        parts: JSON text of each event with a number in the place of each of its token entries, when it came,
            and those entries.
        latency_s: arrival of the last byte.

    Raises:
        ValueError: an event is no JSON object, or its entries do not fit.
    """
    reader = _Reader(0)
    for text, t_s, tokens in parts:
        if text == "[DONE]":
            reader.saw_done = True
            break
        payload = json.loads(text)
        if tokens:
            _put_back(payload, tokens)
        reader.payload(payload, t_s)
    return reader.completion(latency_s)


def _put_back(payload: dict[str, Json], tokens: Sequence[ReadToken]) -> None:
    rest = iter(tokens)
    for choice in _dicts(payload.get("choices")):
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(entries := logprobs.get("content"), list):
            logprobs["content"] = list(islice(rest, len(entries)))  # type: ignore[arg-type]
    if next(rest, None) is not None:
        raise ValueError("token entries outside of logprobs")


def event_parts(payload: Mapping[str, Json]) -> tuple[list[tuple[str, str]], list[list[dict[str, Json]]]]:
    """What varies from event to event of one stream, in the order of the payload.

    Returns:
        (field, text) of each text of a delta, and each list of token entries.
    """
    texts: list[tuple[str, str]] = []
    tokens: list[list[dict[str, Json]]] = []
    for choice in _dicts(payload.get("choices")):
        delta = choice.get("delta")
        if isinstance(delta, dict):
            texts += [(k, v) for k, v in delta.items() if k in TEXT_FIELDS and isinstance(v, str)]
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(entries := logprobs.get("content"), list):
            tokens.append(_dicts(entries))
    return texts, tokens


class _Reader:
    """Gathers one choice over the payloads of a reply."""

    def __init__(self, choice: int) -> None:
        self.choice = choice
        self.error = ""
        self._note = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._tokens: list[TokenLogprob] = []
        self._part: Literal["reasoning", "answer"] | None = None
        self._loose = False
        self._finish: dict[int, str | None] = {}
        self._usage: dict[str, int] = {}
        self._model = self._fingerprint = ""
        self._ttft_s: float | None = None
        self._ttfa_s: float | None = None
        self.saw_done = self._whole_body = False

    def read_stream(self, body: bytes, chunks: Sequence[Chunk]) -> None:
        """Take the events up to ``[DONE]``; each arrives with the chunk that completes it."""
        ends = list(accumulate(len(chunk.raw) for chunk in chunks))
        for event in decode_events(body):
            # Some servers send it twice or go on after it; OpenAI's own client stops here as well.
            if event.data.strip() == "[DONE]":
                self.saw_done = True
                return
            self._event(event, chunks[bisect_left(ends, event.end)].t_s)

    def read_body(self, body: bytes, t_s: float) -> None:
        """Take a reply that is one JSON document."""
        # A byte order mark is allowed before a body, and json.loads refuses it.
        payload = _parse(body.decode("utf-8-sig", "replace"))
        if not isinstance(payload, dict):
            text = _one_line(body.decode("utf-8", "replace"))
            self._note = f"body is not a JSON object: {text}" if text else "empty body"
            return
        self.payload(payload, t_s)
        # The body came at once: its arrival says nothing about when the first token was ready.
        self._ttft_s = self._ttfa_s = None
        # A document without choices is an error in some shape of its own, even at status 200.
        self._whole_body = bool(self._finish)
        if not self._finish:
            self.error = self.error or _error_text(payload)

    def _event(self, event: Event, t_s: float) -> None:
        for name, value in event.fields:
            # llama.cpp's way to say that a stream failed; the standard ignores the field.
            if name == "error":
                parsed = _parse(value)
                self.error = self.error or _error_text(value if parsed is _NO_JSON else parsed)
        if not event.data.strip():
            return
        payload = _parse(event.data)
        if event.event == "error" and not (isinstance(payload, dict) and payload.get("error")):
            self.error = self.error or _error_text(event.data if payload is _NO_JSON else payload)
        elif isinstance(payload, dict):
            self.payload(payload, t_s)
        else:
            self._note = self._note or (
                f"event at byte {event.start} is not a JSON object: {_one_line(event.data)}"
            )

    def payload(self, payload: dict[str, Json], t_s: float) -> None:
        """Take one event, or a whole body."""
        if payload.get("error"):
            self.error = self.error or _error_text(payload["error"])
        # First non-empty: Azure opens with an event whose model is "", vLLM signs only the last one.
        self._model = self._model or _text(payload.get("model"))
        self._fingerprint = self._fingerprint or _text(payload.get("system_fingerprint"))
        groq = payload.get("x_groq")
        for usage in (groq.get("usage") if isinstance(groq, dict) else None, payload.get("usage")):
            if isinstance(usage, dict):
                # Servers that report as they go send running totals, so the last word counts.
                # Not isinstance: JSON's true is an int in Python, and no count.
                self._usage |= {k: v for k, v in usage.items() if type(v) is int}
        for position, choice in enumerate(_dicts(payload.get("choices"))):
            index = choice.get("index", position)
            self._choice(index if isinstance(index, int) else position, choice, t_s)

    def _choice(self, index: int, choice: dict[str, Json], t_s: float) -> None:
        finish = _text(choice.get("finish_reason")) or None
        # Once said it stays: a later event of the choice may say null.
        self._finish[index] = finish or self._finish.get(index)
        # OpenRouter's way to break off inside a stream of status 200.
        if choice.get("error") or finish == "error":
            self.error = self.error or _error_text(choice.get("error") or "finish_reason is error")
        if index != self.choice:
            return
        delta = choice.get("delta", choice.get("message"))
        content, reasoning = self._delta(delta if isinstance(delta, dict) else {}, t_s)
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict):
            self._logprobs(_entries(logprobs.get("content")), content, reasoning, t_s)

    def _delta(self, delta: dict[str, Json], t_s: float) -> tuple[str, str]:
        content, reasoning = _text(delta.get("content")), _reasoning(delta)
        self._content.append(content)
        self._reasoning.append(reasoning)
        self._refusal.append(_text(delta.get("refusal")))
        if (content or reasoning) and self._ttft_s is None:
            self._ttft_s = t_s
        if content and self._ttfa_s is None:
            self._ttfa_s = t_s
        if content or reasoning:
            if self._part is None and reasoning and not content:
                # Tokens on empty deltas before any text (a swallowed <think>) belong to what follows.
                self._tokens = [replace(token, part="reasoning") for token in self._tokens]
            self._part = "answer" if content else "reasoning"
        return content, reasoning

    def _logprobs(
        self, entries: list[dict[str, Json] | ReadToken], content: str, reasoning: str, t_s: float
    ) -> None:
        part = self._part or "answer"
        tokens = [
            TokenLogprob(*entry, t_s, part) if isinstance(entry, ReadToken) else _token(entry, t_s, part)
            for entry in entries
        ]
        spelled = "".join(token.token for token in tokens)
        # Servers may send a whole step's tokens with one of its deltas: their text must be checked.
        if tokens and (spelled != content + reasoning or (content and reasoning)):
            self._loose = True
        self._tokens += tokens

    def completion(self, latency_s: float | None) -> Completion:
        """What was gathered; ``latency_s`` is the arrival of the last byte."""
        text, reasoning = _well_formed("".join(self._content)), _well_formed("".join(self._reasoning))
        tokens = tuple(self._tokens)
        # Without reasoning all tokens are the answer's, on whatever chunk they came.
        if self._loose and reasoning:
            tokens = mark_answer(tokens, text)
        finished = bool(self._finish) and all(self._finish.values())
        return Completion(
            text=text,
            reasoning=reasoning,
            tokens=tokens,
            finish_reason=self._finish.get(self.choice),
            refusal=_well_formed("".join(self._refusal)) or None,
            prompt_tokens=self._usage.get("prompt_tokens"),
            completion_tokens=self._usage.get("completion_tokens"),
            model=self._model,
            system_fingerprint=self._fingerprint,
            ttft_s=self._ttft_s,
            ttfa_s=self._ttfa_s,
            latency_s=latency_s,
            saw_done=self.saw_done,
            error=self.error or self._note,
            whole=(self.saw_done or finished or self._whole_body) and not self.error,
        )


def _is_stream(body: bytes, content_type: str) -> bool:
    # Servers announce streams as JSON and send JSON errors as streams; the first line is the truth.
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"data:", b"event:", b"id:", b"retry:", b"error:", b":")):
        return True
    return "event-stream" in content_type and not start.startswith(b"{")


def _token(entry: dict[str, Json], t_s: float, part: Literal["reasoning", "answer"]) -> TokenLogprob:
    raw = _bytes(entry.get("bytes"))
    token = _well_formed(_text(entry.get("token"))) or (raw or b"").decode("utf-8", "replace")
    top = tuple(_alternatives(entry.get("top_logprobs")))
    return TokenLogprob(token, raw, _nats(entry.get("logprob"), -math.inf), top, t_s, part)


def _alternatives(value: Json) -> Iterator[Alternative]:
    for entry in _dicts(value):
        nats = _nats(entry.get("logprob"), math.nan)
        if not math.isnan(nats):
            yield Alternative(_well_formed(_text(entry.get("token"))), nats)


def _nats(value: Json, missing: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return missing
    if value <= _SENTINEL_NATS:
        return -math.inf
    # Compared first: float() raises for integers that no double holds. NaN compares false and is missing too.
    return float(value) if value <= sys.float_info.max else missing


def _bytes(value: Json) -> bytes | None:
    if not isinstance(value, list):
        return None
    numbers = [number for number in value if isinstance(number, int) and 0 <= number < 256]
    return bytes(numbers) if len(numbers) == len(value) else None


def _reasoning(delta: dict[str, Json]) -> str:
    details = "".join(_text(detail.get("text")) for detail in _dicts(delta.get("reasoning_details")))
    return _text(delta.get("reasoning_content")) or _text(delta.get("reasoning")) or details


def _error_text(value: object) -> str:
    """One line out of an error in any of its shapes; never empty."""
    if isinstance(value, dict):
        # OpenAI's `message`, FastAPI's `detail` (vLLM), a bare `error` (Ollama).
        inner = next((value[k] for k in ("message", "detail", "error") if value.get(k)), None)
        return _one_line(json.dumps(value)) if inner is None else _error_text(inner)
    return _one_line(value if isinstance(value, str) else json.dumps(value)) or "error"


def _one_line(text: str) -> str:
    line = " ".join(_well_formed(text).split())
    return line if len(line) <= _ERROR_CHARS else line[: _ERROR_CHARS - 1] + "…"


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    # Bottomless nesting is an answer that a hostile server can give.
    except (ValueError, RecursionError):
        return _NO_JSON


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _entries(value: object) -> list[dict[str, Json] | ReadToken]:
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, dict | ReadToken)]


def _well_formed(text: str) -> str:
    if text.isascii():
        return text
    # Nearly every text is whole: only the others go the long way.
    try:
        text.encode()
    except UnicodeEncodeError:
        # In UTF-16 two halves side by side are one character: decoding joins them, and replaces a half alone.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
