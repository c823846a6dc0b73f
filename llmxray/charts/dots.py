"""Ranked dot plot: a dot with its interval per row, its name above the line, chance as a dashed line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from llmxray.charts import theme

WIDTH, STEP, _WORD = 400, 44, 14


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of the plot.

    Attributes:
        css: colour class of its condition.
        value, low, high: 0–1; a row without a value shows only its name.
        text: the number as printed at the end of the line.
    """

    label: str
    css: str
    value: float | None
    low: float | None
    high: float | None
    text: str


def draw(dots: Sequence[Dot], *, name: str, description: str, chance: float | None = None) -> str:
    """The plot, rows in the order given, on an axis from 0 to 100%."""
    rows = [
        {
            "row": index,
            "label": dot.label,
            "value": dot.value,
            "low": dot.low,
            "high": dot.high,
            "text": dot.text,
            "colour": theme.colour_of(dot.css),
        }
        for index, dot in enumerate(dots)
    ]
    base = alt.Chart(theme.values(rows)).encode(y=alt.Y("row:O", axis=None))
    known = base.transform_filter("datum.value !== null")
    x = alt.X("value:Q", scale=theme.unit_scale(), axis=theme.percent_axis())
    ranges = known.mark_rule(strokeWidth=3, opacity=0.5).encode(
        x=alt.X("low:Q", scale=theme.unit_scale()), x2="high:Q", stroke=alt.Stroke("colour:N", scale=None)
    )
    points = known.mark_circle(size=80, opacity=1).encode(x=x, fill=alt.Fill("colour:N", scale=None))
    # Strokes of no width: they give the words the condition's class, so that the legend hides them too.
    words = base.encode(stroke=alt.Stroke("colour:N", scale=None))
    names = words.mark_text(align="left", dy=-15, limit=WIDTH - 90, strokeWidth=0).encode(
        x=alt.value(0), text="label:N"
    )
    numbers = words.mark_text(align="right", dy=-15, color=theme.MUTED, strokeWidth=0).encode(
        x=alt.value(WIDTH), text="text:N"
    )
    layers = [ranges, points, names, numbers]
    if chance is not None:
        layers = [*_chance(base, chance), *layers]
    height = STEP * len(rows) + (_WORD if chance is not None else 0)
    return theme.svg(alt.layer(*layers).properties(width=WIDTH, height=height), name, description)


def _chance(base: alt.Chart, chance: float) -> list[Any]:
    """A dashed tick through every row, not a line: it must not run through the names."""
    x = alt.X("chance:Q", scale=theme.unit_scale())
    ticks = base.transform_calculate(chance=str(chance)).mark_rule(strokeDash=[2, 2], color=theme.FAINT)
    word = alt.Chart(theme.values([{"chance": chance, "t": f"chance {chance:.0%}"}])).mark_text(
        align="center", fontSize=theme.SMALL, color=theme.FAINT, baseline="bottom"
    )
    return [
        ticks.encode(
            x=x, y=alt.Y("row:O", bandPosition=0.36, axis=None), y2=alt.Y2("row", bandPosition=0.72)
        ),
        word.encode(x=x, y=alt.value("height"), text="t:N"),
    ]
