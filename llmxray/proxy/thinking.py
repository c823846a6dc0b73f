"""Does this model think before it answers? The server is asked, and where it does not say, the model is."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import aiohttp

from llmxray.proxy.probe import probe

_OLLAMA_PORT = 11434
_TIMEOUT_S = 20.0


async def thinking_of(base_url: str, *, model: str, key: str = "", ollama: bool = False) -> str:
    """Why the model is taken to think first; "" when nothing says so.

    Ollama lists a model's capabilities (``/api/show``), and then they decide. Other servers are asked one short
    question: a reply that begins with reasoning, in a field of its own or inside ``<think>``, decides.

    Args:
        base_url: as clients write it, ending in ``/v1`` or the like.
        ollama: whether the server is known to be Ollama; its usual port tells as well.

    Raises:
        EndpointError: the server does not answer the question.
    """
    if ollama or urlsplit(base_url).port == _OLLAMA_PORT:
        listed = await _capabilities(base_url, model)
        if listed is not None:
            return "the server says this model thinks" if "thinking" in listed else ""
    facts = await probe(base_url, model=model, key=key)
    return "it began its reply to a test question with thinking" if facts.reasoning else ""


async def _capabilities(base_url: str, model: str) -> list[str] | None:
    """What Ollama lists for a model; None where it lists nothing (before 0.6.4), or is not Ollama."""
    root = base_url.removesuffix("/v1")
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{root}/api/show", json={"model": model}) as response,
        ):
            if response.status != 200:
                return None
            data = json.loads(await response.read())
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    listed = data.get("capabilities") if isinstance(data, dict) else None
    return [str(each) for each in listed] if isinstance(listed, list) else None
