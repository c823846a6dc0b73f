"""What a server or a client can send and no cassette may hold: it is refused, and what was recorded stays readable."""

import json
import time
from typing import Any

import pytest
from servers import Say, Seen, chunked, events, head, with_length
from trips import recording

from llmxray.cassette import Cassette, seal, verify
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import EndCause

YES = Say(chunked(events("yes")))


@pytest.mark.parametrize(
    "status", [b"1000 Hm", b"101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade"]
)
async def test_a_status_that_no_reply_has(tmp_path, client, status):
    """It counts as no reply, the error names it, and everything recorded stays readable."""

    def script(_: int, seen: Seen) -> Say:
        if seen.json["messages"][0]["content"] == "strange":
            return Say([b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}"])
        return YES

    async with recording(script, tmp_path / "c", timeout_s=5) as (_, proxy):
        replies = [await client.ask(proxy.base_url, question) for question in ("good", "strange", "again")]
        assert [200, 502, 200] == [each.status for each in replies]
        error = f"the server answered with status {status.decode().split()[0]}"
        assert error == json.loads(replies[1].body)["error"]["message"]
    assert [] == verify(tmp_path / "c")
    cassette = Cassette.existing(tmp_path / "c")
    _, strange, _ = (cassette.get(entry.address) for entry in cassette.all_entries())
    assert (None, error, EndCause.CONNECT, ()) == (strange.status, strange.error, strange.end, strange.chunks)
    seal(tmp_path / "c")
    assert [] == verify(tmp_path / "c")


@pytest.mark.parametrize("status", [204, 205])
async def test_a_reply_that_ends_with_its_head(tmp_path, client, monkeypatch, status):
    """It is recorded before a client has it whole, also when its end is reported late."""
    from llmxray.proxy import upstream

    def response(tap: upstream.Tap, flow: Any, told: Any = upstream.Tap.response) -> None:
        time.sleep(0.3)
        told(tap, flow)

    monkeypatch.setattr(upstream.Tap, "response", response)
    says = Say(with_length(b"", opening=head(status)))
    async with recording(lambda *_: says, tmp_path / "c", timeout_s=5) as (_, proxy):
        reply = await client.ask(proxy.base_url)
        assert (status, b"", 1) == (reply.status, reply.body, len(proxy.cassette))
    (entry,) = Cassette.existing(tmp_path / "c").all_entries()
    assert (status, False) == (entry.status, entry.complete)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert reply.kept == (await client.ask(proxy.base_url)).kept


async def test_a_sample_that_is_none(tmp_path, client):
    """It is refused before anything is asked, and what was recorded is sealed."""
    async with recording(lambda *_: YES, tmp_path / "c", timeout_s=5) as (server, proxy):
        for sample in ("-1", "", str(2**31), "\u0663"):
            refused = await client.ask(proxy.base_url, X_Llmxray_Sample=sample)
            assert 400 == refused.status
            assert "not a whole number" in json.loads(refused.body)["error"]["message"]
        assert 200 == (await client.ask(proxy.base_url, X_Llmxray_Sample=str(2**31 - 1))).status
    assert len(server.seen) == 1
    seal(tmp_path / "c")
    assert [] == verify(tmp_path / "c")


async def test_a_request_that_is_not_encoded_as_it_says(tmp_path, client):
    """It is the client's fault, and nothing is asked."""
    async with recording(lambda *_: YES, tmp_path / "c", timeout_s=5) as (server, proxy):
        reply = await client.ask(proxy.base_url, b'{"model": "m"}', Content_Encoding="gzip")
        assert 400 == reply.status
        assert "cannot be used" in json.loads(reply.body)["error"]["message"]
        assert 200 == (await client.ask(proxy.base_url)).status
    assert len(server.seen) == 1
