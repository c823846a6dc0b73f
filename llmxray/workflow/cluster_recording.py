"""Record on a cluster: send parts to workers, write their results into the cassette's journal.

The journal makes it durable: killing the driver loses no part that has arrived, and recording again sends only the
rest. Workers that serve another model, or the same one with other settings, are refused: their answers must not be
mixed.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmxray import plan as plans
from llmxray.cassette import Cassette, Journal, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.cluster.engine import Engine, FinishedTask
from llmxray.cluster.parts import Part, Parts
from llmxray.errors import RunFailedError
from llmxray.scratch import scratch_folder
from llmxray.types import Trial
from llmxray.workflow.freezing import freeze_plan, replace_by_fresh
from llmxray.workflow.keys import key_guard
from llmxray.workflow.part_recording import (
    PartOptions,
    PartResult,
    PartTask,
    ask_part_server,
    close_worker,
    part_of,
    record_part,
)
from llmxray.workflow.preparation import Prepared, as_recorded
from llmxray.workflow.recording_lock import lock_recording
from llmxray.workflow.rounds import asked_part, look_at
from llmxray.workflow.server_facts import IDENTITY, check_same_server
from llmxray.workflow.server_needs import ServerNeeds
from llmxray.workflow.trials_to_record import recording_folder, remaining_trials

if TYPE_CHECKING:
    from llmxray.plan import Plan
    from llmxray.report.analysis.course import Course

MOST_TRIES = 3
# A worker has one part in progress and one waiting, so it is busy while the driver writes.
_PARTS_EACH = 2
# Workers that record at the same time must agree in more than a server does from one day to the next.
_SAME = (*IDENTITY, "system_fingerprint", "budget_field", "forcing", "top_logprobs")
_LIST_WORKERS_EVERY_S = 1.0


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
    on_look: Callable[[Course], None] = lambda _: None,
) -> None:
    """Record an experiment on the engine's workers, and seal it. An interruption keeps the parts received.

    Args:
        options: settings of every part.
        environ: of this machine; its keys are not written either.
        fresh: as for `workflow.record`.
        on_part: gets every part that has ended.
        on_lost: gets the address of a worker that has ended.
        on_look: gets each look at the answers of a recording that may end early.

    Raises:
        RunFailedError: a part failed on every try, workers serve different models, or the scheduler is gone.
        EndpointError, InputError: from the workers, as the text of a RunFailedError.
    """
    prepared = prepared if fresh else as_recorded(prepared)
    directory = recording_folder(prepared, fresh=fresh)
    guard = key_guard(prepared.experiment, environ)
    with lock_recording(directory):
        workers = engine.wait_for_workers()
        prepared = _with_server_needs(prepared, engine, options)
        freeze_plan(prepared, directory, guard, fresh=fresh)
        driver = _Driver(prepared, engine, options, directory, guard, fresh, on_part, on_lost)
        try:
            for count in range(1, len(prepared.plan.rounds.looks) + 1 if prepared.plan.rounds else 2):
                part = plans.first_looks(prepared.plan, count)
                driver.run(remaining_trials(replace(prepared, plan=part), fresh=fresh), workers)
                if part.rounds and _is_over(prepared, part, directory, on_look):
                    break
        finally:
            driver.journal.close()
            engine.everywhere(partial(close_worker, options.run))
            if directory.exists():
                seal(directory, facts=driver.facts, guard=guard)
    if fresh:
        replace_by_fresh(asked_part(prepared.plan, Cassette(directory)), prepared.cassette, directory)


def _is_over(prepared: Prepared, part: Plan, directory: Path, on_look: Callable[[Course], None]) -> bool:
    course = look_at(prepared, part, Cassette(directory))
    on_look(course)
    return course.end != "go on"


@dataclass(slots=True)
class _Driver:
    """Hands out parts and writes results into the journal.

    Attributes:
        directory, guard, fresh: of the cassette that is written.
        journal: open; the driver's caller closes it.
        under_way: number of parts by worker.
        stays_with: the condition of each worker's last part.
        done: number of trials that need nothing more.
        facts: of the servers, by "endpoint/model".
    """

    prepared: Prepared
    engine: Engine
    options: PartOptions
    directory: Path
    guard: SecretGuard
    fresh: bool
    on_part: Callable[[PartFinished], None]
    on_lost: Callable[[str], None]
    cassette: Cassette = field(init=False)
    journal: Journal = field(init=False)
    under_way: Counter[str] = field(default_factory=Counter)
    stays_with: dict[str, str] = field(default_factory=dict)
    done: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.cassette, self.journal = Cassette(self.directory), Journal(self.directory, self.guard)

    def run(self, trials: Sequence[Trial], workers: Sequence[str]) -> None:
        """Hand out parts until every trial has been recorded or has failed.

        Raises:
            RunFailedError: a part failed on every try, or no worker is left.
        """
        parts, self.done = Parts(trials, workers=len(workers)), 0
        while parts.are_left:
            for worker in workers:
                for _ in range(_PARTS_EACH):
                    self._submit_part(parts, worker)
            self._until_idle(parts, workers)
            if parts.are_left:
                # The last part failed when no worker was there to take it again.
                workers = self.engine.wait_for_workers()

    def _until_idle(self, parts: Parts, workers: Sequence[str]) -> None:
        """Take in parts as they end and hand out others, until nothing is under way."""
        listed_s = time.monotonic()
        for finished in self.engine.finished():
            part, worker_asked = finished.tag
            self.under_way[worker_asked] -= 1
            self._add_result(parts, part, finished)
            # Workers come and go: a new one gets its share, one that is gone gets nothing more. They are not listed
            # after every part, because the scheduler sends all that it knows of each worker.
            if time.monotonic() - listed_s > _LIST_WORKERS_EVERY_S:
                before, workers, listed_s = workers, self.engine.workers(), time.monotonic()
                for lost in sorted({*before} - {*workers}):
                    self.on_lost(lost)
                parts.workers = max(1, len(workers))
            for worker in workers:
                while self.under_way[worker] < _PARTS_EACH and self._submit_part(parts, worker):
                    pass

    def _submit_part(self, parts: Parts, worker: str) -> bool:
        """Give the next part to a worker; returns whether there was one."""
        part = parts.take(self.stays_with.get(worker, ""))
        if part is None:
            return False
        self.stays_with[worker] = part.condition
        self.under_way[worker] += 1
        task = _task(self.prepared, self.options, part.condition, part.trials)
        task = replace(task, threads=self.engine.cores_each)
        self.engine.submit((part, worker), record_part, task, worker=worker)
        return True

    def _add_result(self, parts: Parts, part: Part, finished: FinishedTask) -> None:
        """Write a part's results; queue its missing trials again."""
        result: PartResult = finished.result or PartResult(b"", {}, finished.error, 0.0)
        why, new = result.error, 0
        if result.cassette:
            self._check_worker_facts(result.facts, finished.worker)
            with scratch_folder("part") as folder, zipfile.ZipFile(io.BytesIO(result.cassette)) as archive:
                archive.extractall(folder)
                new = self._write(part, Cassette(Path(folder)))
        # A request that failed is not asked again, unless the part was cut short.
        trials_left = tuple(trial for trial in part.trials if not self._is_done(trial, whole=bool(why)))
        if trials_left and not why:
            why = f"{len(trials_left)} of its trials are missing from what the worker sent"
        self.done += len(part.trials) - len(trials_left)
        if not why:
            parts.add_timing(part, result.seconds)
        elif trials_left and part.tries + 1 >= MOST_TRIES:
            raise RunFailedError(
                f"part {part.number} ({part.condition}, {len(part.trials)} trials) failed on {MOST_TRIES} tries: {why}"
            )
        elif trials_left:
            parts.put_back(replace(part, trials=trials_left))
        self.on_part(PartFinished(part, finished.worker, result.seconds, new, self.done, parts.total, why))

    def _write(self, part: Part, received: Cassette) -> int:
        """Append a part's recordings, except those that are whole already; returns how many were new."""
        # Bodies are taken from the plan, so that they need not be read from the cassette again.
        bodies = {request.key: request.body for trial in part.trials for request in trial.requests}
        new = 0
        for entry in received.all_entries():
            tries = self.cassette.tries(entry.address.key, entry.address.sample)
            if any(earlier.complete for earlier in tries):
                continue
            # A try that failed elsewhere keeps its number; this one gets the next.
            interaction = received.read(entry, bodies.get(entry.address.key))
            interaction = replace(interaction, attempt=len(tries))
            self.cassette.add(interaction, self.journal.append(interaction), complete=entry.complete)
            new += 1
        return new

    def _is_done(self, trial: Trial, *, whole: bool) -> bool:
        """Whether each request of the trial has a whole reply; without ``whole``, a failed attempt is enough."""
        return all(
            any(entry.complete or not whole for entry in self.cassette.tries(request.key, trial.sample))
            for request in trial.requests
        )

    def _check_worker_facts(self, facts: Mapping[str, Any], worker: str) -> None:
        """Refuse a worker whose servers differ from those of the cassette or of other workers."""
        new = facts.keys() - self.facts.keys()
        for name, worker_facts in facts.items():
            if name in new:
                check_same_server(self.prepared.plan, name, self.directory, worker_facts, fresh=self.fresh)
            known = self.facts.setdefault(name, worker_facts)
            other = next((fact for fact in _SAME if known.get(fact) != worker_facts.get(fact)), None)
            if other is not None:
                raise RunFailedError(
                    f"{name} differs between workers: {other} is {known.get(other)!r} on one and "
                    f"{worker_facts.get(other)!r} on {worker}; serve the same model everywhere, or record apart"
                )
        if new:
            # Frozen before the first answer is written: a driver that is killed comes back and holds the servers
            # against these facts. Freezing seals what the journal holds, so the journal is closed first.
            self.journal.close()
            freeze_plan(self.prepared, self.directory, self.guard, fresh=self.fresh, facts=self.facts)
            self._open()


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
        options=options,
    )
