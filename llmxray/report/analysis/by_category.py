"""A condition's share of right answers to each question, by category."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray.metrics.subjects import group_of
from llmxray.plan import PROMPTS, item_address
from llmxray.report.analysis import Analysis
from llmxray.types import Item

type Grouping = Callable[[tuple[str, str]], tuple[str, str] | None]
"""(suite, item) → (suite or "", name) of its group, None for no group."""


def columns_of(
    analysis: Analysis, means: Mapping[str, float], *, by: str
) -> dict[str, dict[str, list[float]]]:
    """A condition's share of right answers to each question, by suite and then by category, skill or subject group.

    Args:
        means: shares by ``suite/item``.
    """
    columns: dict[str, dict[str, list[float]]] = {}
    named: Mapping[str, Callable[[str, Item], str | None]] = {
        # A prompt's category is its own name.
        "category": lambda suite, item: None if suite == PROMPTS else item.category,
        "skill": lambda _, item: item.skill,
        "group": lambda suite, item: group_of(suite, item.category),
    }
    for (suite, id_), item in analysis.items.items():
        address = item_address(suite, id_)
        if address in means and (name := named[by](suite, item)):
            columns.setdefault(suite, {}).setdefault(name, []).append(means[address])
    return columns


def grouping(analysis: Analysis) -> Grouping:
    """Groups questions by suite and category; none where there is one category only.

    A prompt of the experiment is in none: its category is its own name.
    """
    categories = {item.category for (suite, _), item in analysis.items.items() if suite != PROMPTS}

    def name_of(key: tuple[str, str]) -> tuple[str, str] | None:
        category = "" if key[0] == PROMPTS else analysis.items[key].category
        return (key[0], category) if category and len(categories) > 1 else None

    return name_of
