"""A real LiteLLM gateway between the proxy and a server: what it is, what comes through it, and a replay without it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from environments import python_with
from openai import OpenAI
from vendors import Vendor

from llmxray.proxy import Front, FrontConfig, probe_server

CONFIG = """model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "{url}", api_key: unused}}
"""


@asynccontextmanager
async def gateway(python: str, upstream: str, folder: Path) -> AsyncIterator[str]:
    """Its base URL."""
    (folder / "gateway.yaml").write_text(CONFIG.format(url=upstream))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": "",
        # Its prices come from the package, not from the net.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        # On loopback, for the length of a test.
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }
    child = await asyncio.create_subprocess_exec(
        Path(python).with_name("litellm"),
        *("--config", folder / "gateway.yaml", "--host", "127.0.0.1", "--port", str(port)),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(120):
            while not await answers(session, f"http://127.0.0.1:{port}/health/liveliness"):
                assert child.returncode is None
                await asyncio.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def answers(session: aiohttp.ClientSession, url: str) -> bool:
    """Whether something answers there."""
    try:
        async with session.get(url) as response:
            return response.ok
    except aiohttp.ClientError:
        return False


def ask(url: str) -> list[tuple[str, float]]:
    """The tokens of a streamed answer through OpenAI's client."""
    client = OpenAI(base_url=url, api_key="unused", max_retries=0)
    stream = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hi"}], stream=True, logprobs=True, top_logprobs=2
    )
    choices = [choice for chunk in stream for choice in chunk.choices]
    lists = [choice.logprobs.content or [] for choice in choices if choice.logprobs]
    return [(token.token, token.logprob) for entries in lists for token in entries]


async def test_recorded_through_a_gateway(tmp_path: Path) -> None:
    """Known for what it is; log-probabilities come through to the last digit, and again with nobody there."""
    python = python_with("litellm")
    vendor = Vendor(lambda _: None, says=lambda _: ("Paris", -0.12345678901))
    async with vendor.serving() as upstream, gateway(python, upstream, tmp_path) as url:
        facts = await probe_server(url)
        assert ("LiteLLM", True) == (facts.server_software, facts.logprobs)
        async with Front(FrontConfig(tmp_path / "c", mode="record", targets={"x": url})) as front:
            first = await asyncio.to_thread(ask, front.base_url)
    assert [("Paris", -0.12345678901)] == first
    async with Front(FrontConfig(tmp_path / "c")) as front:
        assert first == await asyncio.to_thread(ask, front.base_url)
        assert 0 == front.unserved()
