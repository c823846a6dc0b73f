"""Recording and replaying many exchanges at once, through the real proxy."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from servers import RawServer, Say, Script, Seen

from llmxray.cassette import Cassette
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import Completion, Interaction
from llmxray.wire import read_interaction

AT_ONCE = 16


async def ask_all(client: Any, url: str, count: int) -> list[Any]:
    """Ask questions "0", "1", … of a base URL, sixteen at once; replies in their order."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> Any:
        async with gate:
            return await client.ask(url, str(number))

    return list(await asyncio.gather(*(one(number) for number in range(count))))


@asynccontextmanager
async def recording(
    script: Script, directory: Path, mode: Any = "record", **config: Any
) -> AsyncIterator[tuple[RawServer, ProxyServer]]:
    """A server that answers so as endpoint x, and a proxy that records it."""
    async with RawServer(script) as server:
        settings = ProxyConfig(directory, mode=mode, targets={"x": server.url}, **config)
        async with ProxyServer(settings) as proxy:
            yield server, proxy


async def record_all(directory: Path, client: Any, says: Sequence[Say], **config: Any) -> list[Any]:
    """Record a reply to each question."""

    def script(_: int, seen: Seen) -> Say:
        return says[int(seen.json["messages"][0]["content"])]

    async with recording(script, directory, **config) as (_, proxy):
        return await ask_all(client, proxy.base_url, len(says))


async def replay_all(directory: Path, client: Any, count: int, **config: Any) -> list[Any]:
    """Ask the same questions of a replaying proxy."""
    async with ProxyServer(ProxyConfig(directory, **config)) as proxy:
        return await ask_all(client, proxy.base_url, count)


def recorded_in_order(directory: Path) -> list[Interaction]:
    """The recordings, by the number asked."""
    cassette = Cassette(directory)
    each = [cassette.get(entry.address) for entry in cassette.all_entries()]
    return sorted(each, key=lambda one: int(one.request["messages"][0]["content"]))  # type: ignore[index,call-overload]


def untimed(interaction: Interaction) -> Completion:
    """What a recording says, without the times at which it said it."""
    reply = read_interaction(interaction)
    tokens = tuple(replace(token, t_s=0.0) for token in reply.tokens)
    return replace(reply, tokens=tokens, ttft_s=None, ttfa_s=None, latency_s=None)
