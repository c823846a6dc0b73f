"""Doors, secrets, misses and failures of the proxy."""

import asyncio
import base64
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import pytest
from servers import RawServer, Say, chunked, events, head
from trips import recording

from llmxray.cassette import Cassette, Journal, find_keys, remove_recordings, seal, verify
from llmxray.errors import CassetteLockedError, EndpointError, InputError, SecretLeakError
from llmxray.proxy import ProxyConfig, ProxyServer

WHOLE = Say(chunked(events("yes")))
KEY = "key-9f8e7d6c5b4a/32+10"


def kind(got: Any) -> str:
    """Type of an error of ours."""
    return str(json.loads(got.body)["error"]["type"])


def on_disk(directory: Path) -> bytes:
    """Every byte of a cassette."""
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


async def record_one(directory: Path, client: Any, say: Say = WHOLE, text: str = "hi", **config: Any) -> Any:
    """Record one request."""
    async with recording(lambda *_: say, directory, **config) as (_, proxy):
        return await client.ask(proxy.base_url, text)


async def test_who_does_not_know_the_secret_spends_no_key(tmp_path, client):
    """Another user of the machine finds the port, and nothing behind it; the secret is no part of what is recorded."""
    secret = "path-of-this-run"
    async with recording(lambda *_: WHOLE, tmp_path / "c", keys={"x": KEY}, secret=secret) as (server, proxy):
        bare = f"http://127.0.0.1:{proxy.port}"
        places = (
            "/v1",
            "/e/x/v1",
            "//v1",
            "/other/v1",
            "/other/e/x/v1",
            f"/e/{secret}/v1",
            f"/{secret}/../v1",
        )
        for place in places:
            assert (await client.ask(bare + place, "spend")).status in (403, 404), place
        assert not server.seen
        for url in (proxy.base_url, proxy.endpoint_url("x")):
            assert (await client.ask(url, f"hi {url[-6:]}")).status == 200
    assert [each.path for each in server.seen] == ["/v1/chat/completions"] * 2
    seal(tmp_path / "c")
    assert secret.encode() not in on_disk(tmp_path / "c")


@pytest.mark.parametrize("whose", ["configured", "client's"])
async def test_key_goes_up_and_nowhere_else(tmp_path, client, whose):
    """The key reaches the server in the header and stands in no byte on disk."""
    async with RawServer(lambda *_: WHOLE) as server:
        keys = {"x": KEY} if whose == "configured" else {}
        config = ProxyConfig(tmp_path / "c", mode="record", targets={"x": server.url}, keys=keys)
        async with ProxyServer(config) as proxy:
            got = await client.ask(proxy.base_url, Authorization=f"Bearer {KEY if not keys else 'other'}")
        assert f"Bearer {KEY}" == server.seen[0].headers["authorization"]
        assert "x-llmxray-correlation" not in server.seen[0].headers
        assert "identity" == server.seen[0].headers["accept-encoding"]
    seal(tmp_path / "c")
    assert 200 == got.status
    assert KEY.encode() not in on_disk(tmp_path / "c")
    assert [] == find_keys(tmp_path / "c")


ECHOES = {
    "plain": chunked([f'{{"error": "bad key {KEY}"}}'.encode()], opening=head(401, "application/json")),
    "base64": chunked([base64.b64encode(f"user:{KEY}".encode())], opening=head(401)),
    "url": chunked([quote(KEY, safe="").encode()], opening=head(401)),
    "split": chunked([KEY[:7].encode(), KEY[7:].encode()]),
    "header": chunked(events("yes"), opening=head(200, "text/event-stream", f"X-Request-Id: {KEY}")),
}


@pytest.mark.parametrize(("how", "whose"), [("plain", "client's"), *((how, "configured") for how in ECHOES)])
async def test_echoed_key_stops_the_recording(tmp_path, client, how, whose):
    """Nothing is written, the client's reply does not end well, nothing more is asked; one line says why."""
    async with RawServer(lambda *_: Say(ECHOES[how], pause_s=0.005)) as server:
        keys = {"x": KEY} if whose == "configured" else {}
        config = ProxyConfig(tmp_path / "c", mode="auto", targets={"x": server.url}, keys=keys)
        async with ProxyServer(config) as proxy:
            first = await client.ask(proxy.base_url, Authorization=f"Bearer {KEY}")
            second = await client.ask(proxy.base_url, "other")
            assert isinstance(proxy.failure, SecretLeakError)
        assert 1 == len(server.seen)
    assert first.broken
    assert (500, "llmxray_cassette") == (second.status, kind(second))
    assert "recording stopped" in second.body.decode()
    assert [b""] == [path.read_bytes() for path in (tmp_path / "c").glob("*.jsonl")]


