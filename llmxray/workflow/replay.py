"""Replay: the whole plan through the proxy in strict mode, with no network; then results with receipts."""

from __future__ import annotations

from collections.abc import Callable

from llmxray import results as results_room
from llmxray.proxy import Front, FrontConfig
from llmxray.results import Results
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.workflow.prepare import Prepared

_CONCURRENCY = 16


async def replay(
    prepared: Prepared,
    *,
    speed: float = 0.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
) -> Results:
    """Replay an experiment from its cassette.

    Args:
        speed: 0 at once, 1 in the recorded rhythm.
        watch: told of every piece that arrives.

    Raises:
        MissError: something was never recorded.
        CassetteError: the cassette is not there or not whole.
    """
    plan = prepared.plan
    async with Front(FrontConfig(prepared.cassette, mode="replay", speed=speed)) as front:
        labels = {condition.endpoint for condition in plan.conditions}
        config = RunnerConfig(
            urls={label: front.endpoint_url(label) for label in labels},
            concurrency=dict.fromkeys(labels, _CONCURRENCY),
        )
        receipts = await run(
            plan.trials, {each.id: each for each in plan.conditions}, config, on_progress, watch
        )
        return results_room.read(
            plan,
            front.cassette,
            per_byte=prepared.experiment.analysis.likelihood == "per_byte",
            receipts=receipts,
        )
