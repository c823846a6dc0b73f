"""Accuracy of the answers given against the share of questions answered: a line per condition.

The risk–coverage curve turned the right way up: risk is one minus accuracy. Each line starts at the most
confident answers and ends where everything is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from llmxray.charts import plane, theme

PLANE = plane.Plane(width=400, height=300, left=62, top=10, right=20, bottom=46)


@dataclass(frozen=True, slots=True)
class Curve:
    """One condition: (coverage, accuracy) from the most confident answers on, both 0–1."""

    label: str
    css: str
    points: tuple[tuple[float, float], ...]


def draw(curves: Sequence[Curve], *, name: str, description: str, chance: float | None = None) -> str:
    """All curves on one plane; at the right end of each a dot: everything answered."""
    rows = [
        {"x": x, "y": y, "c": theme.colour_of(curve.css), "line": place}
        for place, curve in enumerate(curves)
        for x, y in curve.points
    ]
    ends = [
        {"x": curve.points[-1][0], "y": curve.points[-1][1], "c": theme.colour_of(curve.css)}
        for curve in curves
        if curve.points
    ]
    x = alt.X("x:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="questions answered"))
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="right among those answered"))
    layers = [
        alt.Chart(theme.values(rows))
        .mark_line(strokeWidth=2, interpolate="step-after", clip=True)
        .encode(x=x, y=y, detail=alt.Detail("line:N"), stroke=alt.Stroke("c:N", scale=None)),
        alt.Chart(theme.values(ends))
        .mark_circle(size=56, opacity=1)
        .encode(x=x, y=y, fill=alt.Fill("c:N", scale=None)),
    ]
    if chance is not None:
        at = alt.Chart(theme.values([{"y": chance, "t": f"chance {chance:.0%}"}]))
        rule = at.mark_rule(strokeDash=[3, 3], color=theme.FAINT)
        word = at.mark_text(align="left", dx=4, dy=9, fontSize=theme.TEXT, color=theme.FAINT)
        layers.insert(0, rule.encode(y=y))
        layers.append(word.encode(x=alt.XValue(0), y=y, text=alt.Text("t:N")))  # type: ignore[no-untyped-call]
    return plane.svg(layers, PLANE, name, description)
