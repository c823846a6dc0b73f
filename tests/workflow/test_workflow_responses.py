"""Experiments asked through the Responses API: recorded over real HTTP, replayed offline, scored like chat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import vendors
from asking import served
from prompted import in_folder
from vendors import openai_error

from llmxray.cassette import verify
from llmxray.errors import EndpointError
from llmxray.runner.watch import OpenReply
from llmxray.types import Chunk, Outcome, PlannedRequest, Trial
from llmxray.workflow import record, replay

EXPERIMENT = """experiment: e
kind: compare
endpoints:
  old: {{base_url: "{url}"}}
  new: {{base_url: "{url}", api: responses}}
models:
  - {{id: old, endpoint: old, model: m, layout: few-shot-raw, system: Be brief.}}
  - {{id: new, endpoint: new, model: m, layout: few-shot-raw, system: Be brief., sampling: {{seed: null}}}}
prompts: [{{id: r06, text: capital, expect: Paris}}, {{id: r05, text: file}}, {{id: r02, text: quota}}]
suites: [{{suite: starter/arc, limit: 2}}, {{suite: starter/tools, limit: 1}}]
variants: [{{id: v, temperature: 0}}]
sampling: {{seed: 3, top_logprobs: 3{more}}}
"""
TAKEN = {
    *("model", "input", "stream", "store", "temperature", "max_output_tokens", "include", "top_logprobs"),
    *("tools", "reasoning"),
}  # fmt: skip


def responses(*payloads: dict[str, Any]) -> bytes:
    """A stream of these events."""
    return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in payloads)


def whole(text: str, status: str = "completed", **more: Any) -> bytes:
    """A reply of one token, with its alternatives."""
    tops = [{"token": letter, "logprob": -1.0 - n} for n, letter in enumerate("ACD")]
    delta = {"type": "response.output_text.delta", "delta": text}
    delta["logprobs"] = [{"token": text, "logprob": -0.1, "top_logprobs": tops}]
    usage = {"input_tokens": 9, "output_tokens": 1}
    return responses(delta, {"type": f"response.{status}", "response": {"status": status, "usage": usage, **more}})


def server(path: str, raw: bytes, shared: Path, asked: list[dict[str, Any]]) -> tuple[int, str, bytes]:
    """OpenAI's, as strict as it is: the recorded streams by question, and a letter to all else."""
    if path.endswith("/models"):
        return 200, "application/json", b'{"data": [{"id": "m"}]}'
    body = json.loads(raw)
    if path.endswith("/chat/completions"):
        stream = b"".join(vendors.events(body, "B"))
        for number, letter in enumerate(b"ACD"):
            stream = stream.replace(b"t%d" % number, b"%c" % letter)
        return 200, "text/event-stream", stream
    asked.append(body)
    unknown = [*(body.keys() - TAKEN), *(["reasoning.effort"] if "reasoning" in body else [])]
    if path != "/v1/responses" or unknown or body["max_output_tokens"] < 16:
        error = openai_error(f"Unsupported parameter: '{unknown}'", param=str(unknown[0]) if unknown else None)
        return 400, "application/json", json.dumps(error).encode()
    names = {"capital": "06", "file": "05", "quota": "02", "tools": "07"}
    name = "tools" if "tools" in body else body["input"][-1]["content"]
    recorded = shared / f"streams/responses/responses_{names.get(name, '')}.sse"
    return 200, "text/event-stream", recorded.read_bytes() if name in names else whole("B")


async def test_recorded_replayed_and_scored_like_chat(tmp_path: Path, shared: Path) -> None:
    """Letters have the confidences of chat; text, call and error are read; the same again without a server."""
    asked: list[dict[str, Any]] = []
    with served(lambda path, raw: server(path, raw, shared, asked)) as url:
        (tmp_path / "e.yaml").write_text(EXPERIMENT.format(url=url, more=""))
        await record(in_folder(tmp_path), environ={})
    prepared = in_folder(tmp_path)
    assert (prepared.frozen, verify(prepared.cassette)) == (True, [])
    rows = {(row.condition, row.item_id): row for row in (await replay(prepared)).rows}
    new = {item: row for (condition, item), row in rows.items() if condition == "new@v"}
    for item, row in new.items():
        if row.suite == "starter/arc":
            same, fields = rows["old@v", item], ("outcome", "answer", "option_confidence", "coverage", "text")
            assert [getattr(row, name) for name in fields] == [getattr(same, name) for name in fields]
            assert (row.answer, row.option_confidence, row.completion_tokens) == ("B", pytest.approx(0.62, abs=0.01), 1)
        elif row.suite == "starter/tools":
            assert row.calls.startswith("first_tool(")
    assert [new[name].outcome for name in ("r06", "r05", "r02")] == [Outcome.CORRECT, Outcome.UNSCORED, Outcome.ERROR]
    assert (new["r05"].text, "quota" in new["r02"].error) == ("Dummy PDF file", True)
    sent = next(body for body in asked if "Answer:" in str(body["input"]))
    assert sent["input"][0] == {"role": "system", "content": "Be brief."}
    assert (sent["include"], sent["top_logprobs"]) == (["message.output_text.logprobs"], 3)
    assert (sent["store"], sent["stream"], sent["max_output_tokens"]) == (False, True, 64)


async def test_a_refused_field_is_named_as_the_file_names_it(tmp_path: Path, shared: Path) -> None:
    """And the way to leave it out is one that the file knows."""
    with served(lambda path, raw: server(path, raw, shared, [])) as url:
        (tmp_path / "e.yaml").write_text(EXPERIMENT.format(url=url, more=", reasoning_effort: low"))
        with pytest.raises(EndpointError, match=r"'sampling: \{reasoning_effort: null\}'"):
            await record(in_folder(tmp_path), environ={})


def test_live_text_counts_once(shared: Path) -> None:
    """The last event says again what the others said."""
    body = (shared / "streams/responses/responses_06.sse").read_bytes()
    request = PlannedRequest("k", {})
    reply = OpenReply(Trial("t", "c", "s", "i", 0, (request,)), request, [Chunk(0.0, body)])
    assert reply.so_far() == ("", "The capital of France is Paris.")
