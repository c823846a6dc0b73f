"""Where else a key could get out: URLs, fields of a stream, log lines, exceptions, names, redirects, other pages."""

import base64
import logging
from pathlib import Path

import aiohttp
import pytest
from servers import RawServer, Say, chunked, events, head, with_length
from trips import recording

from llmxray.cassette import find_keys, seal
from llmxray.cassette.key_scan import decoded_lines
from llmxray.errors import EndpointError, InputError, SecretLeakError
from llmxray.proxy import ProxyConfig, ProxyServer, probe_server
from llmxray.proxy.credentials import Credentials, is_placeholder

KEY = "lab-0123456789-secret"


def leaks(folder: Path, key: str = KEY) -> list[str]:
    """Files whose bytes or names hold the key."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        str(path)
        for path in files
        if key in str(path) or any(key.encode() in line for _, line in decoded_lines(path))
    ]


@pytest.mark.parametrize("where", ["model", "messages"])
async def test_in_the_request(tmp_path, client, where):
    """A key that a client puts into its request, the model's name (which names a file) included."""
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], where: KEY}
    if where == "messages":
        body["messages"] = [{"role": "user", "content": f"my key is {KEY}"}]
    said = Say(chunked(events("yes")))
    async with recording(lambda *_: said, tmp_path / "c", keys={"x": KEY}) as (_, proxy):
        await client.ask(proxy.base_url, body)
        assert isinstance(proxy.failure, SecretLeakError)
    seal(tmp_path / "c")
    assert [] == leaks(tmp_path)


async def test_in_the_url(tmp_path):
    """A base URL with a password is refused, and the refusal does not repeat it."""
    with pytest.raises(EndpointError, match="is not a base URL") as caught:
        async with ProxyServer(
            ProxyConfig(tmp_path / "c", mode="record", targets={"x": f"http://me:{KEY}@127.0.0.1:9/v1"})
        ):
            pass
    assert KEY not in str(caught.value)


async def test_in_exceptions_and_log_lines(tmp_path, client, caplog, capfd):
    """With every logger at its most talkative, through success, failure, echo and shut-down, no line has the key."""
    caplog.set_level(logging.DEBUG)
    says = [
        Say(chunked(events("yes"))),
        Say([f"HTTP/1.1 200 OK\r\n{KEY} no header\r\n\r\n".encode()]),
        Say(chunked([KEY.encode()], opening=head(500))),
    ]
    async with recording(lambda n, _: says[n], tmp_path / "c", keys={"x": KEY}) as (_, proxy):
        for number in range(3):
            await client.ask(proxy.base_url, str(number))
        failure = proxy.failure
    seal(tmp_path / "c")
    assert isinstance(failure, SecretLeakError)
    assert KEY not in str(failure)
    assert KEY not in caplog.text
    assert not any(KEY in text for text in capfd.readouterr())
    assert [] == leaks(tmp_path)


async def test_redirects_are_not_followed(tmp_path, client):
    """A server that sends clients elsewhere is recorded as it answered; nothing goes to the other place."""
    async with RawServer(lambda *_: Say(chunked(events("stolen")))) as other:
        moved = Say(with_length(b"", opening=head(307, "", f"Location: {other.url}/chat/completions")))
        async with recording(lambda *_: moved, tmp_path / "c", keys={"x": KEY}) as (_, proxy):
            got = await client.ask(proxy.base_url)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"{proxy.base_url}/models", allow_redirects=False) as listed:
                    assert 307 == listed.status
        assert (307, b"", []) == (got.status, got.body, other.seen)
    assert "Location" not in got.headers


async def test_pages_of_other_sites(tmp_path, client):
    """A script or form of a page elsewhere cannot spend the key, though it names the right host.

    A page on another port of this machine is elsewhere too: any program that serves one could be attacked first.
    """
    async with recording(lambda *_: Say(chunked(events("yes"))), tmp_path / "c") as (server, proxy):
        own = proxy.base_url.removesuffix("/v1")
        for origin in (
            *("https://evil.example", "null", "", "http://127.0.0.1.evil.example", "http://["),
            *("http://localhost:3000", "http://127.0.0.1", "http://127.0.0.1:x", f"{own}0", "file://"),
            *(own.replace("http", "https"), own.replace("127.0.0.1", "127.0.0.1@evil.example")),
        ):
            assert 403 == (await client.ask(proxy.base_url, Origin=origin)).status, origin
            assert 403 == await listed(proxy.base_url, Origin=origin), origin
        # What a page may send without asking first (a form, a script in "no-cors" mode) is never JSON.
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            assert 415 == (await client.ask(proxy.base_url, Content_Type=kind)).status, kind
        for site in ("cross-site", "same-site"):
            assert 403 == await listed(proxy.base_url, **{"Sec-Fetch-Site": site}), site
        assert [] == server.seen
        assert 200 == (await client.ask(proxy.base_url, Origin=own)).status
        kind = "application/json; charset=utf-8"
        assert 200 == (await client.ask(proxy.base_url, "more", Content_Type=kind)).status


async def listed(url: str, **headers: str) -> int:
    """The status of a list of models."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/models", headers=headers) as reply:
        return reply.status


async def test_a_key_never_travels_in_the_clear(tmp_path, client):
    """Plain http to another machine: a key of ours is refused at once, one of a client's when it comes."""
    far = {"x": "http://192.0.2.1:8000/v1"}
    with pytest.raises(InputError, match="anybody on the way could read it"):
        await ProxyServer(
            ProxyConfig(tmp_path / "c", mode="record", targets=far, keys={"x": KEY})
        ).__aenter__()
    with pytest.raises(EndpointError, match="is http, so the API key is not sent"):
        await probe_server(far["x"], key=KEY)
    async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets=far)) as proxy:
        got = await client.ask(proxy.base_url, Authorization=f"Bearer {KEY}")
        assert (403, True) == (got.status, b"llmxray_key" in got.body)
        assert 403 == await listed(proxy.base_url, Authorization=f"Bearer {KEY}")
    assert [] == leaks(tmp_path)


@pytest.mark.search
def test_shipped_cassettes(root):
    """Nothing shaped like a key stands in what the project ships."""
    shipped = [path.parent for path in sorted((root / "cassettes").glob("*/manifest.json"))]
    assert shipped
    assert [] == [line for folder in shipped for line in find_keys(folder)]


def basic(name: str, password: str) -> str:
    """The header of a client that is given a name and a password."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    "value", [KEY, f"Bearer {KEY} x", f"Bearer\t{KEY}", basic("bob", KEY), basic(KEY, "")]
)
async def test_wherever_a_key_stands_in_its_header(tmp_path, client, value):
    """Which part of it is the key only the server knows: none is written, none goes over http."""
    said = Say(chunked(events(f"you sent {KEY}")))
    async with recording(lambda *_: said, tmp_path / "c") as (_, proxy):
        assert (await client.ask(proxy.base_url, Authorization=value)).broken
        assert isinstance(proxy.failure, SecretLeakError)
    far = ProxyConfig(tmp_path / "far", mode="record", targets={"x": "http://192.0.2.1:8000/v1"})
    async with ProxyServer(far) as proxy:
        assert 403 == (await client.ask(proxy.base_url, Authorization=value)).status
    assert [] == leaks(tmp_path)


@pytest.mark.parametrize(
    "value", ["Bearer ollama", "Bearer sk-no-key-required", "Bearer EMPTY", "AWS4-HMAC-SHA256 a", ""]
)
def test_what_is_no_key(value):
    """A placeholder, or the name of a scheme that is as long as a key."""
    assert all(map(is_placeholder, Credentials("Authorization", value).keys))
