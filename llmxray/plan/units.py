"""Which items of a plan depend on one another: wordings of one question, questions about one passage."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from llmxray.plan.model import Plan, item_address
from llmxray.types import Item

# Fewer shared questions are a coincidence of ids.
FEWEST_TWINS = 2
# Of the questions with one id in both suites. Two tasks with the options yes and no agree on half of them by chance.
LEAST_TWINS = 0.9


def paraphrase_suites(plan: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    """(first, second, ids) of every two suites that ask the same questions in other words, in plan order.

    Twins share an id, options and a stated answer, and differ in the words of the question; nearly all of the questions
    whose ids are in both suites must be twins. Of a plan that was read from other tools' files none are known: no
    format says which questions are wordings of one, and tools count the questions of unlike tasks alike.
    """
    # Only what was planned here has a fingerprint.
    if not plan.fingerprint:
        return []
    suites = {name: {item.id: item for item in suite.items} for name, suite in plan.suites.items()}
    found = []
    for (first, items), (second, others) in itertools.combinations(suites.items(), 2):
        shared = [each for each in items if each in others]
        ids = tuple(each for each in shared if _are_paraphrases(items[each], others[each]))
        if len(ids) >= max(FEWEST_TWINS, LEAST_TWINS * len(shared)):
            found.append((first, second, ids))
    return found


def dependent_items(plan: Plan) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The question that an item is a wording of, and the group that it shares with others, by ``suite/item``."""
    wordings: dict[str, str] = {}
    for first, second, ids in paraphrase_suites(plan):
        for each in ids:
            # A third wording joins the question of the first two.
            question = wordings.setdefault(item_address(first, each), item_address(first, each))
            wordings.setdefault(item_address(second, each), question)
    items = {item_address(*key): (key[0], item) for key, item in plan.items().items()}
    # Groups of one name in two suites are two; a wording is in the group of the first one.
    groups = {
        address: f"{suite}: group {item.group}"
        for address in items
        for suite, item in [items[wordings.get(address, address)]]
        if item.group
    }
    return wordings, groups


def _are_paraphrases(one: Item, other: Item) -> bool:
    # Without a stated answer, all that two open questions have in common is a number.
    same = bool(one.answer) and (one.choices, one.answer) == (other.choices, other.answer)
    return same and one.question != other.question
