"""Findings about a model when recording: whether it thinks first, and the budget that it then needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from llmxray.plan.model import CHAT_PATH, Plan
from llmxray.scoring import budget
from llmxray.scoring.budgets import STANDARD
from llmxray.types import Condition, Json, PlannedRequest, Trial
from llmxray.wire import request_key


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
    conditions = {
        condition.id: _with_budget(condition, reasons.get(condition.id, "")) for condition in plan.conditions
    }
    trials = tuple(
        _replan(trial, conditions[trial.condition], plan.ignored) if trial.condition in reasons else trial
        for trial in plan.trials
    )
    return replace(plan, conditions=tuple(conditions.values()), trials=trials)


def _with_budget(condition: Condition, why: str) -> Condition:
    if not why:
        return condition
    tokens, reason = budget("auto", layout=condition.layout, answer=condition.answer, thinks=why)
    return replace(condition, max_tokens=tokens, budget_reason=reason, thinks=True)


def _replan(trial: Trial, condition: Condition, ignored: Sequence[str]) -> Trial:
    def _replan_request(request: PlannedRequest) -> PlannedRequest:
        # A stop string that the layout set could fall inside the thinking; one that the author set stays.
        own_stop = condition.sampling.get("stop")
        body: dict[str, Json] = {
            **{name: value for name, value in request.body.items() if name != "stop" or own_stop is not None},
            **({condition.budget_field: condition.max_tokens} if condition.budget_field else {}),
        }
        key = request_key("POST", CHAT_PATH, condition.endpoint, body, ignored=ignored)
        return PlannedRequest(key, body, request.option)

    # Forced options are sent unchanged, since they leave no room for thinking.
    if any(request.option is not None for request in trial.requests):
        return trial
    return replace(trial, requests=tuple(_replan_request(request) for request in trial.requests))
