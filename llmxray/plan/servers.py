"""Findings about a server when recording: its budget field, refused fields, how it forces a text, and who thinks.

The plan is built without asking a server. What a probe finds is applied to the plan here, before the first request is
recorded, and frozen with it. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

from llmxray.plan.forcing import FORCING_FIELDS, force_text, without_forcing
from llmxray.plan.model import PROMPTS, Plan, plan_request, reorder_options
from llmxray.scoring import budget, continuation
from llmxray.scoring.budgets import STANDARD
from llmxray.types import Condition, Json, PlannedRequest, Trial

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
    changed = {
        condition.id: _apply_finding(condition, findings[condition.id])
        for condition in plan.conditions
        if condition.id in findings
    }
    items = plan.items()
    # Many requests may force one option, whose text is kept once.
    forced = cache(force_text)

    def body_of(trial: Trial, request: PlannedRequest) -> dict[str, Json]:
        condition, finding = changed[trial.condition], findings[trial.condition]
        # What forces an option is sent whatever the file leaves out.
        kept = FORCING_FIELDS if request.option is not None else frozenset()
        body = _body(dict(request.body), absent_fields(condition) - kept, finding)
        if not finding.forcing or request.option is None:
            return body
        option = reorder_options(items[trial.suite, trial.item], trial.order).choices[request.option]
        layout = "verbatim" if trial.suite == PROMPTS else condition.layout
        return {**without_forcing(body), **forced(finding.forcing, continuation(option, layout))}

    return _replan(plan, changed, body_of)


def undecided_conditions(plan: Plan) -> tuple[Condition, ...]:
    """Return the conditions with an automatic budget whose file and name do not say that the model thinks."""
    return tuple(condition for condition in plan.conditions if condition.budget_reason == STANDARD)


def with_thinking(plan: Plan, reasons: Mapping[str, str]) -> Plan:
    """Return the plan with the budget of a thinking model, and no stop strings, for these conditions.

    Args:
        reasons: by condition id, the reason for treating its model as one that thinks.
    """
    if not reasons:
        return plan
    changed = {}
    for condition in plan.conditions:
        if why := reasons.get(condition.id):
            tokens, reason = budget("auto", layout=condition.layout, answer=condition.answer, thinks=why)
            changed[condition.id] = replace(condition, max_tokens=tokens, budget_reason=reason, thinks=True)

    def body_of(trial: Trial, request: PlannedRequest) -> dict[str, Json]:
        # Forced options are sent unchanged, since they leave no room for thinking.
        if request.option is not None:
            return dict(request.body)
        condition = changed[trial.condition]
        # A stop string that the layout set could fall inside the thinking; one that the author set stays.
        own_stop = condition.sampling.get("stop")
        return {
            **{name: value for name, value in request.body.items() if name != "stop" or own_stop is not None},
            **({condition.budget_field: condition.max_tokens} if condition.budget_field else {}),
        }

    return _replan(plan, changed, body_of)


def _replan(
    plan: Plan,
    changed: Mapping[str, Condition],
    body_of: Callable[[Trial, PlannedRequest], dict[str, Json]],
) -> Plan:
    """The plan with these conditions by id, and their requests with other bodies."""

    def with_body(trial: Trial, request: PlannedRequest) -> PlannedRequest:
        condition = changed[trial.condition]
        return plan_request(condition, body_of(trial, request), plan.ignored, request.option)

    trials = tuple(
        replace(trial, requests=tuple(with_body(trial, request) for request in trial.requests))
        if trial.condition in changed
        else trial
        for trial in plan.trials
    )
    conditions = tuple(changed.get(condition.id, condition) for condition in plan.conditions)
    return replace(plan, conditions=conditions, trials=trials)


def absent_fields(condition: Condition) -> frozenset[str]:
    """Return the fields that no request of the condition has."""
    return frozenset({*condition.omitted, *condition.refused} - {condition.budget_field})


def droppable_fields(pins: Collection[str], condition: Condition) -> frozenset[str]:
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


def _body(body: dict[str, Json], absent: Collection[str], finding: ServerFinding) -> dict[str, Json]:
    sent = {name: value for name, value in body.items() if name not in absent}
    if not finding.budget_field:
        return sent
    replaced = "max_completion_tokens" if finding.budget_field == "max_tokens" else "max_tokens"
    return {finding.budget_field if name == replaced else name: value for name, value in sent.items()}
