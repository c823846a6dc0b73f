"""HTTP as it happens: large bodies, slow readers, clients that drip, silence, crowds."""

import asyncio
import json
from contextlib import suppress

import aiohttp
from servers import Say, chunked, events, with_length
from trips import recorded_in_order, recording

from llmxray.cassette import seal
from llmxray.proxy import ProxyConfig, ProxyServer, exchange
from llmxray.types import EndCause

MIB = 1024 * 1024


async def test_large_bodies_both_ways(tmp_path, client):
    """A request and a reply of more than a mebibyte each, streamed and whole."""
    text = "é" * MIB
    message = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    stream = events(*[text[:70_000]] * 20)
    says = [Say(with_length(json.dumps(message).encode())), Say(chunked(stream))]
    asked = [{"model": "m", "messages": [{"role": "user", "content": f"{n}{text}"}]} for n in range(2)]
    async with recording(lambda n, _: says[n], tmp_path / "c") as (server, proxy):
        first = [await client.ask(proxy.base_url, body) for body in asked]
    assert [json.dumps(body).encode() for body in asked] == [seen.body for seen in server.seen]
    assert b"".join(stream) == first[1].body
    seal(tmp_path / "c")
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert [got.kept for got in first] == [
            (await client.ask(proxy.base_url, body)).kept for body in asked
        ]


async def read_slowly(url: str, pause_s: float, *, size: int = 16_384) -> bytes:
    """A client that takes a little at a time."""
    body = {"model": "m", "messages": [{"role": "user", "content": "0"}], "stream": True}
    received = b""
    async with aiohttp.ClientSession(read_bufsize=4096) as session:
        async with session.post(f"{url}/chat/completions", json=body) as reply:
            while piece := await reply.content.read(size):
                received += piece
                await asyncio.sleep(pause_s)
    return received


async def test_slow_reader(tmp_path):
    """A client that reads slowly gets everything, and the times recorded are those of the server, not its own."""
    body = events(*["x" * 40_000] * 30)
    async with recording(lambda *_: Say(chunked(body)), tmp_path / "c") as (_, proxy):
        began = asyncio.get_running_loop().time()
        assert b"".join(body) == await read_slowly(proxy.base_url, 0.02)
        took = asyncio.get_running_loop().time() - began
    (recorded,) = recorded_in_order(tmp_path / "c")
    assert EndCause.CLEAN is recorded.end
    assert recorded.chunks[-1].t_s < took / 2
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert b"".join(body) == await read_slowly(proxy.base_url, 0.002)


async def impatient(url: str, patience_s: float) -> str:
    """A client that hangs up after a silence; how it went."""
    timeout = aiohttp.ClientTimeout(total=None, sock_read=patience_s)
    body = {"model": "m", "messages": [{"role": "user", "content": "0"}], "stream": True}
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                return (await reply.read()).decode()
    except TimeoutError:
        return "gave up"


async def test_silence_longer_than_the_client_waits(tmp_path, client):
    """Recording: marked, and the next client that waits has its own. Replay: the gap is kept at speed 1 only."""
    first, *rest = chunked(events("a", "b"))
    async with recording(lambda *_: Say([first, *rest], pause_s=0.8), tmp_path / "c") as (_, proxy):
        assert "gave up" == await impatient(proxy.base_url, 0.3)
        for _ in range(100):
            if len(proxy.cassette):
                break
            await asyncio.sleep(0.05)
        whole = await client.ask(proxy.base_url, "0")
    cut, kept = recorded_in_order(tmp_path / "c")
    assert (EndCause.CLIENT_GONE, EndCause.CLEAN) == (cut.end, kept.end)
    assert (0, 0, 0, 1) == (cut.sample, cut.attempt, kept.sample, kept.attempt)
    async with ProxyServer(ProxyConfig(tmp_path / "c", speed=1)) as proxy:
        await client.ask(proxy.base_url, "0")
        assert "gave up" == await impatient(proxy.base_url, 0.3)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        await client.ask(proxy.base_url, "0")
        assert whole.body.decode() == await impatient(proxy.base_url, 0.3)


async def test_keep_alives_are_passed_on_at_once(tmp_path):
    """Comments sent to keep a client waiting reach it while the server is still thinking."""
    pieces = [b": ping\n\n"] * 6 + events("a")
    async with recording(lambda *_: Say(chunked(pieces), pause_s=0.25), tmp_path / "c") as (_, proxy):
        assert b"".join(pieces).decode() == await impatient(proxy.base_url, 0.9)


async def test_a_reply_without_end_is_given_up(tmp_path, monkeypatch):
    """Kept up to the limit, never counted as an answer, though its client does not keep up with it."""
    monkeypatch.setattr(exchange, "REPLY_BYTES", 2_000_000)
    endless = chunked(events(*["x" * 10_000] * 3_000), end=False)
    async with recording(lambda *_: Say(endless), tmp_path / "c") as (_, proxy):
        with suppress(aiohttp.ClientError):
            await asyncio.wait_for(read_slowly(proxy.base_url, 0.5, size=200_000), 30)
        assert proxy.failure is None
    (recorded,) = recorded_in_order(tmp_path / "c")
    assert recorded.end is EndCause.RESET
    assert "the reply is larger than" in recorded.error
    assert 1_500_000 < len(recorded.body) <= 2_000_000
