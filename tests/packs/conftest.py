"""A small experiment with a recorded cassette, made by hand, and its pack."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from llmxray import plan as plans
from llmxray import suites, workflow
from llmxray.cassette import Journal, seal, write_plan
from llmxray.cassette.scrub import SecretGuard
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.workflow import Workspace

EXPERIMENT = """\
experiment: tiny
title: A tiny experiment
kind: benchmark
endpoints:
  here: {base_url: "http://127.0.0.1:9/v1"}
models:
  - {id: one, endpoint: here, model: m-one}
  - {id: two, endpoint: here, model: m-two}
suites:
  - {suite: starter/arc, limit: 12}
sampling: {temperature: 0, seed: 1, top_logprobs: 4}
"""


def reply(letter: str, sure: float) -> bytes:
    """A stream of one token, a letter, with alternatives."""
    tops = [{"token": option, "logprob": -0.1 - sure * (option != letter)} for option in "ABCD"]
    entry = {"token": letter, "logprob": -0.1, "top_logprobs": tops}
    choice = {
        "index": 0,
        "delta": {"content": letter},
        "logprobs": {"content": [entry]},
        "finish_reason": "stop",
    }
    usage = {"prompt_tokens": 50, "completion_tokens": 1}
    return b"".join(
        b"data: " + text + b"\n\n"
        for text in (
            json.dumps({"id": "c", "choices": [choice]}).encode(),
            json.dumps({"id": "c", "choices": [], "usage": usage}).encode(),
            b"[DONE]",
        )
    )


def record(folder: Path, text: str = EXPERIMENT, reply: Callable[[str, float], bytes] = reply) -> Workspace:
    """Write the experiment and a sealed cassette with one made-up reply a request."""
    where = Workspace(folder / "cassettes", folder / "experiments")
    where.experiments.mkdir(parents=True)
    (where.experiments / "tiny.yaml").write_text(text)
    prepared = workflow.prepare(where.find("tiny"), where)
    write_plan(
        prepared.cassette, "tiny", plans.freeze(prepared.plan, prepared.source), software={"llmxray": "0"}
    )
    journal = Journal(prepared.cassette, SecretGuard(()))
    for number, (condition, request) in enumerate(prepared.plan.requests()):
        raw = reply("ABCD"[number * number % 4], 0.5 + number % 3)
        chunk = Chunk(0.1 + number / 100, raw)
        journal.append(
            Interaction(
                request.key, 0, 0, condition.endpoint, request.body, 200,
                (("content-type", "text/event-stream"),), (chunk,), EndCause.CLEAN,
                started_at=f"2026-01-01T00:00:{number % 60:02}.000Z",
            )
        )  # fmt: skip
    journal.close()
    seal(prepared.cassette)
    return where


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The experiment, recorded; not to be changed."""
    assert "starter/arc" in suites.names()
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def pack(recorded: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack; not to be changed."""
    prepared = workflow.prepare(recorded.find("tiny"), recorded)
    target = tmp_path_factory.mktemp("packed") / "tiny.xray.zip"
    workflow.make_pack(prepared, workflow.read_results(prepared), target)
    return target
