"""Interactions come back exactly, whatever their bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from drawn import bodies, values
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import interaction, stream

from llmxray.cassette import codec, stream_columns
from llmxray.types import Chunk, EndCause, Interaction, Route
from llmxray.wire import is_complete


def there_and_back(each: Interaction) -> Interaction:
    """Through the text of a journal line."""
    line = codec.dumps(codec.to_line(each, with_request=True)).encode("utf-8", "surrogatepass")
    assert b"\n" not in line
    return codec.from_line(json.loads(line))


@pytest.mark.parametrize(("text", "form"), [("a", "text"), ("ü", "b64")])
def test_a_long_text_with_wide_characters_is_kept_as_bytes(text: str, form: str) -> None:
    """All of its characters would take as much as the widest, several times over."""
    long, short = (
        Interaction("k", 0, 0, "x", {}, 200, (), (Chunk(0.0, text.encode() * n),), EndCause.CLEAN)
        for n in (5 << 20, 1)
    )
    assert {form} == codec.to_line(long, with_request=True)["body"].keys()
    assert {"text"} == codec.to_line(short, with_request=True)["body"].keys()
    assert long == there_and_back(long)


@settings(max_examples=300, deadline=None)
@given(
    body=bodies()
    | st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_body(body: bytes) -> None:
    """Columns rebuild the bytes or are not used; cut anywhere, the interaction comes back."""
    stored = stream_columns.encode(body)
    if stored is not None:
        text = codec.dumps(stored).encode("utf-8", "surrogatepass")
        assert body == stream_columns.decode(json.loads(text))
    half = len(body) // 3
    chunks = tuple(Chunk(n / 1e6, part) for n, part in enumerate((body[:half], body[half:])) if part)
    each = Interaction("k", 0, 0, "x", {"a": 1}, 200, (), chunks, EndCause.RESET, "why\ud800", "t", 3)
    assert each == there_and_back(each)


@given(times=st.lists(st.floats(0, 1e6).map(lambda t: round(t, 6)), max_size=8))
def test_times_to_the_microsecond(times: list[float]) -> None:
    """Times rounded as the recorder rounds them come back equal."""
    chunks = tuple(Chunk(t, b"x") for t in sorted(times))
    each = Interaction("k", 0, 0, "x", {}, None, (), chunks, EndCause.CONNECT)
    assert each == there_and_back(each)


@given(request=st.dictionaries(st.text(), values, max_size=4))
def test_any_request(request: dict[str, object]) -> None:
    """Request bodies come back as they were."""
    each = Interaction("k", 0, 0, "x", request, 200, (("retry-after", "b"),), (), EndCause.CLEAN)  # type: ignore[arg-type]
    assert each == there_and_back(each)


def test_real_streams(shared: Path) -> None:
    """Every real stream, whole and cut at every 37th byte, comes back to the byte."""
    for path in sorted((shared / "streams").glob("*.sse")):
        body = path.read_bytes()
        for end in [*range(0, len(body), max(37, len(body) // 40)), len(body)]:
            stored = stream_columns.encode(body[:end])
            assert stored is None or stream_columns.decode(json.loads(codec.dumps(stored))) == body[:end]


def test_llamacpp_streams_become_columns(shared: Path) -> None:
    """Columns are really used for the server they were made for, and save at least two fifths."""
    body = (shared / "streams" / "31_llamacpp_top20_usage.sse").read_bytes()
    stored = stream_columns.encode(body)
    assert stored is not None
    assert len(codec.dumps(stored)) < 0.6 * len(body)


def test_truncation_at_every_byte(make: Callable[..., Interaction]) -> None:
    """A reset stream is never whole; one that ends clean is whole from its finish reason on; all are kept."""
    body = stream("hey", top=1)
    finish = body.index(b"data: [DONE]")
    for end in range(len(body) + 1):
        edges = sorted({0, end // 2, end})
        chunks = tuple(Chunk(0.1, body[a:b]) for a, b in pairwise(edges))
        broken = make(chunks=chunks, end=EndCause.RESET)
        clean = make(chunks=chunks)
        assert not is_complete(broken)
        assert is_complete(clean) == (end >= finish)
        assert broken == there_and_back(broken)


@pytest.mark.parametrize(
    "change",
    [
        {"len": [1]},
        {"t_us": [1]},
        {"t_us": [-1, 2]},
        {"t_us": [250_000, -1]},
        {"t_us": [250_000, 1.5]},
        {"t_us": [250_000, True]},
        {"t_us": [10**14, 1]},
        {"t_us": [2**70, -(2**70)]},
        {"sample": 2**63},
        {"sample": -1},
        {"attempt": 2**31},
        {"in_flight": 2**64},
        {"in_flight": -1},
        {"len": [-1, len(stream("hello")) + 1]},
        {"end": "gone"},
        {"body": {}},
        {"body": {"b64": "*"}},
        {
            "body": {
                "columns": {
                    "frames": ["110"],
                    "events": [[0, 1]],
                    "texts": [],
                    "n": [],
                    "tokens": {"rows": []},
                }
            }
        },
        {
            "body": {
                "columns": {"frames": [], "events": [[7, 1]], "texts": [], "n": [], "tokens": {"rows": []}}
            }
        },
        {"body": 5},
        {"headers": 5},
        {"headers": [["location", "http://stranger.example/"]]},
        {"headers": [["x-llmxray-error", "llmxray_miss"]]},
    ],
)
def test_lines_that_are_none(make: Callable[..., Interaction], change: dict[str, object]) -> None:
    """Whatever is wrong with a line is a ValueError, nothing else."""
    line = codec.to_line(make(), with_request=True)
    with pytest.raises(ValueError, match=r".+"):
        codec.from_line({**line, **change})


def test_a_key_twice_among_very_many_is_found_in_one_pass() -> None:
    """A hostile file cannot keep a reader busy: this took minutes when each key was counted for itself."""
    names = [f'"{number}":0' for number in range(100_000)]
    with pytest.raises(ValueError, match="the key '99999' stands twice"):
        codec.loads_strictly(f"{{{','.join([*names, names[-1]])}}}".encode())


@pytest.mark.parametrize("name", ["model", "messages", "prompt", "input", "stream"])
def test_a_cassette_leaves_out_nothing_that_tells_questions_apart(name: str) -> None:
    """Whoever records into it leaves out the same: answers would stand under the first question asked."""
    route = Route(ignored=("user",))
    line = codec.to_line(interaction("a", route=route), with_request=True)
    assert route == codec.from_line(line).route
    line["route"]["ignored"] = [name, "user"]
    with pytest.raises(ValueError, match=f"leaves '{name}' out"):
        codec.from_line(line)
