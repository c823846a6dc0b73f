"""Ask a server what it is and what it sends: the facts a reader of its recordings needs.

`llmxray probe` prints them; recording stores them in the manifest. A server that does not answer as an
OpenAI-compatible endpoint gives one clear line. A dozen short questions at most are asked.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from llmxray.errors import EndpointError
from llmxray.keys import is_in_the_clear
from llmxray.proxy import facts as reading
from llmxray.proxy.facts import Facts
from llmxray.types import Chunk, Completion
from llmxray.wire import read_completion

_QUESTION = "What is the capital of France? Answer with one word."
_FORCED = "Zanzibar"  # not what anybody would answer
_TIMEOUT_S = 120.0
_SHOWN_MODELS = 8
# OpenAI accepts 20 at most, and plans ask for no more; others are searched up to a bound.
_ASKED_TOP, _MOST_TOP = 20, 64
# 422 is what servers on FastAPI say to a field they do not take.
_REFUSED = (400, 422)
# llama.cpp says 503 while it loads its model.
_BUSY, _BUSY_WAITS_S = (429, 500, 502, 503, 504), (1.0, 3.0)
_VERSION_PATHS = {
    "llama.cpp": ("/props", "build_info"),
    "vLLM": ("/version", "version"),
    "Ollama": ("/api/version", "version"),
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reply to one question."""

    status: int
    content_type: str
    server: str
    raw: bytes
    reply: Completion

    @property
    def whole(self) -> bool:
        return self.status == 200 and self.reply.whole

    @property
    def alternatives(self) -> int:
        return max((len(token.top) for token in self.reply.tokens), default=0)


async def probe(base_url: str, *, model: str = "", key: str = "") -> Facts:
    """Probe a server with a few short questions.

    Args:
        base_url: as clients write it, ending in ``/v1`` or the like.
        model: name to ask for; the first one listed when it is "".
        key: API key, "" for none.

    Raises:
        EndpointError: nothing listens there, the path or the model does not exist, or it is no such server.
    """
    if key and is_in_the_clear(base_url):
        raise EndpointError(f"{base_url} is http, so the API key is not sent to it: use https, or a tunnel")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_TIMEOUT_S)
    try:
        # Some servers (llama.cpp) close connections that they announced to keep.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
            return await _Probe(session, base_url, model).run()
    except EndpointError as error:
        # Servers quote the key that they refuse, and this message may end up in a log.
        raise EndpointError(str(error).replace(key, "…") if key else str(error)) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise EndpointError(_why(base_url, error)) from error


