"""Recording for the command `run`: its options, the view of it, and the failures that it reports."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from llmxray import runner, workflow
from llmxray.cli.key_permits import collect_permits
from llmxray.cli.terminal import console, note

if TYPE_CHECKING:
    from llmxray.runner import LiveView
    from llmxray.runner import Progress as Step
    from llmxray.types import Trial
    from llmxray.workflow import Prepared, Shard


def record(
    prepared: Prepared, *, fresh: bool, shard: Shard | None, allow_key: Sequence[str], plain: bool
) -> None:
    """Record an experiment in this process, and show its progress.

    Args:
        fresh: record everything again into a new cassette.
        shard: record only this part of the trials.
        allow_key: the values of ``--allow-key``.
        plain: print plain lines instead of the live view.
    """
    # Asked before the live view starts, which would draw over the question.
    permits = collect_permits(workflow.key_uses(prepared).values(), allow_key)
    trials = workflow.remaining_trials(prepared, fresh=fresh, shard=shard)
    # If there are trials, the estimate waits until the server has answered, which may turn out not to be there.
    if not trials:
        _note_estimate(prepared, trials)
    title = f"recording {prepared.experiment.experiment}"
    with runner.watching(console, trials, workflow.scorer(prepared), title, plain=plain) as view:
        listener = workflow.RecordingListener(
            on_ready=lambda next_trials: _note_estimate(prepared, next_trials),
            on_progress=_progress(prepared, view),
            watch=view,
        )
        work = workflow.record(
            prepared, environ=os.environ, permits=permits, fresh=fresh, shard=shard, listener=listener
        )
        try:
            _run_interruptible(work)
        except KeyboardInterrupt:
            note(workflow.interruption_note(prepared, fresh=fresh))
            raise


def say_failures(prepared: Prepared, shard: Shard | None) -> list[str]:
    """Print what failed most; returns the conditions, as EXPERIMENT/CONDITION, without any whole reply."""
    name, failures = prepared.experiment.experiment, workflow.recording_failures(prepared, shard)
    if failures.sentence:
        note(f"{name}: {failures.sentence}")
    return [f"{name}/{condition}" for condition in failures.silent]


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


def _run_interruptible[T](work: Coroutine[None, None, T]) -> T:
    """Run a coroutine as ``asyncio.run`` does, and let SIGTERM cancel it as Ctrl-C does.

    Raises:
        KeyboardInterrupt: a signal came. A second SIGTERM raises it at once, wherever the work is.
    """
    interrupted = False

    async def working() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            nonlocal interrupted
            if interrupted:
                raise KeyboardInterrupt
            interrupted = True
            # The task is cancelled, because an exception raised here would occur in any step of the loop, even in
            # another task. The loop's own handler for Ctrl-C does not suffice: a job in the background has none.
            loop.call_soon_threadsafe(task.cancel)

        before = signal.signal(signal.SIGTERM, interrupt)
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    try:
        return asyncio.run(working())
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
