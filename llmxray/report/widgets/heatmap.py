"""Accuracy by category and condition as a table of colours, each cell with its number and its questions."""

from __future__ import annotations

from llmxray.experiment import CHANCE
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of
from llmxray.report.analysis.leaders import categories_of, cells_above_guessing
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import sort_key
from llmxray.report.wording.predictions import verdicts
from llmxray.types import Estimate

# Below this many questions a cell's colour would claim more than it knows.
FEW = 10
# The original app's bands: 20, 40, 60 and 80%.
_STEPS = 5


def heatmap(analysis: Analysis) -> Values:
    """The heatmap of an experiment: conditions as columns, suites as groups of rows, one for each category."""

    def row(suite: str, category: str | None) -> Values:
        cells = [_heat_cell(analysis, view, suite, category) for view in analysis.views]
        # How many questions each had is said once where all had as many.
        asked = {cell.n for cell in cells}
        return Values(
            head=category or "all",
            cells=cells,
            n=next(iter(asked)) if len(asked) == 1 else "",
            total=category is None,
        )

    groups = []
    for suite in analysis.suites:
        chance = analysis.chance_of([suite])
        note = "open answers: no chance level" if chance is None else f"chance {numbers.percent(chance)}"
        names = [category for name, category in categories_of(analysis) if name == suite]
        # A single category would say what the row of its suite says.
        rows = [row(suite, category) for category in (None, *(names if len(names) > 1 else ()))]
        groups.append(Values(title=analysis.plan.suites[suite].card.title, note=note, rows=rows))
    cells = [cell for group in groups for each in group.rows for cell in each.cells]
    # More tests are made here than the file predicts, so each needs more evidence than a prediction that held.
    held = {each.of for each in verdicts(analysis) if each.outcome == "held" and each.against == CHANCE}
    beat = {view.css for view in analysis.views if view.id in held}
    return Values(
        columns=analysis.views,
        groups=groups,
        any_few=any(cell.css == "few" for cell in cells),
        any_guessing=any(cell.guessing for cell in cells),
        stricter=any(cell.guessing and cell.column in beat for cell in cells),
    )


def _heat_cell(analysis: Analysis, view: ConditionResults, suite: str, category: str | None) -> Values:
    if category is None:
        found = accuracy_of(view.of(suite=suite), view.design)
    else:
        # Made in one pass; to pick the rows of each cell anew would read all of them once a cell.
        found = analysis.by_category.get((view.id, suite, category), Estimate(None))
    chance = analysis.chance_of([suite], category)
    href = analysis.contents.questions(condition=view.id, suite=suite, category=category or "")
    title = f"95% {numbers.interval(found, threshold=chance)}" if found.low is not None else ""
    test = cells_above_guessing(analysis).get((view.id, suite, category or ""))
    if test is not None and test.p_holm is not None:
        title += f"; against guessing ({numbers.percent(chance)}) {test.doubt}"
    return Values(
        text=numbers.percent(found.value),
        n=str(found.n),
        css="few" if found.n < FEW or found.value is None else f"h{step(found.value)}",
        column=view.css,
        href=href,
        sort=sort_key(found.value),
        title=title,
        # Not shown to be above the chance level of these questions.
        guessing=test is not None and test.p_holm is not None and not test.is_significant,
    )


def step(value: float) -> int:
    """Step 0–4 of the ramp, each a fifth of 0–100%."""
    # Averages of repeats may fall a rounding error short of a step's edge.
    return min(int(value * _STEPS + 1e-9), _STEPS - 1)
