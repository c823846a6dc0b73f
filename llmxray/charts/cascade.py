"""Accuracy against mean time of a cascade: from the small model alone to every question asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from llmxray.charts import label_places, plane, theme

# With its margins as wide as a column of three on the page, where it is not shrunk.
WIDTH, HEIGHT = 264, 210


@dataclass(frozen=True, slots=True)
class ModelPoint:
    """A model alone: mean seconds a question, accuracy 0–1."""

    label: str
    css: str
    seconds: float
    accuracy: float


def frame(most_seconds: float) -> plane.Plane:
    """The plane of a cascade whose slowest point takes that long."""
    return plane.Plane(
        width=WIDTH, height=HEIGHT, left=62, top=18, right=16, bottom=46, x_domain=(0.0, most_seconds * 1.08)
    )


def draw(
    points: Sequence[tuple[float, float]],
    small: ModelPoint,
    large: ModelPoint,
    *,
    name: str,
    description: str,
) -> str:
    """The curve of (seconds, accuracy) with both models alone as dots."""
    where = frame(max([large.seconds, *(seconds for seconds, _ in points)]))
    x_scale = plane.scale(where.x_domain)
    axis = alt.Axis(title="mean seconds a question", tickCount=4, labelExpr="datum.label + ' s'")
    x = alt.X("x:Q", scale=x_scale, axis=axis)
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="accuracy"))
    line = alt.Chart(theme.values([{"x": s, "y": a, "o": place} for place, (s, a) in enumerate(points)]))
    layers = [
        line.mark_line(strokeWidth=1.5, color=theme.MUTED).encode(x=x, y=y, order=alt.Order("o:Q")),
        line.mark_circle(size=9, color=theme.MUTED, opacity=1).encode(x=x, y=y),
    ]
    marks = (small, large)
    most = where.x_domain[1]
    at = [(WIDTH * seconds / most, HEIGHT * (1 - accuracy)) for seconds, accuracy in points]
    dots = [(WIDTH * mark.seconds / most, HEIGHT * (1 - mark.accuracy)) for mark in marks]
    names = label_places.lines_of([mark.label for mark in marks])
    spots = label_places.place(
        [label_places.Cross(x, y, x, x, y, y) for x, y in dots],
        names,
        width=WIDTH,
        height=HEIGHT,
        avoid=[(x - 3, y - 3, x + 3, y + 3) for x, y in at],
    )
    for mark in marks:
        dot = alt.Chart(theme.values([{"x": mark.seconds, "y": mark.accuracy}]))
        layers.append(dot.mark_circle(size=80, opacity=1, color=theme.colour_of(mark.css)).encode(x=x, y=y))
    for place, line_of_name, left, middle, leftward in label_places.written(spots, names):
        text = alt.Chart(
            theme.values([{"x": left * most / WIDTH, "y": 1 - middle / HEIGHT, "t": line_of_name}])
        )
        colour = alt.StrokeValue(theme.colour_of(marks[place].css))
        layers.append(
            text.mark_text(align="right" if leftward else "left", baseline="middle").encode(
                x=x, y=y, text=alt.Text("t:N"), stroke=colour, strokeWidth=alt.StrokeWidthValue(0)
            )
        )
    return plane.svg(layers, where, name, description)
