"""Chat completions as a dozen servers send them → Completion.

This file gathers one reply; its neighbours read its pieces (``openai_messages``, ``openai_logprobs``,
``openai_errors``), and nobody else knows vendor field names. Decisions taken here:

- A token belongs to the part its delta carries, on an empty delta to the part before it. Where the
  tokens of a chunk do not spell its delta (mixed chunks, swallowed tags), the text decides.
- Text with half a surrogate pair is mended when the other half follows, else it becomes U+FFFD.
- An event that begins as JSON, or holds an object, and is none is missing from the reply: an error. Other words
  ("ping") are noise: noted in ``error``, but no error event, and `is_complete` still decides.
- Text in an unknown field counts as unread: beside the choices, in a delta that is no object, by a
  message that says something else than its deltas (text, thinking, refusal or calls), by a text beside both that says
  something else, by a second choice of the same number. A message that says the same is read once.
- Of a key that an object has twice JSON keeps the last: where a reply speaks there, the event counts as unread.
- ``[DONE]`` ends a reply and is none: without any choice there is no answer.
- Fields that are not known count as unread only where a reply says nothing else.
- A finish reason that says that the server failed is an error, as any error event.
- A reply that is not streamed has no time to first token: None.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.limits import JSON_CHARACTERS, REPLY_TOKENS
from llmxray.types import Chunk, Completion, EndCause, Interaction, Json, TokenLogprob, TokenPart, ToolCall
from llmxray.wire.json_values import (
    NO_JSON,
    count_of,
    dicts_of,
    parse,
    text_of,
    well_formed,
)
from llmxray.wire.openai_errors import error_text, find_error, is_broken_off, is_remark, one_line
from llmxray.wire.openai_logprobs import LOGPROB_OBJECTS, logprob_entries, token_of
from llmxray.wire.openai_messages import (
    BESIDE,
    CallPiece,
    MessageDelta,
    read_choice,
    read_message,
    says_something,
    speaks_in_delta,
)
from llmxray.wire.other_apis import read_other, response_texts
from llmxray.wire.sse import Event, is_stream, timed_events
from llmxray.wire.thinking import mark_answer

# Finish reasons, whatever a server calls them, capitals aside. Cut: `model_length` is Mistral's, `max_output_tokens`
# that of Responses, those with `_limit` watsonx's, the others gateways'.
_CUT = frozenset(
    (
        *("length", "model_length", "max_tokens", "max_output_tokens", "model_context_window_exceeded"),
        *("time_limit", "token_limit"),
    )
)
# Withheld: with its reason behind a colon (Gemini), `sensitive` (Zhipu), `content_filtered` and `guardrail_intervened`
# (Bedrock's models), the last two from gateways.
_FILTERED = frozenset(
    ("content_filter", "content_filtered", "guardrail_intervened", "sensitive", "safety", "refusal")
)


def is_cut(finish_reason: str | None) -> bool:
    """Whether a reply ended at the token budget or at the end of the context."""
    return finish_reason is not None and finish_reason.lower() in _CUT


def is_filtered(finish_reason: str | None) -> bool:
    """Whether a filter ended a reply, or withheld it."""
    return finish_reason is not None and finish_reason.partition(":")[0].strip().lower() in _FILTERED


class Text:
    """A text that comes in pieces."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Add what follows."""
        self._pieces.append(piece)

    def joined(self) -> str:
        """The text so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def equals(self, text: str) -> bool:
        """Whether a text is all of it so far, white space around it apart."""
        return self.joined().strip() == text.strip()


class ReplyAccumulator:
    """All of one choice so far."""

    __slots__ = ("calls", "content", "reasoning", "refusal")

    def __init__(self) -> None:
        self.content, self.reasoning, self.refusal = Text(), Text(), Text()
        self.calls = Calls()

    def add(self, delta: MessageDelta) -> None:
        """Add what a message or a delta says."""
        if delta.text:
            self.content.add(delta.text)
        if delta.reasoning:
            self.reasoning.add(delta.reasoning)
        if delta.refusal:
            self.refusal.add(delta.refusal)
        if delta.calls:
            self.calls.add(delta.calls)

    def already_has(self, message: MessageDelta, now: MessageDelta) -> bool:
        """Whether a message says nothing else than the deltas before it, or the one beside it."""
        return (
            (message.text in ("", now.text) or self.content.equals(message.text))
            and (message.reasoning in ("", now.reasoning) or self.reasoning.equals(message.reasoning))
            and (message.refusal in ("", now.refusal) or self.refusal.equals(message.refusal))
            and (not message.calls or message.calls == now.calls or self.calls.match(message.calls))
            and not message.unread
        )


@dataclass(slots=True)
class _OpenCall:
    """A call whose pieces come."""

    id: str
    name: str
    arguments: str


class Calls:
    """Tool calls joined from their pieces."""

    def __init__(self) -> None:
        self._calls: list[_OpenCall] = []
        self._by_index: dict[int, _OpenCall] = {}

    def add(self, pieces: Sequence[CallPiece]) -> None:
        """Add the pieces of one delta, or of a whole message."""
        for piece in pieces:
            call = self._by_index.get(piece.index)
            if call is None or _is_next(call, piece):
                call = self._by_index[piece.index] = _OpenCall(piece.id, piece.name, piece.arguments)
                self._calls.append(call)
                continue
            call.id, call.name = call.id or piece.id, call.name or piece.name
            call.arguments += piece.arguments

    def match(self, pieces: Sequence[CallPiece]) -> bool:
        """Whether the calls so far are those of a whole message, white space in their arguments apart."""
        return len(pieces) == len(self._calls) and all(
            piece.name == call.name and _is_same_json(piece.arguments, call.arguments)
            for piece, call in zip(pieces, self._calls, strict=True)
        )

    def joined(self) -> Iterator[ToolCall]:
        """The calls in the order in which they began."""
        for call in self._calls:
            yield ToolCall(well_formed(call.name), well_formed(call.arguments))


def _is_same_json(one: str, other: str) -> bool:
    value = parse(one)
    return one.strip() == other.strip() or (value is not NO_JSON and value == parse(other))


def _is_next(call: _OpenCall, piece: CallPiece) -> bool:
    """Whether a piece begins another call although its index is that of one before: Gemini's are all 0."""
    if piece.id and call.id:
        # Some servers invent an id for every piece, but name only the first.
        return piece.id != call.id and bool(piece.name)
    # Without ids a whole call behind a whole call is another one.
    whole = piece.name and call.name and piece.arguments and parse(call.arguments)
    return isinstance(whole, dict | list)


