"""Replies with their recorded rhythm, as columns for playback: pieces of text and milliseconds between them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from llmxray.report.analysis.reply_tokens import Strings, marked, marks, pieces
from llmxray.scoring import opens_thinking
from llmxray.types import Completion, Condition, Interaction, Json, TokenLogprob, TokenPart
from llmxray.wire import closes_thinking, decode_events, event_texts, loose, mark_thinking

_PARTS: tuple[TokenPart, ...] = ("reasoning", "answer")


def timed(
    reply: Completion, condition: Condition, recording: Callable[[], Interaction]
) -> tuple[TokenLogprob, ...]:
    """The pieces of a streamed reply, each with its arrival and its part; empty for a body that came at once.

    They are the tokens of the reply, or the texts of its events where the server sent no logprobs; only then is
    the recording asked for.
    """
    if reply.ttft_s is None:
        return ()
    if reply.tokens:
        return marked(reply, condition)
    texts = _texts(recording())
    if reply.reasoning:
        # A field of its own tells the thinking; tags in the text are then the answer's.
        return texts
    # The prompt opened the thinking and the reply never closed it, so no tag says what it is.
    if opens_thinking(condition.layout) and not closes_thinking(reply.text):
        return tuple(replace(each, part="reasoning") for each in texts)
    return mark_thinking(texts)


def columns(tokens: Sequence[TokenLogprob], latency_s: float | None, strings: Strings) -> Mapping[str, Json]:
    """The pieces as columns.

    Returns:
        ``t`` texts, ``d`` milliseconds since the piece before (since the request for the first one), ``r``
        marks of the thinking ("1"), left out when all is answer, ``end`` milliseconds from the request to the
        last byte.
    """
    times = [_ms(token.t_s) for token in tokens]
    found: dict[str, Json] = {
        "t": [strings(text) for text in pieces(tokens)],
        # Clocks may stand still between two chunks, and never run backwards.
        "d": [max(0, now - before) for before, now in zip([0, *times], times, strict=False)],
        "end": max([_ms(latency_s or 0.0), *times[-1:]]),
    }
    return found | marks("r", (token.part == "reasoning" for token in tokens))


def _texts(interaction: Interaction) -> tuple[TokenLogprob, ...]:
    ends = list(accumulate(len(chunk.raw) for chunk in interaction.chunks))
    found: list[TokenLogprob] = []
    for event in decode_events(interaction.body):
        payload = loose.parse(event.data)
        # "[DONE]", or what a server writes that is no JSON.
        if not isinstance(payload, dict):
            continue
        # An event has arrived with the chunk that holds its last byte.
        t_s = interaction.chunks[bisect_left(ends, event.end)].t_s
        for part, text in zip(_PARTS, event_texts(payload, after_deltas=bool(found)), strict=True):
            if text:
                found.append(TokenLogprob(text, None, 0.0, (), t_s, part))
    return tuple(found)


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
