"""Accuracy by category and condition: blocks of coloured cells, one for each set of questions, a number in each."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.metrics.subjects import GROUPS, group_of
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of
from llmxray.report.analysis.by_category import FEW
from llmxray.report.analysis.leaders import Cell, categories_of, cells_above_guessing
from llmxray.report.widgets.frame import Values
from llmxray.types import Estimate

# More categories than that in a suite can be searched.
_MANY = 20
# Of guessing to all right, and of the original app's bands of 20, 40, 60 and 80%.
_STEPS = 5


def heatmap(analysis: Analysis) -> Values:
    """The heatmap of an experiment: the best condition first, the rows by its lead over the next best."""
    blocks = [_block(analysis, suite) for suite in analysis.suites]
    # The longest first, so that the columns of the page are filled.
    blocks.sort(key=lambda block: -len(block.rows))
    cells = [cell for block in blocks for row in (*block.head, *block.rows) for cell in row.cells]
    return Values(
        blocks=blocks,
        best=analysis.ranked[0],
        most_columns=max((len(block.columns) for block in blocks), default=0),
        is_large=any(len(block.rows) > _MANY for block in blocks),
        any_few=any(cell.few for cell in cells),
        any_tested=any(cell.above is not None for cell in cells),
    )


def _block(analysis: Analysis, suite: str) -> Values:
    """The block of a suite: the whole suite and its groups first, then its categories."""
    views = [view for view in analysis.ranked if view.of(suite=suite)]
    names = [category for name, category in categories_of(analysis) if name == suite]
    known = {group_of(suite, name) for name in names}
    groups = [group for group in GROUPS if group in known]
    # A single category would say what the row of its suite says.
    rows = [_row(analysis, views, suite, name) for name in names] if len(names) > 1 else []
    return Values(
        title=analysis.label_of_suite(suite),
        chance=analysis.chance_of((suite,)),
        columns=views,
        head=[
            _row(analysis, views, suite, ""),
            *(_row(analysis, views, suite, (group,)) for group in groups if len(groups) > 1),
        ],
        rows=sorted(rows, key=lambda row: -row.lead),
    )


def _row(analysis: Analysis, views: Sequence[ConditionResults], suite: str, of: Cell) -> Values:
    shares = [_accuracy(analysis, view, suite, of) for view in views]
    best, *others = (-1.0 if each.value is None else each.value for each in shares)
    # How many questions each had is said once where all had as many.
    asked = {each.n for each in shares}
    return Values(
        name=of if isinstance(of, str) else of[0],
        n=asked.pop() if len(asked) == 1 else None,
        lead=best - max(others, default=0.0),
        cells=[_cell(analysis, view, suite, of, each) for view, each in zip(views, shares, strict=True)],
    )


def _accuracy(analysis: Analysis, view: ConditionResults, suite: str, of: Cell) -> Estimate:
    if not of:
        return accuracy_of(view.of(suite=suite), view.design)
    if isinstance(of, str):
        # Made in one pass; to pick the rows of each cell anew would read all of them once a cell.
        return analysis.by_category.get((view.id, suite, of), Estimate(None))
    rows = [row for row in view.of(suite=suite) if group_of(suite, row.category) == of[0]]
    return accuracy_of(rows, view.design)


def _cell(analysis: Analysis, view: ConditionResults, suite: str, of: Cell, found: Estimate) -> Values:
    category = of if isinstance(of, str) else ""
    chance = analysis.chance_of((suite,), category or None)
    title = [view.label, numbers.plural(found.n, "question")]
    if found.low is not None:
        title.append(f"95% {numbers.interval(found, threshold=chance)}")
    test = cells_above_guessing(analysis).get((view.id, suite, of))
    is_tested = test is not None and test.p_holm is not None
    if test is not None and is_tested:
        title.append(f"against guessing ({numbers.percent(chance)}) {test.doubt}")
    few = found.n < FEW or found.value is None
    return Values(
        text=numbers.percent(found.value).removesuffix("%"),
        few=few,
        css="few" if few else f"r{ramp(found.value or 0.0, chance)} b{step(found.value or 0.0)}",
        # The list of answers is filtered by a suite or a category, and by no group.
        href=analysis.contents.questions(condition=view.id, suite=suite, category=category)
        if isinstance(of, str)
        else "",
        title="; ".join(title),
        # Whether it is shown to be above the chance level of these questions; None without a test.
        above=test.is_significant if test is not None and is_tested else None,
    )


def ramp(value: float, chance: float | None) -> int:
    """Step 0–5 of the ramp from guessing to all right; 0 is less than a twentieth of the way."""
    # Of a single option guessing gets all right.
    share = (value - (chance or 0.0)) / (1 - (chance or 0.0) or 1)
    return 0 if share < 0.05 else min(int(share * _STEPS + 1e-9) + 1, _STEPS)


def step(value: float) -> int:
    """Step 0–4 of the original app's colours, each a fifth of 0–100%."""
    # Averages of repeats may fall a rounding error short of a step's edge.
    return min(int(value * _STEPS + 1e-9), _STEPS - 1)
