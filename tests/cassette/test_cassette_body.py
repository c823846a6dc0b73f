"""Bodies come back to the byte, whatever they are; those of real servers stand as events that people can read."""

import json

import pytest
from drawn import bodies
from hypothesis import HealthCheck, given, settings
from recordings import interaction, stream

from llmxray.cassette import codec
from llmxray.types import Chunk, EndCause, Interaction, Route
from llmxray.wire import read_interaction


def there_and_back(each: Interaction) -> dict[str, object]:
    """The line of a recording, which must give it again, and its reply."""
    line = codec.to_line(each, 7, read_interaction(each)).encode()
    assert codec.from_line(line, each.key, each.request) == each
    # As text too: no number is equal to one that is none.
    assert repr(codec.read_reply(line, each.key)) == repr(read_interaction(each))
    stored: dict[str, object] = json.loads(line)
    return stored


def chunked(body: bytes, *, by_event: bool = True, **changes: object) -> Interaction:
    """A recording of a body, in chunks of whole events or in three that end anywhere."""
    parts = [part + b"\n\n" for part in body.split(b"\n\n")]
    parts[-1] = parts[-1].removesuffix(b"\n\n")
    third = -(-len(body) // 3) or 1
    pieces = parts if by_event else [body[at : at + third] for at in range(0, len(body), third)]
    chunks = tuple(Chunk(0.25 * (place + 1), piece) for place, piece in enumerate(filter(None, pieces)))
    return interaction("q", chunks=chunks, **changes)


@pytest.mark.parametrize("by_event", [True, False])
def test_bodies_of_real_servers(streams, by_event):
    """A dozen servers: to the byte, and nearly all of them as events."""
    forms = []
    for path in sorted(streams.glob("*.sse")):
        forms.append("events" in there_and_back(chunked(path.read_bytes(), by_event=by_event)))
    assert sum(forms) > 0.7 * len(forms) > 15


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"data: {",
        b"<html>",
        b'data: {"a":NaN}\n\n',
        b'data: {"a":1.0,"b":1e5,"c":-0.0,"d":-0}\n\n',
        b'data: {"x":"\\ud83d"}\n\ndata: {"x":"\\u00e9"}\n\n',
        b": ping\n\ndata: {}\n\nevent: error\ndata: {}\n\n",
        b'data: {"a":1}\n\n\ndata: {"a":1}\n\n\n\n',
        'data: {"x":"〃"}\n\ndata: {"x":"〃"}\n\n'.encode(),
        b'data: {"choices":[{"logprobs":{"content":[{"token":"a","logprob":"-1.5"}]},"delta":{"content":"a"}}]}\n\n',
        b'data: {"choices":[{"logprobs":{"content":[{"token":"a","logprob":-1}]},"delta":{"content":"b"}}]}\n\n',
        b'data: {"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.12345678901234567,"bytes":null}]}}]}\n\n',
        b"data: " + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n\n",
        stream("né").replace("é".encode(), rb"\u00e9"),
    ],
    ids=range(14),
)
def test_odd_bodies(body):
    """What is no regular stream is kept as it came."""
    for by_event in (True, False):
        there_and_back(chunked(body, by_event=by_event))
        there_and_back(chunked(body, by_event=by_event, status=500))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=bodies())
def test_drawn_bodies(body):
    """Streams that are nearly regular."""
    there_and_back(chunked(body))


def test_a_line_is_for_people():
    """The reply, tokens as rows without their bytes, chunks as events, repeats as marks."""
    line = there_and_back(chunked(stream("one two")))
    assert "one two" == line["reply"]
    assert {"request": 7, "sample": 0, "attempt": 0, "status": 200, "end": "clean"}.items() <= line.items()
    assert "bytes" not in json.dumps(line["tokens"])
    assert all(n < 0 for n in line["len"])
    assert "〃" in json.dumps(line["events"], ensure_ascii=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None, "headers": (), "chunks": (), "end": EndCause.CONNECT, "error": "refused"},
        {"end": EndCause.RESET, "chunks": (Chunk(0.000001, b"data: {"),)},
        {"error": "half \ud800 of a pair"},
        {"route": Route(path="/v1/embeddings", headers=(("x", "y"),), ignored=("user",))},
    ],
)
def test_failures_and_other_routes(changes):
    """No response, a cut one, text that is no UTF-8, calls that are no chat."""
    there_and_back(interaction("q", **changes))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("len", [-1, -1]),
        ("len", [-3, 1]),
        ("t_us", [1, -1]),
        ("status", 99),
        ("headers", [["location", "http://elsewhere"]]),
        ("tokens", [[]]),
        ("end", "odd"),
    ],
)
def test_a_line_that_nobody_wrote_is_refused(name, value):
    """By whoever reads it, with one kind of error, before it takes memory."""
    line = there_and_back(chunked(stream("one two")))
    forged = json.dumps({**line, name: value}).encode()
    with pytest.raises(ValueError, match="not a recorded interaction"):
        codec.from_line(forged, "k", {})


@pytest.mark.parametrize("name", ["model", "stream"])
def test_a_cassette_leaves_out_nothing_that_tells_questions_apart(name):
    """Whoever records into it leaves out the same: answers would stand under the first question asked."""
    line = codec.to_journal(interaction("a", route=Route(ignored=("user",))))
    line["route"]["ignored"] = [name, "user"]
    with pytest.raises(ValueError, match=f"leaves '{name}' out"):
        codec.from_journal(line)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": -Infinity}', "[" * 100_000, "{"])
def test_what_is_no_json_is_refused(text):
    """Python reads NaN, which no figure of a plan may be."""
    with pytest.raises(ValueError, match=r"is no JSON|nested too deeply|Expecting"):
        codec.loads(text.encode())
