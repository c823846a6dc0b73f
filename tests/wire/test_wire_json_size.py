"""A reply whose JSON would take too much memory is not parsed; long honest ones are."""

import json

import pytest

from llmxray.types import Chunk, Completion
from llmxray.wire import openai, read_completion, sse
from llmxray.wire.json_values import NO_JSON, parse

LISTS = '{"choices":[],"d":[' + "[]," * 1_000 + "[]]}"
TOO_LARGE = "too large to be read as JSON"


@pytest.fixture
def small(monkeypatch):
    """A text may have a thousand characters."""
    for module in ("json_values", "openai"):
        monkeypatch.setattr(f"llmxray.wire.{module}.JSON_CHARACTERS", 1_000)


def read(body: str) -> Completion:
    """The reply of a body that is announced as JSON."""
    return read_completion([Chunk(0.1, body.encode())], content_type="application/json", status=200)


@pytest.mark.usefixtures("small")
def test_a_text_that_is_too_long():
    """As a body and as an event."""
    assert parse(LISTS) is NO_JSON
    assert read(LISTS).error == f"body is {TOO_LARGE}"
    stream = read(f"data: {LISTS}\n\ndata: [DONE]\n\n")
    assert stream.error == f"event at byte 0 is {TOO_LARGE}"
    assert not stream.whole


@pytest.mark.usefixtures("small")
def test_a_stream_that_lacks_an_event_is_no_whole_reply():
    """Whatever ends it: what the event said may have been the answer."""
    said = json.dumps({"choices": [{"delta": {"content": "A"}, "finish_reason": "stop"}]})
    whole, cut = (read(f"data: {said}\n\n{more}data: [DONE]\n\n") for more in ("", f"data: {LISTS}\n\n"))
    assert (whole.whole, whole.error) == (True, "")
    assert (cut.whole, cut.text) == (False, "A")
    assert TOO_LARGE in cut.error


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stream_of_too_many_lines_is_not_read(monkeypatch, end):
    """Empty events count: a few kilobytes unpack to millions of them."""
    monkeypatch.setattr(sse, "STREAM_LINES", 100)
    fits, more = (read(f"data:{end}{end}" * n + f"data: [DONE]{end}{end}") for n in (49, 50))
    assert (fits.saw_done, "lines" in fits.error) == (True, False)
    assert (more.saw_done, more.error) == (False, "stream of more than 100 lines")


def test_short_lists_become_no_more_tokens_than_a_reply_has(monkeypatch):
    """Over many events, each of them small."""
    monkeypatch.setattr(openai, "REPLY_TOKENS", 100)
    for name in ("content", "refusal", "reasoning_content"):
        choice = {"delta": {"content": "a"}, "logprobs": {name: [{}] * 10}}
        event = f"data: {json.dumps({'choices': [choice]})}\n\n"
        whole, more = (read(event * times + "data: [DONE]\n\n") for times in (10, 12))
        assert not whole.error
        assert more.error == "more than 100 tokens"
        assert len(more.tokens) <= 100
