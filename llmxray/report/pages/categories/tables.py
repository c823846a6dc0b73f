"""Best and worst categories, and skills."""

from __future__ import annotations

from llmxray.metrics import groups
from llmxray.metrics.paired import holm
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, seeded, significant
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.links import questions_href
from llmxray.report.widgets.heatmap import FEW
from llmxray.report.widgets.table import Cell, Column, Table, head, points_cell, share_cell, verdict_cell
from llmxray.types import Estimate

# As many as exercise 2 of the module asks for.
_EXTREMES = 3
_SKILLS = ("recall", "reasoning")


def extremes(analysis: Analysis) -> Table | None:
    """Three best and three worst categories of each condition; None where there are too few."""
    ordered = {view.id: by_category(analysis, view) for view in analysis.ranked}
    # With fewer, a category would be among the best and the worst at once.
    views = [view for view in analysis.ranked if len(ordered[view.id]) >= 2 * _EXTREMES]
    adjusted = holm([extremes_p(analysis, view, ordered[view.id]) for view in views])
    lines = []
    for view, p_holm in zip(views, adjusted, strict=True):
        found = ordered[view.id]
        top, bottom = found[:_EXTREMES], found[-_EXTREMES:]
        sure = _places(analysis, view, found)
        cells = [_extreme(analysis, view, each, sure[each[0], each[1]].in_top) for each in top]
        cells += [
            _extreme(analysis, view, each, sure[each[0], each[1]].in_bottom) for each in reversed(bottom)
        ]
        lines.append(head(view, [*cells, verdict_cell(significant(p_holm), numbers.p_value(p_holm))]))
    if not lines:
        return None
    names = ("best", "second", "third", "worst", "second worst", "third worst")
    columns = (
        Column("condition", numeric=False),
        *(Column(name, numeric=False, anchor="places") for name in names),
        Column("clear difference?", "third best against third worst", numeric=False, anchor="groups"),
    )
    caption = (
        f"Three best and three worst categories of each condition, of those with {FEW} questions or more (95% "
        "intervals; “sure”: the chance that it truly is among its three). The difference is clear where third best "
        "and third worst lie further apart than in shuffled answers (permutation test, Holm over conditions)."
    )
    return Table(caption, columns, tuple(lines))


def extremes_p(
    analysis: Analysis, view: ConditionResults, found: list[tuple[str, str, Estimate]]
) -> float | None:
    """Whether the third best and the third worst of the categories found differ by more than luck."""
    columns = columns_of(analysis, view, by="category")
    kept = {name: columns[name] for name in (f"{suite}/{category}" for suite, category, _ in found)}
    return groups.extremes_differ(kept, seeded(analysis.data.name, "extremes", view.id), k=_EXTREMES)


def _places(
    analysis: Analysis, view: ConditionResults, found: list[tuple[str, str, Estimate]]
) -> dict[tuple[str, str], groups.Place]:
    """How sure each category's place among the best and worst is, by (suite, category)."""
    columns = columns_of(analysis, view, by="category")
    kept = {f"{suite}/{category}": (suite, category) for suite, category, _ in found}
    rng = seeded(analysis.data.name, "places", view.id)
    made = groups.places({name: columns[name] for name in kept}, rng, k=_EXTREMES)
    return {kept[each.name]: each for each in made}


def named(analysis: Analysis, suite: str, category: str) -> str:
    """A category, with its suite where another suite has one of that name."""
    same = sum(each == category for _, each in categories_of(analysis))
    return f"{category} ({analysis.label_of_suite(suite)})" if same > 1 else category


def _extreme(
    analysis: Analysis, view: ConditionResults, each: tuple[str, str, Estimate], sure: float | None
) -> Cell:
    suite, category, found = each
    small = f"{numbers.percent(found.value)} ({numbers.interval(found)}); {numbers.percent(sure)} sure"
    href = questions_href(condition=view.id, suite=suite, category=category)
    return Cell(named(analysis, suite, category), small, numeric=False, href=href)


def by_category(analysis: Analysis, view: ConditionResults) -> list[tuple[str, str, Estimate]]:
    """(suite, category, accuracy) with enough questions, best first."""
    nothing = Estimate(None)
    found = [(s, c, analysis.by_category.get((view.id, s, c), nothing)) for s, c in categories_of(analysis)]
    # A category of three questions would be best or worst by luck alone.
    known = [each for each in found if each[2].value is not None and each[2].n >= FEW]
    return sorted(known, key=lambda each: -(each[2].value or 0.0))


def _questions(analysis: Analysis, skill: str) -> int:
    """Questions that need a skill."""
    kept = {f"{suite}/{name}" for (suite, name), item in analysis.items.items() if item.skill == skill}
    return len(set(map(analysis.design.unit, kept)))


def _by_skill(analysis: Analysis, view: ConditionResults) -> groups.GroupTest:
    """Recall against reasoning of one condition, on different questions, whose wordings are averaged."""
    columns = columns_of(analysis, view, by="skill")
    kept = {skill: columns.get(skill, []) for skill in _SKILLS}
    return groups.differ(kept, seeded(analysis.data.name, "skills", view.id))


def skills(analysis: Analysis) -> Table | None:
    """Recall against reasoning; None where items are not labelled with both."""
    if not set(_SKILLS) <= {item.skill for item in analysis.items.values()}:
        return None
    tests = [_by_skill(analysis, view) for view in analysis.ranked]
    adjusted = holm([test.pairs[0].p_value for test in tests])
    lines = []
    for view, test, p_holm in zip(analysis.ranked, tests, adjusted, strict=True):
        gap, shares = test.pairs[0].difference, [test.accuracies[skill] for skill in _SKILLS]
        told = significant(p_holm)
        word = "inconclusive" if not told else "recall" if (gap.value or 0) > 0 else "reasoning"
        cells = (
            *map(share_cell, shares),
            points_cell(gap, *shares),
            verdict_cell(told, numbers.p_value(p_holm), word),
        )
        lines.append(head(view, cells))
    n = [_questions(analysis, skill) for skill in _SKILLS]
    name = "Welch's test" if analysis.answers > 1 else "Fisher's exact test"
    columns = (
        Column("condition", numeric=False),
        Column("recall", f"n = {n[0]}"),
        Column("reasoning", f"n = {n[1]}"),
        Column("difference", "points, 95%"),
        Column("stronger at", f"{name}, Holm over conditions", numeric=False),
    )
    caption = (
        "Questions that need a remembered fact against those that need a step of thought, as "
        "labelled by the suites' authors. The two kinds may differ in their subjects as well, and a difference may be "
        f"one of subjects. {numbers.UNADJUSTED}"
    )
    return Table(caption, columns, tuple(lines), True)
