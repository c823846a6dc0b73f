"""Whether a frozen plan is that of an experiment file. Pure.

The fingerprint says so, and anybody can write one: what the file states is compared with what the plan holds.
"""

from __future__ import annotations

from collections import Counter

from llmxray.experiment import Experiment
from llmxray.plan.builder import conditions_of, is_asked
from llmxray.plan.model import PROMPTS, Plan
from llmxray.types import Condition


def is_plan_of(plan: Plan, experiment: Experiment) -> bool:
    """Whether a plan has the conditions, suites, kinds of answers and trials that an experiment file asks for.

    Which questions a suite has, and what is right, is for the suite to say: not compared here.
    """
    stated = {condition.id: (model, condition) for model, condition in conditions_of(experiment)}
    # Another order of entries asks the same.
    if stated.keys() != {condition.id for condition in plan.conditions}:
        return False
    if not all(_is_as_stated(condition, stated[condition.id][1]) for condition in plan.conditions):
        return False
    kinds = {ref.id: ref.answer for ref in experiment.suites}
    names = [*kinds, *([PROMPTS] if experiment.prompts else [])]
    if sorted(names) != sorted(plan.suites):
        return False
    if any(kind and plan.suites[name].answer != kind for name, kind in kinds.items()):
        return False
    if experiment.prompts and plan.suites[PROMPTS].answer != "text":
        return False
    # Each trial stands once and is of this plan, so that their number says that none is left out.
    if any(trial.sample >= experiment.samples for trial in plan.trials):
        return False
    found = Counter((trial.condition, trial.suite) for trial in plan.trials)
    return all(
        found[name, suite] == _n_trials(experiment, plan, suite) * is_asked(suite, model.suites)
        for name, (model, _) in stated.items()
        for suite in names
    )


def _is_as_stated(frozen: Condition, stated: Condition) -> bool:
    """Whether a condition asks as the file says; servers may have refused a field, and models think by themselves."""
    names = ("endpoint", "model", "answer", "layout", "system")
    fields = {name: value for name, value in stated.sampling.items() if name not in frozen.refused}
    return fields == frozen.sampling and all(getattr(frozen, name) == getattr(stated, name) for name in names)


def _n_trials(experiment: Experiment, plan: Plan, suite: str) -> int:
    turned = experiment.rotations is not None
    return experiment.samples * sum(
        len(item.choices) if turned and item.choices else 1 for item in plan.suites[suite].items
    )
