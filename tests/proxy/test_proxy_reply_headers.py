"""No header of a stranger's recording that no recorder keeps reaches a client, and verify names it."""

import aiohttp
import pytest
from recordings import interaction, recorded
from yarl import URL

from llmxray.cassette import Cassette, Journal, codec, verify
from llmxray.errors import CassetteError
from llmxray.proxy import ProxyConfig, ProxyServer

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}


async def test_what_no_recorder_keeps_is_refused(tmp_path, client, monkeypatch):
    """By verify, and by whatever reads the recording: no client is led away."""
    headers = (("content-type", "application/json"), ("location", "http://stranger.example/"))
    with Journal(tmp_path / "c") as journal, monkeypatch.context() as careless:
        careless.setattr(codec, "is_recorded_header", lambda _: True)
        journal.append(interaction(request=ASKED, status=307, headers=headers))
    assert "a header that no recording keeps, 'location'" in str(verify(tmp_path / "c"))
    with pytest.raises(CassetteError, match="'location'"):
        Cassette(tmp_path / "c")


@pytest.mark.parametrize("speed", [0.0, 1000.0])
async def test_no_reply_runs_in_a_browser(tmp_path, client, speed):
    """A page, a miss, a list of models, a wrong path or method: a browser shows it and runs nothing of it."""
    page = interaction(
        request=ASKED, headers=(("content-type", "text/html"),), body=b"<script>alert(1)</script>"
    )
    recorded(tmp_path / "c", page, sealed=False)
    async with ProxyServer(ProxyConfig(tmp_path / "c", speed=speed)) as proxy:
        replies = [(await client.ask(proxy.base_url, text)) for text in (ASKED, "a miss")]
        found = [(each.status, each.headers) for each in replies]
        async with aiohttp.ClientSession() as session:
            for method, path in (("GET", "/models"), ("GET", "/../else"), ("PUT", "/models")):
                async with session.request(method, URL(proxy.base_url + path, encoded=True)) as reply:
                    found.append((reply.status, dict(reply.headers)))
    assert [200, 404, 200, 404, 405] == [status for status, _ in found]
    for status, headers in found:
        assert "sandbox; default-src 'none'" == headers.get("Content-Security-Policy"), status
        assert "nosniff" == headers.get("X-Content-Type-Options"), status
