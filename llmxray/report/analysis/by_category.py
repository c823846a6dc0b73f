"""A condition's share of right answers to each question, by category."""

from __future__ import annotations

from llmxray.metrics.subjects import group_of
from llmxray.report.analysis import Analysis, ConditionResults


def columns_of(analysis: Analysis, view: ConditionResults, *, by: str) -> dict[str, list[float]]:
    """Correctness of a condition's items by category (``suite/category``), by suite or by subject group.

    A group has one value a question, whose wordings are averaged; categories and suites have one an item.
    """
    found: dict[str, list[float]] = {}
    means = analysis.question_means(view) if by == "group" else analysis.means(view, "right")
    # Looked up rather than taken apart: names of suites and of items may both hold a slash.
    places = {f"{suite}/{item.id}": (suite, item) for (suite, _), item in analysis.items.items()}
    for address, value in means.items():
        suite, item = places[address]
        category = item.category
        name = {"category": f"{suite}/{category}", "suite": suite}.get(by, group_of(suite, category))
        if name is not None and (by != "category" or category):
            found.setdefault(name, []).append(value)
    return found