TOO_LARGE = "is too large to be read as JSON"
_LONGEST_REASON = 200
_USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")
# Where other APIs have the model's words, in events without choices.
_WORDS = (
    *("message", "delta", "content", "text", "token", "response", "output", "output_text"),
    *("completion", "generated_text", "candidates"),
)
# And in which it speaks as it does in a delta.
_OTHER_WORDS = (
    *("tool_calls", "function_call", "reasoning", "reasoning_content", "reasoning_text", "thinking"),
    *("answer", "refusal"),
)
_SETTINGS = ("reasoning", "thinking")
# The same within a choice, or beside the choices, where a message in words may be a remark ("ok").
_OUTSIDE_FIELDS = frozenset(_WORDS) - {"message", "delta"} | {"messages"}
# The name of a field that is none: JSON, or data behind whatever is invisible.
_MEANT = re.compile(r"[^\w{]*+(?:\{|data[^\w{]*+(?:\{|\Z))", re.IGNORECASE)


def read_completion(chunks: Sequence[Chunk], *, content_type: str, status: int) -> Completion:
    """The first choice of a reply, streamed or not, error bodies included.

    Args:
        chunks: the content-decoded body as it arrived.
        content_type: the header; only believed where the body itself does not tell.
        status: HTTP status.
    """
    body = b"".join(chunk.raw for chunk in chunks)
    reader = ReplyReader()
    latency_s = chunks[-1].t_s if chunks else None
    if is_stream(body, content_type):
        reader.read_stream(body, chunks)
    else:
        reader.read_body(body, latency_s or 0.0)
    if status >= 400 and not (reader.error or reader.remark):
        reader.error = f"HTTP {status}: {one_line(body.decode('utf-8', 'replace'))}".removesuffix(": ")
    return reader.completion(latency_s)


