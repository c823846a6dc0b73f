"""The tables of the page: best and worst categories, subjects, skills, and how uneven a condition is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from llmxray.metrics import groups
from llmxray.metrics.accuracy import averaged_share
from llmxray.metrics.subjects import HUMANITIES, SOCIAL, STEM
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, seeded
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.families import Corrected, corrected
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
    tests = corrected(
        "condition",
        [
            groups.extremes_differ(
                kept[view.id], seeded(analysis.data.name, "extremes", view.id), k=_EXTREMES
            )
            for view in views
        ],
    )
    rows = []
    for view, test in zip(views, tests, strict=True):
        rng = seeded(analysis.data.name, "places", view.id)
        # How sure each category's place among the best and worst is.
        together = {name: column for suite in kept[view.id] for name, column in suite.items()}
        sure = {each.name: each for each in groups.places(together, rng, k=_EXTREMES)}
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
        rows.append((view, [*cells, _verdict(test)]))
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
        f"and third worst lie further apart than in answers shuffled{_within(analysis)} (permutation test, "
        "Holm over conditions)."
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


def _kept(
    analysis: Analysis, view: ConditionResults, found: Sequence[_Found]
) -> list[dict[str, list[float]]]:
    """The answers of the categories found, by the address of each; a mapping per suite."""
    columns = columns_of(analysis, view.means("right"), by="category")
    kept: dict[str, dict[str, list[float]]] = {}
    for suite, category, _ in found:
        kept.setdefault(suite, {})[item_address(suite, category)] = columns[suite][category]
    return list(kept.values())


def _within(analysis: Analysis) -> str:
    """Where answers are shuffled."""
    return " within each suite" if len(analysis.suites) > 1 else ""


def _verdict(test: Corrected, word: str = "") -> Cell:
    """Whether there is a difference; a dash where nothing could be tested."""
    tested = None if test.p_holm is None else test.is_significant
    return verdict_cell(tested, "" if tested is None else numbers.p_value(test.p_holm), word)


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


def subjects(analysis: Analysis) -> Table | None:
    """Accuracy by group of subjects; None where fewer than two groups have questions."""
    return _compared(
        analysis,
        "group",
        (STEM, HUMANITIES, SOCIAL),
        ("STEM − humanities", "clear difference?"),
        "Subjects sorted as MMLU sorts them; school science and sums are STEM. Business, health, common sense and "
        "misconceptions are in none of the groups.",
    )


def skills(analysis: Analysis) -> Table | None:
    """Recall against reasoning, on different questions; None where none are labelled with one of them."""
    return _compared(
        analysis,
        "skill",
        ("recall", "reasoning"),
        ("difference", "stronger at"),
        "Questions that need a remembered fact against those that need a step of thought, as labelled by the suites' "
        "authors. The two kinds may differ in their subjects as well, and a difference may be one of subjects.",
    )


def _compared(
    analysis: Analysis, by: str, names: Sequence[str], heads: tuple[str, str], caption: str
) -> Table | None:
    """Groups of questions compared within each condition and suite, best condition first; None with fewer than two.

    Args:
        names: of the groups; of the first two the difference is shown.
        heads: of the columns with the difference and with the verdict, which names the stronger one of two groups.
    """
    views = analysis.ranked
    strata = [columns_of(analysis, analysis.question_means(view), by=by) for view in views]
    columns = {
        name: [[*chain.from_iterable(suite.get(name, ()) for suite in suites.values())] for suites in strata]
        for name in names
    }
    shown = [name for name, of_views in columns.items() if any(of_views)]
    if len(shown) < 2:
        return None
    has_gap = {*names[:2]} <= {*shown}
    tests = corrected(
        "condition",
        [
            groups.uneven([*suites.values()], seeded(analysis.data.name, by, view.id))
            for view, suites in zip(views, strata, strict=True)
        ],
    )
    rows = []
    for place, (view, suites, test) in enumerate(zip(views, strata, tests, strict=True)):
        gap = groups.difference_within(
            [(suite.get(names[0], []), suite.get(names[1], [])) for suite in suites.values()]
        )
        word = ""
        if len(names) == 2 and test.p_holm is not None:
            word = names[(gap.value or 0.0) < 0] if test.is_significant else "inconclusive"
        cells = [share_cell(averaged_share(columns[name][place])) for name in shown]
        rows.append((view, [*cells, *([points_cell(gap)] if has_gap else []), _verdict(test, word)]))
    sizes = {name: sorted({len(column) for column in columns[name] if column}) for name in shown}
    # One number only where it is every row's.
    said = {name: " to ".join(map(str, dict.fromkeys((n[0], n[-1])))) for name, n in sizes.items()}
    within = _within(analysis).removeprefix(" ")
    made = [ColumnHead(text=name, small=f"n = {said[name]}") for name in shown]
    if has_gap:
        made.append(ColumnHead(text=heads[0], small=", ".join(filter(None, ("points, 95%", within)))))
    small = "permutation test, Holm over conditions"
    made.append(ColumnHead(text=heads[1], small=small, numeric=False, anchor="groups"))
    if any(test.p_holm is None for test in tests):
        caption += " Groups that no suite has together cannot be separated from their suites (—)."
    return of_conditions(f"{caption} {numbers.UNADJUSTED}", made, rows, sortable=True)


def shapes(analysis: Analysis) -> Table | None:
    """Whether the profile of each condition is a circle or has spikes; None without two categories of a suite."""
    tests = uneven(analysis)
    if all(test.p_holm is None for test in tests.values()):
        return None
    rows = []
    for view in analysis.ranked:
        test = tests[view.id]
        word = "spiky" if test.is_significant else "inconclusive"
        rows.append((view, [_verdict(test, word if test.p_holm is not None else "")]))
    column = ColumnHead(text="shape", small="permutation test", numeric=False, anchor="groups")
    caption = (
        "Spiky: categories of the same suite differ by more than chance (Holm over conditions). The profile has the "
        "difficulty of the questions in it: what is easy stands out for every model, so a spike alone is no special "
        "strength."
    )
    return of_conditions(caption, (column,), rows)


def uneven(analysis: Analysis) -> dict[str, Corrected]:
    """The test of differences between categories of the same suite, by condition; wordings are averaged."""

    def made() -> dict[str, Corrected]:
        p_values = [
            groups.uneven(
                [*columns_of(analysis, analysis.question_means(view), by="category").values()],
                seeded(analysis.data.name, "uneven", view.id),
            )
            for view in analysis.views
        ]
        return dict(zip([view.id for view in analysis.views], corrected("condition", p_values), strict=True))

    return analysis.memoized(("uneven",), made)