class _Probe:
    def __init__(self, session: aiohttp.ClientSession, base_url: str, model: str) -> None:
        self._session, self._base_url, self._model = session, base_url, model

    async def run(self) -> Facts:
        entries = await self._models()
        models = tuple(str(each["id"]) for each in entries)
        # A server without a list may still have the model: the first question tells.
        if models and self._model and self._model not in models and not _tagged(self._model, models):
            listed = ", ".join(models[:_SHOWN_MODELS]) + (" …" if len(models) > _SHOWN_MODELS else "")
            raise EndpointError(f"{self._base_url} has no model {self._model!r}; it has: {listed}")
        self._model = self._model or (models[0] if models else "")
        first = await self._first()
        reply, tokens = first.reply, first.reply.tokens
        largest = await self._largest_top(first) if tokens else None
        entry = next((each for each in entries if each["id"] in (self._model, reply.model)), {})
        software = reading.server_name(entry, reply, first.server)
        capabilities = await self._capabilities() if software == "Ollama" else ()
        thinks, why = reading.thinking(self._model, reply, capabilities)
        return Facts(
            base_url=self._base_url,
            model=self._model,
            models=models,
            streaming=first.raw.startswith((b"data:", b":", b"event:")),
            logprobs=bool(tokens),
            top_logprobs=first.alternatives,
            largest_top_logprobs=largest,
            token_bytes=bool(tokens) and all(token.bytes is not None for token in tokens),
            usage=reply.completion_tokens is not None,
            reasoning=bool(reply.reasoning) or "<think>" in reply.text,
            reasoning_field=reading.reasoning_field(first.raw) if reply.reasoning else "",
            thinking=thinks,
            thinking_why=why,
            forcing=await self._forcing(),
            model_reported=reply.model,
            model_facts=reading.model_facts(entry),
            server_software=software,
            server_version=await self._version(software),
            system_fingerprint=reply.system_fingerprint,
        )

    async def _first(self) -> _Answer:
        """The answer to the question, with 20 alternatives, fewer, or no logprobs: the most that is accepted."""
        first = refused = await self._patiently(**_logprobs(_ASKED_TOP))
        for fields in (_logprobs(5), _logprobs(1), {}):
            if first.status not in _REFUSED:
                break
            first = await self._ask(**fields)
        # Where nothing is accepted, the first complaint is about the most.
        self._must_be_whole(first if first.whole else refused)
        return first

    async def _patiently(self, **fields: Any) -> _Answer:
        """The answer of a server that may still be loading, or be busy for a moment."""
        answer = await self._ask(**fields)
        for wait_s in _BUSY_WAITS_S:
            if answer.status not in _BUSY:
                break
            await asyncio.sleep(wait_s)
            answer = await self._ask(**fields)
        return answer

    async def _largest_top(self, first: _Answer) -> int:
        """Most alternatives that are accepted and sent, by bisection."""
        low, high = first.alternatives, _MOST_TOP + 1
        if low < _ASKED_TOP:
            # Fewer were sent than asked for, or 20 were refused.
            high = _ASKED_TOP + 1
        elif (await self._top(_MOST_TOP)) == _MOST_TOP:
            return _MOST_TOP
        while high - low > 1:
            middle = (low + high) // 2
            got = await self._top(middle)
            # Fewer than asked for means cut down, none means refused: both say that less is the most.
            low, high = (max(low, got), high) if got == middle else (max(low, got), middle)
        return low

    async def _top(self, count: int) -> int:
        answer = await self._ask(max_tokens=1, **_logprobs(count))
        return answer.alternatives if answer.whole else 0

    async def _forcing(self) -> str:
        for field, fields in reading.forcing_fields(_FORCED).items():
            # Room for the text inside a JSON object; a server that ignores the field says something else.
            answer = await self._ask(max_tokens=24, **fields)
            if answer.whole and reading.was_forced(answer.reply, _FORCED):
                return field
        return ""

    async def _models(self) -> list[Mapping[str, Any]]:
        # Not followed, here and below: a redirect would take the key along.
        async with self._session.get(f"{self._base_url}/models", allow_redirects=False) as response:
            if response.status in (401, 403):
                raise EndpointError(f"{self._base_url} refuses the API key (HTTP {response.status})")
            # Some servers have no list.
            if response.status != 200:
                return []
            raw = await response.read()
        try:
            data = json.loads(raw)
        except ValueError as error:
            raise EndpointError(
                f"{self._base_url}/models answers with something that is not JSON: is the base URL right (…/v1)?"
            ) from error
        entries = data.get("data") if isinstance(data, dict) else None
        return [each for each in entries or () if isinstance(each, dict) and "id" in each]

    async def _ask(self, **fields: Any) -> _Answer:
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": _QUESTION}],
            "stream": True,
            "stream_options": {"include_usage": True},
            # Enough to see a <think>, a reasoning field and whether tokens carry logprobs.
            "max_tokens": 8,
            "temperature": 0,
            **fields,
        }
        began = time.monotonic()
        url = f"{self._base_url}/chat/completions"
        async with self._session.post(url, json=body, allow_redirects=False) as response:
            chunks = [Chunk(time.monotonic() - began, piece) async for piece in response.content.iter_any()]
            kind, status, server = (
                response.content_type,
                response.status,
                response.headers.get("Server", ""),
            )
        reply = read_completion(chunks, content_type=kind, status=status)
        return _Answer(status, kind, server, b"".join(chunk.raw for chunk in chunks), reply)

    def _must_be_whole(self, answer: _Answer) -> None:
        said = answer.reply.error
        if answer.status in (404, 405):
            raise EndpointError(
                f"{self._base_url}/chat/completions is not there or has no model {self._model!r} ({said[:200]})"
            )
        if 300 <= answer.status < 400:
            raise EndpointError(
                f"{self._base_url} sends clients elsewhere (HTTP {answer.status}): give the address it sends them to"
            )
        if answer.status in _BUSY:
            said = "" if "html" in answer.content_type else f": {said[:200]}"
            raise EndpointError(
                f"{self._base_url} is busy or failing (HTTP {answer.status}{said}): try again later"
            )
        if "html" in answer.content_type or answer.raw.lstrip()[:1] == b"<":
            raise EndpointError(
                f"{self._base_url} answers with a web page, not JSON: is the base URL right (…/v1)?"
            )
        if not answer.whole:
            raise EndpointError(
                f"{self._base_url} does not answer as a chat endpoint: {said[:300] or f'HTTP {answer.status}'}"
            )

    async def _capabilities(self) -> tuple[str, ...]:
        data = await self._extra("POST", "/api/show", {"model": self._model})
        listed = data.get("capabilities")
        return tuple(map(str, listed)) if isinstance(listed, list) else ()

    async def _version(self, software: str) -> str:
        if software not in _VERSION_PATHS:
            return ""
        path, field = _VERSION_PATHS[software]
        version = (await self._extra("GET", path)).get(field, "")
        return version[:80] if isinstance(version, str) else ""

    async def _extra(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        """A JSON object from beside the API; an empty one when the server does not have it."""
        # These paths stand beside the API, not under its /v1.
        parts = urlsplit(self._base_url)
        try:
            url = f"{parts.scheme}://{parts.netloc}{path}"
            async with self._session.request(method, url, json=body, allow_redirects=False) as response:
                data = json.loads(await response.read()) if response.status == 200 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


def _logprobs(count: int) -> dict[str, Any]:
    return {"logprobs": True, "top_logprobs": count}


def _tagged(model: str, models: tuple[str, ...]) -> bool:
    # Ollama lists "llama3.2:latest" and accepts "llama3.2".
    return any(each.split(":")[0] == model for each in models)


def _why(base_url: str, error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        return (
            f"the TLS certificate of {base_url} is not trusted ({why}): "
            "set SSL_CERT_FILE to the file of the authority that signed it"
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return f"{base_url} does not speak TLS as it should ({error.os_error}): is it http, not https?"
    if isinstance(error, TimeoutError):
        why = "no answer within the time-out"
    elif isinstance(error, aiohttp.ClientConnectorError):
        why = str(error.os_error.strerror or error.os_error)
    else:
        why = str(error) or type(error).__name__
    return f"{base_url} cannot be reached ({why}): is the server running?"
