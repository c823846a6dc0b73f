"""Accuracy against mean time of a cascade: from the small model alone to every question asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from llmxray.charts import plane, theme

# With its margins as wide as a column of three on the page, where it is not shrunk.
WIDTH, HEIGHT = 264, 210


@dataclass(frozen=True, slots=True)
class Mark:
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
    points: Sequence[tuple[float, float]], small: Mark, large: Mark, *, name: str, description: str
) -> str:
    """The curve of (seconds, accuracy) with both models alone as dots."""
    where = frame(max([large.seconds, *(seconds for seconds, _ in points)]))
    x_scale = plane.scale(where.x_domain)
    axis = alt.Axis(title="mean seconds a question", tickCount=4, labelExpr="datum.label + ' s'")
    x = alt.X("x:Q", scale=x_scale, axis=axis)
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="accuracy"))
    line = alt.Chart(theme.values([{"x": s, "y": a, "o": place} for place, (s, a) in enumerate(points)]))
    layers = [
        line.mark_line(strokeWidth=1.5, color=theme.MUTED).encode(x=x, y=y, order="o:Q"),
        line.mark_circle(size=9, color=theme.MUTED, opacity=1).encode(x=x, y=y),
    ]
    # The curve leaves the small model to the right and upwards: its name goes below.
    for mark, rise in ((small, 13), (large, -11)):
        dot = alt.Chart(theme.values([{"x": mark.seconds, "y": mark.accuracy, "t": mark.label}]))
        colour = theme.colour_of(mark.css)
        flip = mark.seconds > where.x_domain[1] / 2
        layers.append(dot.mark_circle(size=80, opacity=1, color=colour).encode(x=x, y=y))
        layers.append(
            dot.mark_text(align="right" if flip else "left", dx=-7 if flip else 7, dy=rise).encode(
                x=x, y=y, text="t:N", stroke=alt.value(colour), strokeWidth=alt.value(0)
            )
        )
    return plane.svg(layers, where, name, description)
