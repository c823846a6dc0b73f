"""Best and worst categories."""

from __future__ import annotations

from llmxray.metrics import groups
from llmxray.metrics.paired import holm
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, seeded, significant
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.links import questions_href
from llmxray.report.widgets.heatmap import FEW
from llmxray.report.widgets.table import Cell, Column, Table, of_conditions, verdict_cell
from llmxray.types import Estimate

# As many as exercise 2 of the module asks for.
_EXTREMES = 3


def extremes(analysis: Analysis) -> Table | None:
    """Three best and three worst categories of each condition; None where there are too few."""
    ordered = {view.id: by_category(analysis, view) for view in analysis.ranked}
    # With fewer, a category would be among the best and the worst at once.
    views = [view for view in analysis.ranked if len(ordered[view.id]) >= 2 * _EXTREMES]
    adjusted = holm([extremes_p(analysis, view, ordered[view.id]) for view in views])
    rows = []
    for view, p_holm in zip(views, adjusted, strict=True):
        found = ordered[view.id]
        top, bottom = found[:_EXTREMES], found[-_EXTREMES:]
        sure = _places(analysis, view, found)
        cells = [_extreme(analysis, view, each, sure[each[0], each[1]].in_top) for each in top]
        cells += [
            _extreme(analysis, view, each, sure[each[0], each[1]].in_bottom) for each in reversed(bottom)
        ]
        rows.append((view, [*cells, verdict_cell(significant(p_holm), numbers.p_value(p_holm))]))
    if not rows:
        return None
    names = ("best", "second", "third", "worst", "second worst", "third worst")
    columns = (
        *(Column(name, numeric=False, anchor="places") for name in names),
        Column("clear difference?", "third best against third worst", numeric=False, anchor="groups"),
    )
    caption = (
        f"Three best and three worst categories of each condition, of those with {FEW} questions or more (95% "
        "intervals; “sure”: the chance that it truly is among its three). The difference is clear where third best "
        "and third worst lie further apart than in shuffled answers (permutation test, Holm over conditions)."
    )
    return of_conditions(caption, columns, rows)


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
