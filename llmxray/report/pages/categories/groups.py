"""STEM against humanities, and specialist or balanced: groups of categories, and how uneven a condition is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from llmxray.metrics import groups
from llmxray.metrics.paired import holm
from llmxray.metrics.subjects import GROUPS, HUMANITIES, STEM, group_of
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, Name, seeded, significant
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.widgets.table import (
    Column,
    Table,
    head,
    measured_cell,
    points_cell,
    share_cell,
    verdict_cell,
)
from llmxray.types import Estimate


def subjects(analysis: Analysis) -> Table | None:
    """Accuracy by group of subjects; None where fewer than two groups have questions."""
    made = {view.id: columns_of(analysis, view, by="group") for view in analysis.ranked}
    shown = [name for name in GROUPS if any(name in columns for columns in made.values())]
    if len(shown) < 2:
        return None
    lines = []
    tests = [
        groups.differ(
            {name: made[view.id].get(name, []) for name in shown},
            seeded(analysis.data.name, "subjects", view.id),
        )
        for view in analysis.ranked
    ]
    adjusted = holm([test.p_value for test in tests])
    for view, test, p_holm in zip(analysis.ranked, tests, adjusted, strict=True):
        gap = next((pair for pair in test.pairs if {pair.a, pair.b} == {STEM, HUMANITIES}), None)
        cells = [share_cell(test.accuracies[name]) for name in shown]
        if gap is not None:
            cells.append(points_cell(gap.difference))
        cells.append(verdict_cell(significant(p_holm), numbers.p_value(p_holm)))
        lines.append(head(view, cells))
    n = {name: max(len(columns.get(name, ())) for columns in made.values()) for name in shown}
    heads = [Column("condition", numeric=False), *(Column(name, f"n = {n[name]}") for name in shown)]
    heads += [Column("STEM − humanities", "points, 95%")] if {STEM, HUMANITIES} <= set(shown) else []
    heads += [
        Column("do groups differ?", "permutation test, Holm over conditions", numeric=False, anchor="groups")
    ]
    caption = (
        "Subjects sorted as MMLU sorts them; school science and sums are STEM; common sense and misconceptions are in "
        f"no group. {numbers.UNADJUSTED}"
    )
    if len({suite for (suite, _), item in analysis.items.items() if group_of(suite, item.category)}) > 1:
        caption += " Groups come from different suites, so a difference may be one of suites."
    return Table(caption, tuple(heads), tuple(lines), True)


def spread(analysis: Analysis) -> Table | None:
    """How uneven each condition is over suites and over categories; None with fewer than two categories."""
    lines = []
    for view in analysis.ranked:
        if len(columns_of(analysis, view, by="category")) < 2:
            return None
        of = analysis.memoized(*spreads_of(analysis, view))
        cells = [measured_cell(each, numbers.points, 0.0, signed=False) for each in of]
        cells.append(verdict_cell(any(map(_is_uneven, of)), word=_word(*of)))
        lines.append(head(view, cells))
    columns = (
        Column("condition", numeric=False),
        Column("over suites", "points, 95%", anchor="spread"),
        Column("over categories", "points, 95%", anchor="spread"),
        Column("specialist or balanced?", numeric=False),
    )
    caption = (
        "Spread: the standard deviation of the accuracies themselves, with the scatter that few questions bring taken "
        "off. 0 is balanced; 10 points means that strong and weak categories lie some 20 apart."
    )
    chances = [each for each in map(analysis.chance_of, ([suite] for suite in analysis.suites)) if each]
    if chances and max(chances) > min(chances):
        ends = f"{numbers.percent(min(chances))} to {numbers.percent(max(chances))}"
        caption += f" Suites differ in how hard they are, and in what guessing gets ({ends})."
    return Table(caption, columns, tuple(lines), True)


def spreads_of(analysis: Analysis, view: ConditionResults) -> tuple[Name, Callable[[], tuple[Estimate, ...]]]:
    """The name of a condition's spreads over suites and over categories, and how they are made."""
    by = tuple(columns_of(analysis, view, by=name) for name in ("suite", "category"))
    # A partial and not a lambda: `ahead` sends it to another process, and lambdas are not pickled.
    return (view.id, "spread"), partial(_spreads, by, seeded(analysis.data.name, "spread", view.id))


def _spreads(by: Sequence[Mapping[str, list[float]]], rng: np.random.Generator) -> tuple[Estimate, ...]:
    return tuple(groups.spread(columns, rng) for columns in by)


def _is_uneven(estimate: Estimate) -> bool:
    return estimate.low is not None and estimate.low > 0


def _word(suites: Estimate, categories: Estimate) -> str:
    if categories.value is None:
        return numbers.MISSING
    if _is_uneven(categories):
        return "specialist"
    return "uneven over suites" if _is_uneven(suites) else "inconclusive"


def within_suites(analysis: Analysis, view: ConditionResults) -> float | None:
    """p of the differences between categories of the same suite; wordings of a question are averaged."""
    strata: dict[str, dict[str, list[float]]] = {}
    for suite, category in categories_of(analysis):
        strata.setdefault(suite, {})[category] = []
    means = analysis.question_means(view)
    for (suite, name), item in analysis.items.items():
        column = strata.get(suite, {}).get(item.category)
        if column is not None and f"{suite}/{name}" in means:
            column.append(means[f"{suite}/{name}"])
    return groups.uneven(list(strata.values()), seeded(analysis.data.name, "uneven", view.id))


def between_suites(analysis: Analysis, view: ConditionResults) -> float | None:
    """p of the differences between suites; None with one of them."""
    columns = columns_of(analysis, view, by="suite")
    return groups.uneven([columns], seeded(analysis.data.name, "suites", view.id))
