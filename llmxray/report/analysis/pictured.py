"""The numbers of the picture that opens an experiment: one metric of every condition, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.experiment import Metric, Prediction
from llmxray.metrics.verdict import judge
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.measured import Measured, measure
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """A metric of every condition, in the metric's own unit (shares from 0 to 1).

    Attributes:
        on: the suite, category or prompt; "all".
        values: by condition, in plan order; without a value where there is no evidence.
    """

    metric: Metric
    on: str
    values: tuple[tuple[ConditionResults, Estimate], ...]


def pictured(analysis: Analysis, metric: Metric, on: str) -> Pictured:
    """The metric of every condition with its own 95% interval: that of one condition, not of a difference."""
    values = tuple((view, _one(analysis, view, metric, on)) for view in analysis.views)
    return Pictured(metric=metric, on=on, values=values)


def _one(analysis: Analysis, view: ConditionResults, metric: Metric, on: str) -> Estimate:
    # A prediction against a number is the way to ask for one condition's evidence.
    found = measure(analysis, Prediction(claim="-", metric=metric, of=view.id, above=0, on=on))
    if not isinstance(found, Measured):
        return Estimate(None)
    (judged,) = judge([found.claim])
    # What the evidence's value exceeds the metric by; with 0 to compare with, a bias that tests allow for.
    low, high = (None if end is None else end - found.offset for end in (judged.low, judged.high))
    return Estimate(found.of, low, high, found.claim.evidence.n)
