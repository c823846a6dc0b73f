"""Record: what is missing or failed is asked of the real servers, one model server at a time."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from llmxray import __version__
from llmxray import plan as plans
from llmxray.cassette import Cassette, Entry, freeze, seal, supersede
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import LlmxrayError, RunFailedError
from llmxray.keys import KeyPermit
from llmxray.local import LocalServer
from llmxray.plan import Plan, ServerFinding, Statement
from llmxray.proxy import Front, FrontConfig, probe_server
from llmxray.proxy.kept_upstream import KeptUpstream
from llmxray.proxy.loopback import check_loopback
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Trial
from llmxray.workflow.detect import decided, other_budget
from llmxray.workflow.failures import FailureWatch, RecordingFailures, failures_in
from llmxray.workflow.keys import keys_of
from llmxray.workflow.machine import busy_cores
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.recording_lock import held
from llmxray.workflow.remaining import Leg, Shard, legs_of, open_of_leg, recording_folder
from llmxray.workflow.same_server import check_same_server

# What can change the bytes or times of a recording.
_RECORDED_WITH = ("xllamacpp", "mitmproxy", "aiohttp")


@dataclass(frozen=True, slots=True)
class _Told:
    """Who is told of what happens.

    Attributes:
        renamed: conditions whose budget has been renamed: once is enough.
    """

    on_progress: Callable[[Progress], None]
    watch: Watch | None
    on_ready: Callable[[Sequence[Trial]], None]
    renamed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Kept:
    """What a process keeps from one recording to the next.

    Attributes:
        known: facts of servers by "endpoint/model" that were probed; those found now are added.
        embedded: what is known of embedded models without asking, where who keeps this started their servers.
        upstream: mitmproxy that runs on; None starts one for each recording.
    """

    known: dict[str, Any] = field(default_factory=dict)
    embedded: dict[str, dict[str, Any]] = field(default_factory=dict)
    upstream: KeptUpstream | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """What servers show of themselves, by "endpoint/model".

    Attributes:
        found: of those that recorded something now.
        kept: of all that were ever probed, and what else is kept.
    """

    found: dict[str, Any]
    kept: Kept


class _OtherBudget(RunFailedError):
    """Stops a run whose requests need the budget under its other name."""

    def __init__(self, findings: Mapping[str, ServerFinding]) -> None:
        super().__init__(f"{', '.join(findings)}: the server wants the budget under another name")
        self.findings = findings


async def record(
    prepared: Prepared,
    *,
    environ: Mapping[str, str],
    permits: Collection[KeyPermit] = (),
    fresh: bool = False,
    shard: Shard | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
    on_ready: Callable[[Sequence[Trial]], None] = lambda _: None,
    kept: Kept | None = None,
    on_asked: Callable[[], None] = lambda: None,
    on_findings: Callable[[Mapping[str, ServerFinding]], None] = lambda _: None,
    frozen: bool = False,
) -> None:
    """Record an experiment into its cassette and seal it.

    Interrupted, everything recorded so far is kept and sealed; recording again asks only for the rest.

    Args:
        environ: where API keys and proxies are looked up.
        permits: which keys may be sent where, beyond what needs no permit (`llmxray.keys`).
        shard: record only this part of the trials.
        watch: told of every piece that arrives.
        on_ready: told which trials come next, once their server has answered its probe.
        fresh: record all of it again, beside the old cassette, which is replaced once the new one is complete.
        kept: what earlier recordings of this process left to be used again.
        on_asked: told once no more is asked of servers, before sealing begins.
        on_findings: told by condition when a refusal has changed the requests that are still to be sent.
        frozen: whether the plan has been frozen into the cassette already.

    Raises:
        EndpointError, InputError: a server or a key is not there, or a server refuses what the experiment sets; where
            nothing was recorded, nothing is left behind.
        RunFailedError: the first requests of a condition have all failed alike.
    """
    keys = keys_of(prepared, environ, permits)
    check_proxy_settings(_servers(prepared), environ)
    check_loopback()
    target = prepared.cassette
    directory = recording_folder(prepared, fresh=fresh)
    facts: dict[str, Any] = {}
    kept = kept or Kept()
    guard = SecretGuard(keys.values())
    with held(directory):
        prepared = await decided(prepared, keys)
        begun = frozen

        def begin(coming: Sequence[Trial]) -> None:
            # Not before a server has answered its probe: one that cannot be recorded must leave the cassette as it was.
            nonlocal begun
            if not begun:
                freeze_plan(prepared, directory, guard, fresh=fresh, facts=facts)
                begun = True
            if coming:
                on_ready(coming)

        def replanned(changed: Prepared, findings: Mapping[str, ServerFinding]) -> None:
            freeze_plan(changed, directory, guard, fresh=fresh)
            on_findings(findings)

        told = _Told(on_progress, watch, begin)
        try:
            prepared = await _record_legs(
                prepared,
                shard or Shard(1, 1),
                directory,
                keys,
                _Facts(facts, kept),
                told,
                replanned,
            )
            begin(())
        finally:
            on_asked()
            # A folder that somebody removed meanwhile must not come back empty.
            if begun and directory.exists():
                seal(directory, facts=facts, guard=guard)
    if fresh:
        take_place(prepared.plan, target, directory)


async def _record_legs(
    prepared: Prepared,
    part: Shard,
    directory: Path,
    keys: Mapping[str, str],
    facts: _Facts,
    told: _Told,
    on_replanned: Callable[[Prepared, Mapping[str, ServerFinding]], None],
) -> Prepared:
    """Record leg by leg; returns the experiment, whose budgets may have been renamed on the way."""
    leg = 0
    while leg < len(legs_of(prepared)):
        try:
            await _record_leg(prepared, legs_of(prepared)[leg], part, directory, keys, facts, told)
            leg += 1
        except _OtherBudget as found:
            # Nothing of these conditions is recorded whole, so their requests may still change.
            told.renamed.update(found.findings)
            prepared = replan(prepared, found.findings)
            on_replanned(prepared, found.findings)
    return prepared


def replan(prepared: Prepared, findings: Mapping[str, ServerFinding]) -> Prepared:
    """The experiment with the requests that its servers want."""
    whole = prepared.whole and plans.with_findings(prepared.whole, findings)
    return replace(prepared, plan=plans.with_findings(prepared.plan, findings), whole=whole)


def freeze_plan(
    prepared: Prepared,
    directory: Path,
    guard: SecretGuard,
    *,
    fresh: bool,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Freeze plan, statement, software and what is known of servers into the cassette before its first request is sent.

    A recording that is killed is compared with these facts when it goes on.
    """
    # A taste of what is recorded already must not take the place of the plan of all of it.
    kept = prepared.plan if fresh or prepared.whole is None else prepared.whole
    freeze(
        directory,
        prepared.experiment.experiment,
        plans.freeze(kept, prepared.source, statement=_statement(prepared, directory)),
        software=_software(),
        facts=facts,
        guard=guard,
    )


