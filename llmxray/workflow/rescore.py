"""Score the same recordings with other analysis settings, and list the changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray import results as results_room
from llmxray.results import Results
from llmxray.types import UNCOUNTED, Outcome, Row
from llmxray.workflow.preparation import Prepared


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
