"""Recording on a cluster: parts go to workers, and what comes back is written into the cassette's journal.

The journal makes it durable: killing the driver loses no part that has arrived, and recording again sends only the
rest. Workers that serve another model, or the same one with other settings, are refused: their answers must not be
mixed.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any, Self

from llmxray import plan as plans
from llmxray.cassette import Cassette, Entry, Journal, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.cluster.engine import Engine, FinishedTask
from llmxray.cluster.model_server import ServeCommand
from llmxray.cluster.parts import Part, Parts
from llmxray.errors import PackError, RunFailedError
from llmxray.keys import KeyPermit
from llmxray.plan import ServerFinding
from llmxray.types import Interaction, Json, Trial
from llmxray.workflow.freezing import freeze_plan, replace_by_fresh, with_findings
from llmxray.workflow.keys import key_guard, key_uses
from llmxray.workflow.part_recording import (
    PartResult,
    PartTask,
    ask_part_server,
    close_worker,
    find_key,
    part_of,
    record_part,
    unzip_cassette,
)
from llmxray.workflow.preparation import Prepared, as_recorded
from llmxray.workflow.recording_lock import lock_recording
from llmxray.workflow.remaining import recording_folder, remaining_trials
from llmxray.workflow.same_server import IDENTITY, check_same_server
from llmxray.workflow.server_needs import ServerNeeds, conditions_with_replies

MOST_TRIES = 3
# A worker has one part under way and one waiting, so that it is not idle while the driver writes.
_PARTS_EACH = 2
# Workers that record at the same time must agree in more than a server does from one day to the next.
_SAME = (*IDENTITY, "system_fingerprint", "budget_field", "forcing", "top_logprobs")
# Recordings that are written with one call. Not more: a long reply with its alternatives takes megabytes.
_BATCH = 16
_LIST_WORKERS_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class PartOptions:
    """Settings that hold for every part.

    Attributes:
        serve: by label, how each worker starts a model server.
        permits: which keys workers may send where.
        run: tells this run of a driver from any other.
    """

    serve: Mapping[str, ServeCommand] = field(default_factory=dict)
    permits: tuple[KeyPermit, ...] = ()
    run: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class PartFinished:
    """A part that has ended.

    Attributes:
        recordings: number of new recordings.
        done, total: number of trials that are done, and of all trials to record.
        again: why the part is done again, "" if it is complete.
    """

    part: Part
    worker: str
    seconds: float
    recordings: int
    done: int
    total: int
    again: str = ""


def record_on_cluster(
    prepared: Prepared,
    engine: Engine,
    options: PartOptions,
    *,
    environ: Mapping[str, str],
    fresh: bool = False,
    on_part: Callable[[PartFinished], None] = lambda _: None,
    on_lost: Callable[[str], None] = lambda _: None,
) -> None:
    """Record an experiment on the engine's workers, and seal it. If interrupted, what has arrived is kept.

    Args:
        options: settings that hold for every part.
        environ: of this machine, whose keys are not written either.
        fresh: as for `workflow.record`.
        on_part: gets every part that has ended.
        on_lost: gets the address of a worker that has ended.

    Raises:
        RunFailedError: a part failed on every try, workers serve different models, or the scheduler is gone.
        EndpointError, InputError: from the workers, as the text of a RunFailedError.
    """
    prepared = prepared if fresh else as_recorded(prepared)
    directory = recording_folder(prepared, fresh=fresh)
    guard = key_guard(prepared.experiment, environ)
    with lock_recording(directory):
        workers = engine.wait_for_workers()
        _check_no_key(prepared, engine, options)
        prepared = _with_server_needs(prepared, engine, options)
        freeze_plan(prepared, directory, guard, fresh=fresh)
        trials = remaining_trials(prepared, fresh=fresh)
        target, listeners = _Target(directory, guard, fresh), _Listeners(on_part, on_lost)
        driver = _Driver(prepared, engine, options, target, listeners, workers=len(workers))
        try:
            with driver:
                driver.run(trials, workers)
        finally:
            engine.everywhere(partial(close_worker, options.run))
            if directory.exists():
                seal(directory, facts=driver.facts, guard=guard)
    if fresh:
        replace_by_fresh(driver.prepared.plan, prepared.cassette, directory)


@dataclass(frozen=True, slots=True)
class _Target:
    """The cassette that is written."""

    directory: Path
    guard: SecretGuard
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Listeners:
    """Functions that are called while recording."""

    on_part: Callable[[PartFinished], None]
    on_lost: Callable[[str], None]


class _Driver:
    """Hands out parts and writes what comes back into the journal; a context manager that closes the journal.

    Attributes:
        prepared: the experiment, whose requests may change on the way.
        facts: what the servers show of themselves, by "endpoint/model".
    """

    def __init__(
        self,
        prepared: Prepared,
        engine: Engine,
        options: PartOptions,
        target: _Target,
        listeners: _Listeners,
        *,
        workers: int,
    ) -> None:
        self.prepared, self._engine, self._orders = prepared, engine, options
        self._target, self._listeners, self._workers = target, listeners, workers
        self._open()
        # Number of parts by worker, and the condition of each worker's last part.
        self._under_way: Counter[str] = Counter()
        self._stays_with: dict[str, str] = {}
        # Number of trials that need nothing more.
        self._done = 0
        self.facts: dict[str, Any] = {}

    def _open(self) -> None:
        self._cassette = Cassette(self._target.directory)
        self._journal = Journal(self._target.directory, self._target.guard)
        self._trials = {trial.id: trial for trial in self.prepared.plan.trials}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def run(self, trials: Sequence[Trial], workers: Sequence[str]) -> None:
        """Hand out parts until every trial has been recorded or has failed.

        Raises:
            RunFailedError: a part failed on every try, or no worker is left.
        """
        parts = Parts(trials, workers=self._workers)
        while parts.are_left:
            for worker in workers:
                for _ in range(_PARTS_EACH):
                    self._hand_out(parts, worker)
            self._until_idle(parts, workers)
            if parts.are_left:
                # The last part failed when no worker was there to take it again.
                workers = self._engine.wait_for_workers()

    def _until_idle(self, parts: Parts, workers: Sequence[str]) -> None:
        """Take in parts as they end and hand out others, until nothing is under way."""
        listed_s = time.monotonic()
        for finished in self._engine.finished():
            part, worker_asked = finished.tag
            self._under_way[worker_asked] -= 1
            self._take_in(parts, part, finished)
            # Workers come and go: a new one gets its share, one that is gone gets nothing more. They are not listed
            # after every part, because the scheduler sends all that it knows of each worker.
            if time.monotonic() - listed_s > _LIST_WORKERS_EVERY_S:
                before, workers, listed_s = workers, self._engine.workers(), time.monotonic()
                for lost in sorted({*before} - {*workers}):
                    self._listeners.on_lost(lost)
                parts.workers = max(1, len(workers))
            for worker in workers:
                while self._under_way[worker] < _PARTS_EACH and self._hand_out(parts, worker):
                    pass

    def _hand_out(self, parts: Parts, worker: str) -> bool:
        """Give the next part to a worker; returns whether there was one."""
        part = parts.take(self._stays_with.get(worker, ""))
        if part is None:
            return False
        part = self._as_planned(part)
        self._stays_with[worker] = part.condition
        self._under_way[worker] += 1
        task = _task(self.prepared, self._orders, part.condition, part.trials)
        task = replace(task, threads=self._engine.cores_each)
        self._engine.submit((part, worker), record_part, task, worker=worker)
        return True

    def _as_planned(self, part: Part) -> Part:
        """The part with its requests as they are planned now; they may have changed since it was made."""
        return replace(part, trials=tuple(self._trials[trial.id] for trial in part.trials))

    def _take_in(self, parts: Parts, part: Part, finished: FinishedTask) -> None:
        """Write down what a part brought; put its missing trials back if it failed."""
        result: PartResult | None = finished.result
        why = finished.error if result is None else result.error
        new = 0
        if result is not None and result.findings:
            self._change_requests(part.condition, result.findings, finished.worker)
        part = self._as_planned(part)
        if result is not None and result.cassette:
            if self._meet(result.facts, finished.worker):
                # Before the first answer, for a driver that is killed comes back and holds the servers against them.
                self._freeze()
            try:
                with unzip_cassette(result.cassette) as folder:
                    new = self._write(part, Cassette(folder))
            except PackError as error:
                why = str(error)
        # A request that failed is not asked again, unless the part was cut short.
        trials_left = tuple(trial for trial in part.trials if not self._is_done(trial, whole=bool(why)))
        if trials_left and not why:
            why = f"{len(trials_left)} of its trials are missing from what the worker sent"
        self._done += len(part.trials) - len(trials_left)
        if result is not None and not why:
            parts.add_timing(part, result.seconds)
        elif trials_left and part.tries + 1 >= MOST_TRIES:
            raise RunFailedError(
                f"part {part.number} ({part.condition}, {len(part.trials)} trials) failed on {MOST_TRIES} tries: {why}"
            )
        elif trials_left:
            parts.put_back(replace(part, trials=trials_left))
        seconds = result.seconds if result is not None else 0.0
        self._listeners.on_part(
            PartFinished(part, finished.worker, seconds, new, self._done, parts.total, why)
        )

    def _change_requests(self, condition: str, findings: Mapping[str, ServerFinding], worker: str) -> None:
        """Change the remaining requests of these conditions to what the worker's server accepted."""
        current_fields = {planned.id: planned.budget_field for planned in self.prepared.plan.conditions}
        wanted = {
            name: finding
            for name, finding in findings.items()
            if finding.budget_field != current_fields[name]
        }
        have_replies = conditions_with_replies(self.prepared.plan, self._cassette)
        if condition in wanted and condition in have_replies:
            current = current_fields[condition]
            raise RunFailedError(
                f"condition {condition}: its server takes the budget as {current!r} elsewhere, and as "
                f"{wanted[condition].budget_field!r} on {worker}; serve the same model everywhere, or write "
                f"'budget_field: {wanted[condition].budget_field}' beside the model and record with --fresh"
            )
        wanted = {name: finding for name, finding in wanted.items() if name not in have_replies}
        if wanted:
            self.prepared = with_findings(self.prepared, wanted)
            self._freeze()

    def _freeze(self) -> None:
        """Freeze the plan and what is known of the servers."""
        # Freezing seals what the journal holds, so the journal is closed first.
        self._journal.close()
        target = self._target
        freeze_plan(self.prepared, target.directory, target.guard, fresh=target.fresh, facts=self.facts)
        self._open()

    def _write(self, part: Part, received: Cassette) -> int:
        """Append a part's recordings, except those that are whole already; returns how many were new."""
        # Bodies are taken from the plan, so that they need not be read from the cassette again.
        bodies = {request.key: request.body for trial in part.trials for request in trial.requests}
        return sum(
            self._append(received, entries, bodies) for entries in batched(received.all_entries(), _BATCH)
        )

    def _append(
        self, received: Cassette, entries: Sequence[Entry], bodies: Mapping[str, Mapping[str, Json]]
    ) -> int:
        new: list[tuple[Interaction, bool]] = []
        # Whether each try is complete, by request and sample.
        tries: dict[tuple[str, int], list[bool]] = {}
        for entry in entries:
            key, sample = entry.address.key, entry.address.sample
            known = [earlier.complete for earlier in self._cassette.tries(key, sample)]
            completed = tries.setdefault((key, sample), known)
            if any(completed):
                continue
            # A try that failed elsewhere keeps its number; this one gets the next.
            interaction = received.read(entry, bodies.get(key))
            if interaction.attempt != len(completed):
                interaction = replace(interaction, attempt=len(completed))
            new.append((interaction, entry.complete))
            completed.append(entry.complete)
        spans = self._journal.append_all([interaction for interaction, _ in new]) if new else []
        for (interaction, complete), span in zip(new, spans, strict=True):
            self._cassette.add(interaction, span, complete=complete)
        return len(new)

    def _is_done(self, trial: Trial, *, whole: bool) -> bool:
        """Whether each request of the trial has a whole reply; without ``whole``, a failed attempt is enough."""
        return all(
            any(entry.complete or not whole for entry in self._cassette.tries(request.key, trial.sample))
            for request in trial.requests
        )

    def _meet(self, facts: Mapping[str, Any], worker: str) -> bool:
        """Refuse a worker whose servers differ from those of the cassette or of other workers.

        Returns:
            Whether a server is new.
        """
        new = facts.keys() - self.facts.keys()
        for name, worker_facts in facts.items():
            if name in new:
                check_same_server(
                    self.prepared.plan, name, self._target.directory, worker_facts, fresh=self._target.fresh
                )
            known = self.facts.setdefault(name, worker_facts)
            other = next((fact for fact in _SAME if known.get(fact) != worker_facts.get(fact)), None)
            if other is not None:
                raise RunFailedError(
                    f"{name} differs between workers: {other} is {known.get(other)!r} on one and "
                    f"{worker_facts.get(other)!r} on {worker}; serve the same model everywhere, or record apart"
                )
        return bool(new)


