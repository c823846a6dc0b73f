"""Replies with their recorded rhythm."""

import json
from dataclasses import replace

from llmxray.report.analysis.reply_tokens import Strings
from llmxray.report.pages import playback
from llmxray.types import Chunk, Completion, Condition, EndCause, Interaction, TokenLogprob
from llmxray.wire import read_interaction

CONDITION = Condition(
    id="a", model="a", endpoint="tiny", layout="chat", answer="text", sampling={}, max_tokens=9
)


def streamed(*deltas: tuple[float, dict]) -> Interaction:
    """A recording without logprobs: deltas with the seconds at which they came."""
    chunks = [
        Chunk(t_s, f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode())
        for t_s, delta in deltas
    ]
    chunks.append(
        Chunk(9.0, b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    )
    return Interaction("v1:0", 0, 0, "tiny", {}, 200, (), tuple(chunks), EndCause.CLEAN)


def played(interaction: Interaction) -> list[tuple[str, float, str]]:
    """Text, arrival and part of each piece."""
    found = playback.timed(read_interaction(interaction), CONDITION, lambda: interaction)
    return [(token.token, token.t_s, token.part) for token in found]


def test_without_logprobs_the_events_are_the_pieces():
    """A reasoning field is thinking."""
    recorded = streamed(
        (0.5, {"reasoning_content": "hm"}), (1.5, {"content": "yes"}), (2.0, {"content": "!"})
    )
    assert [("hm", 0.5, "reasoning"), ("yes", 1.5, "answer"), ("!", 2.0, "answer")] == played(recorded)


def test_a_whole_message_behind_its_deltas_is_not_played_again():
    """MiniMax ends a stream with all of it."""
    recorded = streamed((0.5, {"content": "ye"}), (1.5, {"content": "s"}))
    whole = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}}]}
    last = Chunk(8.0, f"data: {json.dumps(whole)}\n\n".encode())
    recorded = replace(recorded, chunks=(*recorded.chunks[:-1], last, recorded.chunks[-1]))
    assert [("ye", 0.5, "answer"), ("s", 1.5, "answer")] == played(recorded)


def test_inline_thinking_is_told_apart():
    """Tags included, as in the x-ray."""
    recorded = streamed(
        (0.5, {"content": "<think>hm"}), (1.0, {"content": "</think>"}), (1.5, {"content": "yes"})
    )
    assert ["reasoning", "reasoning", "answer"] == [part for _, _, part in played(recorded)]


def test_tokens_are_preferred_and_the_recording_is_not_read_again():
    """A reply with logprobs has its own arrivals."""

    def never() -> Interaction:
        raise AssertionError("read again")

    token = TokenLogprob("x", b"x", -0.1, (), 0.25)
    reply = Completion("x", tokens=(token, replace(token, token="")), ttft_s=0.25)
    assert (token,) == playback.timed(reply, CONDITION, never)


def test_gaps_add_up_to_the_arrivals():
    """Milliseconds from piece to piece, never negative; the end is no earlier than the last piece."""
    tokens = [
        TokenLogprob("a", None, 0.0, (), 0.1004),
        TokenLogprob("b", None, 0.0, (), 0.1, "reasoning"),
        TokenLogprob("a", None, 0.0, (), 0.25),
    ]
    strings = Strings()
    found = playback.stream_columns(tokens, 0.2, strings)
    assert [0, 1, 0] == found["t"]
    assert [100, 0, 150] == found["d"]
    assert ("010", 250) == (found["r"], found["end"])
    assert ["a", "b"] == strings.since(0)
