"""Whether a frozen plan is that of an experiment file. Pure.

The fingerprint says so, and anybody can write one: what the file states is compared with what the plan holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from llmxray.cassette.store import Frozen
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, Model, parse, request_fingerprint
from llmxray.plan.builder import conditions_of, is_asked, orders_of, prompt_suite
from llmxray.plan.forcing import FORCING_FIELDS
from llmxray.plan.frozen import source_of, thaw
from llmxray.plan.model import PROMPTS, Plan
from llmxray.plan.servers import refusable
from llmxray.plan.statement import frozen_statement
from llmxray.scoring.budgets import SET
from llmxray.types import BUDGET_FIELDS, Condition, PlannedRequest


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
    frozen_statement(frozen.plan[0], first_day)
    if plan.fingerprint == request_fingerprint(experiment) and not is_plan_of(plan, experiment):
        raise CassetteError("the frozen plan asks otherwise than the experiment file that was frozen with it")


def is_plan_of(plan: Plan, experiment: Experiment) -> bool:
    """Whether a plan has the conditions, suites, kinds of answers, prompts, trials and orders of a file.

    Which questions a suite has, and what is right, is for the suite to say: not compared here.
    """
    stated = {condition.id: (model, condition) for model, condition in conditions_of(experiment)}
    # Another order of entries asks the same.
    if stated.keys() != {condition.id for condition in plan.conditions}:
        return False
    if not all(_is_as_stated(condition, experiment, *stated[condition.id]) for condition in plan.conditions):
        return False
    if not _omits(plan, {name: condition for name, (_, condition) in stated.items()}):
        return False
    if plan.ignored != tuple(sorted(set(experiment.identity.ignore))):
        return False
    kinds = {ref.id: ref.answer for ref in experiment.suites}
    names = [*kinds, *([PROMPTS] if experiment.prompts else [])]
    if sorted(names) != sorted(plan.suites):
        return False
    if any(kind and plan.suites[name].answer != kind for name, kind in kinds.items()):
        return False
    if experiment.prompts and not _has_prompts(plan, experiment):
        return False
    models = {name: model for name, (model, _) in stated.items()}
    if not _has_orders(plan, experiment, models):
        return False
    # Each trial stands once and is of this plan, so that their number says that none is left out.
    found = Counter((trial.condition, trial.suite) for trial in plan.trials)
    return all(
        found[name, suite] == _n_trials(experiment, plan, suite) * is_asked(suite, model.suites)
        for name, model in models.items()
        for suite in names
    )


def _is_as_stated(frozen: Condition, experiment: Experiment, model: Model, stated: Condition) -> bool:
    """Whether a condition asks as the file says; servers may have refused a field, and models think by themselves."""
    names = ("endpoint", "model", "answer", "layout", "system")
    # A field of the budget stood among the others in earlier versions.
    sent = {name: value for name, value in frozen.sampling.items() if name not in BUDGET_FIELDS}
    budgets = [value for name, value in frozen.sampling.items() if name in BUDGET_FIELDS]
    fields = {name: value for name, value in stated.sampling.items() if name not in frozen.refused}
    return (
        fields == sent
        # To Python 7 is 7.0, and only a whole seed counts on from repeat to repeat.
        and type(fields.get("seed")) is type(sent.get("seed"))
        and all(getattr(frozen, name) == getattr(stated, name) for name in names)
        and {*frozen.refused} <= refusable(experiment.pins(model), stated)
        and (model.thinking is None or frozen.thinks == bool(model.thinking))
        and (
            not stated.budget_reason.startswith(SET) or stated.max_tokens in (budgets or [frozen.max_tokens])
        )
        and {*frozen.omitted} <= {*stated.omitted}
        # Earlier versions did not keep it.
        and (frozen.budget_field != "" or stated.budget_field == "")
    )


def _omits(plan: Plan, stated: Mapping[str, Condition]) -> bool:
    """Whether no request has a field that the file says not to send; earlier versions did not keep their names."""
    # A server may want the budget under the other name, and options are forced by fields of llmxray's own.
    left = {
        condition.id: {*stated[condition.id].omitted} - {condition.budget_field}
        for condition in plan.conditions
    }
    return all(
        (left[trial.condition] - (FORCING_FIELDS if request.option is not None else set())).isdisjoint(
            request.body
        )
        for trial in plan.trials
        if left[trial.condition]
        for request in trial.requests
    )


def _has_prompts(plan: Plan, experiment: Experiment) -> bool:
    """Whether the prompts of the file are asked as they stand there, with their system prompts."""
    suite = plan.suites[PROMPTS]
    # What is expected may be mended later, and an experiment renamed: the first has its line.
    asked, stated = (
        {item.id: replace(item, answer="", accept=(), source="") for item in items}
        for items in (suite.items, prompt_suite(experiment).items)
    )
    if suite.answer != "text" or asked != stated:
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
    messages = request.body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    is_system = isinstance(first, dict) and first.get("role") == "system"
    return str(first["content"]) if isinstance(first, dict) and is_system else ""


def _has_orders(plan: Plan, experiment: Experiment, models: Mapping[str, Model]) -> bool:
    """Whether options are shown in the orders that the file's seed gives, and no sample is one too many."""
    items = plan.items()
    known: dict[tuple[int | None, str, str], set[tuple[int | None, tuple[int, ...]]]] = {}
    for trial in plan.trials:
        shuffle = models[trial.condition].shuffle_options or experiment.shuffle_options
        place = (shuffle.seed if shuffle else None, trial.suite, trial.item)
        if place not in known:
            item = items[trial.suite, trial.item]
            known[place] = {*orders_of(experiment, shuffle, trial.suite, item)}
        if (trial.rotation, trial.order) not in known[place] or trial.sample >= experiment.samples:
            return False
    return True


def _n_trials(experiment: Experiment, plan: Plan, suite: str) -> int:
    turned = experiment.rotations is not None
    return experiment.samples * sum(
        len(item.choices) if turned and item.choices else 1 for item in plan.suites[suite].items
    )
