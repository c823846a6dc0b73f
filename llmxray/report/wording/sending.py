"""What of a request is a fact of its server: the field of the budget, what is not sent and why. In sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmxray.plan import Plan
from llmxray.report.analysis import ConditionResults
from llmxray.report.numbers import listed
from llmxray.report.sentences import Finding, Joined
from llmxray.types import BUDGET_FIELDS

# Added by llmxray for its own ends: without them answers are read all the same.
_OURS = ("stop", "stream_options")


def sending(views: Sequence[ConditionResults]) -> str:
    """One line about everything that is not sent as usual; "" where all is."""
    # The field that carries the budget, "" where none is sent, None where that is not known.
    budgets = (
        (view.condition.budget_field if view.condition.max_tokens else None, view.label) for view in views
    )
    refused = ((view.condition.endpoint, field) for view in views for field in view.condition.refused)
    omitted = ((listed(view.condition.omitted), view.label) for view in views if view.condition.omitted)
    kinds = {None: "unknown", "": "none"}
    findings = (
        *(
            Finding(f"sending.budget-{kinds.get(field, 'other')}", field=field, names=names)
            for field, names in _grouped(budgets)
            if field != BUDGET_FIELDS[0]
        ),
        *(
            Finding("sending.refused", endpoint=endpoint, fields=fields)
            for endpoint, fields in _grouped(refused)
        ),
        *(Finding("sending.omitted", fields=fields, names=names) for fields, names in _grouped(omitted)),
    )
    return str(Joined(*findings))


def unpinned(plan: Plan) -> str:
    """Which samplers a preset could not switch off, and where; "" where it could."""
    pairs = _grouped(
        (condition.endpoint, field)
        for condition in plan.conditions
        for field in condition.refused
        if field not in _OURS
    )
    they = {True: "it", False: "them"}
    findings = [
        Finding("sending.unpinned", endpoint=endpoint, fields=fields, them=they[len(fields) == 1])
        for endpoint, fields in pairs
    ]
    return str(Joined(*findings))


def budget_column(views: Sequence[ConditionResults]) -> str:
    """What the column of budgets is called: the field, where all conditions send the same."""
    fields = {view.condition.budget_field for view in views}
    return fields.pop() or "budget" if len(fields) == 1 else "budget"


def _grouped[T](pairs: Iterable[tuple[T, str]]) -> list[tuple[T, list[str]]]:
    """Second values by first, both in the order in which they come, once each."""
    found: dict[T, dict[str, None]] = {}
    for first, second in pairs:
        found.setdefault(first, {})[second] = None
    return [(first, list(seconds)) for first, seconds in found.items()]
