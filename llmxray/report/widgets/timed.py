"""Accuracy against time: a logarithmic axis, and dots whose names do not lie on one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from llmxray.charts.label_places import Box, Cross, place
from llmxray.report import numbers
from llmxray.report.widgets.frame import TemplateValues
from llmxray.types import Estimate

# A phone's width of a chart, in pixels: names that find room there find it anywhere.
_WIDTH, _HEIGHT = 420.0, 254.0
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Axis:
    """Of seconds, from the tick below all of them to the tick above, with room for a dot."""

    def __init__(self, seconds: Iterable[float]) -> None:
        known = list(seconds)
        least, most = 0.9 * max(min(known), 1e-3), 1.1 * max(*known, 2e-3)
        self.low = max((each for each in _TICKS if each <= least), default=least)
        self.high = min((each for each in _TICKS if each >= most), default=most)

    def place(self, seconds: float) -> float:
        """Where on the axis, 0 to 1."""
        return math.log(seconds / self.low) / math.log(self.high / self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places of the ticks with their words."""
        shown = _TICKS[:: 3 if self.high / self.low > 200 else 1]
        of = [tick for tick in shown if self.low <= tick <= self.high]
        return [(self.place(tick), f"{tick:g}{numbers.NBSP}s") for tick in of]


def points(
    axis: Axis, dots: Sequence[tuple[float, Estimate, str, str]], avoid: Sequence[tuple[int, int]] = ()
) -> list[TemplateValues]:
    """Dots with their labels as charts.html draws them.

    Args:
        dots: seconds, accuracy, name (may be ""), and the whole label.
        avoid: pairs of dots between which a line runs.
    """
    crosses = []
    for seconds, share, _, _ in dots:
        value = share.value or 0.0
        ends = (value, *(value if end is None else end for end in (share.high, share.low)))
        crosses.append(Cross(_WIDTH * axis.place(seconds), *(_HEIGHT * (1 - end) for end in ends)))
    words = [f"{name} {numbers.percent(share.value)}".lstrip() for _, share, name, _ in dots]
    lines: list[Box] = []
    for one, two in ((crosses[a], crosses[b]) for a, b in avoid):
        for part in (0.2, 0.35, 0.5, 0.65, 0.8):
            x, y = one.x + part * (two.x - one.x), one.y + part * (two.y - one.y)
            lines.append((x - 6, y - 4, x + 6, y + 4))
    spots = place(crosses, words, width=_WIDTH, height=_HEIGHT, avoid=lines)
    return [
        TemplateValues(
            x=axis.place(seconds),
            y=share.value or 0.0,
            low=share.low,
            high=share.high,
            said=f"{label}: {numbers.percent(share.value)}, {numbers.seconds(seconds)}",
            label=numbers.percent(share.value),
            who=name,
            dx=round(spot.x - cross.x, 1),
            dy=round(spot.y - cross.y + 4, 1),
            align="end" if spot.leftward else "start",
        )
        for (seconds, share, name, label), spot, cross in zip(dots, spots, crosses, strict=True)
    ]