def _statement(prepared: Prepared, directory: Path) -> Statement:
    """What was stated before the first request: today's file, or what the cassette holds once it has recordings.

    Recorded afresh, ``directory`` is beside the cassette to be replaced, whose statement is kept as an earlier one.
    """
    held_already = _held_statement(directory)
    if held_already is not None:
        return held_already
    today = plans.statement_of(prepared.experiment, datetime.now(UTC).date().isoformat())
    replaced = _held_statement(prepared.cassette) if directory != prepared.cassette else None
    return today if replaced is None else today.after(replaced)


def _held_statement(directory: Path) -> Statement | None:
    """The statement of a cassette that has recordings; None of one that has none."""
    if not directory.exists():
        return None
    cassette = Cassette(directory)
    if not len(cassette):
        return None
    header = next(cassette.lines("plan"), None)
    # Another client's recordings: nobody knows what was expected of them.
    return Statement() if header is None else plans.frozen_statement(header)


async def _record_leg(
    prepared: Prepared,
    leg: Leg,
    part: Shard,
    directory: Path,
    keys: Mapping[str, str],
    facts: _Facts,
    told: _Told,
) -> None:
    """Record what is missing of the leg; what the servers show of themselves is added to ``facts``."""
    trials = open_of_leg(prepared.plan, leg, Cassette(directory), part)
    if not trials:
        return
    endpoints = prepared.experiment.endpoints
    asked = {trial.condition for trial in trials}
    servers = {f"{each.endpoint}/{each.model}": each for each in leg.conditions if each.id in asked}
    known = facts.kept.known
    unknown = servers.keys() - known.keys()
    # Before the leg's own server starts: what else is at work on this machine.
    machine = _machine(await busy_cores()) if unknown else {}
    async with _targets(prepared, leg) as (targets, local_facts):
        for name, condition in servers.items():
            if name in unknown:
                found = await probe_server(
                    targets[condition.endpoint], model=condition.model, key=keys.get(condition.endpoint, "")
                )
                # An embedded server's port is an accident of this run.
                embedded = local_facts.get(name) or facts.kept.embedded.get(name, {})
                base_url = "" if embedded else found.base_url
                known[name] = {
                    **embedded,
                    **found.as_json(),
                    "base_url": base_url,
                    **machine,
                }
            fresh = directory != prepared.cassette
            check_same_server(prepared.plan, name, directory, known[name], fresh=fresh)
            facts.found[name] = known[name]
        told.on_ready(trials)
        config = FrontConfig(
            directory,
            # What is recorded already is served, so that a retry or a shared request is not paid for twice.
            mode="auto",
            targets=targets,
            keys=keys,
            # One front stands before all of them: the most patient one decides.
            timeout_s=max(endpoints[label].timeout_s for label in targets),
            ignored=prepared.plan.ignored,
            secret=secrets.token_urlsafe(),
        )
        async with Front(config, facts.kept.upstream) as front:
            runner = RunnerConfig(
                urls={label: front.endpoint_url(label) for label in targets},
                concurrency={
                    # Two requests at once share two cores, and the latencies of both would mean nothing.
                    label: 1 if leg.local_model else endpoints[label].concurrency
                    for label in targets
                },
                timeout_s=config.timeout_s,
            )
            progress = _watched(prepared, front.cassette, told)
            try:
                await run(trials, {each.id: each for each in leg.conditions}, runner, progress, told.watch)
            except LlmxrayError as error:
                # The runner only knows what the front told it.
                raise front.failure or error from None
            if front.failure is not None:
                raise front.failure


