"""A key that stands twice in an event: what JSON loses of it is counted, and nothing else is."""

from __future__ import annotations

import json

import pytest

from llmxray.types import Chunk, Completion
from llmxray.wire import read_completion


def read(event: str) -> Completion:
    """What is read of a stream with one event, and of the same as a body."""
    body = f"data: {event}\n\ndata: [DONE]\n\n".encode()
    found = read_completion([Chunk(0.1, body)], content_type="text/event-stream", status=200)
    whole = read_completion([Chunk(0.1, event.encode())], content_type="application/json", status=200)
    assert (found.text, found.unread) == (whole.text, whole.unread)
    return found


def choice(delta: str, more: str = "") -> str:
    """An event of one choice."""
    return f'{{"id":"x","choices":[{{"index":0,"delta":{delta},"finish_reason":"stop"{more}}}]}}'


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (choice('{"content":"A","content":"B"}'), "content"),
        (choice('{"content":"A","content":null}'), "content"),
        (choice('{"content" : "A:", "content" :"B"}'), "content"),
        (choice('{"c\\u006fntent":"A\\u003a","content":"B"}'), "content"),
        (choice('{"content":"A"},"delta":{}'), "delta"),
        (choice('{"content":"A"}')[:-1] + ',"choices":[{"index":0,"delta":{"content":"B"}}]}', "choices"),
        (choice('{"reasoning":"A","reasoning":"C","content":"B"}'), "reasoning"),
        (choice('{"content":"B"},"finish_reason":"length"'), "finish_reason"),
        (
            choice('{"content":"B"}', ',"logprobs":{"content":[{"token":"B","logprob":-9,"logprob":-1}]}'),
            "logprob",
        ),
        (
            choice(
                '{"content":"B","content":"C"}',
                ',"logprobs":{"content":[{"token":":","logprob":-1,"top_logprobs":[{"token":":","logprob":-1}]}]}',
            ),
            "content",
        ),
        (choice('{"content":"A"},"index":1'), "index"),
        (choice('{"tool_calls":[{"index":0,"index":1,"function":{"name":"f","arguments":"{}"}}]}'), "index"),
        (choice('{"tool_calls":[{"index":0,"function":{"name":"f","name":"g","arguments":"{}"}}]}'), "name"),
        (choice('{"tool_calls":[{"index":0,"function":{"name":"f","input":"1","input":"2"}}]}'), "input"),
        (
            choice('{"content":"B"}', ',"logprobs":{"content":[{"token":"B","logprob":0,"logprob":-1}]}'),
            "logprob",
        ),
        (
            choice(
                '{"content":"A"}',
                ',"logprobs":{"tokens":["A"],"token_logprobs":[-1],"top_logprobs":[{"A":-1,"B":-2,"A":-9}]}',
            ),
            "A",
        ),
        (f"[{choice('{"content":"A"},"index":1')}]", "index"),
        (
            choice(
                '{"tool_calls":[{"index":0,"custom":{"name":"a","name":"b","input":"x"},"type":"custom"}]}'
            ),
            "name",
        ),
        (choice('{"tool_calls":[{"index":0,"function":{"name":"f","arguments":{"p":"/","p":"/t"}}}]}'), "p"),
        (choice('{"content":[{"type":"text","text":{"value":"A","value":"B"}}]}'), "value"),
        (
            choice('{"content":"A"}', ',"logprobs":{"tokens":["A"],"tokens":["B"],"token_logprobs":[-1]}'),
            "tokens",
        ),
    ],
)
def test_what_is_lost(event: str, name: str) -> None:
    """However the key is written: another text may have stood there."""
    assert (f"event with {name!r} twice", 1) in read(event).unread


TOKEN = {"token": ":", "logprob": -1, "bytes": [58], "top_logprobs": [{"token": '"content":', "logprob": -1}]}


@pytest.mark.parametrize(
    "event",
    [
        choice('{"content":"B","content":"B"}'),
        choice('{"content":null,"content":"B"}'),
        choice('{"content":"","content":"B"},"finish_reason":null'),
        choice('{"content":"B"}', ',"meta":{"name":"a","name":"b","index":1,"index":2}'),
        choice('{"content":"\\"content\\":\\"content\\":"}'),
        choice('{"content":"A\\u003a"}'),
        choice('{"content":"B"}')[:-1] + ',"created":1,"created":2,"model":"llama:8b"}',
        choice('{"content":"B"}', f',"logprobs":{{"content":[{json.dumps(TOKEN)}]}}'),
        choice('{"content":"B"}', ',"logprobs":{"content":["abcdefgh",1]}'),
        choice('{"content":[{"type":"text","text":"A"},{"type":"text","text":"B"}]}'),
    ],
)
def test_what_is_not(event: str) -> None:
    """The same again, words of a text, keys in which no reply speaks."""
    assert not any("twice" in name for name, _ in read(event).unread)
