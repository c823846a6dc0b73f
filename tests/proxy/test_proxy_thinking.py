"""Whether a model thinks is found out from its server, or from one reply."""

from __future__ import annotations

import json

import pytest
from servers import RawServer, Say, Seen, chunked, events, with_length

from llmxray.errors import EndpointError
from llmxray.proxy.thinking import thinking_of

MODELS = with_length(b'{"object": "list", "data": [{"id": "m"}]}')


def server(*reply: str, capabilities: list[str] | None = None) -> RawServer:
    """A server with one model; Ollama's list of capabilities where there is one."""

    def script(_: int, seen: Seen) -> Say:
        if seen.path.endswith("/models"):
            return Say(MODELS)
        if seen.path == "/api/show":
            assert {"model": "m"} == seen.json
            shown = {} if capabilities is None else {"capabilities": capabilities}
            return Say(with_length(json.dumps(shown).encode()))
        return Say(chunked(events(*reply)))

    return RawServer(script)


@pytest.mark.parametrize(
    ("capabilities", "reply", "why"),
    [
        (["completion", "thinking"], "Paris", "the server says this model thinks"),
        (["completion"], "<think>", ""),
        (None, "<think>", "it began its reply to a test question with thinking"),
        (None, "Paris", ""),
    ],
)
async def test_ollama_is_asked_first(capabilities: list[str] | None, reply: str, why: str) -> None:
    """Its list decides alone; an old Ollama without one is asked a question like any other server."""
    async with server(reply, capabilities=capabilities) as upstream:
        assert why == await thinking_of(upstream.url, model="m", ollama=True)


async def test_other_servers_are_asked_a_question() -> None:
    """No request goes to Ollama's own address."""
    async with server("<think>", "Hm") as upstream:
        assert "test question" in await thinking_of(upstream.url, model="m")
        assert not any(seen.path == "/api/show" for seen in upstream.seen)


async def test_a_server_that_is_not_there() -> None:
    """The probe's own line."""
    with pytest.raises(EndpointError, match="is the server running"):
        await thinking_of("http://127.0.0.1:9/v1", model="m", ollama=True)
