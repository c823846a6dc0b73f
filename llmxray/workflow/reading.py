"""Results from a cassette, without replay or pages, by the settings of its file or by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llmxray import results as results_room
from llmxray.cassette import Cassette, verify
from llmxray.errors import CassetteError
from llmxray.plan import check_frozen, first_looks, first_recorded, with_trials
from llmxray.results import Results, Scorer
from llmxray.types import UNCOUNTED, Outcome, Row
from llmxray.workflow.preparation import Prepared, as_recorded
from llmxray.workflow.rounds import asked_looks, ended


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
    if looks := asked_looks(plan, cassette):
        results = results_room.score_recordings(
            first_looks(plan, looks), cassette, chain=analysis.chain, likelihood=analysis.likelihood
        )
        return ended(prepared, results, partial=partial)
    if len(asked) < len(plan.trials):
        unit = "questions" if len(plan.items()) == len(plan.trials) else "answers"
        share = f"{len(asked):,} of {len(plan.trials):,} {unit} recorded"
        if not (partial and asked) or plan.rounds:
            raise CassetteError(_refusal(prepared, share, partial=partial))
        plan = with_trials(plan, asked)
    results = results_room.score_recordings(
        plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood
    )
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


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """The effect of other analysis settings on one condition.

    Attributes:
        before, after: number of correct answers.
        scored: number of trials that count: all but errors, unread replies, and prompts without an expected answer.
        answers: number of trials with another answer.
    """

    condition: str
    before: int
    after: int
    scored: int
    answers: int

    def __str__(self) -> str:
        share = [f"{100 * n / self.scored:.1f}%" if self.scored else "—" for n in (self.before, self.after)]
        return f"{self.condition}: {share[0]} → {share[1]}, {self.answers} of {self.scored} answers read differently"


def with_analysis(prepared: Prepared, settings: Mapping[str, object]) -> Prepared:
    """The experiment with these analysis settings instead of its file's; None keeps the file's."""
    old = prepared.experiment.analysis
    given = {
        name: value for name, value in settings.items() if value is not None and value != getattr(old, name)
    }
    experiment = prepared.experiment.model_copy(update={"analysis": old.model_copy(update=given)})
    return replace(prepared, experiment=experiment, settings=given)


def score_changes(before: Prepared, after: Prepared, results: Results) -> tuple[ScoreChange, ...]:
    """The effect of the settings of ``after`` compared with those of ``before``, condition by condition.

    Args:
        results: scored with the settings of ``after``.
    """
    old = before.experiment.analysis
    # Other settings (bins, baseline) change pages, but not how an answer is read.
    if (old.chain, old.likelihood) == (after.experiment.analysis.chain, after.experiment.analysis.likelihood):
        return ()
    rows = results_room.rescore(results.plan, results.rows, chain=old.chain, likelihood=old.likelihood)
    others = replace(results, rows=tuple(rows))
    return tuple(
        _score_change(condition.id, others.of(condition.id), results.of(condition.id))
        for condition in results.plan.conditions
    )


def _score_change(condition: str, before: Sequence[Row], after: Sequence[Row]) -> ScoreChange:
    return ScoreChange(
        condition,
        sum(row.outcome is Outcome.CORRECT for row in before),
        sum(row.outcome is Outcome.CORRECT for row in after),
        sum(row.outcome not in UNCOUNTED for row in after),
        sum(old.answer != new.answer for old, new in zip(before, after, strict=True)),
    )