async def test_only_loopback_and_own_host(tmp_path, client):
    """Bound to loopback; other host names and proxy requests get nowhere."""
    await record_one(tmp_path / "c", client)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert proxy.base_url.startswith("http://127.0.0.1:")
        port = int(proxy.base_url.split(":")[2].split("/")[0])
        assert {"127.0.0.1"} == {address[0] for address in proxy._runner.addresses}  # type: ignore[union-attr]
        assert 403 == (await client.ask(proxy.base_url, Host="evil.example")).status
        assert 403 == (await client.ask(proxy.base_url, Host="127.0.0.1.evil.example")).status
        raw = {
            b"GET http://example.com/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n": (403, 404),
            b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n": (400, 403, 404),
        }
        for request, statuses in raw.items():
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            status = int((await reader.readline()).split()[1])
            writer.close()
            assert status in statuses, request


async def test_mitmproxy_is_no_open_relay(tmp_path):
    """Its listener forwards nothing that the proxy did not send, and waits for no body of it: the head is enough."""
    async with recording(lambda *_: WHOLE, tmp_path / "c") as (server, proxy):
        url = proxy._upstream.url("x", "/chat/completions")  # type: ignore[union-attr]
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n".encode())
        assert b"" == await asyncio.wait_for(reader.read(), 10)
        writer.close()
        async with aiohttp.ClientSession() as session, session.get(f"{proxy.base_url}/models") as reply:
            assert 200 == reply.status
    assert ["/v1/models"] == [seen.path for seen in server.seen]


async def test_bodies_without_identity(tmp_path, client):
    """Refused with 400 and never forwarded."""
    async with recording(lambda *_: WHOLE, tmp_path / "c") as (server, proxy):
        for body in (b"", b"{", b"[]", b'{"model": "a", "model": "b"}', b'{"temperature": NaN}', b"\xff"):
            got = await client.ask(proxy.base_url, body)
            assert (400, "llmxray_request") == (got.status, kind(got))
    assert [] == server.seen


async def test_two_endpoints(tmp_path, client):
    """The label is part of the identity; without one, a cassette of two endpoints knows no default."""
    async with (
        RawServer(lambda *_: Say(chunked(events("a")))) as a,
        RawServer(lambda *_: Say(chunked(events("b")))) as b,
    ):
        targets = {"a": a.url, "b": b.url}
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets=targets)) as proxy:
            got = [await client.ask(proxy.endpoint_url(label)) for label in targets]
            assert 404 == (await client.ask(proxy.endpoint_url("z"))).status
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert [each.kept for each in got] == [
            (await client.ask(proxy.endpoint_url(x))).kept for x in targets
        ]
        miss = await client.ask(proxy.base_url)
        assert "for another path or endpoint label" in miss.body.decode()


async def test_dropped_recording_is_a_miss(tmp_path, client):
    """The miss names cassette, nearest request and differing field; verify stays clean."""
    await record_one(tmp_path / "c", client, text="What is the capital of France?")
    await record_one(tmp_path / "c", client, text="What is the capital of Peru?")
    seal(tmp_path / "c")
    cassette = Cassette(tmp_path / "c")
    gone = next(each for each in cassette.requests() if "Peru" in str(each.body))
    remove_recordings(tmp_path / "c", [entry.address for entry in cassette.entries(gone.key)])
    assert [] == verify(tmp_path / "c")
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        got = await client.ask(proxy.base_url, "What is the capital of Peru?")
        assert 200 == (await client.ask(proxy.base_url, "What is the capital of France?")).status
        other = await client.ask(proxy.base_url, "What is the capital of France?", X_Llmxray_Sample="4")
    assert (404, "llmxray_miss") == (got.status, kind(got))
    message = json.loads(got.body)["error"]["message"]
    for part in ("cassette 'c'", "messages[0].content", "France", "Peru"):
        assert part in message
    assert "but not its sample 4" in other.body.decode()


async def test_second_recorder_and_bad_targets(tmp_path):
    """A proxy that cannot start says why and leaves no lock behind."""
    targets = {"x": "http://127.0.0.1:9/v1"}
    with Journal(tmp_path / "c"), pytest.raises(CassetteLockedError):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets=targets)):
            pass
    for bad in ("ftp://a/v1", "http://", "http://a:b/v1", ""):
        with pytest.raises(EndpointError, match="is not a base URL"):
            async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": bad})):
                pass
    with pytest.raises(InputError, match="none is declared"):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="auto")):
            pass
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="cannot listen"):
            async with ProxyServer(
                ProxyConfig(tmp_path / "c", mode="record", targets=targets, port=taken.getsockname()[1])
            ):
                pass
    Journal(tmp_path / "c").close()
