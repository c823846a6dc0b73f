"""OpenAI's client and other tools, pointed at the proxy by its base URL alone, then again with the server stopped."""

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import openai
import pytest
from environments import python_with
from servers import Say, Seen, chunked, events, with_length
from trips import recording

from llmxray.proxy import ProxyConfig, ProxyServer

LLM_MODELS = """- model_id: m
  model_name: m
  api_base: "{url}"
"""
INSPECT = """
import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate
task = Task(dataset=[Sample(input=f"What is {n} plus 0?", target=str(n)) for n in range(4)],
            solver=generate(), scorer=includes())
(log,) = eval(task, model="openai-api/local/m", display="none", log_dir=sys.argv[1], score_display=False)
if log.status != "success":
    sys.exit(str(log.error))
print(log.status, log.results.scores[0].metrics["accuracy"].value,
      [sample.output.completion for sample in log.samples])
"""


def model(_: int, seen: Seen) -> Say:
    """Repeats the first number it is asked about, streamed or not."""
    if seen.path.endswith("/models"):
        return Say(with_length(b'{"object": "list", "data": [{"id": "m", "object": "model"}]}'))
    content = seen.json["messages"][-1]["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    number = next(word for word in text.split() if word.isdigit())
    if seen.path.endswith("/messages"):
        return typed(
            anthropic_events(number) if seen.json.get("stream") else [anthropic_message(f"It is {number}")]
        )

    if seen.json.get("stream"):
        return Say(chunked(events("It is ", number)), pause_s=0.002)
    message = {"role": "assistant", "content": f"It is {number}"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    reply["usage"] = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    return Say(with_length(json.dumps(reply).encode()))


def typed(messages: list[dict[str, Any]]) -> Say:
    """One object as JSON, several as events that name their type, as two vendors' newer routes send them."""
    if len(messages) == 1:
        return Say(with_length(json.dumps(messages[0]).encode()))
    lines = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in messages]
    return Say(chunked(lines), pause_s=0.002)


def anthropic_message(text: str, *, stop: str | None = "end_turn") -> dict[str, Any]:
    """A reply of the route `messages`."""
    content = [{"type": "text", "text": text, "citations": None}] if text else []
    usage = {"input_tokens": 5, "output_tokens": 3}
    return {
        "id": "m1", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": stop, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def anthropic_events(number: str) -> list[dict[str, Any]]:
    """The same as a stream."""
    return [
        {"type": "message_start", "message": anthropic_message("", stop=None)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
            for text in ("It is ", number)
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 3},
        },
        {"type": "message_stop"},
    ]


def use_llm(python: str, url: str, folder: Path) -> str:
    """`llm`, streamed and not."""
    (folder / "extra-openai-models.yaml").write_text(LLM_MODELS.format(url=url))
    environment = {
        **os.environ,
        "LLM_USER_PATH": str(folder),
        "PYTHONWARNINGS": "ignore",
        "LLM_LOAD_PLUGINS": "",
    }
    said = []
    for extra in ([], ["--no-stream"]):
        command = [python, *["-m", "llm", "-m", "m", "-n", "--key", "unused"], *extra, "What is 7 plus 0 ?"]
        child = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert child.returncode == 0, child.stderr
        said.append(child.stdout)
    return "".join(said)


def said(python: str, script: str, *arguments: str, **environment: str) -> str:
    """What a script prints in that Python."""
    child = subprocess.run(
        [python, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": "", "PYTHONWARNINGS": "ignore", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    return child.stdout


LANGCHAIN = """
import sys
from langchain_openai import ChatOpenAI
chat = ChatOpenAI(model="m", base_url=sys.argv[1], api_key="unused", max_retries=0)
print("".join(str(piece.content) for piece in chat.stream("What is 7 plus 0 ?")))
print(chat.invoke("What is 8 plus 0 ?").content)
"""


def use_langchain(python: str, url: str, folder: Path) -> str:
    """LangChain's client, streamed and not."""
    return said(python, LANGCHAIN, url, HOME=str(folder), LANGSMITH_TRACING="false")


ANTHROPIC = """
import sys
from anthropic import Anthropic
client = Anthropic(base_url=sys.argv[1].removesuffix("/v1"), api_key="unused", max_retries=0)
def asked(number):
    return {"model": "m", "max_tokens": 16, "messages": [{"role": "user", "content": f"What is {number} plus 0 ?"}]}
with client.messages.stream(**asked(7)) as stream:
    print("".join(stream.text_stream))
print(client.messages.create(**asked(8)).content[0].text)
"""


def use_anthropic(python: str, url: str, folder: Path) -> str:
    """Anthropic's own client on its own route, streamed and not."""
    return said(python, ANTHROPIC, url, HOME=str(folder))


def use_inspect(python: str, url: str, folder: Path) -> str:
    """Inspect, the evaluation framework of the UK AI Security Institute: a task of four samples, scored."""
    given = {"LOCAL_API_KEY": "unused", "LOCAL_BASE_URL": url}
    return said(python, INSPECT, str(folder / "logs"), **given)


def use_openai(_: str, url: str, folder: Path) -> str:
    """OpenAI's own clients, which wait or do not; streamed, whole and listed, as objects."""
    given: Any = {"base_url": url, "api_key": "unused", "max_retries": 0}
    asked: list[Any] = [
        {"model": "m", "messages": [{"role": "user", "content": f"What is {n} plus 0 ?"}]} for n in (7, 8)
    ]
    with openai.OpenAI(**given) as client:
        create = client.chat.completions.create
        said = [*create(**asked[0], stream=True), create(**asked[0])]
        names = [each.id for each in client.models.list()]

    async def waiting() -> list[Any]:
        async with openai.AsyncOpenAI(**given) as client:
            create = client.chat.completions.create
            pieces = [piece async for piece in await create(**asked[1], stream=True)]
            return [*pieces, await create(**asked[1])]

    return "\n".join([*names, *(each.model_dump_json() for each in [*said, *asyncio.run(waiting())])])


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("", use_openai),
        pytest.param("llm", use_llm, marks=pytest.mark.search),
        ("inspect_ai", use_inspect),
        pytest.param("langchain_openai", use_langchain, marks=pytest.mark.search),
        ("anthropic", use_anthropic),
    ],
)
async def test_recorded_and_replayed(tmp_path, package, use):
    """What the tool prints is the same with the server stopped; nothing asked is left over."""
    python = python_with(package) if package else ""
    assert callable(use)
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    async with recording(model, tmp_path / "c") as (_, proxy):
        first = await asyncio.to_thread(use, python, proxy.base_url, tmp_path / "first")
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        again = await asyncio.to_thread(use, python, proxy.base_url, tmp_path / "again")
        assert 0 == proxy.unserved()
    assert "It is 7" in first or use is use_inspect
    assert first == again
