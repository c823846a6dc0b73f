"""Two accuracies of the same conditions against each other: a point each, both intervals, named beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from llmxray.charts import label_places, theme
from llmxray.types import Estimate

SIDE = 360


@dataclass(frozen=True, slots=True)
class AccuracyPoint:
    """One condition or run: both accuracies 0–1."""

    label: str
    css: str
    x: Estimate
    y: Estimate


def draw(points: Sequence[AccuracyPoint], *, x_title: str, y_title: str, name: str, description: str) -> str:
    """The plot, square, both axes 0 to 100%."""
    rows = [_row(point) for point in points if point.x.value is not None and point.y.value is not None]
    crosses = [
        label_places.Cross(
            *(SIDE * row["x"], SIDE * (1 - row["y"]), SIDE * row["x_low"], SIDE * row["x_high"]),
            *(SIDE * (1 - row["y_high"]), SIDE * (1 - row["y_low"])),
        )
        for row in rows
    ]
    names = [[str(row["label"])] for row in rows]
    spots = label_places.place(crosses, names, width=SIDE, height=SIDE)
    for row, spot in zip(rows, spots, strict=True):
        row |= {"label_x": spot.x / SIDE, "label_y": 1 - spot.y / SIDE, "flip": spot.leftward}
    base = alt.Chart(theme.values(rows)).encode(stroke=alt.Stroke("colour:N", scale=None))
    x = alt.X("x:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title=x_title))
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title=y_title))
    layers: list[Any] = [
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=x, y=alt.Y("y_low:Q"), y2=alt.Y2("y_high:Q")),
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=alt.X("x_low:Q"), x2=alt.X2("x_high:Q"), y=y),
        base.mark_circle(size=70, opacity=1).encode(x=x, y=y, fill=alt.Fill("colour:N", scale=None)),
    ]
    sides: tuple[tuple[Any, bool], ...] = (("left", False), ("right", True))
    for align, flip in sides:
        text = base.transform_filter(f"datum.flip === {str(flip).lower()}").mark_text(
            align=align, baseline="middle", strokeWidth=0, fontSize=theme.TEXT
        )
        at = (alt.X("label_x:Q", scale=theme.unit_scale()), alt.Y("label_y:Q", scale=theme.unit_scale()))
        layers.append(text.encode(*at, text=alt.Text("label:N")))
    return theme.svg(theme.layer(*layers, width=SIDE, height=SIDE), name, description)


def _row(point: AccuracyPoint) -> dict[str, Any]:
    row: dict[str, Any] = {"label": point.label, "colour": theme.colour_of(point.css)}
    for axis, estimate in (("x", point.x), ("y", point.y)):
        row[axis] = estimate.value
        row[f"{axis}_low"] = estimate.value if estimate.low is None else estimate.low
        row[f"{axis}_high"] = estimate.value if estimate.high is None else estimate.high
    return row
