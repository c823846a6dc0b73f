"""Experiments asked through the Responses API: recorded over real HTTP, replayed offline, scored like chat."""

import json
from pathlib import Path
from typing import Any

import pytest
import vendors
from asking import served
from prompted import in_folder

from llmxray.cassette import verify
from llmxray.errors import EndpointError
from llmxray.runner.watch import OpenReply
from llmxray.types import Chunk, Outcome, PlannedRequest, Trial
from llmxray.workflow import record, replay

EXPERIMENT = """experiment: e
kind: compare
endpoints: {{old: {{base_url: "{url}"}}, new: {{base_url: "{url}", api: responses}}}}
models:
  - {{id: old, endpoint: old, model: m, layout: few-shot-raw, system: Be brief.}}
  - {{id: new, endpoint: new, model: m, layout: few-shot-raw, system: Be brief., sampling: {{seed: null}}}}
prompts: [{{id: r06, text: capital, expect: Paris}}, {{id: r05, text: file}}, {{id: r02, text: quota}}]
suites: [{{suite: starter/arc, limit: 2}}, {{suite: starter/tools, limit: 1}}]
sampling: {{seed: 3, top_logprobs: 3{more}}}
"""
TAKEN = [
    "model",
    "input",
    "stream",
    "store",
    "temperature",
    "max_output_tokens",
    "include",
    "top_logprobs",
    "tools",
]
STREAMS = {"capital": "06", "file": "05", "quota": "02", "tools": "07"}


def letters(body: dict[str, Any]) -> tuple[bytes, bytes]:
    """The reply of one letter, with its alternatives, as chat sends it and as the Responses API does."""
    chat = b"".join(vendors.events(body | {"logprobs": True}, "B"))
    for number, letter in enumerate("ACD"):
        chat = chat.replace(f"t{number}".encode(), letter.encode())
    choice = json.loads(chat.split(b"\n\n")[0].removeprefix(b"data: "))["choices"][0]
    delta = {"type": "response.output_text.delta", "delta": "B", "logprobs": choice["logprobs"]["content"]}
    end = {"status": "completed", "usage": {"input_tokens": 9, "output_tokens": 1}}
    events = (delta, {"type": "response.completed", "response": end})
    return chat, b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in events)


def answer(path: str, raw: bytes, shared: Path, asked: list[dict[str, Any]]) -> tuple[int, str, bytes]:
    """What OpenAI's server says, as strict as it is: recorded streams by question, and a letter to all else."""
    if path.endswith("/models"):
        return 200, "application/json", b'{"data": [{"id": "m"}]}'
    body = json.loads(raw)
    chat, stream = letters(body)
    if path.endswith("/chat/completions"):
        return 200, "text/event-stream", chat
    asked.append(body)
    unknown = "reasoning.effort" if "reasoning" in body else "".join(body.keys() - {*TAKEN})
    if path != "/v1/responses" or unknown or body["max_output_tokens"] < 16:
        error = vendors.openai_error(f"Unsupported parameter: '{unknown}'", param=unknown)
        return 400, "application/json", json.dumps(error).encode()
    name = STREAMS.get("tools" if "tools" in body else body["input"][-1]["content"])
    recorded = shared / f"streams/responses/responses_{name}.sse"
    return 200, "text/event-stream", recorded.read_bytes() if name else stream


async def test_recorded_replayed_and_scored_like_chat(tmp_path, shared):
    """Letters have the confidences of chat; text, call and error are read; the same again without a server."""
    asked: list[dict[str, Any]] = []
    with served(lambda path, raw: answer(path, raw, shared, asked)) as url:
        (tmp_path / "e.yaml").write_text(EXPERIMENT.format(url=url, more=""))
        await record(in_folder(tmp_path), environ={})
    prepared = in_folder(tmp_path)
    assert (prepared.frozen, verify(prepared.cassette)) == (True, [])
    rows = {(row.condition, row.suite, row.item_id): row for row in (await replay(prepared)).rows}
    names = ("outcome", "answer", "option_confidence", "coverage", "text", "completion_tokens")
    for (condition, suite, item), row in rows.items():
        if suite == "starter/arc":
            chat = rows["old", suite, item]
            assert [getattr(row, name) for name in names] == [getattr(chat, name) for name in names]
            assert (row.answer, row.option_confidence) == ("B", pytest.approx(0.62, abs=0.01))
        elif suite == "starter/tools" and condition == "new":
            assert row.calls.startswith("first_tool(")
    capital, file, quota = (rows["new", "prompts", name] for name in ("r06", "r05", "r02"))
    assert (capital.outcome, file.text) == (Outcome.CORRECT, "Dummy PDF file")
    assert (quota.outcome, "quota" in quota.error) == (Outcome.ERROR, True)
    sent = next(body for body in asked if "Answer:" in str(body["input"]))
    assert sent["input"][0] == {"role": "system", "content": "Be brief."}
    assert (sent["include"], sent["max_output_tokens"]) == (["message.output_text.logprobs"], 64)


async def test_the_experiments_own_fields_are_never_dropped(tmp_path, shared):
    """One line that names the field as the file does, and nothing on the disk."""
    with served(lambda path, raw: answer(path, raw, shared, [])) as url:
        (tmp_path / "e.yaml").write_text(EXPERIMENT.format(url=url, more=", reasoning_effort: low"))
        with pytest.raises(EndpointError) as caught:
            await record(in_folder(tmp_path), environ={})
    message, advice = str(caught.value), "leave it out with 'sampling: {reasoning_effort: null}'"
    assert message.startswith(
        "endpoint new, model m: the server refuses 'reasoning_effort' (Unsupported parameter"
    )
    assert (message.endswith(advice), "\n" in message, caught.value.exit_code) == (True, False, 2)
    assert not (tmp_path / "cassettes").exists()


def test_live_text_counts_once(shared):
    """The last event says again what the others said."""
    body = (shared / "streams/responses/responses_06.sse").read_bytes()
    request = PlannedRequest("k", {})
    reply = OpenReply(Trial("t", "c", "s", "i", 0, (request,)), request, [Chunk(0.0, body)])
    assert reply.so_far() == ("", "The capital of France is Paris.")
