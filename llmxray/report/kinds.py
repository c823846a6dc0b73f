"""What an experiment's plan holds that a page of its own is about: twins of suites, one model at two settings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from llmxray.plan import PROMPTS, Plan
from llmxray.report.rows import Design
from llmxray.types import Condition, Item

# Fewer shared questions are a coincidence of ids.
FEWEST_TWINS = 2


def twin_suites(plan: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    """(first, second, ids) of every two suites that ask the same questions in other words, in plan order.

    Twins share an id, options and answer, and differ in the words of the question.
    """
    suites = {name: {item.id: item for item in suite.items} for name, suite in plan.suites.items()}
    found = []
    for (first, items), (second, others) in itertools.combinations(suites.items(), 2):
        ids = tuple(each for each in items if each in others and _are_twins(items[each], others[each]))
        if len(ids) >= FEWEST_TWINS:
            found.append((first, second, ids))
    return found


def design_of(plan: Plan) -> Design:
    """Which items of a plan are wordings of one question, and how many options each has."""
    wordings: dict[str, str] = {}
    for first, second, ids in twin_suites(plan):
        for each in ids:
            # A third wording joins the question of the first two.
            question = wordings.setdefault(f"{first}/{each}", f"{first}/{each}")
            wordings.setdefault(f"{second}/{each}", question)
    options = {f"{suite}/{id_}": len(item.choices) for (suite, id_), item in plan.items().items()}
    return Design(wordings, options)


def same_weights(plan: Plan) -> list[tuple[Condition, Condition]]:
    """Every two conditions of one model on one endpoint, in plan order; none where no suite is asked."""
    if not set(plan.suites) - {PROMPTS}:
        return []
    return [pair for pair in itertools.combinations(plan.conditions, 2) if _is_one_model(pair)]


def _is_one_model(pair: Sequence[Condition]) -> bool:
    # An endpoint may serve other weights, or another quantisation, under the same name.
    return len({(each.endpoint, each.model) for each in pair}) == 1


def _are_twins(one: Item, other: Item) -> bool:
    return one.question != other.question and (one.choices, one.answer) == (other.choices, other.answer)
