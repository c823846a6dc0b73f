"""Any route below /v1: recorded and replayed byte for byte, under the same rules as chat, and no way out of it."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from servers import RawServer, Say, Seen, chunked, events, head, with_length
from trips import recording

from llmxray.cassette import Cassette, find_keys, seal, verify
from llmxray.proxy import ProxyConfig, ProxyServer

KEY = "key-9f8e7d6c5b4a/32+10"
EMBEDDINGS = {"model": "e", "input": ["Zürich", "Genève"], "encoding_format": "base64"}
RESPONSES = {"model": "m", "input": "hi", "stream": True}
COMPLETIONS = {"model": "m", "prompt": "Once", "max_tokens": 4}
MESSAGES = {"model": "c", "max_tokens": 8, "messages": [{"role": "user", "content": "hi"}], "stream": True}
VERSION = {"anthropic-version": "2023-06-01"}

ENDS = {
    "/responses": [("response.completed", {"response": {"status": "completed"}})],
    "/messages": [("message_delta", {"delta": {"stop_reason": "end_turn"}}), ("message_stop", {})],
}


def vendor(_: int, seen: Seen) -> Say:
    """A server with the routes that clients use beside chat, each in its vendor's shape."""
    path = seen.path.partition("?")[0].removeprefix("/lab/v1")
    if path in ("/responses", "/messages"):
        pieces = [
            f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()
            for kind, more in [("ping", {}), *ENDS[path]]
        ]
        return Say(chunked(pieces), pause_s=0.005)
    if path == "/audio/speech":
        return Say(with_length(bytes(range(256)) * 40, opening=head(200, "audio/mpeg")))
    # Not as any JSON library would write it again.
    return Say(
        with_length(json.dumps({"object": "list", "path": path}, indent=3).replace("\n", "\r\n").encode())
    )


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, list[Seen]]]:
    """Base URL of that server, whose path is not the usual one, and what it was asked."""
    async with RawServer(vendor) as server:
        yield server.url.replace("/v1", "/lab/v1"), server.seen


