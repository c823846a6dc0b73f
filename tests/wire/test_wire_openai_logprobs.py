"""Log-probabilities in every form that servers send, and what is none of them."""

import json
import math
from typing import Any

import pytest
from bodies import STOP, delta, entry, parts, read, sse, whole

from llmxray.types import Alternative
from llmxray.wire.openai_logprobs import log_probability


def with_logprobs(text: str, value: Any) -> bytes:
    """A stream of one delta whose ``logprobs`` are this value."""
    choice = {"index": 0, "delta": {"content": text}, "logprobs": value, "finish_reason": "stop"}
    return sse({"choices": [choice]}, "[DONE]")


@pytest.mark.parametrize(
    ("given", "nats"),
    [
        (-0.1, -0.1),
        (0, 0.0),
        (-9999, -math.inf),
        (-math.inf, -math.inf),
        (-3.4028234663852886e38, -math.inf),
        # Rounding of a probability of 1.
        (1e-7, 0.0),
        # Together's first values.
        (2e-6, None),
        (math.nan, None),
        (None, None),
        ("-0.1", None),
        (True, None),
    ],
)
def test_only_the_logarithm_of_a_probability_counts(given, nats):
    """Null, text, NaN and what is above 0 by more than rounding are missing, neither 0 nor minus infinity."""
    assert log_probability(given) == nats


@pytest.mark.parametrize("number", ["null", '"-0.1"', "NaN"])
def test_an_invalid_number_is_missing_and_counted(number):
    """The token stays without a number; an alternative is left out; the reply says how many there were."""
    top = [entry("a", -7.25), entry("b", -1.0)]
    text = json.dumps(delta(logprobs=[entry("a", -7.25, top_logprobs=top)], content="a"))
    reply = read(sse(text.replace("-7.25", number), STOP))
    (token,) = reply.tokens
    assert (token.token, token.logprob_nats) == ("a", None)
    assert token.top == (Alternative("b", -1.0),)
    assert (token.invalid, reply.invalid_logprobs) == (2, 2)
    assert reply.whole


FLAT = {
    "tokens": ["The", " answer", " is", " B"],
    "token_logprobs": [0.0504, -0.25, -0.5, -1.0],
    "top_logprobs": [{"The": 0.0504}, {" answer": -0.25}, {" is": -0.5}, {" B": -1.0, " C": -1.5}],
    "token_ids": [791, 4320, 374, 426],
}


@pytest.mark.parametrize("body", ["stream", "whole", "legacy"])
def test_tokens_side_by_side(body):
    """Together and legacy completions: lists of tokens, numbers and mappings; the first number is positive."""
    text = "".join(FLAT["tokens"])  # type: ignore[arg-type]
    bodies = {
        "stream": with_logprobs(text, FLAT),
        "whole": whole({"role": "assistant", "content": text}, logprobs=FLAT),
        "legacy": json.dumps(
            {
                "object": "text_completion",
                "choices": [{"index": 0, "text": text, "logprobs": FLAT, "finish_reason": "stop"}],
            }
        ).encode(),
    }
    reply = read(bodies[body], kind="application/json")
    assert reply.text == "The answer is B"
    assert [token.token for token in reply.tokens] == FLAT["tokens"]
    assert [token.logprob_nats for token in reply.tokens] == [None, -0.25, -0.5, -1.0]
    assert reply.tokens[-1].top == (Alternative(" B", -1.0), Alternative(" C", -1.5))
    # The first token's own number, and the same as its alternative.
    assert reply.invalid_logprobs == 2
    assert reply.logprobs_unread == 0


def test_a_bare_number_is_that_of_the_delta():
    """Together's streams: one token a delta, its number beside it."""
    events = [
        {"choices": [{"index": 0, "delta": {"content": text}, "logprobs": nats}]}
        for text, nats in (("Pa", -0.5), ("ris", -0.001), ("", 0.0))
    ]
    reply = read(sse(*events, STOP))
    assert [(token.token, token.logprob_nats) for token in reply.tokens] == [
        ("Pa", -0.5),
        ("ris", -0.001),
        ("", 0.0),
    ]


@pytest.mark.parametrize(
    "top",
    [
        {" B": -0.25, " C": -1.5},
        [{" B": -0.25, " C": -1.5}],
        {" B": {"logprob": -0.25, "rank": 1}, " C": {"logprob": -1.5, "rank": 2}},
        [{"token": " B", "logprob": -0.25, "bytes": None}, {"token": " C", "logprob": -1.5}],
    ],
)
def test_alternatives_as_a_mapping(top):
    """From token to number, to an object with the number, or in a list."""
    reply = read(sse(delta(logprobs=[entry(" B", -0.25, top_logprobs=top)], content=" B")))
    assert reply.tokens[0].top == (Alternative(" B", -0.25), Alternative(" C", -1.5))


def test_the_logprobs_of_a_refusal():
    """They are tokens of the refusal, not of the answer."""
    declined = {"content": None, "refusal": [entry("I", -0.1), entry(" can't", -0.2)]}
    reply = read(whole({"content": None, "refusal": "I can't"}, logprobs=declined), kind="application/json")
    assert (reply.text, reply.refusal, parts(reply)) == ("", "I can't", "rr")
    assert {token.part for token in reply.tokens} == {"refusal"}
    assert reply.invalid_logprobs == 0


THOUGHT, ANSWER = [entry("h", -0.1), entry("m", -0.2)], [entry("B", -0.3)]
# Where the tokens of the thinking stand: DeepSeek's place, Cerebras's, and the one list of everybody else.
APART: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "deepseek": (
        {"logprobs": {"content": None, "reasoning_content": THOUGHT}},
        {"logprobs": {"content": ANSWER, "reasoning_content": None}},
    ),
    "cerebras": (
        {"logprobs": None, "reasoning_logprobs": {"content": THOUGHT}},
        {"logprobs": {"content": ANSWER}},
    ),
    "others": ({"logprobs": {"content": THOUGHT}}, {"logprobs": {"content": ANSWER}}),
}


@pytest.mark.parametrize("place", APART)
def test_the_tokens_of_the_thinking(place):
    """Wherever they are listed they are tokens of the thinking, in order, with their alternatives."""
    thought, answer = APART[place]
    events = [
        {"choices": [{"index": 0, "delta": {"reasoning": "hm"}, "finish_reason": None, **thought}]},
        {"choices": [{"index": 0, "delta": {"content": "B"}, "finish_reason": None, **answer}]},
    ]
    reply = read(sse(*events, STOP, "[DONE]"))
    assert [(token.token, token.logprob_nats) for token in reply.tokens] == [
        ("h", -0.1),
        ("m", -0.2),
        ("B", -0.3),
    ]
    assert (parts(reply), reply.logprobs_unread, reply.reasoning, reply.text) == ("rra", 0, "hm", "B")


@pytest.mark.parametrize(
    ("value", "unread"),
    [
        (None, 0),
        ({}, 0),
        ({"content": None, "refusal": None}, 0),
        ({"token_logprobs": [-0.1]}, 1),
        # Numbers of tokens, and not their texts.
        ({"tokens": [791], "token_logprobs": [-0.1]}, 1),
        ("see below", 1),
    ],
)
def test_a_form_that_is_not_known_is_not_taken_for_none(value, unread):
    """Nothing sent is one thing, something that is not understood another."""
    reply = read(with_logprobs("B", value))
    assert (reply.tokens, reply.logprobs_unread) == ((), unread)
