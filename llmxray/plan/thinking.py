"""What is found out about a model when recording: whether it thinks first, and the budget that it then needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from llmxray.plan.model import CHAT_PATH, Plan
from llmxray.scoring import budget
from llmxray.scoring.budgets import STANDARD
from llmxray.types import Condition, Json, PlannedRequest, Trial
from llmxray.wire import request_key


def undecided(plan: Plan) -> tuple[Condition, ...]:
    """Conditions with an automatic budget whose file and name do not say that the model thinks."""
    return tuple(condition for condition in plan.conditions if condition.budget_reason == STANDARD)


def with_thinking(plan: Plan, reasons: Mapping[str, str]) -> Plan:
    """The plan with the budget of a thinking model, and no stop strings, for these conditions.

    Args:
        reasons: by condition id, why its model is taken to think.
    """
    if not reasons:
        return plan
    conditions = {each.id: _thinker(each, reasons.get(each.id, "")) for each in plan.conditions}
    trials = tuple(
        _asked_again(trial, conditions[trial.condition], plan.ignored)
        if trial.condition in reasons
        else trial
        for trial in plan.trials
    )
    return replace(plan, conditions=tuple(conditions.values()), trials=trials)


def _thinker(condition: Condition, why: str) -> Condition:
    if not why:
        return condition
    tokens, reason = budget("auto", layout=condition.layout, answer=condition.answer, thinks=why)
    return replace(condition, max_tokens=tokens, budget_reason=reason, thinks=True)


def _asked_again(trial: Trial, condition: Condition, ignored: Sequence[str]) -> Trial:
    def again(request: PlannedRequest) -> PlannedRequest:
        # A stop string that the layout set could fall inside the thinking; one that the author set stays.
        own = condition.sampling.get("stop")
        body: dict[str, Json] = {
            **{name: value for name, value in request.body.items() if name != "stop" or own is not None},
            **({condition.budget_field: condition.max_tokens} if condition.budget_field else {}),
        }
        key = request_key("POST", CHAT_PATH, condition.endpoint, body, ignored=ignored)
        return PlannedRequest(key, body, request.option)

    # A forced option leaves no room for thinking.
    if any(request.option is not None for request in trial.requests):
        return trial
    return replace(trial, requests=tuple(again(request) for request in trial.requests))