def _check_no_key(prepared: Prepared, engine: Engine, options: PartOptions) -> None:
    """Refuse a plan that holds a key of the workers, before it is written here."""
    condition = next((each.condition for each in prepared.plan.trials), "")
    if condition and key_uses(prepared):
        engine.submit(condition, find_key, _task(prepared, options, condition, prepared.plan.trials))
        for finished in engine.finished():
            if why := finished.error or finished.result:
                raise RunFailedError(why)


def _with_server_needs(prepared: Prepared, engine: Engine, options: PartOptions) -> Prepared:
    """The experiment with what its servers need. Workers ask, because the driver may not reach the servers."""
    if prepared.frozen:
        return prepared
    endpoints = prepared.experiment.endpoints
    first: dict[str, Trial] = {}
    for trial in prepared.plan.trials:
        first.setdefault(trial.condition, trial)
    for condition in prepared.plan.conditions:
        if condition.id in first and not endpoints[condition.endpoint].is_embedded:
            task = _task(prepared, options, condition.id, [first[condition.id]])
            engine.submit(condition.id, ask_part_server, task)
    plan = prepared.plan
    for finished in engine.finished():
        answer: tuple[ServerNeeds | None, str] = finished.result or (None, finished.error)
        needs, why = answer
        if needs is None:
            raise RunFailedError(f"condition {finished.tag}: {why}")
        plan = needs.applied_to(plan)
    return replace(prepared, plan=plan)


def _task(prepared: Prepared, options: PartOptions, condition: str, trials: Sequence[Trial]) -> PartTask:
    return PartTask(
        experiment=prepared.experiment,
        source=prepared.source,
        condition=condition,
        frozen=plans.freeze(part_of(prepared.plan, trials), prepared.source),
        serve=options.serve,
        permits=options.permits,
        run=options.run,
    )
