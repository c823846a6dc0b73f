"""Replay: the whole plan through the proxy in strict mode, with no network; then results with receipts."""

from __future__ import annotations

import os
from collections.abc import Callable

from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.plan import Plan
from llmxray.proxy import Front, FrontConfig
from llmxray.proxy.apart import FrontApart
from llmxray.results import Results
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Receipt
from llmxray.workflow.prepare import Prepared

_CONCURRENCY = 16
# Starting a process takes as long as replaying several hundred requests.
_APART_FROM = 2000


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
    config = FrontConfig(prepared.cassette, mode="replay", speed=speed)
    requests = sum(len(trial.requests) for trial in plan.trials)
    if speed == 0 and requests >= _APART_FROM and (os.cpu_count() or 1) > 1:
        # Opened here first, so that what is wrong with it is said before anything starts.
        cassette = Cassette.existing(prepared.cassette)
        async with FrontApart(config) as apart:
            # The other process takes a second to come up, which reading the answers fills.
            results = _read(prepared, cassette)
            await apart.listening()
            receipts = await apart.while_it_runs(_send(plan, apart.endpoint_url, on_progress, watch))
    else:
        async with Front(config) as front:
            receipts = await _send(plan, front.endpoint_url, on_progress, watch)
        cassette = front.cassette
        results = _read(prepared, cassette)
    results_room.check_receipts(cassette, receipts)
    return results


def _read(prepared: Prepared, cassette: Cassette) -> Results:
    analysis = prepared.experiment.analysis
    return results_room.read(
        prepared.plan, cassette, chain=analysis.chain, per_byte=analysis.likelihood == "per_byte"
    )


async def _send(
    plan: Plan,
    url_of: Callable[[str], str],
    on_progress: Callable[[Progress], None],
    watch: Watch | None,
) -> list[Receipt]:
    labels = {condition.endpoint for condition in plan.conditions}
    config = RunnerConfig(
        urls={label: url_of(label) for label in labels},
        concurrency=dict.fromkeys(labels, _CONCURRENCY),
        bare=True,
    )
    return await run(plan.trials, {each.id: each for each in plan.conditions}, config, on_progress, watch)
