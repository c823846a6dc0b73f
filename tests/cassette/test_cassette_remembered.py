"""Replies that are remembered in columns come back as they were, and no more of them than there is room for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.cassette import Address
from llmxray.cassette import remembered as remembering
from llmxray.cassette.remembered import Remembered
from llmxray.types import Alternative, Completion, TokenLogprob, ToolCall

_NATS = st.floats(max_value=0, allow_nan=False)
_TIMES = st.floats(0, 1e6)
_TOKENS = st.builds(
    TokenLogprob,
    token=st.text(max_size=4),
    bytes=st.none() | st.binary(max_size=4),
    logprob_nats=st.none() | _NATS,
    top=st.lists(st.builds(Alternative, st.text(max_size=4), _NATS), max_size=3).map(tuple),
    t_s=_TIMES,
    part=st.sampled_from(["answer", "reasoning", "refusal"]),
    invalid=st.integers(0, 3),
)
_REPLIES = st.builds(
    Completion,
    text=st.text(max_size=9),
    reasoning=st.text(max_size=9),
    tokens=st.lists(_TOKENS, max_size=3).map(tuple),
    finish_reason=st.sampled_from([None, "stop", "length"]),
    prompt_tokens=st.none() | st.integers(0, 9),
    ttft_s=st.none() | _TIMES,
    ttfa_s=st.none() | _TIMES,
    latency_s=st.none() | _TIMES,
    tool_calls=st.just(()) | st.just((ToolCall("look", "{}"),)),
    unread=st.just(()) | st.just((("audio", 2),)),
)


@given(st.lists(_REPLIES, max_size=5))
def test_come_back_as_they_were(replies: list[Completion]) -> None:
    """Every field, also those that are missing, and in whatever order they are asked for."""
    remembered = Remembered()
    for number, reply in enumerate(replies):
        remembered.put(Address("k", number, 0), reply)
    for number, reply in reversed(list(enumerate(replies))):
        assert reply == remembered.get(Address("k", number, 0))
    assert remembered.get(Address("k", len(replies), 0)) is None


def _reply(number: int) -> Completion:
    top = tuple(Alternative(f"{place:x}", -float(place) - number / 7) for place in range(20))
    token = TokenLogprob("A", b"A", -0.5 - number / 9, top, number / 11)
    return Completion("A", tokens=(token,), ttft_s=number / 11, latency_s=number / 13)


def test_first_ones_stay_within_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is full takes nothing more, and keeps what it has."""
    monkeypatch.setattr(remembering, "_MOST_BYTES", 100_000)
    remembered = Remembered()
    for number in range(1000):
        remembered.put(Address("k", number, 0), _reply(number))
    kept = [number for number in range(1000) if remembered.get(Address("k", number, 0))]
    assert list(range(len(kept))) == kept
    assert 200 < len(kept) < 300
    # Text counts as well: a long reply without logprobs is not free.
    longest = replace(_reply(0), text="x" * 100_000)
    remembered.put(Address("long", 0, 0), longest)
    assert remembered.get(Address("long", 0, 0)) is None
