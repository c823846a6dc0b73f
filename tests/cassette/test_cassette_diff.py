"""What two recordings say differently, and by how much."""

import json
import math
from pathlib import Path

import pytest
from recordings import interaction, recorded

from llmxray.cassette import Cassette
from llmxray.cassette.diff import diff, largest_shift
from llmxray.types import Alternative, Interaction, TokenLogprob


def opened(directory: Path, *recordings: Interaction) -> Cassette:
    """A cassette of these."""
    return Cassette(recorded(directory, *recordings, sealed=False))


def token(text: str, p: float, **others: float) -> TokenLogprob:
    """A token with its probability and those of others."""
    top = tuple(Alternative(name, math.log(value)) for name, value in others.items())
    return TokenLogprob(text, None, math.log(p), top)


def reply(*tokens: tuple[str, float], id: str = "c") -> bytes:
    """A stream of tokens with their probabilities."""
    out = []
    for number, (text, p) in enumerate(tokens):
        entry = {"token": text, "logprob": math.log(p), "top_logprobs": []}
        choice = {"index": 0, "delta": {"content": text}, "logprobs": {"content": [entry]}}
        finish = {"finish_reason": "stop"} if number == len(tokens) - 1 else {}
        out.append(b"data: " + json.dumps({"id": id, "choices": [{**choice, **finish}]}).encode() + b"\n\n")
    return b"".join([*out, b"data: [DONE]\n\n"])


def test_replies_are_compared_as_read(tmp_path):
    """Another id is no difference; another word or probability is; what only one has is listed."""
    left = opened(
        tmp_path / "a",
        interaction("same", body=reply(("yes", 0.5), id="1")),
        interaction("moved", body=reply(("yes", 0.5))),
        interaction("other", body=reply(("a", 0.9), ("b", 0.8))),
        interaction("left"),
    )
    right = opened(
        tmp_path / "b",
        interaction("same", body=reply(("yes", 0.5), id="2")),
        interaction("moved", body=reply(("yes", 0.25))),
        interaction("other", body=reply(("a", 0.8), ("c", 0.8))),
        interaction("right", sample=3),
    )
    found = diff(left, right)
    assert [True, True, False] == [each.same for each in found.both]
    assert ("ab", "ac") == (found.both[2].first, found.both[2].second)
    assert [(interaction("left").key, 0)] == list(found.only_first)
    assert [(interaction("right").key, 3)] == list(found.only_second)
    assert [0.25, 0.1] == [
        pytest.approx(each.shift.size) for each in found.probability_changes() if each.shift
    ]
    assert () == found.probability_changes(0.5)


def test_another_call_is_another_reply(tmp_path):
    """Both say no word; the function and its arguments are what differs."""

    def calling(name: str, arguments: str) -> bytes:
        call = {"type": "function", "function": {"name": name, "arguments": arguments}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()

    left = opened(tmp_path / "a", *(interaction(key, body=calling("keep", "{}")) for key in "xyz"))
    others = {"x": ("keep", "{}"), "y": ("delete", "{}"), "z": ("keep", '{"file": "all"}')}
    right = opened(tmp_path / "b", *(interaction(key, body=calling(*others[key])) for key in "xyz"))
    found = diff(left, right).both
    assert [True, False, False] == [each.same for each in found]
    assert ("keep({})", "delete({})") == (found[1].first, found[1].second)


def test_the_try_that_counts_is_compared(tmp_path):
    """A refusal before the answer changes nothing; no answer at all does, and is said."""
    busy = interaction("a", body=b"busy", status=429)
    left = opened(tmp_path / "a", busy, interaction("a", attempt=1))
    right = opened(tmp_path / "b", interaction("a"))
    assert [True] == [each.same for each in diff(left, right).both]
    never = opened(tmp_path / "c", busy)
    (only,) = diff(never, right).both
    assert not only.same
    assert "no whole reply" in only.first
    assert ("hello", None) == (only.second, only.shift)


def test_probabilities_are_compared_up_to_the_parting():
    """At the place where the answers part the alternatives still count, after it nothing does."""
    left = [token("a", 0.9), token("b", 0.6, b=0.6, c=0.3), token("x", 0.1)]
    right = [token("a", 0.8), token("c", 0.7, b=0.2, c=0.7), token("x", 0.9)]
    shift = largest_shift(left, right)
    assert (1, "b", 0.6, 0.2) == (
        shift.position, shift.token, pytest.approx(shift.first), pytest.approx(shift.second)
    )  # fmt: skip
    assert largest_shift([], right) is None
    assert largest_shift([token("a", 1)], [token("z", 1)]) is None
