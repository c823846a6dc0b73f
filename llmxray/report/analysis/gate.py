"""A candidate beside its baseline, on the questions that both answered: the numbers of ``llmxray gate``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter

from llmxray.errors import InputError
from llmxray.experiment.spelling import did_you_mean
from llmxray.metrics.equivalence import Comparison, Verdict, compare
from llmxray.report.analysis import Analysis, ConditionView, address, prediction_evidence
from llmxray.types import GateMetric, Outcome, Row

# Where more of the questions have no value, what failed decides as much as what was answered.
MOST_LEFT_OUT = 0.05
_PLACE = attrgetter("suite", "item_id", "sample", "rotation")
_SAID = attrgetter(
    *(each.name for each in fields(Row) if each.name not in ("trial", "condition", "recordings"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate found.

    Attributes:
        margin: as a share: of accuracy and ECE in their own unit, of the baseline's latency.
        values: of the candidate and of the baseline; shares 0–1, or seconds; None without evidence.
        comparison: None where there is no evidence; ``why`` then says why not.
        left_out: questions that both were asked and that have no value for both.
        baseline_only, candidate_only: questions that were asked of one of the two.
        alike: whether all that is known of both, times included, is the same, as it is of one run under two names.
    """

    metric: GateMetric
    margin: float
    baseline: ConditionView
    candidate: ConditionView
    values: tuple[float, float] | None
    comparison: Comparison | None
    why: str = ""
    left_out: int = 0
    baseline_only: int = 0
    candidate_only: int = 0
    alike: bool = False

    @property
    def verdict(self) -> Verdict:
        """The verdict; inconclusive without evidence, and where many questions are left out, unless it is worse."""
        if self.comparison is None:
            return "inconclusive"
        found = self.comparison.verdict
        return found if found == "worse" or not self.has_gaps else "inconclusive"

    @property
    def has_gaps(self) -> bool:
        """Whether so many questions of the baseline have no value for both that nothing can be said for the candidate.

        A candidate that broke off was asked the first ones, or the easy ones.
        """
        n, gaps = self.comparison.n if self.comparison else 0, self.left_out + self.baseline_only
        return gaps > MOST_LEFT_OUT * (n + gaps)


def gate(analysis: Analysis, metric: GateMetric, baseline: str, candidate: str, margin: float) -> Gate:
    """Compare two conditions.

    Args:
        baseline, candidate: ids or labels of conditions.
        margin: see `Gate`.

    Raises:
        InputError: there is no such condition, both are the same one, or the margin is negative or not finite.
    """
    base, other = (_named(analysis, name) for name in (baseline, candidate))
    if base.id == other.id:
        raise InputError(f"baseline and candidate are the same condition, {base.id}")
    found = prediction_evidence.compare_conditions(
        analysis, metric, other.id, base.id, relative=metric == "latency"
    )
    asked, asked_other = _asked(base), _asked(other)
    contrast = None if isinstance(found, str) else found
    return Gate(
        metric=metric,
        margin=margin,
        baseline=base,
        candidate=other,
        values=None if contrast is None else (contrast.values[0], contrast.values[1]),
        comparison=None
        if contrast is None
        else compare(contrast.evidence, margin, lower_is_better=metric != "accuracy"),
        why=found if isinstance(found, str) else "",
        left_out=len((asked & asked_other) - prediction_evidence.questions_with_value(metric, (base, other))),
        baseline_only=len(asked - asked_other),
        candidate_only=len(asked_other - asked),
        alike=_are_alike(base, other),
    )


def _named(analysis: Analysis, name: str) -> ConditionView:
    # Ids first: they are unique, and labels need not be.
    for key in ("id", "label"):
        found = [view for view in analysis.views if getattr(view, key) == name]
        if len(found) == 1:
            return found[0]
    known = [view.id for view in analysis.views]
    advice = did_you_mean(name, known) or f"; there is {', '.join(known)}"
    raise InputError(f"no condition named {name!r}{advice}")


def _are_alike(one: ConditionView, other: ConditionView) -> bool:
    rows = {_PLACE(row): row for row in other.rows}
    return len(one.rows) == len(other.rows) and all(
        (twin := rows.get(_PLACE(row))) is not None and _SAID(row) == _SAID(twin) for row in one.rows
    )


def _asked(view: ConditionView) -> set[str]:
    """The questions that count for a condition, answered or not."""
    return {view.design.unit(address(row)) for row in view.rows if row.outcome is not Outcome.UNSCORED}
