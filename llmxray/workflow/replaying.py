"""Replay: send the whole plan through the proxy in strict mode, with no network, and check results with receipts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray import results as results_room
from llmxray.errors import MissError
from llmxray.plan import Plan
from llmxray.proxy import Front, FrontConfig
from llmxray.results import Results
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Receipt
from llmxray.workflow.misses import nearest_miss
from llmxray.workflow.preparation import Prepared, as_recorded

# At once: no model answers here, so the concurrency of its endpoint does not matter.
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
        speed: 0 at once, 1 in the recorded rhythm, with as many requests in flight as when it was recorded.
        on_progress: gets each trial that is done.
        watch: gets every piece of a reply as it arrives.

    Raises:
        MissError: something was never recorded.
        CassetteError: the cassette is not there or not whole.
        InputError: this machine has no loopback interface.
    """
    prepared = as_recorded(prepared)
    plan, analysis = prepared.plan, prepared.experiment.analysis
    config = FrontConfig(prepared.cassette, mode="replay", speed=speed, ignored=plan.ignored)
    try:
        async with Front(config) as front:
            in_flight = _recorded_concurrency(prepared) if speed else {}
            receipts = await _send(plan, front.endpoint_url, in_flight, on_progress, watch)
    except MissError:
        # A plan that was frozen with the recordings misses what is lost, which the proxy names.
        message = None if prepared.frozen else nearest_miss(prepared)
        if message is None:
            raise
        raise MissError(message) from None
    # The replies that are scored must be the replies that were served, byte for byte.
    return results_room.read(
        plan, front.cassette, chain=analysis.chain, likelihood=analysis.likelihood, receipts=receipts
    )


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
    )
    conditions = {condition.id: condition for condition in plan.conditions}
    return await run(plan.trials, conditions, config, on_progress, watch)
