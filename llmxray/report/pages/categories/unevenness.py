"""The tables of the page: best and worst categories, subjects, skills, and how uneven a condition is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from llmxray.metrics import groups
from llmxray.metrics.paired import holm
from llmxray.metrics.subjects import GROUPS, HUMANITIES, STEM, group_of
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, Name, seeded, significant
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.widgets.heatmap import FEW
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Table,
    measured_cell,
    of_conditions,
    points_cell,
    share_cell,
    verdict_cell,
)
from llmxray.report.wording import labels
from llmxray.types import Estimate

# As many as exercise 2 of the module asks for.
_EXTREMES = 3
type _Found = tuple[str, str, Estimate]
"""A suite, a category of it, and the accuracy there."""


def extremes(analysis: Analysis) -> Table | None:
    """Three best and three worst categories of each condition; None where there are too few."""
    ordered = {view.id: by_category(analysis, view) for view in analysis.ranked}
    # With fewer, a category would be among the best and the worst at once.
    views = [view for view in analysis.ranked if len(ordered[view.id]) >= 2 * _EXTREMES]
    kept = {view.id: _kept(analysis, view, ordered[view.id]) for view in views}
    adjusted = holm(
        [
            groups.extremes_differ(
                kept[view.id], seeded(analysis.data.name, "extremes", view.id), k=_EXTREMES
            )
            for view in views
        ]
    )
    rows = []
    for view, p_holm in zip(views, adjusted, strict=True):
        found, rng = ordered[view.id], seeded(analysis.data.name, "places", view.id)
        # How sure each category's place among the best and worst is.
        sure = {each.name: each for each in groups.places(kept[view.id], rng, k=_EXTREMES)}
        top = [(each, sure[item_address(*each[:2])].in_top) for each in found[:_EXTREMES]]
        bottom = [(each, sure[item_address(*each[:2])].in_bottom) for each in reversed(found[-_EXTREMES:])]
        cells = [_extreme(analysis, view, *each) for each in (*top, *bottom)]
        rows.append((view, [*cells, verdict_cell(significant(p_holm), numbers.p_value(p_holm))]))
    if not rows:
        return None
    names = ("best", "second", "third", "worst", "second worst", "third worst")
    columns = (
        *(ColumnHead(text=name, numeric=False, anchor="places") for name in names),
        ColumnHead(
            text="clear difference?", small="third best against third worst", numeric=False, anchor="groups"
        ),
    )
    caption = (
        f"Three best and three worst categories of each condition, of those with {FEW} questions or more (95% "
        "intervals; “sure”: the chance that it truly is among its three). The difference is clear where third best "
        "and third worst lie further apart than in shuffled answers (permutation test, Holm over conditions)."
    )
    return of_conditions(caption, columns, rows)


def _kept(analysis: Analysis, view: ConditionResults, found: Sequence[_Found]) -> dict[str, list[float]]:
    """The answers of the categories found, by the address of each."""
    columns = columns_of(analysis, view, by="category")
    return {name: columns[name] for name in (item_address(*each[:2]) for each in found)}


def _extreme(analysis: Analysis, view: ConditionResults, each: _Found, sure: float | None) -> Cell:
    suite, category, found = each
    small = f"{numbers.percent(found.value)} ({numbers.interval(found)}); {numbers.percent(sure)} sure"
    href = analysis.contents.questions(condition=view.id, suite=suite, category=category)
    return Cell(text=labels.of_category(analysis, suite, category), small=small, numeric=False, href=href)


def by_category(analysis: Analysis, view: ConditionResults) -> list[_Found]:
    """(suite, category, accuracy) with enough questions, best first."""
    nothing = Estimate(None)
    found = [(s, c, analysis.by_category.get((view.id, s, c), nothing)) for s, c in categories_of(analysis)]
    # A category of three questions would be best or worst by luck alone.
    known = [each for each in found if each[2].value is not None and each[2].n >= FEW]
    return sorted(known, key=lambda each: -(each[2].value or 0.0))


def _tested(
    analysis: Analysis, by: str, seed: str, names: Sequence[str]
) -> tuple[list[groups.GroupTest], list[ColumnHead]]:
    """Groups of questions compared within each condition, best first, and a column for each with its questions."""
    made = [columns_of(analysis, view, by=by) for view in analysis.ranked]
    shown = [name for name in names if any(name in columns for columns in made)]
    tests = [
        groups.differ(
            {name: columns.get(name, []) for name in shown}, seeded(analysis.data.name, seed, view.id)
        )
        for view, columns in zip(analysis.ranked, made, strict=True)
    ]
    sizes = {name: sorted({len(columns[name]) for columns in made if name in columns}) for name in shown}
    # One number only where it is every row's.
    said = {name: " to ".join(map(str, dict.fromkeys((n[0], n[-1])))) for name, n in sizes.items()}
    return tests, [ColumnHead(text=name, small=f"n = {said[name]}") for name in shown]


def subjects(analysis: Analysis) -> Table | None:
    """Accuracy by group of subjects; None where fewer than two groups have questions."""
    tests, columns = _tested(analysis, "group", "subjects", GROUPS)
    if len(columns) < 2:
        return None
    rows = []
    adjusted = holm([test.p_value for test in tests])
    for view, test, p_holm in zip(analysis.ranked, tests, adjusted, strict=True):
        gap = next((pair for pair in test.pairs if {pair.a, pair.b} == {STEM, HUMANITIES}), None)
        cells = [share_cell(test.accuracies[column.text]) for column in columns]
        if gap is not None:
            cells.append(points_cell(gap.difference))
        differs = None if p_holm is None else significant(p_holm)
        rows.append(
            (view, [*cells, verdict_cell(differs, "" if p_holm is None else numbers.p_value(p_holm))])
        )
    if {STEM, HUMANITIES} <= {column.text for column in columns}:
        columns.append(ColumnHead(text="STEM − humanities", small="points, 95%"))
    columns.append(
        ColumnHead(
            text="do groups differ?",
            small="permutation test, Holm over conditions",
            numeric=False,
            anchor="groups",
        )
    )
    caption = (
        "Subjects sorted as MMLU sorts them; school science and sums are STEM; common sense and misconceptions are in "
        f"no group. {numbers.UNADJUSTED}"
    )
    if len({suite for (suite, _), item in analysis.items.items() if group_of(suite, item.category)}) > 1:
        caption += " Groups come from different suites, so a difference may be one of suites."
    return of_conditions(caption, columns, rows, sortable=True)


def skills(analysis: Analysis) -> Table | None:
    """Recall against reasoning, on different questions; None where none are labelled with one of them."""
    tests, columns = _tested(analysis, "skill", "skills", ("recall", "reasoning"))
    if len(columns) < 2:
        return None
    rows = []
    adjusted = holm([test.pairs[0].p_value for test in tests])
    for view, test, p_holm in zip(analysis.ranked, tests, adjusted, strict=True):
        gap, shares = test.pairs[0].difference, [test.accuracies[column.text] for column in columns]
        told = significant(p_holm)
        word = "inconclusive" if not told else "recall" if (gap.value or 0) > 0 else "reasoning"
        verdict = verdict_cell(told, numbers.p_value(p_holm), word)
        rows.append((view, [*map(share_cell, shares), points_cell(gap), verdict]))
    name = "Welch's test" if analysis.answers > 1 else "Fisher's exact test"
    columns += [
        ColumnHead(text="difference", small="points, 95%"),
        ColumnHead(text="stronger at", small=f"{name}, Holm over conditions", numeric=False),
    ]
    caption = (
        "Questions that need a remembered fact against those that need a step of thought, as "
        "labelled by the suites' authors. The two kinds may differ in their subjects as well, and a difference may be "
        f"one of subjects. {numbers.UNADJUSTED}"
    )
    return of_conditions(caption, columns, rows, sortable=True)


def spread(analysis: Analysis) -> Table | None:
    """How uneven each condition is over suites and over categories; None with fewer than two categories."""
    rows = []
    for view in analysis.ranked:
        if len(columns_of(analysis, view, by="category")) < 2:
            return None
        of = analysis.memoized(*spreads_of(analysis, view))
        cells = [measured_cell(each, numbers.points, 0.0, signed=False) for each in of]
        rows.append((view, [*cells, verdict_cell(any(map(_is_uneven, of)), word=_word(*of))]))
    columns = (
        ColumnHead(text="over suites", small="points, 95%", anchor="spread"),
        ColumnHead(text="over categories", small="points, 95%", anchor="spread"),
        ColumnHead(text="specialist or balanced?", numeric=False),
    )
    caption = (
        "Spread: the standard deviation of the accuracies themselves, with the scatter that few questions bring taken "
        "off. 0 is balanced; 10 points means that strong and weak categories lie some 20 apart."
    )
    chances = [each for each in map(analysis.chance_of, ([suite] for suite in analysis.suites)) if each]
    if chances and max(chances) > min(chances):
        ends = f"{numbers.percent(min(chances))} to {numbers.percent(max(chances))}"
        caption += f" Suites differ in how hard they are, and in what guessing gets ({ends})."
    return of_conditions(caption, columns, rows, sortable=True)


def spreads_of(analysis: Analysis, view: ConditionResults) -> tuple[Name, Callable[[], tuple[Estimate, ...]]]:
    """The name of a condition's spreads over suites and over categories, and how they are made."""
    by = tuple(columns_of(analysis, view, by=name) for name in ("suite", "category"))
    # A partial and not a lambda: `precomputed` sends it to another process, and lambdas are not pickled.
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
        if column is not None and (address := item_address(suite, name)) in means:
            column.append(means[address])
    return groups.uneven(list(strata.values()), seeded(analysis.data.name, "uneven", view.id))


def between_suites(analysis: Analysis, view: ConditionResults) -> float | None:
    """p of the differences between suites; None with one of them."""
    columns = columns_of(analysis, view, by="suite")
    return groups.uneven([columns], seeded(analysis.data.name, "suites", view.id))
