"""What recording will take, before it starts."""

import re
from pathlib import Path

from servers import RawServer, Say, chunked, events, model_server

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
    found = re.fullmatch(
        r"8 trials in 8 requests: an estimate of ([\d,]+) prompt tokens and at most 512 completion tokens; "
        r"how long is known once answers arrive",
        estimate,
    )
    assert 8 * 20 < int(found[1].replace(",", "")) < 8 * 400


async def test_recorded_before_the_old_rate_is_taken(tmp_path):
    """Replies of a tenth of a second, two at once: eight take about .4 s again; and nothing is missing."""
    said = Say(chunked(events("A", "")), ending="keep", pause_s=0.05)
    async with RawServer(model_server(lambda _: said)) as server:
        plan = prepared(tmp_path, server.url)
        ready: list[int] = []
        listener = workflow.RecordingListener(on_ready=lambda trials: ready.append(len(trials)))
        await workflow.record(plan, environ={}, listener=listener)
        assert [8] == ready
        plan = prepared(tmp_path, server.url)
    again = workflow.forecast(plan, plan.plan.trials)
    assert re.search(
        r"and about \d+ completion tokens, about [0-4] seconds at the rate of the last recording", again
    )
    missing = workflow.forecast(plan, workflow.remaining_trials(plan))
    assert missing == "nothing is missing: no request will be sent"
    assert 8 == len(workflow.remaining_trials(plan, fresh=True))
