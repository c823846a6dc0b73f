"""Record: send missing or failed requests to the servers, one model server at a time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmxray.cassette import Cassette, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import LlmxrayError
from llmxray.keys import KeyPermit
from llmxray.plan import Plan, first_looks
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.runner import Progress, RunnerConfig, Watch, run
from llmxray.types import Condition, Trial
from llmxray.workflow.failures import FailureWatch, RecordingFailures, failures_in
from llmxray.workflow.freezing import freeze_plan, replace_by_fresh
from llmxray.workflow.keys import keys_of
from llmxray.workflow.preparation import Prepared, as_recorded
from llmxray.workflow.recording_lock import lock_recording
from llmxray.workflow.rounds import asked_part, look_at, next_look
from llmxray.workflow.server_facts import (
    RecordingCache,
    RunningServers,
    check_same_server,
    machine_facts,
    probed_facts,
    run_servers,
    server_name,
)
from llmxray.workflow.server_needs import check_forcing, with_server_needs
from llmxray.workflow.trials_to_record import (
    ServerGroup,
    Shard,
    recording_folder,
    remaining_branches,
    remaining_of_group,
    server_groups,
)

if TYPE_CHECKING:
    from llmxray.report.analysis.course import Course


@dataclass(frozen=True, slots=True)
class RecordingListener:
    """Functions that `record` calls while it works; by default each does nothing.

    Attributes:
        on_ready: gets the trials that come next, once their servers have answered the probes.
        on_progress: gets each trial that has ended.
        on_look: gets each look at the answers of a recording that may end early.
        on_branch: gets each branch, or control of branches, that has ended.
        watch: gets every piece of a reply as it arrives.
    """

    on_ready: Callable[[Sequence[Trial]], None] = lambda _: None
    on_progress: Callable[[Progress], None] = lambda _: None
    on_look: Callable[[Course], None] = lambda _: None
    on_branch: Callable[[Progress], None] = lambda _: None
    watch: Watch | None = None


async def record(
    prepared: Prepared,
    *,
    environ: Mapping[str, str],
    permits: Collection[KeyPermit] = (),
    fresh: bool = False,
    shard: Shard | None = None,
    listener: RecordingListener | None = None,
    cache: RecordingCache | None = None,
) -> None:
    """Record an experiment into its cassette and seal it.

    When interrupted, everything recorded so far is kept and sealed. Recording again sends only the rest.

    Args:
        environ: where API keys and proxies are looked up.
        permits: which keys may be sent where, beyond what needs no permit (`llmxray.keys`).
        fresh: record all again, and replace the old cassette once complete.
        shard: record only this part of the trials.
        listener: follows the recording.
        cache: reusable state of earlier recordings.

    Raises:
        EndpointError, InputError: a server or a key is missing, or a server refuses what the experiment sets. If
            nothing was recorded, no files are left.
        RunFailedError: the first requests of a condition have all failed alike.
    """
    prepared = prepared if fresh else as_recorded(prepared)
    keys = keys_of(prepared, environ, permits)
    check_proxy_settings(server_urls(prepared), environ)
    directory = recording_folder(prepared, fresh=fresh)
    with lock_recording(directory):
        session = _Session(
            await with_server_needs(prepared, keys),
            directory,
            keys,
            SecretGuard(keys.values()),
            shard=shard or Shard(1, 1),
            fresh=fresh,
            listener=listener or RecordingListener(),
            cache=cache or RecordingCache(),
        )
        await session.record()
    if fresh:
        asked = asked_part(session.prepared.plan, Cassette(directory))
        replace_by_fresh(asked, prepared.cassette, directory)


@dataclass(slots=True)
class _Session:
    """One recording.

    Attributes:
        prepared: the experiment.
        directory: of the cassette that is written.
        keys: API key by endpoint label.
        guard: refuses to write these keys.
        fresh: whether the cassette is recorded beside the one that it replaces.
        facts: of the servers that were asked, by "endpoint/model".
        is_frozen: whether this recording has frozen the plan.
    """

    prepared: Prepared
    directory: Path
    keys: Mapping[str, str]
    guard: SecretGuard
    shard: Shard
    fresh: bool
    listener: RecordingListener
    cache: RecordingCache
    facts: dict[str, Any] = field(default_factory=dict)
    is_frozen: bool = False

    async def record(self) -> None:
        """Record every group, round by round, and seal the recordings, even after a failure."""
        try:
            for part in self._parts():
                for group in server_groups(self.prepared):
                    await self._record_group(group, part)
                self._freeze_once()
                if self._is_over(part):
                    break
        finally:
            # A folder removed meanwhile must not come back empty.
            if self.is_frozen and self.directory.exists():
                seal(self.directory, facts=self.facts, guard=self.guard)

    def _freeze_once(self) -> None:
        if not self.is_frozen:
            freeze_plan(self.prepared, self.directory, self.guard, fresh=self.fresh, facts=self.facts)
            self.is_frozen = True

    def _parts(self) -> Iterator[Plan]:
        """What is recorded one after the other: the questions of each look, or all."""
        plan = self.prepared.plan
        if self.shard.count > 1:
            yield next_look(plan, Cassette(self.directory))
        else:
            yield from (
                first_looks(plan, n) for n in range(1, len(plan.rounds.looks) + 1 if plan.rounds else 2)
            )

    def _is_over(self, part: Plan) -> bool:
        """Look at all answers so far."""
        if part.rounds is None or self.shard.count > 1:
            return False
        course = look_at(self.prepared, part, Cassette(self.directory))
        self.listener.on_look(course)
        return course.end != "go on"

    async def _record_group(self, group: ServerGroup, part: Plan) -> None:
        """Record the group's missing trials among those of a part of the plan, then the branches of its answers."""
        cassette = Cassette(self.directory)
        trials = remaining_of_group(part, group, cassette, self.shard)
        to_ask = {
            trial.condition for trial in trials or remaining_branches(part, group, cassette, self.shard)
        }
        if not to_ask:
            return
        conditions = [condition for condition in group.conditions if condition.id in to_ask]
        by_server = {server_name(condition): condition for condition in conditions}
        # Measured before the group's server starts, to exclude its load.
        machine = await machine_facts() if any(starmap(self._is_new, by_server.items())) else {}
        async with run_servers(self.prepared, group) as servers:
            await self._check_servers(by_server, servers, machine)
            check_forcing(part, conditions, self.cache.facts)
            # Where only branches are missing, the answers keep the facts of their day, such as the machine's load.
            if trials:
                self.facts |= {name: self.cache.facts[name] for name in by_server}
            # The plan is frozen only now: a server that cannot be recorded must leave the cassette as it was.
            self._freeze_once()
            self.listener.on_ready(trials)
            listener = self.listener
            await self._send(trials, group, servers, listener.on_progress, listener.watch)
            branches = remaining_branches(part, group, Cassette(self.directory), self.shard)
            await self._send(branches, group, servers, listener.on_branch)

    async def _check_servers(
        self, by_server: Mapping[str, Condition], servers: RunningServers, machine: Mapping[str, Any]
    ) -> None:
        """Probe new servers, and refuse one that differs from the cassette's."""
        known = self.cache.facts
        for name, condition in by_server.items():
            if self._is_new(name, condition):
                key = self.keys.get(condition.endpoint, "")
                known[name] = await probed_facts(condition, servers, self.cache, key=key, machine=machine)
                self.cache.urls[name] = self._url(condition)
            check_same_server(self.prepared.plan, name, self.directory, known[name], fresh=self.fresh)

    def _is_new(self, name: str, condition: Condition) -> bool:
        # Another experiment may have another server of that name.
        return self.cache.urls.get(name) != self._url(condition)

    def _url(self, condition: Condition) -> str:
        return self.prepared.experiment.endpoints[condition.endpoint].base_url or ""

    async def _send(
        self,
        trials: Sequence[Trial],
        group: ServerGroup,
        servers: RunningServers,
        listen: Callable[[Progress], None],
        watch: Watch | None = None,
    ) -> None:
        """Send the requests of the trials through a recording proxy."""
        if not trials:
            return
        conditions = {condition.id: condition for condition in group.conditions}
        config = self._proxy_config(servers)
        async with ProxyServer(config, self.cache.upstream) as proxy:
            runner = RunnerConfig(
                urls={label: proxy.endpoint_url(label) for label in servers.targets},
                concurrency=self._concurrency(group, servers),
                timeout_s=config.timeout_s,
            )
            failures = FailureWatch(proxy.cassette)

            def on_progress(step: Progress) -> None:
                listen(step)
                failures.check(step)

            try:
                await run(trials, conditions, runner, on_progress, watch)
            except LlmxrayError as error:
                # The proxy knows the cause, the runner only the reply.
                raise proxy.failure or error from None
            if proxy.failure is not None:
                raise proxy.failure

    def _proxy_config(self, servers: RunningServers) -> ProxyConfig:
        endpoints = self.prepared.experiment.endpoints
        return ProxyConfig(
            self.directory,
            # Recorded replies are served: retries and shared requests are not paid for twice.
            mode="auto",
            targets=servers.targets,
            keys=self.keys,
            # One proxy serves all endpoints of the group, so the longest timeout holds.
            timeout_s=max(endpoints[label].timeout_s for label in servers.targets),
            ignored=self.prepared.plan.ignored,
            secret=secrets.token_urlsafe(),
        )

    def _concurrency(self, group: ServerGroup, servers: RunningServers) -> dict[str, int]:
        """Requests in flight, by endpoint label."""
        endpoints = self.prepared.experiment.endpoints
        # Two requests at once share the cores of an embedded model, and the latencies of both would mean nothing.
        return {label: 1 if group.local_model else endpoints[label].concurrency for label in servers.targets}


def recording_failures(prepared: Prepared, shard: Shard | None = None) -> RecordingFailures:
    """Trials without a whole reply after recording.

    Args:
        prepared: read again after recording, which may have changed its requests.
        shard: count only this part of the trials.
    """
    shard = shard or Shard(1, 1)
    cassette, trials = Cassette(prepared.cassette), list[Trial]()
    plan = next_look(prepared.plan, cassette)
    for group in server_groups(prepared):
        ids = {condition.id for condition in group.conditions}
        trials += shard.of([trial for trial in plan.trials if trial.condition in ids])
    return failures_in(cassette, trials)


def server_urls(prepared: Prepared) -> list[str]:
    """Base URLs of the servers to record; embedded ones have none yet."""
    labels = dict.fromkeys(condition.endpoint for condition in prepared.plan.conditions)
    urls = (prepared.experiment.endpoints[label].base_url for label in labels)
    return [url for url in urls if url is not None]
