"""Recording for the command `run`: its options, the view of it, and the failures that it reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray import runner, workflow
from llmxray.cli import arguments
from llmxray.cli.cluster import record_on_cluster
from llmxray.cli.key_permits import collect_permits
from llmxray.cli.signals import run_interruptible
from llmxray.cli.terminal import console, note

if TYPE_CHECKING:
    from llmxray.runner import LiveView
    from llmxray.runner import Progress as Step
    from llmxray.types import Trial
    from llmxray.workflow import Prepared, Shard


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """Options of the command line for a recording.

    Attributes:
        fresh: record everything again into a new cassette.
        shard: record only this part of the trials.
        cluster: the value of ``--cluster``, None to record in this process.
        serve: the values of ``--serve``.
        allow_key: the values of ``--allow-key``.
        plain: print plain lines instead of the live view.
    """

    fresh: bool = False
    shard: Shard | None = None
    cluster: str | None = None
    serve: Sequence[str] = ()
    allow_key: Sequence[str] = ()
    plain: bool = False


def record(prepared: Prepared, chosen: RecordingOptions) -> None:
    """Record an experiment, on a cluster or in this process, and show its progress."""
    if chosen.cluster:
        serve = arguments.pairs(chosen.serve, "--serve")
        record_on_cluster(prepared, chosen.cluster, serve, chosen.allow_key, fresh=chosen.fresh)
    else:
        _record_here(prepared, chosen)


def say_failures(prepared: Prepared, shard: Shard | None) -> list[str]:
    """Print what failed most; returns the conditions, as EXPERIMENT/CONDITION, without any whole reply."""
    name, failures = prepared.experiment.experiment, workflow.recording_failures(prepared, shard)
    if failures.sentence:
        note(f"{name}: {failures.sentence}")
    return [f"{name}/{condition}" for condition in failures.silent]


def _record_here(prepared: Prepared, chosen: RecordingOptions) -> None:
    # Asked before the live view starts, which would draw over the question.
    permits = collect_permits(workflow.key_uses(prepared).values(), chosen.allow_key)
    trials = workflow.remaining_trials(prepared, fresh=chosen.fresh, shard=chosen.shard)
    # If there are trials, the estimate waits until the server has answered, which may turn out not to be there.
    if not trials:
        _note_estimate(prepared, trials)
    title = f"recording {prepared.experiment.experiment}"
    with runner.watching(console, trials, workflow.scorer(prepared), title, plain=chosen.plain) as view:
        listener = workflow.RecordingListener(
            on_ready=lambda next_trials: _note_estimate(prepared, next_trials),
            on_progress=_progress(prepared, view),
            watch=view,
        )
        work = workflow.record(
            prepared,
            environ=os.environ,
            permits=permits,
            fresh=chosen.fresh,
            shard=chosen.shard,
            listener=listener,
        )
        try:
            run_interruptible(work)
        except KeyboardInterrupt:
            note(workflow.interruption_note(prepared, fresh=chosen.fresh))
            raise


def _note_estimate(prepared: Prepared, trials: Sequence[Trial]) -> None:
    note(f"{prepared.experiment.experiment}: {workflow.forecast(prepared, trials)}")


def _progress(prepared: Prepared, view: LiveView) -> Callable[[Step], None]:
    """A function that shows each trial, and warns once for each condition whose answers are cut off."""
    conditions = {condition.id: condition for condition in prepared.plan.conditions}
    warned: set[str] = set()

    def progress(step: Step) -> None:
        view.progress(step)
        condition = step.trial.condition
        warning = runner.cut_off(conditions[condition], view.tally.conditions[condition].first)
        if warning and condition not in warned:
            # Printed at once, while the user can still stop and save the cost of the rest.
            note(warning)
            warned.add(condition)

    return progress
