"""Replay: send the whole plan through the proxy in strict mode, with no network, and check results with receipts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
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
from llmxray.workflow.preparation import Prepared, as_recorded

# At once: no model answers here, so the concurrency of its endpoint does not matter.
_CONCURRENCY = 16
# Smaller replays use no process of their own: starting one takes as long as replaying several hundred requests.
_SUBPROCESS_FROM = 2000


async def replay(
    prepared: Prepared,
    *,
    speed: float = 0.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
) -> Results:
    """Replay an experiment from its cassette.

    Args:
        speed: 0 at once, 1 in the recorded rhythm, with as many requests in flight as when it was recorded.
        on_progress: gets each trial that is done.
        watch: gets every piece of a reply as it arrives.

    Raises:
        MissError: something was never recorded.
        CassetteError: the cassette is not there or not whole.
        InputError: this machine has no loopback interface.
    """
    prepared = as_recorded(prepared)
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
    # Checked here, because a proxy in a subprocess could only report that it did not start.
    check_loopback()
    config = FrontConfig(prepared.cassette, mode="replay", speed=speed, ignored=plan.ignored)
    requests = sum(len(trial.requests) for trial in plan.trials)
    if speed == 0 and requests >= _SUBPROCESS_FROM and (os.cpu_count() or 1) > 1:
        # Opened here first, so that a fault of the cassette is reported before a process starts.
        cassette = Cassette.existing(prepared.cassette)
        rows = _rows(prepared, cassette)
        async with SubprocessFront(config) as front, _read_meanwhile(rows) as read:
            await front.listening()
            receipts = await front.while_it_runs(_send(plan, front.endpoint_url, {}, on_progress, watch))
    else:
        async with Front(config) as own_front:
            in_flight = _recorded_concurrency(prepared) if speed else {}
            receipts = await _send(plan, own_front.endpoint_url, in_flight, on_progress, watch)
        cassette, read = own_front.cassette, []
        rows = _rows(prepared, cassette)
    # The replies that are scored must be the replies that were served, byte for byte.
    results_room.check_receipts(cassette, receipts)
    return results_room.gathered(plan, cassette, chain(read, rows))


def _rows(prepared: Prepared, cassette: Cassette) -> Iterator[Row]:
    analysis = prepared.experiment.analysis
    return results_room.reading(prepared.plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood)


@asynccontextmanager
async def _read_meanwhile(rows: Iterator[Row]) -> AsyncIterator[list[Row]]:
    """The rows that could be read while the block runs, perhaps not all: read whenever the run waits for the proxy."""
    read: list[Row] = []

    async def work() -> None:
        for row in rows:
            read.append(row)
            # One row at a time, because the run shares this thread and must not wait.
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


def _recorded_concurrency(prepared: Prepared) -> dict[str, int]:
    """Requests in flight by endpoint label: more of them at once would take less time than the recording did."""
    endpoints = prepared.experiment.endpoints
    return {
        label: 1 if endpoint.is_embedded else endpoint.concurrency for label, endpoint in endpoints.items()
    }


async def _send(
    plan: Plan,
    url_of: Callable[[str], str],
    in_flight: Mapping[str, int],
    on_progress: Callable[[Progress], None],
    watch: Watch | None,
) -> list[Receipt]:
    labels = {condition.endpoint for condition in plan.conditions}
    config = RunnerConfig(
        urls={label: url_of(label) for label in labels},
        concurrency={label: in_flight.get(label, _CONCURRENCY) for label in labels},
        loopback=True,
    )
    conditions = {condition.id: condition for condition in plan.conditions}
    return await run(plan.trials, conditions, config, on_progress, watch)
