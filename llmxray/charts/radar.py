"""Radar, never alone: fixed 0–100%, fixed order, numbered rings, no fill, three conditions at most.

Radars that depend on no choice are drawn here, and need no scripts. That of the ledger depends on the runs which
the reader chose, so only the browser can draw it: `MEASURES` and `lines` go into the ledger's data file, and the
script has no measure of its own.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from llmxray.charts import theme

SIDE, RADIUS = 400, 132
# More shapes than three cannot be told apart; fewer axes than three span no area.
MOST, LEAST_AXES = 3, 3
# Letters in a line of an axis's name, so that a phone has room for names on both sides; height of a line.
_LETTERS, _LINE = 16, 14
# As large as style.css makes the words of a chart on a phone, so that the drawing has room for them.
_WORDS = 13
_RINGS = (0.25, 0.5, 0.75, 1.0)
_CENTRE = (SIDE / 2, (SIDE - 60) / 2)
# A name that begins no further than this from the middle stands centred.
_CENTRED = 12
# Distance of the names from the centre, in radii.
_OUT = 1.12

MEASURES: Mapping[str, Any] = {
    "centre": _CENTRE,
    "radius": RADIUS,
    "rings": _RINGS,
    "line": _LINE,
    "words": _WORDS,
    "out": _OUT,
    "centred": _CENTRED,
    # With room for the names around the drawing, which Vega finds by itself: left, top, width, height.
    "view": (-60, -36, SIDE + 120, SIDE - 16),
    "most": MOST,
    "least": LEAST_AXES,
}


def draw(
    axes: Sequence[str],
    shapes: Sequence[tuple[str, Mapping[str, float | None]]],
    *,
    name: str,
    description: str,
    unit: str = "%",
) -> str:
    """The radar of up to three conditions, each a colour class and its values (0–1) by axis.

    Args:
        unit: behind the numbers of the rings, 25 to 100; "" for percentile ranks.
    """
    if len(shapes) > MOST:
        raise ValueError(f"a radar shows at most {MOST} conditions")
    chart = alt.layer(
        *_rings(axes, unit), *(layer for css, shape in shapes for layer in _shape(axes, css, shape))
    ).properties(width=SIDE, height=SIDE - 60)
    return theme.svg(chart, name, description)


def _point(place: int, total: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * place / total
    return _CENTRE[0] + RADIUS * share * math.sin(angle), _CENTRE[1] - RADIUS * share * math.cos(angle)


def lines(name: str) -> list[str]:
    """The name of an axis as the lines in which it is written."""
    return textwrap.wrap(name, _LETTERS) or [name]


def _x(field: str) -> alt.X:
    return alt.X(field, scale=alt.Scale(domain=[0, SIDE], nice=False), axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(field, scale=alt.Scale(domain=[SIDE - 60, 0], nice=False), axis=None)


def _closed(points: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    return [{"x": x, "y": y, "order": order} for order, (x, y) in enumerate([*points, *points[:1]])]


def _line(points: Sequence[tuple[float, float]], **mark: Any) -> Any:
    data = alt.Chart(theme.values(_closed(points)))
    return data.mark_line(**mark).encode(x=_x("x:Q"), y=_y("y:Q"), order="order:Q")


def _rings(axes: Sequence[str], unit: str) -> list[Any]:
    total = len(axes)
    layers = [
        _line([_point(place, total, ring) for place in range(total)], color=theme.LINE, strokeWidth=1)
        for ring in _RINGS
    ]
    spokes = [dict(zip(("x", "y"), _point(p, total, 1), strict=True)) for p in range(total)]
    centre = dict(zip(("x2", "y2"), _CENTRE, strict=True))
    layers.append(
        alt.Chart(theme.values([{**spoke, **centre} for spoke in spokes]))
        .mark_rule(color=theme.LINE)
        .encode(x=_x("x:Q"), y=_y("y:Q"), x2="x2:Q", y2="y2:Q")
    )
    numbers = [
        {"x": _CENTRE[0] + 3, "y": _point(0, total, ring)[1] + 6, "t": f"{100 * ring:.0f}{unit}"}
        for ring in _RINGS
    ]
    layers.append(_text(numbers, "left", theme.FAINT, 9))
    for align in ("left", "center", "right"):
        words = [_axis_name(axis, place, total) for place, axis in enumerate(axes)]
        layers.append(_text([word for word in words if word["align"] == align], align, theme.INK, _WORDS))
    return layers


def _axis_name(axis: str, place: int, total: int) -> dict[str, Any]:
    x, y = _point(place, total, _OUT)
    side = "center" if abs(x - _CENTRE[0]) < _CENTRED else "left" if x > _CENTRE[0] else "right"
    written = lines(axis)
    # Vega hangs further lines below the first: the block is moved up by half of them, above the top spoke by all.
    up = (len(written) - 1) * _LINE * (1 if place == 0 else 0.5)
    return {"x": x, "y": y - up, "t": "\n".join(written), "align": side}


def _text(rows: list[dict[str, Any]], align: Any, colour: str, size: float) -> Any:
    mark = alt.Chart(theme.values(rows)).mark_text(
        align=align, color=colour, fontSize=size, lineBreak="\n", lineHeight=_LINE
    )
    return mark.encode(x=_x("x:Q"), y=_y("y:Q"), text="t:N")


def _shape(axes: Sequence[str], css: str, shape: Mapping[str, float | None]) -> list[Any]:
    colour = theme.colour_of(css)
    values = [shape.get(axis) for axis in axes]
    points = [_point(place, len(axes), value) for place, value in enumerate(values) if value is not None]
    dots = alt.Chart(theme.values([{"x": x, "y": y} for x, y in points]))
    layers = [dots.mark_circle(size=36, opacity=1, color=colour).encode(x=_x("x:Q"), y=_y("y:Q"))]
    # A missing value would make the closed line claim something about the gap.
    if len(points) == len(axes):
        layers.insert(0, _line(points, color=colour, strokeWidth=2))
    return layers