def read_interaction(interaction: Interaction) -> Completion:
    """The reply of a recorded exchange; without a response, an empty one with the transport's error."""
    if interaction.status is None:
        return Completion("", error=interaction.error or "no response")
    content_type = dict(interaction.headers).get("content-type", "text/event-stream")
    if path := interaction.route.other_api:
        return read_other(interaction.chunks, path=path, content_type=content_type, status=interaction.status)
    return read_completion(interaction.chunks, content_type=content_type, status=interaction.status)


def is_complete(interaction: Interaction, reply: Completion | None = None) -> bool:
    """The completeness rule: the framing ended cleanly, the status is 200, and the reply is whole.

    Args:
        reply: what `read_interaction` gives, where it is at hand.
    """
    if interaction.end is not EndCause.CLEAN or interaction.status != 200:
        return False
    return (reply or read_interaction(interaction)).whole


def event_texts(payload: Mapping[str, Json], *, after_deltas: bool = False) -> tuple[str, str]:
    """(thinking, answer) that one event adds to the first choice, or to a reply of the Responses API.

    Args:
        after_deltas: whether deltas came before it; a whole message then says the same again.
    """
    for position, choice in enumerate(dicts_of(payload.get("choices"))):
        if choice.get("index", position) not in (0, None):
            continue
        again = after_deltas and "message" in choice and not speaks_in_delta(choice)
        if not again and (delta := read_choice(choice)):
            return delta.reasoning, delta.text
    return response_texts(payload)


