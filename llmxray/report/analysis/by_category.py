"""A condition's share of right answers to each question, by category."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray.metrics.subjects import group_of
from llmxray.plan import PROMPTS, item_address
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.types import Item

type Grouping = Callable[[tuple[str, str]], tuple[str, str] | None]
"""(suite, item) → (suite or "", name) of its group, None for no group."""


def columns_of(analysis: Analysis, view: ConditionResults, *, by: str) -> dict[str, list[float]]:
    """Correctness of a condition's items by category (`item_address` of both), suite, skill or subject group.

    A group or skill has one value a question, whose wordings are averaged; categories and suites have one an item.
    """
    found: dict[str, list[float]] = {}
    means = analysis.question_means(view) if by in ("group", "skill") else view.means("right")
    names = analysis.memoized(("names by", by), lambda: _names(analysis, by))
    for item, value in means.items():
        if (name := names[item]) is not None:
            found.setdefault(name, []).append(value)
    return found


def _names(analysis: Analysis, by: str) -> dict[str, str | None]:
    """The category, suite, skill or group of every item; None for an item in none."""
    # Looked up rather than taken apart: names of suites and of items may both hold a slash.
    named: Mapping[str, Callable[[str, Item], str | None]] = {
        "category": lambda suite, item: item_address(suite, item.category) if item.category else None,
        "suite": lambda suite, _: suite,
        "skill": lambda _, item: item.skill,
        "group": lambda suite, item: group_of(suite, item.category),
    }
    return {
        item_address(suite, name): named[by](suite, item) for (suite, name), item in analysis.items.items()
    }


def grouping(analysis: Analysis) -> Grouping:
    """Groups questions by suite and category; none where there is one category only.

    A prompt of the experiment is in none: its category is its own name.
    """
    categories = {item.category for (suite, _), item in analysis.items.items() if suite != PROMPTS}

    def name_of(key: tuple[str, str]) -> tuple[str, str] | None:
        category = "" if key[0] == PROMPTS else analysis.items[key].category
        return (key[0], category) if category and len(categories) > 1 else None

    return name_of
