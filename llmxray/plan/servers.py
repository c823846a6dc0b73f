"""What is found out about a server when recording: its field for the budget, what it refuses, how it forces a text.

The plan is built without asking anybody. Whatever a server turns out to need is worked into it here, before the
first request is recorded, and frozen with it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from llmxray.plan.forcing import force, unforced
from llmxray.plan.model import CHAT_PATH, PROMPTS, Plan, shown
from llmxray.scoring import continuation
from llmxray.types import Condition, Item, Json, PlannedRequest, Trial
from llmxray.wire import request_key


@dataclass(frozen=True, slots=True)
class ServerFinding:
    """What a server wants of the requests of one condition.

    Attributes:
        budget_field: the request field of the budget, "" where the planned one is taken.
        refused: planned fields that it refuses.
        forcing: the way in which it forces a text, "" where the planned one works or none is needed.
    """

    budget_field: str = ""
    refused: tuple[str, ...] = ()
    forcing: str = ""


def forced_conditions(plan: Plan) -> tuple[Condition, ...]:
    """Conditions whose requests force a text."""
    forced = {trial.condition for trial in plan.trials for each in trial.requests if each.option is not None}
    return tuple(each for each in plan.conditions if each.id in forced)


def with_findings(plan: Plan, findings: Mapping[str, ServerFinding]) -> Plan:
    """The plan as the servers take it; the other conditions keep every byte.

    Args:
        findings: by condition id.
    """
    findings = {name: found for name, found in findings.items() if found != ServerFinding()}
    if not findings:
        return plan
    conditions = {
        each.id: _taken(each, findings[each.id]) if each.id in findings else each for each in plan.conditions
    }
    items = plan.items()
    trials = tuple(
        _asked_again(plan, trial, conditions[trial.condition], findings[trial.condition], items)
        if trial.condition in findings
        else trial
        for trial in plan.trials
    )
    return replace(plan, conditions=tuple(conditions.values()), trials=trials)


def left_out(condition: Condition) -> frozenset[str]:
    """Fields that no request of the condition has."""
    return frozenset({*condition.omitted, *condition.refused} - {condition.budget_field})


def _taken(condition: Condition, found: ServerFinding) -> Condition:
    sampling = {name: value for name, value in condition.sampling.items() if name not in found.refused}
    return replace(
        condition,
        sampling=sampling,
        budget_field=found.budget_field or condition.budget_field,
        refused=tuple(dict.fromkeys((*condition.refused, *found.refused))),
    )


def _asked_again(
    plan: Plan,
    trial: Trial,
    condition: Condition,
    found: ServerFinding,
    items: Mapping[tuple[str, str], Item],
) -> Trial:
    def again(request: PlannedRequest) -> PlannedRequest:
        body = _body(dict(request.body), condition, found)
        if found.forcing and request.option is not None:
            option = shown(items[trial.suite, trial.item], trial.order).choices[request.option]
            layout = "verbatim" if trial.suite == PROMPTS else condition.layout
            body = {**unforced(body), **force(found.forcing, continuation(option, layout))}
        key = request_key("POST", CHAT_PATH, condition.endpoint, body, ignored=plan.ignored)
        return PlannedRequest(key, body, request.option)

    return replace(trial, requests=tuple(again(request) for request in trial.requests))


def _body(body: dict[str, Json], condition: Condition, found: ServerFinding) -> dict[str, Json]:
    gone = left_out(condition)
    kept = {name: value for name, value in body.items() if name not in gone}
    if not found.budget_field:
        return kept
    old = "max_completion_tokens" if found.budget_field == "max_tokens" else "max_tokens"
    return {found.budget_field if name == old else name: value for name, value in kept.items()}
