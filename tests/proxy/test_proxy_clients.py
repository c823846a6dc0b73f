"""Other people's tools, pointed at the proxy by its base URL alone, then again with the server stopped."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest
from servers import RawServer, Say, Seen, chunked, events, with_length

from llmxray.proxy import Front, FrontConfig

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
    if seen.json.get("stream"):
        return Say(chunked(events("It is ", number)), pause_s=0.002)
    message = {"role": "assistant", "content": f"It is {number}"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    reply["usage"] = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    return Say(with_length(json.dumps(reply).encode()))


def python_with(package: str) -> str | None:
    """A Python that has the package: this one, or the environment that bench/bench_mmlu.py made."""
    if util.find_spec(package) is not None:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmxray"
    made = sorted(cache.glob(f"{package.replace('_', '-')}==*/ready"))
    return str(made[-1].with_name("bin") / "python") if made else None


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
        command = [
            python,
            "-m",
            "llm",
            "-m",
            "m",
            "-n",
            "--key",
            "unused",
            *extra,
            "What is 7 plus 0 ?",
        ]
        child = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert child.returncode == 0, child.stderr
        said.append(child.stdout)
    return "".join(said)


def use_inspect(python: str, url: str, folder: Path) -> str:
    """Inspect, the evaluation framework of the UK AI Security Institute: a task of four samples, scored."""
    environment = {
        **os.environ,
        "LOCAL_API_KEY": "unused",
        "LOCAL_BASE_URL": url,
        "PYTHONPATH": "",
        "PYTHONWARNINGS": "ignore",
    }
    child = subprocess.run(
        [python, "-c", INSPECT, str(folder / "logs")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert child.returncode == 0, child.stderr
    return child.stdout


@pytest.mark.parametrize(("package", "use"), [("llm", use_llm), ("inspect_ai", use_inspect)])
async def test_recorded_and_replayed(tmp_path: Path, package: str, use: object) -> None:
    """What the tool prints is the same with the server stopped; nothing asked is left over."""
    python = python_with(package)
    if python is None:
        pytest.skip(
            f"{package} is not installed here, and bench/bench_mmlu.py has not made an environment with it"
        )
    assert callable(use)
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    async with RawServer(model) as server:
        async with Front(FrontConfig(tmp_path / "c", mode="record", targets={"x": server.url})) as front:
            first = await asyncio.to_thread(use, python, front.base_url, tmp_path / "first")
    async with Front(FrontConfig(tmp_path / "c")) as front:
        again = await asyncio.to_thread(use, python, front.base_url, tmp_path / "again")
        assert 0 == front.unserved()
    assert "It is " in first
    assert first == again
