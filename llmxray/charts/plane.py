"""A plot whose frame lies at a known place of its SVG, so that a page can put a marker on it.

Vega sizes a chart by its labels; here the margins are given, and `Plane` tells where a value lies. All
numbers are pixels of the SVG's own coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from llmxray.charts import theme


@dataclass(frozen=True, slots=True)
class Plane:
    """Geometry of a plot: margins and the size of the frame inside them.

    Attributes:
        x_domain, y_domain: values at the edges of the frame.
    """

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int
    x_domain: tuple[float, float] = (0.0, 1.0)
    y_domain: tuple[float, float] = (0.0, 1.0)

    def x(self, value: float) -> float:
        """Horizontal place of a value, from the left edge of the SVG."""
        low, high = self.x_domain
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Vertical place of a value, from the top edge of the SVG."""
        low, high = self.y_domain
        return self.top + self.height * (1 - (value - low) / (high - low))


def svg(layers: Sequence[Any], plane: Plane, name: str, description: str) -> str:
    """The SVG of some layers in that frame."""
    padding = {"left": plane.left, "top": plane.top, "right": plane.right, "bottom": plane.bottom}
    chart = theme.layer(*layers, width=plane.width, height=plane.height, autosize="none", padding=padding)
    return theme.svg(chart, name, description)


def scale(domain: tuple[float, float]) -> alt.Scale:
    """A linear scale over exactly that domain."""
    return alt.Scale(domain=list(domain), nice=False, clamp=True)
