"""Recording on a cluster: parts go to workers, and what comes back is written into the cassette's journal.

The journal is what makes it durable: killing the driver loses no part that has arrived, and recording again asks only
for the rest. Workers that serve another model, or the same one otherwise, are refused: their answers must not be mixed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from pathlib import Path
from typing import Any, Self

from llmxray import plan as plans
from llmxray.cassette import Cassette, Entry, Journal, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.cluster.engine import Engine, Finished
from llmxray.cluster.model_server import Serve
from llmxray.cluster.parts import Part, Parts
from llmxray.errors import PackError, RunFailedError
from llmxray.keys import KeyPermit
from llmxray.plan import ServerFinding
from llmxray.types import Interaction, Json, Trial
from llmxray.workflow.detect import Decision, answered
from llmxray.workflow.part_recording import (
    PartResult,
    PartTask,
    close_worker,
    decide_part,
    part_of,
    record_part,
    unpacked,
)
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.recording import freeze_plan, replan, take_place
from llmxray.workflow.recording_lock import held
from llmxray.workflow.remaining import open_trials, recording_folder
from llmxray.workflow.same_server import IDENTITY, check_same_server

MOST_TRIES = 3
# One part under way and one waiting: a worker must not be idle while the driver writes.
_AHEAD = 2
# Of one server at one time, more must be alike than between two days.
_SAME = (*IDENTITY, "system_fingerprint", "budget_field", "forcing", "top_logprobs")
# Recordings that are written with one call; a long reply with its alternatives takes megabytes.
_AT_ONCE = 16
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What holds for every part.

    Attributes:
        serve: by label, how each worker starts a model server.
        permits: which keys workers may send where.
    """

    serve: Mapping[str, Serve] = field(default_factory=dict)
    permits: tuple[KeyPermit, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A part that has ended.

    Attributes:
        recordings: how many were new.
        done, total: trials that need nothing more, and all that were open.
        again: why it is done again, "" where it is whole.
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
    orders: Orders,
    *,
    fresh: bool = False,
    on_part: Callable[[Arrived], None] = lambda _: None,
    on_lost: Callable[[str], None] = lambda _: None,
) -> None:
    """Record an experiment on the engine's workers, and seal it; interrupted, what has arrived is kept.

    Args:
        fresh: as for `workflow.record`.
        on_lost: told the address of a worker that has ended.

    Raises:
        RunFailedError: a part failed on every try, workers serve different models, or the scheduler is gone.
        EndpointError, InputError: from the workers, as the text of a RunFailedError.
    """
    target, directory = prepared.cassette, recording_folder(prepared, fresh=fresh)
    guard = SecretGuard(())
    with held(directory):
        workers = engine.wait_for_workers()
        prepared = _decided(prepared, engine, orders)
        freeze_plan(prepared, directory, guard, fresh=fresh)
        trials = open_trials(prepared, fresh=fresh)
        driver = _Driver(
            prepared, engine, orders, _Target(directory, guard, fresh), len(workers), on_part, on_lost
        )
        try:
            with driver:
                driver.run(trials, workers)
        finally:
            engine.everywhere(close_worker)
            if directory.exists():
                seal(directory, facts=driver.facts, guard=guard)
    if fresh:
        take_place(driver.prepared.plan, target, directory)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where recordings go."""

    directory: Path
    guard: SecretGuard
    fresh: bool


class _Driver:
    """Hands out parts and writes down what comes back; a context manager, for it holds the journal.

    Attributes:
        prepared: the experiment, whose requests may change on the way.
        facts: what the servers show of themselves, by "endpoint/model".
    """

    def __init__(
        self,
        prepared: Prepared,
        engine: Engine,
        orders: Orders,
        target: _Target,
        workers: int,
        on_part: Callable[[Arrived], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.prepared, self._engine, self._orders = prepared, engine, orders
        self._target = target
        self._open()
        self._workers = workers
        self._on_part = on_part
        self._on_lost = on_lost
        self._under_way: Counter[str] = Counter()
        self._stays_with: dict[str, str] = {}
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
        """Until every trial has been asked for.

        Raises:
            RunFailedError: a part failed on every try, or no worker is left.
        """
        parts = Parts(trials, workers=self._workers)
        while parts.are_left:
            for worker in workers:
                for _ in range(_AHEAD):
                    self._hand_out(parts, worker)
            self._until_idle(parts, workers)
            if parts.are_left:
                # The last part under way failed when no worker was there to take it again.
                workers = self._engine.wait_for_workers()

    def _until_idle(self, parts: Parts, workers: Sequence[str]) -> None:
        looked_s = time.monotonic()
        for ended in self._engine.finished():
            part, asked_of = ended.tag
            self._under_way[asked_of] -= 1
            self._take_in(parts, part, ended)
            # Workers come and go: a new one gets its share, one that is gone gets nothing more. Not looked for at every
            # part: the scheduler tells all it knows of a thousand workers.
            if time.monotonic() - looked_s > _LOOK_EVERY_S:
                before, workers, looked_s = workers, self._engine.workers(), time.monotonic()
                for gone in sorted({*before} - {*workers}):
                    self._on_lost(gone)
                parts.workers = max(1, len(workers))
            for worker in workers:
                while self._under_way[worker] < _AHEAD and self._hand_out(parts, worker):
                    pass

    def _hand_out(self, parts: Parts, worker: str) -> bool:
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
        """The part with the requests that its trials have by now."""
        return replace(part, trials=tuple(self._trials[trial.id] for trial in part.trials))

    def _take_in(self, parts: Parts, part: Part, ended: Finished) -> None:
        result: PartResult | None = ended.result
        why = ended.error if result is None else result.error
        new = 0
        if result is not None and result.findings:
            self._replan(part.condition, result.findings, ended.worker)
        part = self._as_planned(part)
        if result is not None and result.cassette:
            self._compare(result.facts, ended.worker)
            try:
                with unpacked(result.cassette) as folder:
                    new = self._written(part, Cassette(folder))
            except PackError as error:
                why = str(error)
        # A request that failed is not asked again, unless the part was cut short.
        left = tuple(trial for trial in part.trials if not self._is_done(trial, whole=bool(why)))
        if left and not why:
            why = f"{len(left)} of its trials are missing from what the worker sent"
        self._done += len(part.trials) - len(left)
        if result is not None and not why:
            parts.measured(part, result.seconds)
        elif left and part.tries + 1 >= MOST_TRIES:
            raise RunFailedError(
                f"part {part.number} ({part.condition}, {len(part.trials)} trials) failed on {MOST_TRIES} tries: {why}"
            )
        elif left:
            parts.put_back(replace(part, trials=left))
        seconds = result.seconds if result is not None else 0.0
        self._on_part(Arrived(part, ended.worker, seconds, new, self._done, parts.total, why))

    def _replan(self, condition: str, findings: Mapping[str, ServerFinding], worker: str) -> None:
        """Ask the rest of these conditions as the worker's server wanted it."""
        now = {each.id: each.budget_field for each in self.prepared.plan.conditions}
        wanted = {name: found for name, found in findings.items() if found.budget_field != now[name]}
        have_replies = answered(self.prepared.plan, self._cassette)
        if condition in wanted and condition in have_replies:
            raise RunFailedError(
                f"condition {condition}: its server takes the budget as {now[condition]!r} elsewhere, and as "
                f"{wanted[condition].budget_field!r} on {worker}; serve the same model everywhere, or write "
                f"'budget_field: {wanted[condition].budget_field}' beside the model and record with --fresh"
            )
        wanted = {name: found for name, found in wanted.items() if name not in have_replies}
        if wanted:
            self.prepared = replan(self.prepared, wanted)
            # Freezing seals what the journal has.
            self._journal.close()
            freeze_plan(self.prepared, self._target.directory, self._target.guard, fresh=self._target.fresh)
            self._open()

    def _written(self, part: Part, found: Cassette) -> int:
        """Append a part's recordings; what is there whole already is not written twice."""
        # The plan's own, which need not be read again.
        bodies = {request.key: request.body for trial in part.trials for request in trial.requests}
        return sum(
            self._appended(found, entries, bodies) for entries in batched(found.all_entries(), _AT_ONCE)
        )

    def _appended(
        self, part: Cassette, entries: Sequence[Entry], bodies: Mapping[str, Mapping[str, Json]]
    ) -> int:
        new: list[tuple[Interaction, bool]] = []
        tries: dict[tuple[str, int], list[bool]] = {}
        for entry in entries:
            key, sample = entry.address.key, entry.address.sample
            known = [each.complete for each in self._cassette.tries(key, sample)]
            there = tries.setdefault((key, sample), known)
            if any(there):
                continue
            # A try that failed elsewhere keeps its place; this one comes behind it.
            interaction = part.read(entry, bodies.get(key))
            if interaction.attempt != len(there):
                interaction = replace(interaction, attempt=len(there))
            new.append((interaction, entry.complete))
            there.append(entry.complete)
        spans = self._journal.append_all([interaction for interaction, _ in new]) if new else []
        for (interaction, complete), span in zip(new, spans, strict=True):
            self._cassette.add(interaction, span, complete=complete)
        return len(new)

    def _is_done(self, trial: Trial, *, whole: bool) -> bool:
        """Whether each request of the trial has a reply, or at least a failed attempt where it need not be whole."""
        return all(
            any(entry.complete or not whole for entry in self._cassette.tries(request.key, trial.sample))
            for request in trial.requests
        )

    def _compare(self, facts: Mapping[str, Any], worker: str) -> None:
        for name, found in facts.items():
            if name not in self.facts:
                check_same_server(
                    self.prepared.plan, name, self._target.directory, found, fresh=self._target.fresh
                )
            known = self.facts.setdefault(name, found)
            other = [each for each in _SAME if known.get(each) != found.get(each)]
            if other:
                first = other[0]
                raise RunFailedError(
                    f"{name} differs between workers: {first} is {known.get(first)!r} on one and "
                    f"{found.get(first)!r} on {worker}; serve the same model everywhere, or record apart"
                )