async def send(
    url: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str, list[bytes]]:
    """Status, content type and pieces of a reply."""
    data = None if body is None else io.BytesIO(json.dumps(body).encode())
    kind = {} if body is None else {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        method = "GET" if body is None else "POST"
        async with session.request(
            method, url + path, data=data, headers={**kind, **(headers or {})}
        ) as reply:
            pieces, part = [], b""
            while not reply.content.at_eof():
                piece, whole = await reply.content.readchunk()
                part += piece
                if whole and part:
                    pieces.append(part)
                    part = b""
            return reply.status, reply.headers.get("Content-Type", ""), pieces + ([part] if part else [])


ASKED: list[tuple[str, Any, Mapping[str, str]]] = [
    ("/embeddings", EMBEDDINGS, {}),
    ("/responses", RESPONSES, {}),
    ("/completions", COMPLETIONS, {}),
    ("/messages", MESSAGES, {**VERSION, "x-api-key": KEY}),
    ("/messages?beta=true", MESSAGES, {**VERSION, "x-api-key": KEY, "anthropic-beta": "a,b"}),
    ("/audio/speech", {"model": "t", "input": "hi"}, {}),
    ("/models/org/name", None, {}),
    ("/models/org%2Fname", None, {}),
]


async def test_recorded_and_replayed_byte_for_byte(tmp_path):
    """JSON as it was written, events in their pieces, audio; sealed, with no server and no key."""
    async with serving() as (url, seen):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
            first = [await send(proxy.base_url, *each) for each in ASKED]
            assert proxy.failure is None
    assert [200] * len(ASKED) == [status for status, _, _ in first]
    assert 2 == len(first[1][2])
    assert bytes(range(256)) * 40 == b"".join(first[5][2])
    # What reached the server is what the client wrote, below the base URL that was declared.
    assert [f"/lab/v1{path}" for path, _, _ in ASKED] == [each.path for each in seen]
    assert json.dumps(EMBEDDINGS).encode() == seen[0].body
    assert ("2023-06-01", "a,b", KEY) == tuple(
        seen[4].headers[name] for name in ("anthropic-version", "anthropic-beta", "x-api-key")
    )
    assert [] == verify(tmp_path / "c")
    seal(tmp_path / "c")
    assert [] == verify(tmp_path / "c")
    assert [] == find_keys(tmp_path / "c")
    assert KEY.encode() not in b"".join(
        path.read_bytes() for path in (tmp_path / "c").rglob("*") if path.is_file()
    )
    assert {True} == {entry.complete for entry in Cassette(tmp_path / "c").all_entries()}
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        again = [
            await send(proxy.base_url, path, body, {**headers, "x-api-key": "other"})
            for path, body, headers in ASKED
        ]
        left = proxy.unserved()
    assert (first, 0) == (again, left)


async def test_other_requests_miss(tmp_path):
    """Strictly: nothing that was not recorded is served; fields that change no answer do not matter."""
    async with serving() as (url, _):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
            await send(proxy.base_url, "/embeddings", EMBEDDINGS)
    others: list[tuple[str, Any, Mapping[str, str]]] = [
        ("/embeddings", {**EMBEDDINGS, "input": ["Bern"]}, {}),
        ("/completions", EMBEDDINGS, {}),
        ("/embeddings?x=1", EMBEDDINGS, {}),
        ("/embeddings", EMBEDDINGS, {"openai-beta": "v2"}),
    ]
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        for other in others:
            status, _, pieces = await send(proxy.base_url, *other)
            assert (404, "llmxray_miss") == (status, json.loads(b"".join(pieces))["error"]["type"])
        same = await send(proxy.base_url, "/embeddings", {**EMBEDDINGS, "user": "me", "store": True})
        assert 200 == same[0]


HIDDEN = [
    "/v1/%2e%2e/%2e%2e/admin",
    "/v1/..%2f..%2fadmin",
    "/v1/../../admin",
    "/v1/a/..;/..;/admin",
    "/v1//admin",
]


async def test_no_way_out_of_the_base_url(tmp_path):
    """Sent raw, for a client's library would tidy it up: nothing arrives at the server."""
    async with serving() as (url, seen):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
            paths = [*HIDDEN, *(f"/e/x{each}" for each in HIDDEN), "/v1", "/v2/models", "/admin"]
            for path in [*paths, *(f"http://127.0.0.1:{proxy.port}{each}" for each in paths)]:
                reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                status = int((await reader.readline()).split()[1])
                writer.close()
                await writer.wait_closed()
                assert status == 404, path
    assert [] == seen


async def test_only_questions_are_passed_on(tmp_path):
    """Nothing that would change or remove something on the server."""
    async with serving() as (url, seen):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
            async with aiohttp.ClientSession() as session:
                for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
                    async with session.request(method, f"{proxy.base_url}/models/m", json={}) as reply:
                        assert 405 == reply.status
    assert [] == seen


async def test_bodies_that_are_not_json(tmp_path):
    """One clear line; they have no identity."""
    form = aiohttp.FormData({"model": "whisper"})
    form.add_field("file", b"RIFF", filename="a.wav")
    async with serving() as (url, _):
        async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
            async with aiohttp.ClientSession() as session:
                async with session.post(f"{proxy.base_url}/audio/transcriptions", data=form) as reply:
                    assert (415, True) == (reply.status, "only JSON is recorded" in await reply.text())
            kind, value = "GET", {"Sec-Fetch-Site": "cross-site"}
            assert 403 == (await send(proxy.base_url, "/models/m", None, value))[0], kind
            status, _, pieces = await send(proxy.base_url, "/models/m?api_key=SECRET")
            assert (404, True) == (status, b"send the key in a header" in b"".join(pieces))
    assert not len(Cassette(tmp_path / "c"))


async def test_keys_go_up_in_the_header_of_the_client(tmp_path):
    """The endpoint's own key in the place of the client's placeholder, whichever header that is."""
    async with serving() as (url, seen):
        config = ProxyConfig(tmp_path / "c", mode="record", targets={"x": url}, keys={"x": KEY})
        async with ProxyServer(config) as proxy:
            for name in ("x-api-key", "api-key", "Authorization"):
                await send(
                    proxy.base_url, "/embeddings", {**EMBEDDINGS, "input": name}, {name: "Bearer other"}
                )
            await send(proxy.base_url, "/models", None, {"x-api-key": "other"})
    shown = [{n: v for n, v in each.headers.items() if KEY in v or "other" in v} for each in seen]
    assert [
        {"x-api-key": KEY},
        {"api-key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"x-api-key": KEY},
    ] == shown


@pytest.mark.parametrize("path", ["/embeddings", "/models"])
async def test_a_server_that_is_not_there(tmp_path, client, path):
    """A JSON error with the reason, never a page of the proxy's; what was recorded of it is replayed."""
    async with RawServer(lambda *_: Say([])) as server:
        url = server.url
    body = None if path.startswith("/models") else EMBEDDINGS
    async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
        status, kind, pieces = await send(proxy.base_url, path, body)
    error = json.loads(b"".join(pieces))["error"]
    assert (502, "llmxray_upstream") == (status, error["type"])
    assert kind.startswith("application/json")
    assert "connect" in error["message"].lower()
    if path != "/models":
        async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
            assert (status, kind, pieces) == await send(proxy.base_url, path, body)


async def test_fields_that_are_ignored(tmp_path):
    """Recorded without, replayed without, as the cassette says; asked of it otherwise they count."""
    traced = [{**EMBEDDINGS, "trace_id": str(number)} for number in range(3)]
    async with serving() as (url, _):
        config = ProxyConfig(tmp_path / "c", mode="record", targets={"x": url}, ignored=["trace_id"])
        async with ProxyServer(config) as proxy:
            first = await send(proxy.base_url, "/embeddings", traced[0])
    for sealed in (False, True):
        if sealed:
            seal(tmp_path / "c")
        assert [] == verify(tmp_path / "c")
        async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
            assert first == await send(proxy.base_url, "/embeddings", traced[1])
        async with ProxyServer(ProxyConfig(tmp_path / "c", ignored=[])) as proxy:
            status, _, pieces = await send(proxy.base_url, "/embeddings", traced[2])
            assert (404, True) == (status, b"trace_id" in b"".join(pieces))
    recorded = Cassette(tmp_path / "c").get(next(iter(Cassette(tmp_path / "c").all_entries())).address)
    # As it was sent: what counts for nothing is kept all the same.
    assert traced[0] == recorded.request


async def test_chat_with_a_query(tmp_path, client):
    """Azure's way: passed on with its version, which is part of the key, and read as chat."""
    async with recording(lambda *_: Say(chunked(events("a", "b"))), tmp_path / "c") as (server, proxy):
        body = {"model": "m", "messages": [], "stream": True}
        for version in ("2024-10-21", "2025-01-01"):
            await send(proxy.base_url, f"/chat/completions?api-version={version}", body)
    assert "/v1/chat/completions?api-version=2024-10-21" == server.seen[0].path
    cassette = Cassette(tmp_path / "c")
    entries = list(cassette.all_entries())
    assert (2, {True}) == (len({each.address.key for each in entries}), {each.complete for each in entries})
    assert {"ab"} == {cassette.completion(each.address).text for each in entries}
    assert all(cassette.get(each.address).route.is_chat for each in entries)
