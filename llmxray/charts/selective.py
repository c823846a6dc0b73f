"""Accuracy of the answers given against the share of questions answered: a line per condition.

The risk–coverage curve turned the right way up: risk is one minus accuracy. Each line starts at the most
confident answers and ends where everything is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import altair as alt

from llmxray.charts import plane, theme

# A phone shrinks what is wider than it, and the words with it.
PLANE = plane.Plane(width=340, height=280, left=58, top=10, right=20, bottom=46)
# The word's size in the units of the axes, and where it may stand: its left edge, and pixels below the line.
_WIDE, _TALL = 80 / PLANE.width, 14 / PLANE.height
_SPOTS = [(x, dy) for dy in (9, -8, 20) for x in (0.0, 1 - _WIDE, 0.25, 0.5)]


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
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=y, detail=alt.Detail("line:N"), stroke=alt.Stroke("c:N", scale=None)),
        alt.Chart(theme.values(ends))
        .mark_circle(size=56, opacity=1)
        .encode(x=x, y=y, fill=alt.Fill("c:N", scale=None)),
    ]
    if chance is not None:
        at = alt.Chart(theme.values([{"y": chance, "t": f"chance {chance:.0%}"}]))
        rule = at.mark_rule(strokeDash=[3, 3], color=theme.FAINT)
        left, dy = min(_SPOTS, key=lambda spot: _crossed(curves, chance, *spot))
        word = at.mark_text(align="left", dx=4, dy=dy, fontSize=theme.TEXT, color=theme.FAINT)
        layers.insert(0, rule.encode(y=y))
        layers.append(word.encode(x=alt.XValue(left * PLANE.width), y=y, text=alt.Text("t:N")))  # type: ignore[no-untyped-call]
    return plane.svg(layers, PLANE, name, description)


def _crossed(curves: Sequence[Curve], chance: float, left: float, dy: float) -> int:
    """How many steps of the lines cross the word where it stands so; the first spot of the fewest is taken."""
    right, middle = left + _WIDE, chance - dy / PLANE.height
    low, high = middle - _TALL / 2, middle + _TALL / 2
    crossed = 0
    for curve in curves:
        for (x, y), (next_x, next_y) in pairwise(curve.points):
            along = x <= right and next_x >= left and low <= y <= high
            up = left <= next_x <= right and min(y, next_y) <= high and max(y, next_y) >= low
            crossed += along or up
    # Below the plot stand the words of its axis.
    return crossed + 1000 * (low < 0)
