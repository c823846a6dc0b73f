"""Accuracy against median latency: a point per condition with both intervals, named beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from llmxray.charts import label_places, theme
from llmxray.types import Estimate

# A phone shrinks what is wider than it, and the words with it.
WIDTH, HEIGHT = 360, 320


@dataclass(frozen=True, slots=True)
class TradeoffPoint:
    """One condition: accuracy 0–1, latency in seconds."""

    label: str
    css: str
    accuracy: Estimate
    latency_s: Estimate


def draw(points: Sequence[TradeoffPoint], *, name: str, description: str, chance: float | None = None) -> str:
    """The plot: accuracy from 0 to 100%, latency on a logarithmic axis of whole 1–2–5 steps."""
    # Replayed at full speed an answer takes 0 s, which no logarithmic axis has.
    known = [point for point in points if point.accuracy.value is not None and point.latency_s.value]
    low, high = _domain([point.latency_s for point in known])
    x_scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [tick for tick in _ticks() if low <= tick <= high]
    rows = [_row(point) for point in known]
    steps = front(known)
    words, leads = _labels(rows, steps, low, high, chance)
    base = alt.Chart(theme.values(rows)).encode(stroke=alt.Stroke("colour:N", scale=None))
    label = alt.Axis(
        values=ticks,
        title="median latency, logarithmic",
        # One unit on the whole axis.
        labelExpr="datum.value + ' s'" if high > 1 else "datum.value * 1000 + ' ms'",
    )
    x = alt.X("x:Q", scale=x_scale, axis=label)
    y = alt.Y("y:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="accuracy"))
    layers: list[Any] = [
        _front(steps, x_scale),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, y=alt.Y("y_low:Q"), y2=alt.Y2("y_high:Q")),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=alt.X("x_low:Q"), x2=alt.X2("x_high:Q"), y=y),
        base.mark_circle(size=80, opacity=1).encode(x=x, y=y, fill=alt.Fill("colour:N", scale=None)),
    ]
    lead = alt.Chart(theme.values(leads)).mark_rule(strokeWidth=1, opacity=0.6)
    layers.insert(
        1,
        lead.encode(
            x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), stroke=alt.Stroke("colour:N", scale=None)
        ),
    )
    sides: tuple[tuple[Any, bool], ...] = (("left", False), ("right", True))
    for align, flip in sides:
        # A stroke without a width: by its colour the text gets its condition's class.
        text = alt.Chart(theme.values([word for word in words if word["flip"] is flip]))
        mark = text.mark_text(align=align, baseline="middle", strokeWidth=0)
        layers.append(
            mark.encode(x=x, y=y, text=alt.Text("label:N"), stroke=alt.Stroke("colour:N", scale=None))
        )
    if chance is not None:
        layers.insert(0, _chance(chance))
    return theme.svg(theme.layer(*layers, width=WIDTH, height=HEIGHT), name, description)


def front(points: Sequence[TradeoffPoint]) -> list[TradeoffPoint]:
    """The Pareto front, quickest first: conditions that no other matches on both while beating on one."""

    def place(point: TradeoffPoint) -> tuple[float, float]:
        return point.latency_s.value or 0.0, -(point.accuracy.value or 0.0)

    found: list[TradeoffPoint] = []
    for point in sorted(points, key=place):
        if not found or (point.accuracy.value or 0.0) > (found[-1].accuracy.value or 0.0):
            found.append(point)
    return found


def _front(steps: Sequence[TradeoffPoint], x_scale: alt.Scale) -> Any:
    rows = [{"x": point.latency_s.value, "y": point.accuracy.value} for point in steps]
    line = alt.Chart(theme.values(rows)).mark_line(
        color=theme.FAINT, strokeWidth=1.5, interpolate="step-after"
    )
    return line.encode(x=alt.X("x:Q", scale=x_scale), y=alt.Y("y:Q", scale=theme.unit_scale()))


def _row(point: TradeoffPoint) -> dict[str, Any]:
    seconds, right = point.latency_s, point.accuracy
    return {
        "label": point.label,
        "x": seconds.value,
        "x_low": seconds.low or seconds.value,
        "x_high": seconds.high or seconds.value,
        "y": right.value,
        "y_low": right.value if right.low is None else right.low,
        "y_high": right.value if right.high is None else right.high,
        "colour": theme.colour_of(point.css),
    }


type _Rows = list[dict[str, Any]]


def _labels(
    rows: _Rows, steps: Sequence[TradeoffPoint], low: float, high: float, chance: float | None
) -> tuple[_Rows, _Rows]:
    """The lines of the names and what leads to those farther off, both in the units of the axes."""

    def x_of(seconds: float) -> float:
        return WIDTH * math.log(seconds / low) / math.log(high / low)

    def at(x: float, y: float) -> tuple[float, float]:
        return low * (high / low) ** (x / WIDTH), 1 - y / HEIGHT

    crosses = [
        label_places.Cross(
            *(x_of(row["x"]), HEIGHT * (1 - row["y"]), x_of(row["x_low"]), x_of(row["x_high"])),
            *(HEIGHT * (1 - row["y_high"]), HEIGHT * (1 - row["y_low"])),
        )
        for row in rows
    ]
    avoid: list[label_places.Box] = []
    corners = [
        (x_of(point.latency_s.value or low), HEIGHT * (1 - (point.accuracy.value or 0.0))) for point in steps
    ]
    for (x, y), (next_x, next_y) in pairwise(corners):
        avoid += [(x, y - 1, next_x, y + 1), (next_x - 1, next_y, next_x + 1, y)]
    if chance is not None:
        level = HEIGHT * (1 - chance)
        avoid += [(0.0, level - 1, WIDTH, level + 1), (WIDTH - 84, level, WIDTH, level + 18)]
    names = label_places.lines_of([row["label"] for row in rows])
    # The margin of a chart has room for the end of a name.
    spots = label_places.place(crosses, names, width=WIDTH + 10, height=HEIGHT, avoid=avoid)
    words = []
    for place, line, x, y, leftward in label_places.written(spots, names):
        px, py = at(x, y)
        words.append({"label": line, "x": px, "y": py, "flip": leftward, "colour": rows[place]["colour"]})
    leads = []
    for row, spot in zip(rows, spots, strict=True):
        if spot.led:
            px, py = at(*spot.led)
            leads.append({"x": row["x"], "y": row["y"], "x2": px, "y2": py, "colour": row["colour"]})
    return words, leads


def _chance(chance: float) -> Any:
    y = alt.Y("y:Q", scale=theme.unit_scale())
    data = alt.Chart(theme.values([{"y": chance, "t": f"chance {chance:.0%}"}]))
    line = data.mark_rule(strokeDash=[3, 3], color=theme.FAINT).encode(y=y)
    word = data.mark_text(align="right", dy=9, fontSize=theme.TEXT, color=theme.FAINT)
    return theme.layer(line, word.encode(x=alt.XValue(WIDTH), y=y, text=alt.Text("t:N")))  # type: ignore[no-untyped-call]


def _domain(latencies: Sequence[Estimate]) -> tuple[float, float]:
    ends = [end for each in latencies for end in (each.low, each.value, each.high) if end]
    if not ends:
        return 0.1, 10.0
    # A twentieth beyond the ends, so that no point lies on the frame.
    below = [tick for tick in _ticks() if tick <= min(ends) * 0.95]
    above = [tick for tick in _ticks() if tick >= max(ends) * 1.05]
    return below[-1] if below else min(ends), above[0] if above else max(ends)


def _ticks() -> list[float]:
    return [step * 10.0**power for power in range(-4, 5) for step in (1, 2, 5)]
