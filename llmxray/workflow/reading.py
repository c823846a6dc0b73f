"""Results from a cassette, without replay or pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from llmxray import results as results_room
from llmxray.cassette import Cassette, verify
from llmxray.errors import CassetteError
from llmxray.plan import check_frozen, first_recorded, with_trials
from llmxray.results import Results, Scorer
from llmxray.workflow.preparation import Prepared, as_recorded


def verify_recording(directory: Path) -> list[str]:
    """Faults of a cassette, a line each: of its files; where they are whole, of the plan that was frozen in it."""
    if faults := verify(directory):
        return faults
    cassette = Cassette(directory)
    try:
        if (frozen := cassette.frozen()) is not None:
            check_frozen(frozen, first_recorded(cassette))
    except CassetteError as error:
        return [f"{directory}: {error}"]
    return []


def read_results(prepared: Prepared, *, partial: bool = False) -> Results:
    """Score an experiment from its cassette, without replaying it.

    Args:
        prepared: the experiment.
        partial: leave out trials that were never asked, instead of refusing a recording that lacks some.

    Raises:
        CassetteError: nothing is recorded, or not everything, or the cassette is not whole.
    """
    cassette, plan = Cassette.existing(prepared.cassette), as_recorded(prepared).plan
    analysis = prepared.experiment.analysis
    asked = [
        trial
        for trial in plan.trials
        if all(cassette.tries(request.key, trial.sample) for request in trial.requests)
    ]
    share = ""
    if len(asked) < len(plan.trials):
        unit = "questions" if len(plan.items()) == len(plan.trials) else "answers"
        share = f"{len(asked):,} of {len(plan.trials):,} {unit} recorded"
        if not (partial and asked):
            raise CassetteError(_refusal(prepared, share, partial=partial))
        plan = with_trials(plan, asked)
    results = results_room.read(plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood)
    return replace(results, partial=share and f"Partial recording: {share}.")


def _refusal(prepared: Prepared, share: str, *, partial: bool) -> str:
    name = prepared.experiment.experiment
    other = (
        "" if prepared.frozen else f", undo the changes of its file (`llmxray run {name}` says what differs)"
    )
    shown = "" if partial else ", or see what there is with `llmxray report --partial`"
    rest = f"Record the rest (`llmxray run {name} --mode record`)"
    return f"{name}: only {share} in {prepared.cassette}. {rest}{other}{shown}"


def scorer(prepared: Prepared) -> Scorer:
    """A scorer for the experiment's replies, which scores them one by one as they arrive."""
    analysis = prepared.experiment.analysis
    return Scorer(prepared.plan, chain=analysis.chain, likelihood=analysis.likelihood)
