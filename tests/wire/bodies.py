"""Bodies of replies as servers write them, for tests that read some."""

import json
from collections.abc import Sequence
from typing import Any

from llmxray.types import Chunk, Completion
from llmxray.wire import read_completion

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def delta(index: int = 0, logprobs: Any = None, **fields: Any) -> dict[str, Any]:
    """A stream payload with one delta; ``logprobs`` are token entries, or the whole value as it stands."""
    choice: dict[str, Any] = {"index": index, "delta": fields, "finish_reason": None}
    if logprobs is not None:
        choice["logprobs"] = {"content": list(logprobs)} if isinstance(logprobs, Sequence) else logprobs
    return {"choices": [choice]}


def entry(token: str, nats: float | None = -0.5, **fields: Any) -> dict[str, Any]:
    """A token entry."""
    return {"token": token, "logprob": nats, "bytes": list(token.encode()), "top_logprobs": [], **fields}


def sse(*payloads: Any) -> bytes:
    """A stream of payloads; strings go in as they are."""
    texts = (payload if isinstance(payload, str) else json.dumps(payload) for payload in payloads)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def whole(message: Any, finish: str = "stop", **choice: Any) -> bytes:
    """A reply that is not streamed, with one choice."""
    return json.dumps(
        {"choices": [{"index": 0, "message": message, "finish_reason": finish, **choice}]}
    ).encode()


def read(body: bytes, status: int = 200, kind: str = "text/event-stream") -> Completion:
    """The completion of a body that came in one piece."""
    return read_completion([Chunk(1.0, body)], content_type=kind, status=status)


def parts(completion: Completion) -> str:
    """One letter a token: the first of its part."""
    return "".join(token.part[0] for token in completion.tokens)
