"""Labels in sentences: the model's name, how it was asked, and labels that were changed after recording.

Labels may change at any time, for they change no request; whoever reads one is told what it was when the answers came.
"""

from __future__ import annotations

import re

from llmxray.plan import recorded_labels
from llmxray.report.analysis import ConditionView, ExperimentData
from llmxray.report.analysis.condition_colours import model_in

_PREPOSITION = re.compile(r"(?:by|after|at|with|without|in|as|on)\b")


def changed_labels(data: ExperimentData) -> tuple[str, ...]:
    """Each condition whose label is not the one it was recorded under, with both; none without a frozen plan."""
    header = next(data.cassette.lines("plan"), None)
    then = {} if header is None else recorded_labels(header)
    return tuple(
        f"condition {each.id} is labelled “{each.label or each.id}”, recorded as “{then[each.id] or each.id}”"
        for each in data.results.plan.conditions
        if (each.label or each.id) != (then.get(each.id, each.label) or each.id)
    )


def named(view: ConditionView) -> str:
    """A label as a subject: in quotation marks where it does not begin with the model's name."""
    name = model_name(view)
    tail = _tail(view, name)
    return f"“{view.label}”" if not name else f"{name} ({tail})" if tail else name


def _tail(view: ConditionView, name: str) -> str:
    """What a label says after the model's name, without brackets around all of it."""
    tail = view.label.removeprefix(name).lstrip(", ")
    return tail[1:-1] if re.fullmatch(r"\([^()]*\)", tail) else tail


def model_name(view: ConditionView) -> str:
    """The model's name for people, as the label begins with it; "" where it begins with something else."""
    return model_in(view.label, view.condition.model)


def ways_of(of: ConditionView, against: ConditionView) -> list[str]:
    """How one model was asked in either condition; empty where they are of two models, or a label does not say it."""
    name = model_name(of)
    tails = [_tail(view, name) for view in (of, against)]
    ways = [_how(tail) for tail in tails]
    # What differs in brackets alone is the same without them.
    is_told = all(tails) and len(set(ways)) == len(ways)
    return ways if name and name == model_name(against) and is_told else []


def _how(tail: str) -> str:
    tail = re.sub(r" \([^()]*\)", "", tail)
    return tail if _PREPOSITION.match(tail) else f"at {tail}" if tail[-1:].isdigit() else f"as “{tail}”"
