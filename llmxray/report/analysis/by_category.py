"""A condition's share of right answers to each question, by category."""

from __future__ import annotations

from collections.abc import Callable

from llmxray.metrics.subjects import group_of
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ConditionResults

type Grouping = Callable[[tuple[str, str]], tuple[str, str] | None]
"""(suite, item) → (suite or "", name) of its group, None for no group."""


def columns_of(analysis: Analysis, view: ConditionResults, *, by: str) -> dict[str, list[float]]:
    """Correctness of a condition's items by category (``suite/category``), suite, skill or subject group.

    A group or skill has one value a question, whose wordings are averaged; categories and suites have one an item.
    """
    found: dict[str, list[float]] = {}
    means = analysis.question_means(view) if by in ("group", "skill") else analysis.means(view, "right")
    # Looked up rather than taken apart: names of suites and of items may both hold a slash.
    places = {f"{suite}/{item.id}": (suite, item) for (suite, _), item in analysis.items.items()}
    for address, value in means.items():
        suite, item = places[address]
        category = item.category
        names = {"category": f"{suite}/{category}", "suite": suite, "skill": item.skill}
        name = names.get(by, group_of(suite, category))
        if name is not None and (by != "category" or category):
            found.setdefault(name, []).append(value)
    return found


def grouping(analysis: Analysis) -> Grouping:
    """Groups questions by suite and category; none where there is one category only.

    A prompt of the experiment is in none: its category is its own name.
    """
    categories = {item.category for (suite, _), item in analysis.items.items() if suite != PROMPTS}

    def name_of(key: tuple[str, str]) -> tuple[str, str] | None:
        category = "" if key[0] == PROMPTS else analysis.items[key].category
        return (key[0], category) if category and len(categories) > 1 else None

    return name_of
