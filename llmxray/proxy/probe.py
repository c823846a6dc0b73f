"""Ask a server what it is and what it sends: the facts a reader of its recordings needs.

`llmxray probe` prints them; recording stores them in the manifest. A server that does not answer as an
OpenAI-compatible endpoint gives one clear line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from llmxray.errors import EndpointError
from llmxray.types import Chunk, Completion
from llmxray.wire import read_completion

_QUESTION = "What is the capital of France? Answer with one word."
_TIMEOUT_S = 120.0
_SHOWN_MODELS = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server showed of itself.

    Attributes:
        models: ids it lists; empty when it has no list.
        streaming: whether a streamed reply came in events.
        logprobs: whether tokens carry logprobs.
        top_logprobs: alternatives per token when 20 were asked for.
        token_bytes: whether tokens carry their bytes.
        usage: whether token counts were reported.
        reasoning: whether the reply began with thinking, in a field of its own or inside ``<think>``.
        system_fingerprint: as sent, "" when absent.
    """

    base_url: str
    model: str
    models: tuple[str, ...]
    streaming: bool
    logprobs: bool
    top_logprobs: int
    token_bytes: bool
    usage: bool
    reasoning: bool
    system_fingerprint: str

    def as_json(self) -> dict[str, Any]:
        """The facts as the manifest keeps them."""
        return asdict(self)


async def probe(base_url: str, *, model: str = "", key: str = "") -> Facts:
    """Probe a server with one short question.

    Args:
        base_url: as clients write it, ending in ``/v1`` or the like.
        model: name to ask for; the first one listed when it is "".
        key: API key, "" for none.

    Raises:
        EndpointError: nothing listens there, the path or the model does not exist, or it is no such server.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_TIMEOUT_S)
    try:
        # Some servers (llama.cpp) close connections that they announced to keep.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
            models = await _models(session, base_url)
            asked = model or (models[0] if models else "")
            if models and model and model not in models and not _tagged(model, models):
                listed = ", ".join(models[:_SHOWN_MODELS]) + (" …" if len(models) > _SHOWN_MODELS else "")
                raise EndpointError(f"{base_url} has no model {model!r}; it has: {listed}")
            reply, streaming = await _ask(session, base_url, asked)
    except EndpointError as error:
        # Servers quote the key that they refuse, and this message may end up in a log.
        raise EndpointError(str(error).replace(key, "…") if key else str(error)) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise EndpointError(
            f"{base_url} cannot be reached ({_why(error)}): is the server running?"
        ) from error
    return _facts(base_url, asked, models, reply, streaming)


async def _models(session: aiohttp.ClientSession, base_url: str) -> tuple[str, ...]:
    async with session.get(f"{base_url}/models") as response:
        if response.status in (401, 403):
            raise EndpointError(f"{base_url} refuses the API key (HTTP {response.status})")
        if response.status != 200:
            return ()
        data = _json(await response.read(), base_url)
    entries = data.get("data") if isinstance(data, dict) else None
    return tuple(str(each["id"]) for each in entries or () if isinstance(each, dict) and "id" in each)


async def _ask(session: aiohttp.ClientSession, base_url: str, model: str) -> tuple[Completion, bool]:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": _QUESTION}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "logprobs": True,
        "top_logprobs": 20,
        "max_tokens": 8,
        "temperature": 0,
    }
    began = time.monotonic()
    async with session.post(f"{base_url}/chat/completions", json=body) as response:
        chunks = [Chunk(time.monotonic() - began, piece) async for piece in response.content.iter_any()]
        content_type = response.content_type
    status = response.status
    raw = b"".join(chunk.raw for chunk in chunks)
    if status in (404, 405):
        said = read_completion(chunks, content_type=content_type, status=status).error
        raise EndpointError(
            f"{base_url}/chat/completions is not there or has no model {model!r} ({said[:200]})"
        )
    if "html" in content_type or raw.lstrip()[:1] == b"<":
        raise EndpointError(f"{base_url} answers with a web page, not JSON: is the base URL right (…/v1)?")
    reply = read_completion(chunks, content_type=content_type, status=status)
    if status != 200 or not reply.whole:
        raise EndpointError(
            f"{base_url} does not answer as a chat endpoint: {reply.error[:300] or f'HTTP {status}'}"
        )
    return reply, raw.startswith((b"data:", b":", b"event:"))


def _facts(base_url: str, model: str, models: tuple[str, ...], reply: Completion, streaming: bool) -> Facts:
    tokens = reply.tokens
    return Facts(
        base_url=base_url,
        model=model,
        models=models,
        streaming=streaming,
        logprobs=bool(tokens),
        top_logprobs=max((len(token.top) for token in tokens), default=0),
        token_bytes=bool(tokens) and all(token.bytes is not None for token in tokens),
        usage=reply.completion_tokens is not None,
        reasoning=bool(reply.reasoning) or "<think>" in reply.text,
        system_fingerprint=reply.system_fingerprint,
    )


def _json(raw: bytes, base_url: str) -> Mapping[str, Any] | list[Any]:
    try:
        data: Mapping[str, Any] | list[Any] = json.loads(raw)
    except ValueError as error:
        raise EndpointError(
            f"{base_url}/models answers with something that is not JSON: is the base URL right (…/v1)?"
        ) from error
    return data


def _tagged(model: str, models: tuple[str, ...]) -> bool:
    # Ollama lists "llama3.2:latest" and accepts "llama3.2".
    return any(each.split(":")[0] == model for each in models)


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within the time-out"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    return str(error) or type(error).__name__
