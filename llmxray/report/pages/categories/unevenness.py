"""The tables of the page: best and worst categories, subjects, skills, and how uneven a condition is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.metrics import groups
from llmxray.metrics.paired import holm
from llmxray.metrics.subjects import HUMANITIES, SOCIAL, STEM, group_of
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, seeded, significant
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.leaders import above_guessing, categories_of
from llmxray.report.widgets.heatmap import FEW
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Table,
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
    """Three best and three worst categories of each condition; None where there are too few.

    What a condition at guessing level is best at is luck, so it has none.
    """
    ordered = {view.id: by_category(analysis, view) for view in analysis.ranked}
    # With fewer, a category would be among the best and the worst at once.
    known = [view for view in analysis.ranked if len(ordered[view.id]) >= 2 * _EXTREMES]
    guessing = [view.label for view in known if above_guessing(analysis, view) is False]
    views = [view for view in known if view.label not in guessing]
    if not views:
        return None
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
        rng = seeded(analysis.data.name, "places", view.id)
        # How sure each category's place among the best and worst is.
        sure = {each.name: each for each in groups.places(kept[view.id], rng, k=_EXTREMES)}
        best_first = ordered[view.id]
        cells = []
        for found, is_top in ((best_first, True), (best_first[::-1], False)):
            last = found[_EXTREMES - 1][2].value
            tied = sum(each.value == last for _, _, each in found[_EXTREMES:])
            for place, each in enumerate(found[:_EXTREMES], 1):
                of = sure[item_address(*each[:2])]
                cell = _extreme(analysis, view, *each, of.in_top if is_top else of.in_bottom)
                more = f"; {numbers.plural(tied, 'other')} as well" if tied and place == _EXTREMES else ""
                cells.append(replace(cell, small=cell.small + more))
        rows.append((view, [*cells, verdict_cell(significant(p_holm), numbers.p_value(p_holm))]))
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
    chances = [each for each in map(analysis.chance_of, ([suite] for suite in analysis.suites)) if each]
    if chances and max(chances) > min(chances):
        ends = f"{numbers.percent(min(chances))} to {numbers.percent(max(chances))}"
        caption += f" What guessing gets differs between suites ({ends})."
    if guessing:
        caption = (
            f"{numbers.listed(guessing)}: not shown to be above guessing, so no best and no worst. {caption}"
        )
    return of_conditions(caption, columns, rows)


def _kept(analysis: Analysis, view: ConditionResults, found: Sequence[_Found]) -> dict[str, list[float]]:
    """The answers of the categories found, by the address of each."""
    columns = columns_of(analysis, view, by="category")
    return {name: columns[name] for name in (item_address(*each[:2]) for each in found)}


def _extreme(
    analysis: Analysis, view: ConditionResults, suite: str, category: str, found: Estimate, sure: float | None
) -> Cell:
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
    tests, columns = _tested(analysis, "group", "subjects", (STEM, HUMANITIES, SOCIAL))
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
            text="clear difference?",
            small="permutation test, Holm over conditions",
            numeric=False,
            anchor="groups",
        )
    )
    caption = (
        "Subjects sorted as MMLU sorts them; school science and sums are STEM. Business, health, common sense and "
        f"misconceptions are in none of the groups. {numbers.UNADJUSTED}"
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


def shapes(analysis: Analysis) -> Table | None:
    """Whether the profile of each condition is a circle or has spikes; None without two categories of a suite."""
    found = uneven(analysis)
    if all(p_holm is None for p_holm in found.values()):
        return None
    rows = []
    for view in analysis.ranked:
        p_holm = found[view.id]
        word = numbers.MISSING if p_holm is None else "spiky" if significant(p_holm) else "inconclusive"
        rows.append((view, [verdict_cell(significant(p_holm), numbers.p_value(p_holm), word)]))
    column = ColumnHead(text="shape", small="permutation test", numeric=False, anchor="groups")
    caption = (
        "Spiky: categories of the same suite differ by more than chance (Holm over conditions). The profile has the "
        "difficulty of the questions in it: what is easy stands out for every model, so a spike alone is no special "
        "strength."
    )
    return of_conditions(caption, (column,), rows)


def uneven(analysis: Analysis) -> dict[str, float | None]:
    """By condition the p, adjusted over the conditions, of differences between categories of the same suite."""

    def made() -> dict[str, float | None]:
        p_holm = holm([_within_suites(analysis, view) for view in analysis.views])
        return {view.id: p for view, p in zip(analysis.views, p_holm, strict=True)}

    return analysis.memoized(("uneven",), made)


def _within_suites(analysis: Analysis, view: ConditionResults) -> float | None:
    """p of one condition alone; wordings of a question are averaged."""
    strata: dict[str, dict[str, list[float]]] = {}
    for suite, category in categories_of(analysis):
        strata.setdefault(suite, {})[category] = []
    means = analysis.question_means(view)
    for (suite, name), item in analysis.items.items():
        column = strata.get(suite, {}).get(item.category)
        if column is not None and (address := item_address(suite, name)) in means:
            column.append(means[address])
    return groups.uneven(list(strata.values()), seeded(analysis.data.name, "uneven", view.id))