def _watched(prepared: Prepared, cassette: Cassette, told: _Told) -> Callable[[Progress], None]:
    """Tell of progress, and stop a run that must be asked for otherwise or comes to nothing."""
    failures = FailureWatch(cassette)

    def progress(step: Progress) -> None:
        findings = other_budget(prepared, step, cassette)
        if findings.keys() - told.renamed:
            raise _OtherBudget(findings)
        told.on_progress(step)
        failures.look(step)

    return progress


@asynccontextmanager
async def _targets(prepared: Prepared, leg: Leg) -> AsyncIterator[tuple[dict[str, str], dict[str, Any]]]:
    if not leg.local_model:
        labels = {condition.endpoint for condition in leg.conditions}
        yield {label: str(prepared.experiment.endpoints[label].base_url) for label in labels}, {}
        return
    async with LocalServer(leg.local_model) as server:
        label = leg.conditions[0].endpoint
        yield {label: server.base_url}, {f"{label}/{leg.local_model}": server.facts()}


def recording_failures(prepared: Prepared, shard: Shard | None = None) -> RecordingFailures:
    """What has no whole reply after recording.

    Args:
        prepared: read again after recording, which may have changed its requests.
        shard: count only this part of the trials.
    """
    part, plan = shard or Shard(1, 1), prepared.plan
    mine = []
    for leg in legs_of(prepared):
        names = {condition.id for condition in leg.conditions}
        mine += part.of([trial for trial in plan.trials if trial.condition in names])
    return failures_in(Cassette(prepared.cassette), mine)


def _servers(prepared: Prepared) -> list[str]:
    """Base URLs of the servers that recording asks; the embedded ones have none yet."""
    labels = dict.fromkeys(condition.endpoint for condition in prepared.plan.conditions)
    urls = (prepared.experiment.endpoints[label].base_url for label in labels)
    return [url for url in urls if url is not None]


def _software() -> dict[str, str]:
    versions = {"llmxray": __version__, "python": platform.python_version()}
    for name in _RECORDED_WITH:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _machine(busy: float | None) -> dict[str, Any]:
    # Latencies mean nothing without this; the machine's name and paths stay out.
    return {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "load_before": busy}


def take_place(plan: Plan, target: Path, fresh: Path) -> None:
    """Put a fresh cassette in the place of the old one, once every request of the plan has its reply."""
    # Of the plan, not of the cassette: a request that was never asked is missing too.
    cassette = Cassette(fresh)
    missing = sum(
        not any(map(_settled, cassette.tries(request.key, trial.sample)))
        for trial in plan.trials
        for request in trial.requests
    )
    if missing:
        raise RunFailedError(
            f"{missing} requests have no whole reply: {target} stays as it is, what was recorded is in {fresh}; "
            "record with --fresh again to ask for the rest"
        )
    supersede(target, fresh)
    shutil.rmtree(fresh)


def _settled(entry: Entry) -> bool:
    # A server that refuses a request refuses it again; one that fails or is busy may answer next time.
    refused = (
        entry.status is not None and 400 <= entry.status < 500 and entry.status not in (408, 409, 425, 429)
    )
    return entry.complete or refused
