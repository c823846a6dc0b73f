"""Labels in sentences, and labels that were changed after recording.

Labels may change at any time, for they change no request; whoever reads one is told what it was when the answers came.
"""

from __future__ import annotations

import re

from llmxray.plan import recorded_labels
from llmxray.report.analysis import ConditionResults
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.legend import model_in


def changed_labels(data: ExperimentData) -> tuple[str, ...]:
    """Each condition whose label is not the one it was recorded under, with both; none without a frozen plan."""
    header = next(data.cassette.lines("plan"), None)
    then = {} if header is None else recorded_labels(header)
    return tuple(
        f"condition {each.id} is labelled “{each.label or each.id}”, recorded as “{then[each.id] or each.id}”"
        for each in data.results.plan.conditions
        if (each.label or each.id) != (then.get(each.id, each.label) or each.id)
    )


def named(view: ConditionResults) -> str:
    """A label as a subject: in quotation marks where it does not begin with the model's name."""
    if not (name := model_name(view)):
        return f"“{view.label}”"
    tail = view.label.removeprefix(name).lstrip(", ")
    # Without brackets around all of it.
    tail = tail[1:-1] if re.fullmatch(r"\([^()]*\)", tail) else tail
    return f"{name} ({tail})" if tail else name


def model_name(view: ConditionResults) -> str:
    """The model's name for people, as the label begins with it; "" where it begins with something else."""
    return model_in(view.label, view.condition.model)
