"""What recording will take, before it starts."""

from __future__ import annotations

from pathlib import Path

from servers import RawServer, Say, Seen, chunked, events, with_length

from llmxray import workflow
from llmxray.workflow import Overrides, Workspace

EXPERIMENT = """\
experiment: small
kind: benchmark
endpoints: {x: {base_url: "http://127.0.0.1:9/v1", concurrency: 2}}
models: [{id: m, endpoint: x, model: m}]
suites: [{suite: starter/arc, limit: 8}]
sampling: {temperature: 0, seed: 7, top_logprobs: 5}
"""


def prepared(folder: Path, url: str = "") -> workflow.Prepared:
    """A small experiment, prepared."""
    path = folder / "small.yaml"
    path.write_text(EXPERIMENT, "utf-8")
    return workflow.prepare(
        path, Workspace(folder / "cassettes"), Overrides(endpoints={"x": url} if url else {})
    )


def test_never_recorded_tokens_are_bounded_and_time_is_not_invented(tmp_path):
    """Eight requests of 64 tokens at most; no rate, no time."""
    plan = prepared(tmp_path)
    estimate = workflow.forecast(plan, workflow.remaining_trials(plan))
    (part,) = estimate.parts
    assert (8, 8, 8 * 64, None) == (part.trials, part.requests, part.completion_tokens, part.seconds)
    assert part.prompt_tokens > 8 * 20
    assert "8 trials in 8 requests" in estimate.sentence
    assert "at most 512 completion tokens" in estimate.sentence
    assert "how long is known once answers arrive" in estimate.sentence


async def test_recorded_before_the_old_rate_is_taken(tmp_path):
    """Replies of a tenth of a second, two at once: eight take about .4 s again; and nothing is missing."""

    def script(_: int, seen: Seen) -> Say:
        if seen.path.endswith("/models"):
            return Say(with_length(b'{"data": [{"id": "m"}]}'), ending="keep")
        return Say(chunked(events("A", "")), ending="keep", pause_s=0.05)

    async with RawServer(script) as server:
        plan = prepared(tmp_path, server.url)
        ready: list[int] = []
        listener = workflow.RecordingListener(on_ready=lambda trials: ready.append(len(trials)))
        await workflow.record(plan, environ={}, listener=listener)
        assert [8] == ready
        plan = prepared(tmp_path, server.url)
    again = workflow.forecast(plan, plan.plan.trials)
    assert 0.2 < again.seconds < 4
    assert "at the rate of the last recording" in again.sentence
    missing = workflow.forecast(plan, workflow.remaining_trials(plan))
    assert missing.sentence == "nothing is missing: no request will be sent"
    assert 8 == len(workflow.remaining_trials(plan, fresh=True))
