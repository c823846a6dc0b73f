"""The official client cannot tell a replay from the server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import openai
import pytest
from servers import RawServer, Say, Seen, chunked, events, with_length

from llmxray.proxy import ProxyConfig, ProxyServer

MESSAGES: Any = [{"role": "user", "content": "Say yes."}]


def answer(_: int, seen: Seen) -> Say:
    """A model that says yes, streamed or not."""
    if seen.path.endswith("/models"):
        return Say(
            with_length(
                b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "x"}]}'
            )
        )
    if seen.json.get("stream"):
        return Say(chunked(events("y", "e", "s")), pause_s=0.005)
    message = {"role": "assistant", "content": "yes"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Say(with_length(json.dumps(reply).encode()))


def use_sync(url: str) -> list[Any]:
    """Stream and whole reply with the synchronous client."""
    with openai.OpenAI(base_url=url, api_key="unused", max_retries=0) as client:
        stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True, seed=1)
        out: list[Any] = [chunk.model_dump() for chunk in stream]
        out.append(client.chat.completions.create(model="m", messages=MESSAGES, seed=1).model_dump())
        return [*out, [each.id for each in client.models.list()]]


async def use_async(url: str) -> list[Any]:
    """The same with the asynchronous client."""
    async with openai.AsyncOpenAI(base_url=url, api_key="unused", max_retries=0) as client:
        stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True, seed=2)
        out: list[Any] = [chunk.model_dump() async for chunk in stream]
        return [
            *out,
            (await client.chat.completions.create(model="m", messages=MESSAGES, seed=2)).model_dump(),
        ]


async def test_recorded_and_replayed(tmp_path: Path) -> None:
    """Sync and async, stream and not: the same objects from the server and, with it stopped, from the cassette."""
    async with RawServer(answer) as server:
        async with ProxyServer(
            ProxyConfig(tmp_path / "c", mode="record", targets={"x": server.url})
        ) as proxy:
            first = [await asyncio.to_thread(use_sync, proxy.base_url), await use_async(proxy.base_url)]
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        again = [await asyncio.to_thread(use_sync, proxy.base_url), await use_async(proxy.base_url)]
        with pytest.raises(openai.NotFoundError, match="all have been served"):
            await use_async(proxy.base_url)
    assert first == again
    assert "yes" == "".join(chunk["choices"][0]["delta"]["content"] for chunk in again[0][:3])
    assert ["m"] == again[0][-1]
