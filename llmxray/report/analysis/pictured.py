"""The numbers of the picture that opens an experiment: one metric of every condition, with its interval."""

from __future__ import annotations

from llmxray.experiment import Metric, Prediction
from llmxray.metrics.verdict import judge
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.measured import Measured, measure
from llmxray.types import Estimate


def pictured(analysis: Analysis, metric: Metric, on: str) -> tuple[tuple[ConditionResults, Estimate], ...]:
    """A metric of every condition, in plan order and in the metric's own unit (shares from 0 to 1).

    With the 95% interval of each condition, not of a difference; without a value where there is no evidence.

    Args:
        on: the suite, category or prompt; "all".
    """
    return tuple((view, _one(analysis, view, metric, on)) for view in analysis.views)


def _one(analysis: Analysis, view: ConditionResults, metric: Metric, on: str) -> Estimate:
    # A prediction against a number is the way to ask for one condition's evidence.
    found = measure(analysis, Prediction(claim="-", metric=metric, of=view.id, above=0, on=on))
    if not isinstance(found, Measured):
        return Estimate(None)
    (judged,) = judge([found.claim])
    # What the evidence's value exceeds the metric by; with 0 to compare with, a bias that tests allow for.
    low, high = (None if end is None else end - found.offset for end in (judged.low, judged.high))
    return Estimate(found.of, low, high, found.claim.evidence.n)
