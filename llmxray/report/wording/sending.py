"""What of a request is a fact of its server: the field of the budget, what is not sent and why. In sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmxray.plan import Plan
from llmxray.report.analysis import ConditionResults
from llmxray.report.analysis.data import Recordings
from llmxray.report.numbers import listed, plural
from llmxray.types import BUDGET_FIELDS

# Added by llmxray for its own ends: without them answers are read all the same.
_OURS = ("stop", "stream_options")


def sending(views: Sequence[ConditionResults]) -> str:
    """One line about everything that is not sent as usual; "" where all is."""
    said = []
    # The field that carries the budget, "" where none is sent, None where that is not known.
    budgets = (
        (view.condition.budget_field if view.condition.max_tokens else None, view.label) for view in views
    )
    for field, names in _grouped(budgets):
        if field is None:
            said.append(f"The files state no budget for {listed(names)}.")
        elif field == "":
            said.append(f"No budget is sent for {listed(names)}.")
        elif field != BUDGET_FIELDS[0]:
            said.append(f"The budget goes as {field} for {listed(names)}.")
    refused = ((field, view.condition.endpoint) for view in views for field in view.condition.refused)
    for endpoint, fields in _grouped((endpoint, field) for field, endpoint in refused):
        said.append(f"Not sent to {endpoint}, whose server refuses them: {listed(fields)}.")
    omitted = ((listed(view.condition.omitted), view.label) for view in views if view.condition.omitted)
    for left_out, names in _grouped(omitted):
        said.append(f"Not sent for {listed(names)}, as the experiment file says: {left_out}.")
    return " ".join(said)


def unpinned(plan: Plan) -> str:
    """Which samplers a preset could not switch off, and where; "" where it could."""
    pairs = (
        (condition.endpoint, field)
        for condition in plan.conditions
        for field in condition.refused
        if field not in _OURS
    )
    return " ".join(
        f"{listed(fields)} could not be pinned on {endpoint}: its server refuses "
        f"{'it' if len(fields) == 1 else 'them'}, so the server's own setting holds."
        for endpoint, fields in _grouped(pairs)
    )


def budget_column(views: Sequence[ConditionResults]) -> str:
    """What the column of budgets is called: the field, where all conditions send the same."""
    fields = {view.condition.budget_field for view in views}
    return fields.pop() or "budget" if len(fields) == 1 else "budget"


def other_routes(plan: Plan, cassette: Recordings) -> str:
    """What the cassette holds beside chat completions, which alone are read; "" where that is nothing."""
    planned = {request.key for _, request in plan.requests()}
    paths = [
        cassette.get(entry.address).route.path
        for key, _ in cassette.frozen_requests()
        if key not in planned
        for entry in cassette.entries(key)
        if not cassette.get(entry.address).route.is_chat
    ]
    if not paths:
        return ""
    where = listed(sorted(set(paths)))
    return (
        f"The cassette also holds {plural(len(paths), 'recording')} of {where}; "
        "only chat completions are read into results."
    )


def _grouped[T](pairs: Iterable[tuple[T, str]]) -> list[tuple[T, list[str]]]:
    """Second values by first, both in the order in which they come, once each."""
    found: dict[T, dict[str, None]] = {}
    for first, second in pairs:
        found.setdefault(first, {})[second] = None
    return [(first, list(seconds)) for first, seconds in found.items()]
