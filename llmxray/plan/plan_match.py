"""Whether a frozen plan is that of an experiment file. Pure.

The fingerprint says so, and anybody can write one: what the file states is compared with what the plan holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llmxray.cassette.store import Frozen
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, Model, parse, request_fingerprint
from llmxray.plan.builder import conditions_of, is_suite_asked, orders_of, prompt_suite
from llmxray.plan.frozen import source_of, thaw
from llmxray.plan.model import PROMPTS, Plan
from llmxray.plan.rounds import rounds_of
from llmxray.plan.servers import droppable_fields
from llmxray.plan.statement import frozen_statement
from llmxray.scoring.budgets import SET
from llmxray.types import Condition, PlannedRequest
from llmxray.wire import prompt_of


def check_frozen(frozen: Frozen, first_day: str = "") -> None:
    """Check a frozen plan, and compare it with the experiment file that was frozen with it.

    Args:
        frozen: the plan.
        first_day: ISO 8601 date of the first recording; "" where it is not known.

    Raises:
        CassetteError: the plan or the file cannot be read, or the plan asks, predicts or is dated otherwise than the
            file and the recordings show.
    """
    plan = thaw(frozen)
    try:
        experiment = parse(source_of(frozen))
    except KeyError as error:
        raise CassetteError("the frozen plan has no experiment file") from error
    except ExperimentError as error:
        raise CassetteError(
            f"the frozen plan cannot be compared with its experiment file, which this llmxray cannot read ({error})"
        ) from error
    if plan.branches != experiment.branches:
        raise CassetteError(
            "the frozen plan has other branches than the experiment file that was frozen with it"
        )
    frozen_statement(frozen.plan[0], first_day)
    if plan.fingerprint == request_fingerprint(experiment) and not is_plan_of(plan, experiment):
        raise CassetteError("the frozen plan asks otherwise than the experiment file that was frozen with it")


def is_plan_of(plan: Plan, experiment: Experiment) -> bool:
    """Whether a plan has the conditions, suites, kinds of answers, prompts, trials, orders and rounds of a file.

    Which questions a suite has, and what is right, is for the suite to say: not compared here.
    """
    stated = {condition.id: (model, condition) for model, condition in conditions_of(experiment)}
    # Another order of entries asks the same.
    if stated.keys() != {condition.id for condition in plan.conditions}:
        return False
    if not all(_is_as_stated(condition, experiment, *stated[condition.id]) for condition in plan.conditions):
        return False
    kinds = {ref.id: ref.answer for ref in experiment.suites}
    names = [*kinds, *([PROMPTS] if experiment.prompts else [])]
    if plan.ignored != tuple(sorted(set(experiment.identity.ignore))) or sorted(names) != sorted(plan.suites):
        return False
    if any(kind and plan.suites[name].answer != kind for name, kind in kinds.items()):
        return False
    if experiment.prompts and not _has_prompts(plan, experiment):
        return False
    if plan.rounds != rounds_of(experiment, plan):
        return False
    planned = {
        (trial.condition, trial.suite, trial.item, trial.sample, trial.rotation, trial.order)
        for trial in plan.trials
    }
    # Each trial stands once, so that the sets are equal where none is left out.
    return planned == {
        (condition, suite, item.id, sample, rotation, order)
        for condition, (model, _) in stated.items()
        for suite in names
        if is_suite_asked(suite, model.suites)
        for item in plan.suites[suite].items
        for rotation, order in orders_of(
            experiment, model.shuffle_options or experiment.shuffle_options, suite, item
        )
        for sample in range(experiment.samples)
    }


def _is_as_stated(frozen: Condition, experiment: Experiment, model: Model, stated: Condition) -> bool:
    """Whether a condition asks as the file says; servers may have refused a field, and models think by themselves."""
    names = ("endpoint", "api", "model", "answer", "layout", "system")
    fields = {name: value for name, value in stated.sampling.items() if name not in frozen.refused}
    return (
        fields == frozen.sampling
        and all(getattr(frozen, name) == getattr(stated, name) for name in names)
        and {*frozen.refused} <= droppable_fields(experiment.pins(model), stated)
        and (model.thinking is None or frozen.thinks == bool(model.thinking))
        and (not stated.budget_reason.startswith(SET) or stated.max_tokens == frozen.max_tokens)
    )


def _has_prompts(plan: Plan, experiment: Experiment) -> bool:
    """Whether the prompts of the file are asked as they stand there, with their system prompts."""
    # What is expected may be mended later, and an experiment renamed: the first has its line.
    asked, stated = (
        {item.id: replace(item, answer="", accept=(), source="") for item in items}
        for items in (plan.suites[PROMPTS].items, prompt_suite(experiment).items)
    )
    if plan.suites[PROMPTS].answer != "text" or asked != stated:
        return False
    systems = {prompt.id: prompt.system for prompt in experiment.prompts}
    of_condition = {condition.id: condition.system for condition in plan.conditions}
    return all(
        _system_of(request) == (systems[trial.item] or of_condition[trial.condition])
        for trial in plan.trials
        if trial.suite == PROMPTS
        for request in trial.requests
    )


def _system_of(request: PlannedRequest) -> str:
    messages: Any = prompt_of(request.body)
    return str(messages[0]["content"]) if messages[0]["role"] == "system" else ""