def _decided(prepared: Prepared, engine: Engine, orders: Orders) -> Prepared:
    """The experiment with what its servers need, asked from a worker: the driver may not reach them."""
    if prepared.frozen:
        return prepared
    endpoints = prepared.experiment.endpoints
    first: dict[str, Trial] = {}
    for trial in prepared.plan.trials:
        first.setdefault(trial.condition, trial)
    for condition in prepared.plan.conditions:
        if condition.id in first and not endpoints[condition.endpoint].is_embedded:
            task = _task(prepared, orders, condition.id, [first[condition.id]])
            engine.submit(condition.id, decide_part, task)
    plan = prepared.plan
    for ended in engine.finished():
        found: tuple[Decision | None, str] = ended.result or (None, ended.error)
        decision, why = found
        if decision is None:
            raise RunFailedError(f"condition {ended.tag}: {why}")
        plan = decision.applied(plan)
    return replace(prepared, plan=plan)


def _task(prepared: Prepared, orders: Orders, condition: str, trials: Sequence[Trial]) -> PartTask:
    return PartTask(
        experiment=prepared.experiment,
        source=prepared.source,
        condition=condition,
        frozen=plans.freeze(part_of(prepared.plan, trials), prepared.source),
        serve=orders.serve,
        permits=orders.permits,
    )
