"""Labels that were changed after recording.

Labels may change at any time, for they change no request; whoever reads one is told what it was when the answers came.
"""

from __future__ import annotations

from llmxray.plan import recorded_labels
from llmxray.report.analysis.data import ExperimentData


def changed_labels(data: ExperimentData) -> tuple[str, ...]:
    """Each condition whose label is not the one it was recorded under, with both; none without a frozen plan."""
    header = next(data.cassette.lines("plan"), None)
    then = {} if header is None else recorded_labels(header)
    return tuple(
        f"condition {each.id} is labelled “{each.label or each.id}”, recorded as “{then[each.id] or each.id}”"
        for each in data.results.plan.conditions
        if (each.label or each.id) != (then.get(each.id, each.label) or each.id)
    )
