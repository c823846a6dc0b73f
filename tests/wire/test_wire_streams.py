"""The recorded streams of a dozen servers read as INDEX.json says, however they are cut."""

import json
from dataclasses import replace

from llmxray.types import Chunk, Completion
from llmxray.wire import decode_events, read_completion


def read(pieces: list[bytes]) -> Completion:
    """The completion of pieces that all came at second 0."""
    chunks = [Chunk(0.0, piece) for piece in pieces]
    return read_completion(chunks, content_type="text/event-stream", status=200)


def test_bytes_dripping_in(stream_path):
    """One byte a chunk reads like one chunk."""
    body = stream_path.read_bytes()
    assert read([bytes([byte]) for byte in body]) == read([body])


def test_index_facts(stream_path, facts):
    """Counts of events, tokens, alternatives and errors are those of the index."""
    fact = facts[stream_path.name]
    body = stream_path.read_bytes()
    assert len(body) == fact["bytes"]
    if "data_events" not in fact:
        return
    events = list(decode_events(body))
    data = [event for event in events if event.has_data]
    payloads = [json.loads(event.data) for event in data if event.data != "[DONE]"]
    completion = read([body])
    assert {
        "data_events": len(data),
        "json_ok": len(payloads),
        "done": completion.saw_done,
        "event_lines": sum(event.event != "message" for event in data),
        "logprob_tokens": len(completion.tokens),
        "top_logprob_entries": sum(len(token.top) for token in completion.tokens),
        "error_events": int(bool(completion.error)),
        "usage_only_chunks": sum(not p.get("choices") and bool(p.get("usage")) for p in payloads),
    }.items() <= fact.items()
    assert (completion.reasoning != "") == (fact["reasoning_chunks"] > 0)
    assert completion.whole == (fact["error_events"] == 0)


def test_recorded_chunks(streams):
    """llama.cpp's own network chunks: whole, timed, and every token spells the text."""
    for path in streams.glob("*.chunks.json"):
        recorded = json.loads(path.read_text("utf-8"))
        body = path.with_name(path.name.replace(".chunks.json", ".sse")).read_bytes()
        chunks, at = [], 0
        for t_s, size in recorded["chunks"]:
            chunks.append(Chunk(t_s, body[at : at + size]))
            at += size
        assert at == len(body)
        completion = read_completion(chunks, content_type=recorded["content_type"], status=recorded["status"])
        assert completion.whole
        assert completion.ttft_s == completion.ttfa_s == chunks[0].t_s
        assert completion.latency_s == chunks[-1].t_s
        times = [token.t_s for token in completion.tokens]
        assert times == sorted(set(times))
        if completion.tokens:
            assert "".join(token.token for token in completion.tokens) == completion.text
        unpieced = replace(read([body]), ttft_s=None, ttfa_s=None, latency_s=None, tokens=())
        assert replace(completion, ttft_s=None, ttfa_s=None, latency_s=None, tokens=()) == unpieced


def test_known_replies(streams):
    """A few replies word for word."""
    known = {
        "01_openai_logprobs_content": ("Foo!", "", "stop", 2),
        "13_openrouter_reasoning": (
            "2 + 2 = 4",
            "This is a simple arithmetic question. 2+2 equals 4.",
            "stop",
            36,
        ),
        "15_hf_router_novita": ("Paris", "", "stop", 2),
        "24_snowflake_empty_id": ("4", "", None, 5),
        # Its thinking is counted beside the one token of the answer.
        "26_xai_no_finish_key": ("Hello", "First, the user said", "stop", 291),
        "33_llamacpp_forced_option": ("Canberra", "", "stop", None),
    }
    for name, expected in known.items():
        found = read([(streams / f"{name}.sse").read_bytes()])
        assert (found.text, found.reasoning, found.finish_reason, found.completion_tokens) == expected
