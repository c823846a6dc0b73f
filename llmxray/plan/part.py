"""Part of a plan: the first questions of each suite, or some of its trials, with the whole plan's requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llmxray.plan.model import PROMPTS, Plan, PlannedSuite, item_address
from llmxray.suites.base import chance
from llmxray.types import Trial


def first_questions(plan: Plan, count: int, fingerprint: str) -> Plan:
    """Return the plan with at most ``count`` questions of each suite; prompts of a compare experiment all stay.

    A suite's ``limit`` is the last step of its selection, so this is the plan that the limited experiment has,
    without the rows it came from.

    Args:
        fingerprint: of the experiment with that limit.
    """
    suites = {
        name: suite if name == PROMPTS else _shorten(suite, count) for name, suite in plan.suites.items()
    }
    kept_items = {(name, item.id) for name, suite in suites.items() for item in suite.items}
    trials = tuple(trial for trial in plan.trials if (trial.suite, trial.item) in kept_items)
    return replace(plan, fingerprint=fingerprint, suites=suites, trials=trials)


def with_trials(plan: Plan, trials: Iterable[Trial]) -> Plan:
    """Return the plan of these trials, with the conditions, suites and questions that they ask."""
    kept = tuple(trials)
    asked = {(trial.suite, trial.item) for trial in kept}
    suites = {
        name: replace(suite, items=items)
        for name, suite in plan.suites.items()
        if (items := tuple(item for item in suite.items if (name, item.id) in asked))
    }
    used = {trial.condition for trial in kept}
    conditions = tuple(condition for condition in plan.conditions if condition.id in used)
    return replace(plan, conditions=conditions, suites=suites, trials=kept)


def first_looks(plan: Plan, count: int) -> Plan:
    """Return the plan of the questions that the first looks are about; its rounds stay whole."""
    if plan.rounds is None:
        return plan
    asked = plan.rounds.items(count - 1)
    return with_trials(plan, (each for each in plan.trials if item_address(each.suite, each.item) in asked))


def _shorten(suite: PlannedSuite, count: int) -> PlannedSuite:
    items = suite.items[:count]
    # Answers in words are not guessed among the options, which are not shown.
    guessing = None if suite.card.chance is None else chance(items)
    return replace(suite, items=items, card=replace(suite.card, chance=guessing))
