"""The profile of up to three conditions over suites or categories: a radar and the same numbers with intervals.

Drawn twice: as accuracy, and as percentile rank among all conditions of the experiment, the population that is
there. On an axis that is hard for everybody the first shows all of them near the centre, the second who is ahead.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.charts import radar
from llmxray.metrics.ranking import Rank, ranks
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.widgets.table import Cell, Column, Figure, Line, Table, share_cell

# Two axes make a line and no shape; MMLU-Pro has fourteen subjects.
_LEAST_AXES, _MOST_AXES = 3, 14


def axes(analysis: Analysis) -> tuple[tuple[str, str, str | None], ...]:
    """(name, suite, category) of each spoke: suites, or the categories where suites are too few."""
    if len(analysis.suites) >= _LEAST_AXES:
        return tuple((analysis.label_of_suite(suite), suite, None) for suite in analysis.suites)
    # Paraphrases have their categories in common: a name alone would be one spoke for both.
    categories = categories_of(analysis)
    names = [category for _, category in categories]
    found = [
        (
            category if names.count(category) == 1 else f"{category} · {analysis.label_of_suite(suite)}",
            suite,
            category,
        )
        for suite, category in categories
    ]
    return tuple(found) if _LEAST_AXES <= len(found) <= _MOST_AXES else ()


def _short(spokes: Sequence[tuple[str, str, str | None]]) -> dict[str, str]:
    """Names as they stand at the rim: up to a comma, but whole where two would become one."""
    cut = [name.split(",")[0] for name, _, _ in spokes]
    return {
        name: short if cut.count(short) == 1 else name
        for (name, _, _), short in zip(spokes, cut, strict=True)
    }


def radar_figure(analysis: Analysis, spokes: Sequence[tuple[str, str, str | None]]) -> Figure:
    """The radar of the most accurate conditions."""
    shown = analysis.ranked[: radar.MOST]
    shapes = [
        (
            view.css,
            {
                name: accuracy_of(view.of(suite=suite, category=category)).value
                for name, suite, category in spokes
            },
        )
        for view in shown
    ]
    short = _short(spokes)
    renamed = [(css, {short[name]: value for name, value in shape.items()}) for css, shape in shapes]
    said = "; ".join(
        f"{view.label}: " + ", ".join(f"{name} {numbers.percent(value)}" for name, value in shape.items())
        for view, (_, shape) in zip(shown, shapes, strict=True)
    )
    svg = radar.draw(
        list(short.values()), renamed, name="radar", description=f"Radar of accuracy, 0 to 100%. {said}."
    )
    names = numbers.listed([view.label for view in shown])
    note = (
        "A radar's area depends on the order of its axes and means nothing: read the distances along "
        "the spokes, and the intervals beside it."
    )
    return Figure("A profile, not a score", f"Accuracy from 0 at the centre to 100%: {names}.", svg, note)


def placed(
    analysis: Analysis, spokes: Sequence[tuple[str, str, str | None]]
) -> dict[str, dict[str, Rank | None]]:
    """Rank of every condition by spoke: among all conditions, ties sharing a rank."""
    return {
        name: ranks(
            {view.id: accuracy_of(view.of(suite=suite, category=category)).value for view in analysis.views}
        )
        for name, suite, category in spokes
    }


def rank_figure(analysis: Analysis, spokes: Sequence[tuple[str, str, str | None]]) -> Figure:
    """The radar of percentile ranks of the same conditions."""
    shown = analysis.ranked[: radar.MOST]
    found, short = placed(analysis, spokes), _short(spokes)
    shapes = [
        (
            view.css,
            {
                short[name]: None
                if (rank := places[view.id]) is None or rank.percentile is None
                else rank.percentile / 100
                for name, places in found.items()
            },
        )
        for view in shown
    ]
    said = "; ".join(
        f"{view.label}: " + ", ".join(f"{name} {rank_text(value)}" for name, value in shape.items())
        for view, (_, shape) in zip(shown, shapes, strict=True)
    )
    svg = radar.draw(
        list(short.values()),
        shapes,
        name="rank-radar",
        description=f"Radar of percentile ranks, 0 to 100. {said}.",
        unit="",
    )
    n = len(analysis.views)
    note = (
        f"A rank says who is ahead, not by how much: one question more can move it by {100 / n:.0f}. Read the accuracy "
        "and its interval before you believe a spike."
    )
    return Figure(
        f"Rank among the {n} conditions here",
        f"Percentile rank from 0 at the centre to 100 on the rim: {numbers.listed([view.label for view in shown])}.",
        svg,
        note,
    )


def rank_table(analysis: Analysis, spokes: Sequence[tuple[str, str, str | None]]) -> Table:
    """The ranks behind the radar: "2= of 5", with the percentile rank below."""
    shown = analysis.ranked[: radar.MOST]
    lines = tuple(
        Line(name, tuple(_rank_cell(places[view.id], view) for view in shown))
        for name, places in placed(analysis, spokes).items()
    )
    columns = (
        Column("", numeric=False),
        *(
            Column(view.label, "rank, percentile", anchor="percentile-rank", css=f"k {view.css}")
            for view in shown
        ),
    )
    caption = (
        "Rank 1 is the highest accuracy; equal accuracies share a rank (=), and each counts the other half. The "
        "population is the conditions of this experiment: it ranks nobody else."
    )
    return Table(caption, columns, lines)


def rank_text(share: float | None) -> str:
    """A percentile rank as a whole number."""
    # Ties give halves, and Python rounds halves to even: 12.5 would be 12 and 37.5 be 38.
    return numbers.MISSING if share is None else f"{int(100 * share + 0.5)}"


def _rank_cell(rank: Rank | None, view: ConditionResults) -> Cell:
    if rank is None:
        return Cell(numbers.MISSING, css=f"k {view.css}")
    return Cell(
        f"{rank.text} of {rank.population}",
        "" if rank.percentile is None else f"P{rank_text(rank.percentile / 100)}",
        rank.rank == 1,
        css=f"k {view.css}",
    )


def profile(analysis: Analysis, spokes: Sequence[tuple[str, str, str | None]]) -> Table:
    """The radar's numbers with their intervals and the chance level."""
    shown = analysis.ranked[: radar.MOST]
    lines = []
    for name, suite, category in spokes:
        chance = analysis.chance_of([suite], category)
        cells = [
            _coloured(share_cell(accuracy_of(view.of(suite=suite, category=category)), chance=chance), view)
            for view in shown
        ]
        lines.append(Line(name, tuple(cells)))
    columns = (Column("", numeric=False), *(Column(view.label, css=f"k {view.css}") for view in shown))
    return Table(
        "The same numbers (with their 95% intervals); the dashed tick is blind guessing.", columns, tuple(lines)
    )


def _coloured(cell: Cell, view: ConditionResults) -> Cell:
    return Cell(
        cell.text, cell.small, cell.best, cell.numeric, cell.bar, cell.href, f"k {view.css}", cell.sort
    )
