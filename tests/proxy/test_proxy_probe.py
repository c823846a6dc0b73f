"""Probing servers of every family, played by the streams that real ones sent, and the embedded one itself."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from servers import RawServer, Say, Seen, chunked, events, head, with_length
from trips import recording

from llmxray.cassette import Cassette, seal
from llmxray.errors import EndpointError
from llmxray.proxy import ProxyConfig, ProxyServer, probe_server
from llmxray.proxy.facts import Facts
from llmxray.proxy.probe import check_fields


def refusal(why: str) -> Say:
    """HTTP 400 in OpenAI's shape."""
    return Say(
        with_length(json.dumps({"error": {"message": why}}).encode(), opening=head(400, "application/json"))
    )


def with_tops(count: int) -> list[bytes]:
    """A stream of one token with that many alternatives."""
    top = [{"token": f"t{n}", "bytes": [116], "logprob": -float(n + 1)} for n in range(count)]
    entry = {"token": "Paris", "bytes": list(b"Paris"), "logprob": -0.1, "top_logprobs": top}
    choice = {
        "index": 0,
        "delta": {"content": "Paris"},
        "logprobs": {"content": [entry]},
        "finish_reason": "stop",
    }
    return chunked([b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n", b"data: [DONE]\n\n"])


def family(
    chat: Callable[[Any], Say], entry: dict[str, Any] | None = None, extra: dict[str, Any] | None = None
) -> Callable[[int, Seen], Say]:
    """A server with a list of one model, some paths of its own, and this way to chat."""

    def script(_: int, seen: Seen) -> Say:
        if seen.path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": "m", **(entry or {})}]}
            return Say(with_length(json.dumps(listed).encode()))
        if seen.path in (extra or {}):
            return Say(with_length(json.dumps((extra or {})[seen.path]).encode()))
        if not seen.path.endswith("/chat/completions"):
            return Say(with_length(b"{}", opening=head(404)))
        return chat(seen.json)

    return script


async def facts_of(script: Callable[[int, Seen], Say]) -> tuple[Facts, Sequence[Seen]]:
    """What the probe finds, and what it asked."""
    async with RawServer(script) as server:
        return await probe_server(server.url), server.seen


def limited(most: int, *, clamps: bool = False) -> Callable[[Any], Say]:
    """A server that accepts up to so many alternatives, and refuses or clamps what is more."""

    def chat(body: Any) -> Say:
        count = body.get("top_logprobs", 0)
        if count > most and not clamps:
            return refusal(f"top_logprobs must be at most {most}")
        return Say(with_tops(min(count, most)))

    return chat


@pytest.mark.parametrize("clamps", [False, True], ids=["refuses", "clamps"])
@pytest.mark.parametrize("most", [5, 10, 50])
async def test_most_alternatives(most, clamps):
    """Found whether more is refused or cut down; an experiment asks for 20 at most."""
    facts, _ = await facts_of(family(limited(most, clamps=clamps)))
    assert facts.logprobs
    assert min(most, 20) == facts.top_logprobs


def without_logprobs(body: Any) -> Say:
    """DeepSeek's reasoner: logprobs are refused outright."""
    return refusal("logprobs are not supported") if "logprobs" in body else Say(chunked(events("Paris")))


async def test_logprobs_refused():
    """The server can still be recorded; the facts say what it lacks."""
    facts, _ = await facts_of(family(without_logprobs))
    assert (False, 0, True) == (facts.logprobs, facts.top_logprobs, facts.streaming)


@pytest.mark.parametrize("field", ["grammar", "response_format", ""])
async def test_forcing(field):
    """The field that makes the server give one text is found; a server that ignores all of them has none."""

    def chat(body: Any) -> Say:
        said = '{"answer": "Zanzibar"}' if field == "response_format" else "Zanzibar"
        return Say(chunked(events(said if field in body else "Paris")))

    facts, _ = await facts_of(family(chat))
    assert field == facts.forcing


FAMILIES = {
    "01_openai_logprobs_content": {"logprobs": True, "token_bytes": True},
    "08_deepseek_reasoning": {"reasoning_field": "reasoning_content", "thinking": True},
    "13_openrouter_reasoning": {"reasoning": True, "thinking": True},
    "26_xai_no_finish_key": {"reasoning_field": "reasoning_content", "thinking": True},
    "35_llamacpp_no_logprobs": {"logprobs": False},
}


@pytest.mark.parametrize("name", FAMILIES)
async def test_recorded_streams(shared, name):
    """A server that says what a real one said."""
    body = (shared / "streams" / f"{name}.sse").read_bytes()
    facts, _ = await facts_of(family(lambda _: Say(chunked([body[:99], body[99:]]))))
    found = facts.as_json()
    assert FAMILIES[name] == {key: found[key] for key in FAMILIES[name]}
    assert found["streaming"]
    assert json.loads(json.dumps(found))["models"] == ["m"]


async def test_versions_and_capabilities():
    """Ollama is asked what its model can do; a path of llama.cpp's machine is not kept."""
    ollama, _ = await facts_of(
        family(
            lambda _: Say(chunked(events("Paris"))),
            {"owned_by": "library"},
            {
                "/api/show": {"capabilities": ["completion", "thinking"]},
                "/api/version": {"version": "0.12.11"},
            },
        )
    )
    assert ("Ollama", "0.12.11", True) == (ollama.server_software, ollama.server_version, ollama.thinking)
    llama, _ = await facts_of(
        family(
            lambda _: Say(chunked(events("Paris"))),
            {"owned_by": "llamacpp"},
            {"/props": {"build_info": "b1-2", "model_path": "/home/me/m.gguf"}},
        )
    )
    assert ("llama.cpp", "b1-2") == (llama.server_software, llama.server_version)
    assert "/home" not in json.dumps(llama.as_json())


LIVE = "sk-0123456789abcdef/XYZ"


@pytest.mark.parametrize(
    ("where", "form"),
    [
        *((where, LIVE) for where in ("answer", "error", "list", "path beside", "header")),
        ("error", "x" * 390 + LIVE),
        ("answer", quote(LIVE, safe="")),
        ("list", base64.b64encode(LIVE.encode()).decode()),
    ],
)
async def test_a_key_that_a_server_repeats_is_neither_shown_nor_recorded(where, form):
    """What is read of these answers is printed, and recorded as facts of the server."""

    def chat(_: Any) -> Say:
        if where == "error":
            return refusal(f"bad key {form}")
        opening = head(200, "text/event-stream", f"Server: {form}") if where == "header" else None
        system = {"system_fingerprint": form} if where == "answer" else {}
        choice = {"index": 0, "delta": {"content": "Paris"}, "finish_reason": "stop"}
        event = json.dumps({"choices": [choice], **system}).encode()
        return Say(chunked([b"data: " + event + b"\n\n", b"data: [DONE]\n\n"], opening=opening))

    script = family(
        chat,
        {"owned_by": "llamacpp", **({"size": form} if where == "list" else {})},
        {"/props": {"build_info": form}} if where == "path beside" else {},
    )
    async with RawServer(script) as server:
        with pytest.raises(EndpointError, match="repeats the API key in an answer") as refused:
            await probe_server(server.url, key=LIVE)
        assert form not in str(refused.value)
        if where != "error":
            await probe_server(server.url, key="sk-another-key-0123456789")


@pytest.mark.model
async def test_embedded_model():
    """The real server: everything that experiments rely on."""
    from llmxray.local import LocalServer

    async with LocalServer("smollm2-135m-instruct") as server:
        facts = await probe_server(server.base_url)
    assert ("smollm2-135m-instruct", "llama.cpp") == (facts.model_reported, facts.server_software)
    assert (True, True, 20) == (facts.streaming, facts.token_bytes, facts.top_logprobs)
    assert ("grammar", True, False) == (facts.forcing, facts.usage, facts.thinking)
    assert "n_params 134515008" in facts.model_facts


async def test_a_server_that_is_still_loading():
    """Asked again after a moment, by either probe."""
    asked = 0

    def chat(_: Any) -> Say:
        nonlocal asked
        asked += 1
        loading = Say(with_length(b"<html>loading</html>", opening=head(503, "text/html")))
        return loading if asked == 1 else Say(with_tops(2))

    async with RawServer(family(chat)) as server:
        assert (await probe_server(server.url)).logprobs
        asked = 0
        await check_fields(server.url, {}, model="m", droppable=())
        assert 2 == asked


async def test_what_llmxray_replays_is_neither_recorded_nor_probed(tmp_path, client):
    """Served by a replaying proxy, an old recording would seem to be made after a new prediction."""
    async with recording(family(lambda _: Say(chunked(events("Paris")))), tmp_path / "old") as (_, proxy):
        await client.ask(proxy.base_url)
        await probe_server(proxy.base_url, model="m")
    seal(tmp_path / "old")
    async with ProxyServer(ProxyConfig(tmp_path / "old")) as old:
        async with ProxyServer(
            ProxyConfig(tmp_path / "new", mode="record", targets={"x": old.base_url})
        ) as proxy:
            assert 500 == (await client.ask(proxy.base_url)).status
            assert proxy.failure is not None
            assert "endpoint x sends replies that llmxray recorded earlier" in str(proxy.failure)
        assert 0 == len(Cassette(tmp_path / "new"))
        with pytest.raises(EndpointError, match="sends replies that llmxray recorded earlier"):
            await probe_server(old.base_url, model="m")