class ReplyReader:
    """Gathers the first choice over the payloads of a reply."""

    def __init__(self) -> None:
        self.error = ""
        self.remark = self._noise = ""
        self._reply = ReplyAccumulator()
        self._hidden: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()
        self._strange: Counter[str] = Counter()
        self._has_message = self._had_delta = False
        # What the event at hand says.
        self._current_delta: MessageDelta | None = None
        self._tokens: list[TokenLogprob] = []
        self._refusal_tokens: list[TokenLogprob] = []
        self._unknown_logprobs = 0
        self._tokens_left = REPLY_TOKENS
        self._part: TokenPart | None = None
        self._parts_uncertain = False
        self._finish: dict[int, str | None] = {}
        self._usage: dict[str, int] = {}
        self._model = self._fingerprint = ""
        self._ttft_s: float | None = None
        self._ttfa_s: float | None = None
        self.saw_done = self._whole_body = False

    @property
    def is_full(self) -> bool:
        """Whether there were more tokens than one reply may have."""
        return self._tokens_left < 0

    def read_stream(self, body: bytes, chunks: Sequence[Chunk]) -> None:
        """Take the events up to ``[DONE]``; each arrives with the chunk that completes it."""
        try:
            events = timed_events(body, chunks)
        except ValueError as error:
            self.error = str(error)
            return
        for event, t_s in events:
            if self.is_full:
                return
            # Some servers send it twice or go on after it; OpenAI's own client stops here as well.
            if event.data.strip() == "[DONE]":
                self.saw_done = True
                return
            self._event(event, t_s)

    def read_body(self, body: bytes, t_s: float) -> None:
        """Take a reply that is one JSON document."""
        # A byte order mark is allowed before a body, and json.loads refuses it.
        whole = body.decode("utf-8-sig", "replace")
        payload = _unwrapped(parse(whole))
        if not isinstance(payload, dict):
            text = one_line(body.decode("utf-8", "replace"))
            why = TOO_LARGE if len(whole) > JSON_CHARACTERS else f"is not a JSON object: {text}"
            self._noise = f"body {why}" if text else "empty body"
            return
        self.take(payload, t_s)
        # The body came at once: its arrival says nothing about when the first token was ready.
        self._ttft_s = self._ttfa_s = None
        # A document without choices is an error in some shape of its own, even at status 200.
        self._whole_body = bool(self._finish)
        if not self._finish:
            self.error = self.error or error_text(payload)

    def _event(self, event: Event, t_s: float) -> None:
        for name, value in event.fields:
            # llama.cpp's way to say that a stream failed; the standard ignores the field.
            if name == "error":
                parsed = parse(value)
                self.error = self.error or error_text(value if parsed is NO_JSON else parsed)
            elif _MEANT.match(name):
                self._note_lost_event(event, "has a line that is no field", f"{name}:{value}")
        if not event.data.strip():
            return
        payload = _unwrapped(parse(event.data))
        if event.event == "error" and not (isinstance(payload, dict) and payload.get("error")):
            self.error = self.error or error_text(event.data if payload is NO_JSON else payload)
        elif isinstance(payload, dict):
            self.take(payload, t_s)
        elif len(event.data) > JSON_CHARACTERS:
            self._note_lost_event(event, TOO_LARGE)
        elif "{" in event.data or (payload != [] and event.data.lstrip().startswith("[")):
            self._note_lost_event(event, "is not a JSON object", event.data)
        else:
            self._noise = (
                self._noise or f"event at byte {event.start} is not a JSON object: {one_line(event.data)}"
            )

    def _note_lost_event(self, event: Event, why: str, text: str = "") -> None:
        # What it says is missing from the reply, so that the rest of it is no whole answer.
        if not self.error:
            shown = f": {one_line(text)}" if text else ""
            self.error = f"event at byte {event.start} {why}{shown}"

    def take(self, payload: dict[str, Json], t_s: float) -> None:
        """Take one event, or a whole body.

        Args:
            payload: what it reads as.
            t_s: when it came.
        """
        wrong = find_error(payload)
        if wrong is not None and is_remark(payload):
            self.remark, wrong = self.remark or error_text(wrong), None
        elif wrong is not None:
            self.error = self.error or error_text(wrong)
        # First non-empty: Azure opens with an event whose model is "", vLLM signs only the last one.
        self._model = self._model or text_of(payload.get("model"))
        self._fingerprint = self._fingerprint or text_of(payload.get("system_fingerprint"))
        groq = payload.get("x_groq")
        self._count(groq.get("usage") if isinstance(groq, dict) else None)
        self._count(payload.get("usage"))
        self._count_outside_choices(payload, is_error=wrong is not None)
        self._current_delta = None
        seen: set[int] = set()
        for position, choice in enumerate(dicts_of(payload.get("choices"))):
            index = choice.get("index", position)
            index = index if isinstance(index, int) else position
            if index in seen and index == 0:
                self._unread["another choice of the same index"] += 1
            seen.add(index)
            self._choice(index, choice, t_s)
        if seen and not _OUTSIDE_FIELDS.isdisjoint(payload):
            self._count_outside_message(payload, self._current_delta or MessageDelta())

    def _count_outside_choices(self, payload: dict[str, Json], *, is_error: bool) -> None:
        """Count what a payload says elsewhere than in a list of choices."""
        choices = payload.get("choices")
        if choices and not isinstance(choices, list):
            self._unread[f"choices of type {type(choices).__name__}"] += 1
        elif isinstance(choices, list):
            for choice in choices:
                if choice and not isinstance(choice, dict):
                    self._unread[f"choice of type {type(choice).__name__}"] += 1
        if choices or is_error:
            return
        for name in (*_WORDS, *_OTHER_WORDS):
            value = payload.get(name)
            # A field of thinking may hold how to think ("effort"), and no thoughts.
            if not says_something(value) or (name in _SETTINGS and isinstance(value, dict)):
                continue
            # In words it may be a remark.
            if name == "message" and isinstance(value, str):
                self._strange[name] += 1
            else:
                self._unread[f"event without choices, with {name!r}"] += 1

    def _count(self, usage: Json) -> None:
        if isinstance(usage, dict):
            # Servers that report as they go send running totals, so the last word counts.
            self._usage |= _counts(usage)

    def _choice(self, index: int, choice: dict[str, Json], t_s: float) -> None:
        # Kept once, since most replies of a large experiment end alike.
        finish = sys.intern(text_of(choice.get("finish_reason"))[:_LONGEST_REASON]) or None
        # Alibaba's older servers write it as a text.
        finish = None if finish == "null" else finish
        # Once said it stays: a later event of the choice may say null.
        self._finish[index] = finish or self._finish.get(index)
        # OpenRouter's way to break off inside a stream of status 200.
        if choice.get("error") or is_broken_off(finish):
            self.error = self.error or error_text(choice.get("error") or f"finish_reason is {finish}")
        if index != 0:
            return
        # Moonshot's place for it.
        self._count(choice.get("usage"))
        delta, in_delta = read_choice(choice), speaks_in_delta(choice)
        for name in ("message",) if in_delta else ("delta", "message"):
            value = choice.get(name)
            if value and not isinstance(value, dict):
                self._unread[f"{name} of type {type(value).__name__}"] += 1
        # MiniMax ends a stream of deltas with the whole message: the same again.
        repeats = delta is not None and delta.beside if in_delta else "message" in choice
        again = self._had_delta and repeats
        if delta is not None and not again:
            self._has_message = True
            self._add_delta(delta, t_s)
            if in_delta and not (self._had_delta or delta.beside):
                self._had_delta = bool(delta.text or delta.reasoning or delta.refusal or delta.calls)
        message = choice.get("message")
        if isinstance(message, dict) and (again or in_delta):
            now = delta if delta and in_delta else MessageDelta()
            if not self._reply.already_has(read_message(message), now):
                self._unread["message that says something else than its deltas"] += 1
        self._current_delta = delta
        if not _OUTSIDE_FIELDS.isdisjoint(choice):
            self._count_outside_message(
                choice, delta if delta and not (again and delta.beside) else MessageDelta()
            )
        logprobs, beside = map(choice.get, LOGPROB_OBJECTS)
        if logprobs is not None or beside is not None:
            self._logprobs(logprobs, beside, delta or MessageDelta(), t_s)

    def _count_outside_message(self, where: Mapping[str, Json], delta: MessageDelta) -> None:
        """Count what stands in a choice, or beside the choices, and is said by no delta or message there.

        Args:
            delta: what those say.
        """
        for name, value in where.items():
            if name not in _OUTSIDE_FIELDS or not says_something(value):
                continue
            if name not in BESIDE:
                self._strange[name] += 1
            elif not isinstance(value, str) or not (
                value in (delta.text, delta.reasoning, delta.refusal) or self._reply.content.equals(value)
            ):
                self._unread[f"{name!r} beside a message that says something else"] += 1

    def _add_delta(self, delta: MessageDelta, t_s: float) -> None:
        self._reply.add(delta)
        self._hidden.update(delta.hidden)
        self._unread.update(delta.unread)
        self._strange.update(delta.strange)
        answers = bool(delta.text or delta.calls)
        if (answers or delta.reasoning or delta.refusal) and self._ttft_s is None:
            self._ttft_s = t_s
        if answers and self._ttfa_s is None:
            self._ttfa_s = t_s
        if answers or delta.reasoning:
            if self._part is None and not answers:
                # Tokens on empty deltas before any text (a swallowed <think>) belong to what follows.
                self._tokens = [replace(token, part="reasoning") for token in self._tokens]
            self._part = "answer" if answers else "reasoning"

    def _logprobs(self, value: Json, beside: Json, delta: MessageDelta, t_s: float) -> None:
        found = logprob_entries(value, delta.text or delta.reasoning)
        thinking = logprob_entries(beside, delta.reasoning)
        self._tokens_left -= len(found.content)
        if found.refusal or found.reasoning or thinking.content:
            self._tokens_left -= len(found.refusal) + len(found.reasoning) + len(thinking.content)
        if self._tokens_left < 0:
            self.error = self.error or f"more than {REPLY_TOKENS:,} tokens"
            return
        part = self._part or "answer"
        tokens = [token_of(entry, t_s, part) for entry in found.content]
        # DeepSeek and Cerebras list the thinking's tokens apart.
        thought = [token_of(entry, t_s, "reasoning") for entry in (*thinking.content, *found.reasoning)]
        spelled, both = "".join(token.token for token in tokens), bool(delta.text and delta.reasoning)
        # Servers may send a whole step's tokens with one of its deltas: their text must be checked.
        if tokens and not thought and (both or spelled != delta.text + delta.reasoning):
            self._parts_uncertain = True
        self._tokens += thought + tokens
        self._refusal_tokens += [token_of(entry, t_s, "refusal") for entry in found.refusal]
        self._unknown_logprobs += (not found.is_known) + (not thinking.is_known)

    def completion(self, latency_s: float | None) -> Completion:
        """What was gathered; ``latency_s`` is the arrival of the last byte."""
        reply = self._reply
        text, reasoning = well_formed(reply.content.joined()), well_formed(reply.reasoning.joined())
        refusal, calls = well_formed(reply.refusal.joined()), tuple(reply.calls.joined())
        tokens = tuple(self._tokens)
        # Without reasoning all tokens are the answer's, on whatever chunk they came.
        if self._parts_uncertain and reasoning:
            tokens = mark_answer(tokens, text)
        finished = bool(self._finish) and all(self._finish.values())
        # [DONE] alone is the end of nothing.
        done = self.saw_done and bool(self._finish)
        # Of a reply that is whole they are none of an error.
        remark = "" if finished else self.remark
        nothing = "the stream ended without a reply" if self.saw_done and not done else ""
        generated, thought = self._generated()
        return Completion(
            text=text,
            reasoning=reasoning,
            tokens=tokens + tuple(self._refusal_tokens),
            finish_reason=self._finish.get(0),
            refusal=refusal or None,
            prompt_tokens=self._usage.get("prompt_tokens"),
            completion_tokens=generated,
            model=self._model,
            system_fingerprint=self._fingerprint,
            ttft_s=self._ttft_s,
            ttfa_s=self._ttfa_s,
            latency_s=latency_s,
            saw_done=self.saw_done,
            error=self.error or remark or self._noise or nothing,
            whole=(done or finished or self._whole_body) and not (self.error or remark),
            reasoning_tokens=thought,
            tool_calls=calls,
            # Named pieces may come in several events.
            hidden_reasoning=sum(1 if name else count for name, count in self._hidden.items()),
            unread=self._not_read(bool(text or reasoning or refusal or calls or self._hidden)),
            logprobs_unread=self._unknown_logprobs,
        )

    def _not_read(self, says_something: bool) -> tuple[tuple[str, int], ...]:
        found = Counter(self._unread)
        if not says_something:
            found.update({f"field {name!r}": count for name, count in self._strange.items()})
        # Gemini sends no message with what a filter withheld.
        if 0 in self._finish and not self._has_message and not is_filtered(self._finish[0]):
            found["choice without a message"] += 1
        if self._finish and 0 not in self._finish:
            found["choices, none of index 0"] += 1
        return tuple(sorted(found.items()))

    def _generated(self) -> tuple[int | None, int | None]:
        """Tokens generated, thinking included, and how many of them are thinking."""
        completion, thought = self._usage.get("completion_tokens"), self._usage.get("reasoning_tokens")
        prompt, total = self._usage.get("prompt_tokens"), self._usage.get("total_tokens")
        if completion is None or prompt is None or total is None:
            return completion, thought
        beside = total - prompt - completion
        # xAI counts the thinking beside the completion, as its total tells; Google tells it by the total alone.
        if beside > 0 and (thought == beside or (thought is None and "gemini" in self._model.lower())):
            return completion + beside, beside
        return completion, thought


def _counts(usage: Mapping[str, Json]) -> dict[str, int]:
    details = usage.get("completion_tokens_details")
    given = {name: usage.get(name) for name in (*_USAGE, "reasoning_tokens")}
    if isinstance(details, dict) and details.get("reasoning_tokens") is not None:
        given["reasoning_tokens"] = details["reasoning_tokens"]
    return {name: count for name, value in given.items() if (count := count_of(value)) is not None}


def _unwrapped(payload: object) -> object:
    """Google sends an error as a list of one."""
    return payload[0] if isinstance(payload, list) and len(payload) == 1 else payload
