"""Two accuracies of the same conditions against each other: a point each, both intervals, named beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from llmxray.charts import theme
from llmxray.types import Estimate

SIDE = 320
_LINE_HEIGHT, _LETTER_WIDTH = 0.05, 6.5


@dataclass(frozen=True, slots=True)
class Point:
    """One condition or run: both accuracies 0–1."""

    label: str
    css: str
    x: Estimate
    y: Estimate


def draw(points: Sequence[Point], *, x_title: str, y_title: str, name: str, description: str) -> str:
    """The plot, square, both axes 0 to 100%."""
    rows = [_row(point) for point in points if point.x.value is not None and point.y.value is not None]
    for row, height in zip(rows, _heights(rows), strict=True):
        row["label_y"] = height
    base = alt.Chart(theme.values(rows)).encode(stroke=alt.Stroke("colour:N", scale=None))
    x = alt.X("x:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title=x_title))
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title=y_title))
    layers: list[Any] = [
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=x, y="y_low:Q", y2="y_high:Q"),
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x="x_low:Q", x2="x_high:Q", y=y),
        base.mark_circle(size=70, opacity=1).encode(x=x, y=y, fill=alt.Fill("colour:N", scale=None)),
    ]
    sides: tuple[tuple[Any, int, bool], ...] = (("left", 8, False), ("right", -8, True))
    for align, dx, flip in sides:
        text = base.transform_filter(f"datum.flip === {str(flip).lower()}").mark_text(
            align=align, dx=dx, dy=-8, strokeWidth=0, fontSize=theme.SMALL
        )
        layers.append(text.encode(x=x, y=alt.Y("label_y:Q", scale=theme.unit_scale()), text="label:N"))
    return theme.svg(alt.layer(*layers).properties(width=SIDE, height=SIDE), name, description)


def _row(point: Point) -> dict[str, Any]:
    row: dict[str, Any] = {"label": point.label, "colour": theme.colour_of(point.css)}
    for axis, estimate in (("x", point.x), ("y", point.y)):
        row[axis] = estimate.value
        row[f"{axis}_low"] = estimate.value if estimate.low is None else estimate.low
        row[f"{axis}_high"] = estimate.value if estimate.high is None else estimate.high
    row["flip"] = SIDE * float(row["x"]) + _width(point.label) > SIDE
    return row


def _width(label: str) -> float:
    return _LETTER_WIDTH * len(label) + 12


def _heights(rows: Sequence[dict[str, Any]]) -> list[float]:
    """Height of each label (0–1): its point's, moved up only where it would lie on another label."""
    boxes: list[tuple[float, float, float]] = []
    heights = [0.0] * len(rows)
    for place in sorted(range(len(rows)), key=lambda each: float(rows[each]["y"])):
        row = rows[place]
        anchor, width = SIDE * float(row["x"]), _width(str(row["label"]))
        left = anchor - width if row["flip"] else anchor
        height = float(row["y"])
        for other_left, other_right, other in sorted(boxes, key=lambda box: box[2]):
            if left < other_right and other_left < left + width and abs(height - other) < _LINE_HEIGHT:
                height = other + _LINE_HEIGHT
        boxes.append((left, left + width, height))
        heights[place] = min(height, 1.0)
    return heights
