"""What was recorded is replayed: status, headers, bytes, chunk boundaries, and how the body ended."""

import asyncio
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard
from servers import RawServer, Say, Seen, chunked, events, head, to_the_end, with_length
from trips import record_all, recording, replay_all

from llmxray.cassette import Cassette, seal, verify
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import EndCause


def cuts(body: bytes, size: int) -> list[bytes]:
    """Pieces of that many bytes."""
    return [body[at : at + size] for at in range(0, len(body), size)]


async def round_trip(directory: Path, client: Any, says: list[Say]) -> list[Any]:
    """Record, replay from the journal, seal, verify, replay again: the client sees the same three times."""
    first = await record_all(directory, client, says)
    from_journal = await replay_all(directory, client, len(says))
    seal(directory)
    assert [] == verify(directory)
    sealed = await replay_all(directory, client, len(says))
    assert [got.kept for got in first] == [got.kept for got in from_journal] == [got.kept for got in sealed]
    assert {"0"} == {got.headers["X-Llmxray-Replayed"] for got in first}
    assert {"1"} == {got.headers["X-Llmxray-Replayed"] for got in sealed}
    return first


async def test_every_stream_and_chunking(shared, tmp_path, client):
    """Real streams in one chunk, by events, in odd pieces and as recorded, in three framings."""
    paths = sorted((shared / "streams").glob("*.sse"))
    says, bodies = [], []
    for path in paths:
        body = path.read_bytes()
        for pieces in ([body], body.splitlines(keepends=True), cuts(body, max(7, len(body) // 60))):
            says.append(Say(chunked(pieces)))
            bodies.append(b"".join(pieces))
        says.append(Say(to_the_end(cuts(body, 4096))))
        says.append(Say(with_length(body, opening=head())))
        bodies += [body, body]
    got = await round_trip(tmp_path / "c", client, says)
    assert bodies == [each.body for each in got]
    assert {False} == {each.broken for each in got}
    facts = json.loads((shared / "streams" / "INDEX.json").read_text("utf-8"))
    broken = sum(1 for fact in facts if fact.get("error_events")) * len(says) // len(paths)
    assert broken == sum(not entry.complete for entry in Cassette(tmp_path / "c").all_entries())


async def test_chunks_are_those_of_the_server(tmp_path, client):
    """Pieces sent apart arrive apart, even in the middle of a character."""
    body = b"".join(events("héllo", "wörld"))
    pieces = cuts(body, 17)
    (got,) = await round_trip(tmp_path / "c", client, [Say(chunked(pieces), pause_s=0.005)])
    assert pieces == got.chunks


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (with_length(b'{"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}'), 200, None),
        (with_length(b"<html>\xff no</html>", opening=head(500, "text/html")), 500, b"<html>\xff no</html>"),
        ([head(204) + b"\r\n"], 204, b""),
    ],
    ids=["json", "html", "204"],
)
async def test_bodies_that_are_no_streams(tmp_path, client, said, status, body):
    """JSON, HTML that is not UTF-8, empty bodies, errors."""
    (got,) = await round_trip(tmp_path / "c", client, [Say(said)])
    assert status == got.status
    assert not got.broken
    if body is not None:
        assert body == got.body


async def test_encoded_bodies_are_recorded_decoded(tmp_path, client):
    """gzip and zstd from a server that was asked for identity; no stale Content-Encoding."""
    body = b"".join(events("a", "b", "c"))
    forms = {"gzip": gzip.compress(body), "zstd": zstandard.ZstdCompressor().compress(body)}
    says = [
        Say(chunked(cuts(data, 9), opening=head(200, "text/event-stream", f"Content-Encoding: {name}")))
        for name, data in forms.items()
    ]
    for got in await round_trip(tmp_path / "c", client, says):
        assert body == got.body
        assert "Content-Encoding" not in got.headers


async def test_bodies_that_cannot_be_decoded(tmp_path, client):
    """A body that is not in the encoding that it announces is no answer; the reason is kept."""
    opening = head(200, "text/event-stream", "Content-Encoding: gzip")
    await record_all(tmp_path / "c", client, [Say(chunked([b"\x1fnot encoded"], opening=opening))])
    cassette = Cassette(tmp_path / "c")
    (entry,) = cassette.all_entries()
    assert not entry.complete
    assert "cannot be decoded" in cassette.get(entry.address).error


STREAM = b"".join(events("one", "two", "three"))


async def test_silent_server_is_given_up(tmp_path, client):
    """A server that stops talking is left after the time-out, and the recording says so."""
    says = [Say([*chunked([STREAM[:40]], end=False), b""], pause_s=3)]
    got = await record_all(tmp_path / "c", client, says, timeout_s=0.3)
    cassette = Cassette(tmp_path / "c")
    (entry,) = cassette.all_entries()
    assert got[0].broken
    assert not entry.complete
    assert "time-out" in cassette.get(entry.address).error


@pytest.mark.parametrize("streams", [True, False], ids=["streaming", "silent"])
async def test_client_that_leaves(tmp_path, streams):
    """The server is cancelled, what came is kept and marked, also while the server is still silent."""
    import aiohttp

    pieces = chunked(events(*"abcdefghijklmnopqrst" * 5))
    says = Say(pieces if streams else [b"", *[b""] * 200, *pieces], pause_s=0.05)
    async with recording(lambda *_: says, tmp_path / "c") as (server, proxy):
        async with aiohttp.ClientSession() as session:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    url = f"{proxy.base_url}/chat/completions"
                    async with session.post(url, json={"model": "m"}) as reply:
                        await reply.read()
        for _ in range(100):
            if server.cut:
                break
            await asyncio.sleep(0.05)
        assert 1 == server.cut
    cassette = Cassette(tmp_path / "c")
    (entry,) = cassette.all_entries()
    assert EndCause.CLIENT_GONE is cassette.get(entry.address).end
    assert not entry.complete
    assert bool(cassette.get(entry.address).body) == streams


async def test_an_ending_proxy_waits_for_short_replies_only(tmp_path, client, monkeypatch):
    """One of minutes is broken off and what came is kept; whoever waits for it is asked of no server any more."""
    monkeypatch.setattr("llmxray.proxy.server.END_S", 0.8)

    def says(_: int, seen: Seen) -> Say:
        return Say(chunked(events(*seen.json["messages"][-1]["content"])), pause_s=0.05)

    async with RawServer(says) as server:
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="auto", targets={"x": server.url})) as proxy:
            texts = ("short", "long" * 300, "long" * 300)
            asked = [asyncio.create_task(client.ask(proxy.base_url, text)) for text in texts]
            async with asyncio.timeout(10):
                while len(server.seen) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            began = time.monotonic()
        assert time.monotonic() - began < 5
        short, *long = await asyncio.gather(*asked)
        assert [(200, True), (503, False)] == sorted((got.status, got.broken) for got in long)
        assert (short.broken, len(server.seen)) == (False, 2)
    cassette = Cassette(tmp_path / "c")
    kept = {entry.complete: cassette.get(entry.address) for entry in cassette.all_entries()}
    assert [EndCause.CLEAN, EndCause.CLIENT_GONE] == [kept[True].end, kept[False].end]
    assert len(kept[False].chunks) > 5


async def test_32_at_once(tmp_path, client):
    """32 identical requests at once become 32 samples; replayed, each once; then exhaustion; leftovers."""
    body = [chunked(events(f"answer {n}")) for n in range(32)]
    async with recording(lambda n, _: Say(body[n], pause_s=0.02), tmp_path / "c") as (_, proxy):
        first = await asyncio.gather(*(client.ask(proxy.base_url) for _ in range(32)))
    seal(tmp_path / "c")
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        some = await asyncio.gather(*(client.ask(proxy.base_url) for _ in range(30)))
        assert 2 == proxy.unserved()
        rest = [await client.ask(proxy.base_url) for _ in range(3)]
        assert 0 == proxy.unserved()
    assert sorted(got.body for got in first) == sorted(got.body for got in [*some, *rest[:2]])
    assert (404, "llmxray_exhausted") == (rest[2].status, json.loads(rest[2].body)["error"]["type"])


async def test_kept_alive_connection_closed_by_the_server(tmp_path, client):
    """A server that announces keep-alive and closes all the same loses no request."""
    says = [Say(with_length(b"".join(events(str(n))), opening=head(200)), ending="fin") for n in range(12)]
    got = await round_trip(tmp_path / "c", client, says)
    assert {200} == {each.status for each in got}
