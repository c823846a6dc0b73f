"""Replay: prove that the cassette answers the whole plan over HTTP, and score it.

Two flows run side by side: requests go through the proxy in strict mode, and what comes back is hashed; rows are scored
from the cassette itself, never from the socket. In the end the hashes are compared.

``python -m llmxray.workflow.replaying`` sends a large plan from a subprocess, while this process scores.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from llmxray import results as results_room
from llmxray.branches import branchings
from llmxray.cassette import Cassette
from llmxray.errors import CassetteError, LlmxrayError, MissError, RunFailedError
from llmxray.plan import Plan
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.results import Results
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Trial
from llmxray.workflow.preparation import Prepared, as_recorded
from llmxray.workflow.rounds import asked_part, ended

# At once: no model answers here, so the concurrency of its endpoint does not matter.
_CONCURRENCY = 16
# From this many trials on, a subprocess is worth its half second of start.
_MANY = 2000
# Trials scored between looks at the sent ones.
_BATCH = 10
# A miss names the nearest request, prompts and all.
_LONGEST_LINE = 1 << 26


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
        on_progress: gets each trial that is done; of a large plan without its receipts.
        watch: gets every piece of a reply as it arrives.

    Raises:
        MissError: something was never recorded.
        CassetteError: the cassette is not there or not whole, or its rounds have not come to an end.
        InputError: the loopback interface is missing.
    """
    prepared = as_recorded(prepared)
    cassette, analysis = Cassette.existing(prepared.cassette), prepared.experiment.analysis
    plan = asked_part(prepared.plan, cassette)
    in_subprocess = not speed and watch is None and len(plan.trials) >= _MANY and (os.cpu_count() or 1) > 1
    if in_subprocess:
        sending = asyncio.create_task(_send_in_subprocess(prepared.cassette, plan, on_progress))
    else:
        in_flight = _recorded_concurrency(prepared) if speed else {}
        sending = asyncio.create_task(_send(prepared.cassette, plan, speed, in_flight, on_progress, watch))
    try:
        rows = []
        scored_rows = results_room.iter_rows(
            plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood
        )
        for number, row in enumerate(scored_rows):
            rows.append(row)
            if number % _BATCH == 0:
                await asyncio.sleep(0)
        await sending
    finally:
        sending.cancel()
        await asyncio.wait([sending])
    results = Results(plan, tuple(rows), tuple(results_room.notes(plan.conditions, rows)), cassette)
    return ended(prepared, results)


def recorded_branches(plan: Plan, cassette: Cassette) -> list[Trial]:
    """The branches that were recorded; where the rule was added later, or recording was interrupted, some are not."""
    return [
        trial
        for found in branchings(plan, cassette)
        for trial in found.trials
        if cassette.tries(trial.requests[0].key, trial.sample)
    ]


def _recorded_concurrency(prepared: Prepared) -> dict[str, int]:
    """Requests in flight by endpoint label: more of them at once would take less time than the recording did."""
    endpoints = prepared.experiment.endpoints
    return {
        label: 1 if endpoint.is_embedded else endpoint.concurrency for label, endpoint in endpoints.items()
    }


async def _send(
    cassette: Path,
    plan: Plan,
    speed: float = 0.0,
    in_flight: Mapping[str, int] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
) -> None:
    """Send every request of the plan; replies must equal the recording byte for byte."""
    conditions = {condition.id: condition for condition in plan.conditions}
    labels = {condition.endpoint for condition in plan.conditions}
    async with ProxyServer(ProxyConfig(cassette, mode="replay", speed=speed, ignored=plan.ignored)) as proxy:
        config = RunnerConfig(
            urls={label: proxy.endpoint_url(label) for label in labels},
            concurrency={label: (in_flight or {}).get(label, _CONCURRENCY) for label in labels},
            at_once=not speed,
        )
        receipts = await run(plan.trials, conditions, config, on_progress, watch)
        # Afterwards, and unseen: they are no trials, and follow from what was replayed.
        receipts += await run(recorded_branches(plan, proxy.cassette), conditions, config)
        results_room.check_receipts(proxy.cassette, receipts, proxy.served)


async def _send_in_subprocess(cassette: Path, plan: Plan, on_progress: Callable[[Progress], None]) -> None:
    """`_send` in a subprocess: sending and scoring have a core each."""
    # A file, since a pipe takes 64 kB at each turn of the event loop.
    with TemporaryFile() as given:
        # Requests hold all that is sent of the questions.
        pickle.dump((cassette, replace(plan, suites={})), given)
        given.seek(0)
        process = await asyncio.create_subprocess_exec(
            # Without -P Python would import from the working directory, which may be a stranger's.
            *(sys.executable, "-P", "-m", __name__),
            stdin=given,
            stdout=PIPE,
            limit=_LONGEST_LINE,
        )
    assert process.stdout is not None
    trials = {trial.id: trial for trial in plan.trials}
    try:
        async for line in process.stdout:
            match json.loads(line):
                case [error, why]:
                    kinds = {"MissError": MissError, "RunFailedError": RunFailedError}
                    raise kinds.get(error, CassetteError)(why)
                case [trial, done, seconds]:
                    on_progress(Progress(trials[trial], (), done, len(trials), seconds))
        if await process.wait():
            raise RunFailedError("the replay ended early: run it again")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _tell_progress(step: Progress) -> None:
    sys.stdout.write(json.dumps([step.trial.id, step.done, step.seconds]) + "\n")


def _main() -> None:
    cassette, plan = pickle.load(sys.stdin.buffer)
    try:
        asyncio.run(_send(cassette, plan, on_progress=_tell_progress))
    except LlmxrayError as error:
        sys.stdout.write(json.dumps([type(error).__name__, str(error)]) + "\n")
    except KeyboardInterrupt:
        # It reaches both processes; the other one says so.
        pass


if __name__ == "__main__":
    _main()
