"""The same recordings under another analysis, and what that changes; nothing is asked of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray import results as results_room
from llmxray.results import Results
from llmxray.types import UNCOUNTED, Outcome, Row
from llmxray.workflow.preparation import Prepared


@dataclass(frozen=True, slots=True)
class Change:
    """What another way of scoring does to one condition.

    Attributes:
        before, after: correct answers.
        scored: trials that count: all but errors, unread replies, and prompts without an expected answer.
        answers: trials whose answer is read differently.
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
    """The experiment with other analysis settings than its file has; None leaves the file's."""
    old = prepared.experiment.analysis
    given = {
        name: value for name, value in settings.items() if value is not None and value != getattr(old, name)
    }
    experiment = prepared.experiment.model_copy(update={"analysis": old.model_copy(update=given)})
    return replace(prepared, experiment=experiment, settings=given)


def changes(before: Prepared, after: Prepared, results: Results) -> tuple[Change, ...]:
    """What the settings of ``after`` change beside those of ``before``, condition by condition.

    Args:
        results: the results under ``after``.
    """
    old = before.experiment.analysis
    # Bins and baseline change pages, not how an answer is read.
    if (old.chain, old.likelihood) == (after.experiment.analysis.chain, after.experiment.analysis.likelihood):
        return ()
    rows = results_room.rescore(results.plan, results.rows, chain=old.chain, likelihood=old.likelihood)
    return tuple(
        _change(condition.id, _of(rows, condition.id), results.of(condition.id))
        for condition in results.plan.conditions
    )


def _of(rows: Sequence[Row], condition: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.condition == condition)


def _change(condition: str, before: Sequence[Row], after: Sequence[Row]) -> Change:
    return Change(
        condition,
        sum(row.outcome is Outcome.CORRECT for row in before),
        sum(row.outcome is Outcome.CORRECT for row in after),
        sum(row.outcome not in UNCOUNTED for row in after),
        sum(old.answer != new.answer for old, new in zip(before, after, strict=True)),
    )
