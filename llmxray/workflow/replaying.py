"""Replay: the whole plan through the proxy in strict mode, with no network; then results with receipts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import chain

from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.errors import MissError
from llmxray.plan import Plan
from llmxray.proxy import Front, FrontConfig
from llmxray.proxy.loopback import check_loopback
from llmxray.proxy.subprocess_front import SubprocessFront
from llmxray.results import Results
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Receipt, Row
from llmxray.workflow.misses import nearest_miss
from llmxray.workflow.preparation import Prepared

# Nothing waits for a model here, so what its endpoint may be asked at once does not matter.
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
        InputError: this machine has no loopback interface.
    """
    try:
        return await _replayed(prepared, speed, on_progress, watch)
    except MissError:
        # A plan that was frozen with the recordings misses what is lost, which the proxy names.
        said = None if prepared.frozen else nearest_miss(prepared)
        if said is None:
            raise
        raise MissError(said) from None


async def _replayed(
    prepared: Prepared, speed: float, on_progress: Callable[[Progress], None], watch: Watch | None
) -> Results:
    plan = prepared.plan
    # A front of its own process could only say that it did not start.
    check_loopback()
    config = FrontConfig(prepared.cassette, mode="replay", speed=speed, ignored=plan.ignored)
    requests = sum(len(trial.requests) for trial in plan.trials)
    if speed == 0 and requests >= _APART_FROM and (os.cpu_count() or 1) > 1:
        # Opened here first, so that what is wrong with it is said before anything starts.
        cassette = Cassette.existing(prepared.cassette)
        rows = _reading(prepared, cassette)
        async with SubprocessFront(config) as apart, _meanwhile(rows) as read:
            await apart.listening()
            receipts = await apart.while_it_runs(_send(plan, apart.endpoint_url, on_progress, watch))
    else:
        async with Front(config) as front:
            receipts = await _send(plan, front.endpoint_url, on_progress, watch)
        cassette, read = front.cassette, []
        rows = _reading(prepared, cassette)
    # What is read from the cassette must be what was served, byte for byte.
    results_room.check_receipts(cassette, receipts)
    return results_room.gathered(plan, cassette, chain(read, rows))


def _reading(prepared: Prepared, cassette: Cassette) -> Iterator[Row]:
    analysis = prepared.experiment.analysis
    return results_room.reading(prepared.plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood)


@asynccontextmanager
async def _meanwhile(rows: Iterator[Row]) -> AsyncIterator[list[Row]]:
    """Rows read while the proxy's process comes up, and whenever the run waits for it; perhaps not all of them."""
    read: list[Row] = []

    async def work() -> None:
        for row in rows:
            read.append(row)
            # Row by row, for the run shares this thread and must not wait.
            await asyncio.sleep(0)

    task = asyncio.create_task(work())
    try:
        yield read
    finally:
        if not task.done():
            task.cancel()
        (failed,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(failed, Exception):
        raise failed


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
        loopback=True,
    )
    return await run(plan.trials, {each.id: each for each in plan.conditions}, config, on_progress, watch)
