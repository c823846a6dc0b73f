"""Findings about a server when recording: its budget field, refused fields, and how it forces a text.

The plan is built without asking a server. What a probe finds is applied to the plan here, before the first request is
recorded, and frozen with it. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

from llmxray.plan.forcing import FORCING_FIELDS, force, without_forcing
from llmxray.plan.model import CHAT_PATH, PROMPTS, Plan, reorder_options
from llmxray.scoring import continuation
from llmxray.types import Condition, Item, Json, PlannedRequest, Trial
from llmxray.wire import request_key

# Fields that llmxray adds to a request.
_ADDED = frozenset({"stop", "stream_options"})


@dataclass(frozen=True, slots=True)
class ServerFinding:
    """Changes that a server needs in the requests of one condition.

    Attributes:
        budget_field: request field of the budget, "" where the planned one works.
        refused: planned fields that it refuses.
        forcing: one of `FORCINGS`, "" where the planned one works or none is needed.
    """

    budget_field: str = ""
    refused: tuple[str, ...] = ()
    forcing: str = ""


def forced_conditions(plan: Plan) -> tuple[Condition, ...]:
    """Return the conditions whose requests force a text."""
    forced = {
        trial.condition for trial in plan.trials for request in trial.requests if request.option is not None
    }
    return tuple(condition for condition in plan.conditions if condition.id in forced)


def with_findings(plan: Plan, findings: Mapping[str, ServerFinding]) -> Plan:
    """Return the plan with the findings applied; other conditions keep every byte.

    Args:
        findings: by condition id.
    """
    findings = {name: finding for name, finding in findings.items() if finding != ServerFinding()}
    if not findings:
        return plan
    conditions = {condition.id: condition for condition in plan.conditions}
    for name in conditions.keys() & findings.keys():
        conditions[name] = _apply_finding(conditions[name], findings[name])
    items = plan.items()
    # Many requests may force one option, whose text is kept once.
    forced = cache(force)
    trials = tuple(
        _replan(plan, trial, conditions[trial.condition], findings[trial.condition], items, forced)
        if trial.condition in findings
        else trial
        for trial in plan.trials
    )
    return replace(plan, conditions=tuple(conditions.values()), trials=trials)


def absent_fields(condition: Condition) -> frozenset[str]:
    """Return the fields that no request of the condition has."""
    return frozenset({*condition.omitted, *condition.refused} - {condition.budget_field})


def refusable(pins: Collection[str], condition: Condition) -> frozenset[str]:
    """Return the fields that a condition may do without: what a preset pins and llmxray adds, and nothing of the file.

    Args:
        pins: names of the fields that a preset pins.
        condition: as the file states it.
    """
    return frozenset(({*pins} | _ADDED) - (condition.sampling.keys() - {*pins}))


def _apply_finding(condition: Condition, finding: ServerFinding) -> Condition:
    sampling = {name: value for name, value in condition.sampling.items() if name not in finding.refused}
    return replace(
        condition,
        sampling=sampling,
        budget_field=finding.budget_field or condition.budget_field,
        refused=tuple(dict.fromkeys((*condition.refused, *finding.refused))),
    )


def _replan(
    plan: Plan,
    trial: Trial,
    condition: Condition,
    finding: ServerFinding,
    items: Mapping[tuple[str, str], Item],
    forced: Callable[[str, str], dict[str, Json]],
) -> Trial:
    def _replan_request(request: PlannedRequest) -> PlannedRequest:
        # What forces an option is sent whatever the file leaves out.
        kept = FORCING_FIELDS if request.option is not None else frozenset()
        body = _body(dict(request.body), absent_fields(condition) - kept, finding)
        if finding.forcing and request.option is not None:
            option = reorder_options(items[trial.suite, trial.item], trial.order).choices[request.option]
            layout = "verbatim" if trial.suite == PROMPTS else condition.layout
            body = {**without_forcing(body), **forced(finding.forcing, continuation(option, layout))}
        key = request_key("POST", CHAT_PATH, condition.endpoint, body, ignored=plan.ignored)
        return PlannedRequest(key, body, request.option)

    return replace(trial, requests=tuple(_replan_request(request) for request in trial.requests))


def _body(body: dict[str, Json], absent: Collection[str], finding: ServerFinding) -> dict[str, Json]:
    sent = {name: value for name, value in body.items() if name not in absent}
    if not finding.budget_field:
        return sent
    replaced = "max_completion_tokens" if finding.budget_field == "max_tokens" else "max_tokens"
    return {finding.budget_field if name == replaced else name: value for name, value in sent.items()}
