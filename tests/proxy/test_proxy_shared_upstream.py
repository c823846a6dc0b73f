"""mitmproxy that runs on from one proxy to the next: as if each had its own."""

import socket
from urllib.parse import urlsplit

import pytest
from servers import RawServer, Say, chunked, events

from llmxray.cassette import Cassette
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.proxy.shared_upstream import SharedUpstream

pytest.importorskip("mitmproxy")


@pytest.fixture
def shared():
    """One that is closed at the end."""
    upstream = SharedUpstream()
    yield upstream
    upstream.close()


def is_listening(url: str) -> bool:
    """Whether somebody answers on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


async def test_proxies_that_follow_one_another_share_it(tmp_path, client, shared):
    """Each records into its own cassette; what runs is neither started nor stopped in between."""
    async with RawServer(lambda *_: Say(chunked(events("yes")))) as server:
        places = []
        for number in range(3):
            config = ProxyConfig(tmp_path / str(number), mode="record", targets={"x": server.url})
            async with ProxyServer(config, shared) as proxy:
                got = await client.ask(proxy.base_url, f"question {number}")
                assert 200 == got.status
            places.append(shared.running_for({"x": server.url}).url("x", ""))
            assert is_listening(places[0])
            (entry,) = Cassette(tmp_path / str(number)).all_entries()
            recorded = Cassette(tmp_path / str(number)).get(entry.address)
            assert f"question {number}" in str(recorded.request)
            assert got.chunks == [chunk.raw for chunk in recorded.chunks]
    assert 1 == len(set(places))
    shared.close()
    assert not is_listening(places[0])
