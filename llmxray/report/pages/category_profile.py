"""The profile of up to three conditions over suites or categories: a radar and the same numbers with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.charts import radar
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, View, accuracy_of
from llmxray.report.pages.table import Cell, Column, Figure, Line, Table, share_cell
from llmxray.report.pages.verdicts import categories_of

_LEAST_AXES, _MOST_AXES = 3, 14


def axes(analysis: Analysis) -> tuple[tuple[str, str, str | None], ...]:
    """(name, suite, category) of each spoke: suites, or the categories where suites are too few."""
    if len(analysis.suites) >= _LEAST_AXES:
        return tuple((analysis.label_of_suite(suite), suite, None) for suite in analysis.suites)
    found = [(category, suite, category) for suite, category in categories_of(analysis)]
    return tuple(found) if _LEAST_AXES <= len(found) <= _MOST_AXES else ()


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
    short = [name.split(",")[0] for name, _, _ in spokes]
    renamed = [(css, {name.split(",")[0]: value for name, value in shape.items()}) for css, shape in shapes]
    said = "; ".join(
        f"{view.id}: " + ", ".join(f"{name} {numbers.percent(value)}" for name, value in shape.items())
        for view, (_, shape) in zip(shown, shapes, strict=True)
    )
    svg = radar.draw(short, renamed, name="radar", description=f"Radar of accuracy, 0 to 100%. {said}.")
    names = numbers.listed([view.id for view in shown])
    note = (
        "A radar's area depends on the order of its axes and means nothing: read the distances along "
        "the spokes, and the intervals beside it."
    )
    return Figure("A profile, not a score", f"Accuracy from 0 at the centre to 100%: {names}.", svg, note)


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
    columns = (Column("", numeric=False), *(Column(view.id, css=f"k {view.css}") for view in shown))
    return Table(
        "The same numbers with their 95% intervals; the dashed tick is blind guessing.", columns, tuple(lines)
    )


def _coloured(cell: Cell, view: View) -> Cell:
    return Cell(
        cell.text, cell.small, cell.best, cell.numeric, cell.bar, cell.href, f"k {view.css}", cell.sort
    )
