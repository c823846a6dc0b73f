"""Confidence against correctness, question by question: the course module's scatter with its four corners.

Single questions lie at right or wrong, never between. Sparse places show one dot per question, moved up or
down by a fixed pattern so that dots do not hide each other; dense ones one circle whose area is their count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from llmxray.charts import theme

WIDTH, HEIGHT = 280, 190
CELL = 0.02
_DENSE = 5
# Golden-ratio steps spread neighbours evenly, and need no randomness.
_STEP = 0.6180339887498949
_RIGHT, _WRONG, _BAND = 0.76, 0.24, 0.10
# As large as style.css makes the words of a chart on a phone, so that the drawing has room for them.
_WORDS = 13
QUADRANTS = (
    (0.01, 0.96, "left", "Lucky"),
    (0.99, 0.96, "right", "Calibrated"),
    (0.01, 0.04, "left", "Confused"),
    (0.99, 0.04, "right", "Overconfident"),
)


def draw(pairs: Sequence[tuple[float, bool]], *, css: str, name: str, description: str) -> str:
    """The plot of (confidence, right) pairs."""
    x = alt.X("x:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="confidence"))
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=None)
    dots = (
        alt.Chart(theme.values(places(pairs)))
        .mark_circle(color=theme.colour_of(css), opacity=0.45)
        .encode(x=x, y=y, size=alt.Size("area:Q", scale=None))
    )
    words = [{"x": h, "y": v, "align": align, "t": text} for h, v, align, text in QUADRANTS]
    texts = [
        alt.Chart(theme.values([word for word in words if word["align"] == side]))
        .mark_text(align=side, fontSize=theme.TEXT, color=theme.MUTED)
        .encode(x=x, y=y, text=alt.Text("t:N"))
        for side in ("left", "right")
    ]
    middle = alt.Chart(theme.values([{"y": 0.5, "x": 0.5}]))
    cross = [
        middle.mark_rule(color=theme.LINE).encode(y=y),
        middle.mark_rule(color=theme.LINE).encode(x=alt.X("x:Q", scale=theme.unit_scale())),
    ]
    sides = [{"y": _RIGHT, "t": "right"}, {"y": _WRONG, "t": "wrong"}]
    names = (
        alt.Chart(theme.values(sides))
        .mark_text(align="right", dx=-8, fontSize=_WORDS, color=theme.MUTED)
        .encode(x=alt.XValue(0), y=y, text=alt.Text("t:N"))  # type: ignore[no-untyped-call]
    )
    chart = theme.layer(*cross, dots, *texts, names, width=WIDTH, height=HEIGHT)
    return theme.svg(chart, name, description)


def places(pairs: Sequence[tuple[float, bool]]) -> list[dict[str, Any]]:
    """Where each dot goes: x, y in 0–1 and its area in square pixels."""
    cells: dict[tuple[int, bool], list[float]] = {}
    for confidence, hit in pairs:
        # A confidence of 1 belongs to the last cell, not to one of its own.
        cells.setdefault((int(min(confidence, 1 - 1e-9) / CELL), hit), []).append(confidence)
    rows: list[dict[str, Any]] = []
    for (_, hit), inside in sorted(cells.items()):
        centre = _RIGHT if hit else _WRONG
        if len(inside) >= _DENSE:
            rows.append({"x": sum(inside) / len(inside), "y": centre, "area": 14 * len(inside)})
            continue
        for confidence in inside:
            shift = ((len(rows) * _STEP) % 1 - 0.5) * 2 * _BAND
            rows.append({"x": confidence, "y": centre + shift, "area": 14})
    return rows
