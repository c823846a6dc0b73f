"""Replies of the Responses and Messages APIs, as public fixtures have them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from llmxray.types import Chunk, EndCause, Interaction, Route
from llmxray.wire import is_whole, read_interaction

EXPECTED: dict[str, dict[str, Any]] = {
    # Its last event is no whole JSON.
    "responses_01.sse": {"whole": False, "calls": ["parallel"]},
    "responses_02.sse": {"whole": False, "error": "You exceeded your current quota"},
    "responses_03.sse": {"whole": True, "unread": "output item 'apply_patch_call'"},
    "responses_04.sse": {"whole": True, "calls": ["write_sql"]},
    "responses_05.sse": {"whole": True, "text": "Dummy"},
    "responses_06.sse": {"whole": True, "text": "The capital"},
    "responses_07.sse": {"whole": True, "calls": ["first_tool"]},
    "responses_08.json": {"whole": False, "error": "You exceeded your current quota"},
    "responses_09.json": {"whole": True, "text": "sesame", "prompt_tokens": 10},
    "responses_10.json": {"whole": False, "text": ""},
    "responses_11.json": {"whole": True, "text": "The capital of France is Paris.", "completion_tokens": 8},
    "responses_12.json": {"whole": True, "calls": ["get_user_country"]},
    "responses_13.json": {"whole": False},
    "responses_14.json": {"whole": True, "calls": ["get_meaning_of_life"]},
    "messages_15.sse": {"whole": False, "unread": "event with 'contentBlockStart'"},
    "messages_16.sse": {
        "whole": True,
        "finish_reason": "refusal",
        "prompt_tokens": 18,
        "completion_tokens": 5,
    },
    "messages_17.json": {"whole": True, "text": "The beautiful city of ", "finish_reason": "stop_sequence"},
    "messages_18.json": {"whole": True, "finish_reason": "refusal"},
}


def recorded(name: str, body: bytes, *, cut: int = 0) -> Interaction:
    """An exchange with that body, in pieces of some bytes where it is cut."""
    api = "/v1/responses" if name.startswith("responses") else "/v1/messages"
    kind = "text/event-stream" if name.endswith(".sse") else "application/json"
    pieces = [body[at : at + cut] for at in range(0, len(body), cut)] if cut else [body]
    return Interaction(
        "v1:" + "0" * 64, 0, 0, "e", {}, 200, (("content-type", kind),),
        tuple(Chunk(0.1 + n / 100, piece) for n, piece in enumerate(pieces)), EndCause.CLEAN, route=Route("POST", api),
    )  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_public_fixtures(shared, name):
    """Text, calls, tokens used, and whether it is an answer; however the body was cut."""
    body = (shared / "streams/responses" / name).read_bytes()
    exchange = recorded(name, body)
    reply = read_interaction(exchange)
    assert is_whole(exchange) == reply.whole == EXPECTED[name]["whole"], reply
    for field, wanted in EXPECTED[name].items():
        if field == "calls":
            assert [call.name for call in reply.tool_calls] == wanted
        elif field == "unread":
            assert wanted in [kind for kind, _ in reply.unread]
        elif field == "error" or field == "text":
            assert getattr(reply, field).startswith(wanted)
        else:
            assert getattr(reply, field) == wanted
    again = read_interaction(recorded(name, body, cut=7))
    assert (again.text, again.tool_calls, again.whole) == (reply.text, reply.tool_calls, reply.whole)


def test_no_fixture_is_forgotten(shared):
    """Each body has its line above."""
    assert {path.name for path in (shared / "streams/responses").glob("*_*.*")} == {*EXPECTED}


def events(*payloads: Any) -> bytes:
    """A stream of these events."""
    return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in payloads)


def delta(text: str, *, kind: str = "output_text", **more: Any) -> dict[str, Any]:
    """A piece of a text."""
    return {"type": f"response.{kind}.delta", "delta": text, **more}


def completed(text: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    """The last event, which says all of it again."""
    content = [{"type": "output_text", "text": text}]
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "content": content},
    ]
    response = {"status": status, "model": "m", "output": output, "usage": {"output_tokens": 9}, **more}
    return {"type": f"response.{status}", "response": response}


def test_tokens_times_and_thinking_of_a_stream():
    """The texts of the last event count once; log-probabilities come with the pieces, at their times."""
    entry = {"token": "Paris", "logprob": -0.5, "top_logprobs": [{"token": "Rome", "logprob": -2.0}]}
    parts = [
        events(delta("Hm.", kind="reasoning_summary_text")),
        events(delta("Paris", logprobs=[entry])),
        events(completed("Paris")),
    ]
    chunks = tuple(Chunk(float(n), part) for n, part in enumerate(parts))
    reply = read_interaction(replace(recorded("responses.sse", b""), chunks=chunks))
    assert (reply.text, reply.reasoning, reply.whole, reply.model) == ("Paris", "Hm.", True, "m")
    assert [(token.token, token.logprob_nats, token.t_s, token.part) for token in reply.tokens] == [
        ("Paris", -0.5, 1.0, "answer")
    ]
    assert (reply.ttft_s, reply.ttfa_s, reply.latency_s, reply.completion_tokens) == (0.0, 1.0, 2.0, 9)


@pytest.mark.parametrize(
    ("last", "whole", "finish", "error"),
    [
        (
            completed("x", "incomplete", incomplete_details={"reason": "max_output_tokens"}),
            True,
            "max_output_tokens",
            "",
        ),
        (completed("x", "failed", error={"message": "no capacity"}), False, "failed", "no capacity"),
        ({"type": "error", "message": "overloaded"}, False, None, "overloaded"),
        (delta("y"), False, None, "ended before it was complete"),
    ],
)
def test_how_a_stream_ends(last, whole, finish, error):
    """A limit is an end; an error, and no last event, are none, though the connection ended well."""
    exchange = recorded("responses.sse", events(delta("x"), last))
    reply = read_interaction(exchange)
    assert (is_whole(exchange), reply.finish_reason, error in reply.error) == (whole, finish, True), reply
    assert reply.text.startswith("x")


def test_messages_with_thinking_and_a_call():
    """Pieces of arguments are joined; the cache counts as read."""
    stream = events(
        {
            "type": "message_start",
            "message": {"model": "c", "usage": {"input_tokens": 3, "cache_read_input_tokens": 4}},
        },
        {"type": "content_block_start", "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        {"type": "content_block_stop"},
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Zürich"}},
        {"type": "content_block_stop"},
        {"type": "content_block_start", "content_block": {"type": "tool_use", "name": "f", "input": {}}},
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": '{"a"'}},
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": ": 1}"}},
        {"type": "content_block_stop"},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    )
    reply = read_interaction(recorded("messages.sse", stream))
    assert (reply.text, reply.reasoning, reply.whole, reply.prompt_tokens) == ("Zürich", "Hm.", True, 7)
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [("f", '{"a": 1}')]
    assert not read_interaction(recorded("messages.sse", stream.rpartition(b"data:")[0])).whole
