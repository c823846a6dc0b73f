"""LoopbackClient connections bring what aiohttp brings, however the bytes come and however a reply ends."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import RawServer, Say, chunked, events, head, to_the_end, with_length

from llmxray.runner.loopback_client import LoopbackClient, ReplyReader, _Connection
from llmxray.runner.posting import AnyServer, HttpReply, Poster

PIECES = events("yes", "no")
SAYS = {
    "chunked": Say(chunked(PIECES)),
    "one-write": Say([b"".join(chunked(PIECES))]),
    "large": Say(chunked([b"x" * 300_000, b"y", b"z" * 70_000])),
    "empty-chunked": Say(chunked([])),
    "length": Say(with_length(b'{"a": 1}')),
    "no-length": Say(with_length(b"")),
    "to-the-end": Say(to_the_end(PIECES)),
    "error": Say(with_length(b"{}", opening=head(429, "application/json", "Retry-After: 3"))),
    "without-body": Say([head(204, "") + b"\r\n"]),
    "kept": Say(chunked(PIECES), ending="keep"),
    "reset": Say(chunked(PIECES, end=False), ending="rst"),
    "fin-between-chunks": Say(chunked(PIECES, end=False)),
    "fin-inside-a-chunk": Say([*chunked(PIECES, end=False), b"20\r\nhalf"]),
    "fin-in-length": Say(with_length(b"data: {", stated=99)),
    "fin-in-head": Say([head()]),
    "nothing": Say([]),
}


async def posted(poster: Poster, url: str, times: int = 1) -> tuple[list[HttpReply], list[bytes]]:
    """Replies to the same request, one after the other, and the pieces of them all."""
    pieces: list[bytes] = []
    async with poster:
        ask = f"{url}/chat/completions"
        return [
            await poster.post(ask, b'{"n": 1}', {"X-Llmxray-Sample": "2"}, pieces.append)
            for _ in range(times)
        ], pieces


@pytest.mark.parametrize("how", SAYS)
async def test_as_aiohttp(how: str) -> None:
    """Status, headers, body, and whether it is whole: the same as through aiohttp; so is what the server sees."""
    async with RawServer(lambda *_: SAYS[how]) as server:
        (theirs,), _ = await posted(AnyServer(5.0), server.url)
        (ours,), pieces = await posted(LoopbackClient(5.0), server.url)
    assert (theirs.status, theirs.body, theirs.whole) == (ours.status, ours.body, ours.whole)
    assert {name.lower(): value for name, value in theirs.headers.items()} == ours.headers
    assert theirs.content_type == ours.content_type
    assert ours.body == b"".join(pieces)
    there, here = server.seen
    assert (there.path, there.body) == (here.path, here.body)
    assert set() == here.headers.items() - there.headers.items()


async def test_connections_are_kept() -> None:
    """One connection for one request after another, a new one after the server closed it."""
    ports: set[Any] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        for _ in range(3):
            await reader.readuntil(b'{"n": 1}')
            writer.write(b"".join(chunked(PIECES)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        poster = LoopbackClient(5.0)
        async with poster:
            for _ in range(6):
                reply = await poster.post(url, b'{"n": 1}', {}, None)
                assert (True, b"".join(PIECES)) == (reply.whole, reply.body)
                await asyncio.sleep(0.02)  # for the end of the connection to arrive
    assert 2 == len(ports)


async def test_silence_and_no_server() -> None:
    """A server that says nothing more is given up; where there is none, there is no status."""
    first, *others = chunked(PIECES)
    async with RawServer(lambda *_: Say([first + others[0], *others[1:]], pause_s=3)) as server:
        (reply,), _ = await posted(LoopbackClient(0.2), server.url)
        url = server.url
    assert (200, False, PIECES[0]) == (reply.status, reply.whole, reply.body)
    (reply,), _ = await posted(LoopbackClient(0.2), url)
    assert (None, False) == (reply.status, reply.whole)


async def test_an_idle_connection_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it, so nothing looks how long it has been silent; used again, it is watched again."""
    looks: list[float] = []
    look = _Connection._check_timeout

    def counted(connection: _Connection) -> None:
        looks.append(asyncio.get_running_loop().time())
        look(connection)

    monkeypatch.setattr(_Connection, "_check_timeout", counted)
    silent = Say(chunked(PIECES)[:2], pause_s=3)
    async with RawServer(lambda n, _: Say(chunked(PIECES), ending="keep") if n == 0 else silent) as server:
        poster = LoopbackClient(0.1)
        async with poster:
            assert (await poster.post(server.url, b"{}", {}, None)).whole
            await asyncio.sleep(0.4)
            assert len(looks) <= 2
            assert not (await poster.post(server.url, b"{}", {}, None)).whole


@pytest.mark.parametrize("nonsense", [b"zz\r\nmore", b"3\r\nabc\r\nzz\r\nmore"])
async def test_nonsense_is_given_up(nonsense: bytes) -> None:
    """At once: nobody waits for the rest of what cannot be understood."""
    async with RawServer(lambda *_: Say([chunked([])[0], nonsense], pause_s=0.02)) as server:
        async with asyncio.timeout(3):
            (reply,), _ = await posted(LoopbackClient(60.0), server.url)
    assert (200, False) == (reply.status, reply.whole)


async def test_given_up_by_its_caller() -> None:
    """A cancelled request takes its connection along: what arrives later answers nothing else."""
    async with RawServer(lambda n, _: Say(chunked(events(str(n))), pause_s=0.05, ending="keep")) as server:
        poster = LoopbackClient(5.0)
        async with poster:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await poster.post(server.url, b"{}", {}, None)
            reply = await poster.post(server.url, b"{}", {}, None)
    assert (True, b"".join(events("1"))) == (reply.whole, reply.body)


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(), how=st.sampled_from(["chunked", "length", "no-length", "empty-chunked", "without-body"])
)
def test_any_cuts(data: st.DataObject, how: str) -> None:
    """Wherever the bytes are cut, the reply is the same."""
    whole = b"".join(SAYS[how].pieces)
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=8))
    edges = [0, *sorted(places), len(whole)]
    reader, at_once = ReplyReader(), ReplyReader()
    ended = [reader.feed(whole[a:b]) for a, b in pairwise(edges) if a < b]
    assert ended == [False] * (len(ended) - 1) + [True]
    assert at_once.feed(whole)
    assert reader.reply == at_once.reply


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 no\r\n\r\n",
        b"hello\r\n\r\n",
        b"".join(chunked([b"a"])) + b"more",
        chunked([])[0] + b"zz\r\n",
    ],
)
def test_nonsense(nonsense: bytes) -> None:
    """What is no reply, or more than one, is refused."""
    with pytest.raises((ValueError, IndexError)):
        ReplyReader().feed(nonsense)
