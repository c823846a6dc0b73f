"""Recorded exchanges of ours, for tests that need some."""

from __future__ import annotations

import json
from typing import Any

from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import request_key

PATH = "/v1/chat/completions"


def stream(text: str, top: int = 3) -> bytes:
    """A llama.cpp-like stream of one event a character, with logprobs."""
    lines = []
    for number, character in enumerate(text):
        tops = [
            {"token": chr(97 + n), "bytes": [97 + n], "logprob": -0.5 - n - number / 7} for n in range(top)
        ]
        entry = {
            "token": character,
            "bytes": list(character.encode()),
            "logprob": -0.25 * number,
            "top_logprobs": tops,
        }
        finish = "stop" if number == len(text) - 1 else None
        choice = {
            "index": 0,
            "delta": {"content": character},
            "logprobs": {"content": [entry]},
            "finish_reason": finish,
        }
        lines.append(b"data: " + json.dumps({"choices": [choice], "id": "c"}).encode() + b"\n\n")
    return b"".join([*lines, b"data: [DONE]\n\n"])


def interaction(question: str = "q", sample: int = 0, attempt: int = 0, **changes: Any) -> Interaction:
    """A recorded exchange about a question; ``changes`` are fields of `Interaction`."""
    request = changes.pop(
        "request", {"model": changes.pop("model", "m"), "messages": [{"content": question}]}
    )
    body = changes.pop("body", stream("hello"))
    half = len(body) // 2
    fields: dict[str, Any] = {
        "key": request_key("POST", PATH, "x", request),
        "sample": sample,
        "attempt": attempt,
        "endpoint": "x",
        "request": request,
        "status": 200,
        "headers": (("content-type", "text/event-stream"),),
        "chunks": (Chunk(0.25, body[:half]), Chunk(0.5, body[half:])),
        "end": EndCause.CLEAN,
        "started_at": "2026-01-01T00:00:00.000Z",
    }
    return Interaction(**{**fields, **changes})
